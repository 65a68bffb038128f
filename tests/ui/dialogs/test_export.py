"""Exporting from the screen: a format, a file, and how it compares."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Write
from tests.factories import whole_run
from tests.ui.conftest import NARROW, Opener
from tuinn.runs.jobs import AnyAnswer, BatchCheck, Export, Exported, JobFailed, JobProgress
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.run import RunSpec, stack

DONE = Exported(
    to="litert",
    out="/tmp/net.tflite",
    bytes=41_768,
    runtime="ai-edge-litert 2.3.0",
    samples=64,
    checks=(BatchCheck(1, 3.4e-7, 0.077, 2.129),),
    tolerance=1e-5,
)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[AnyAnswer]:
    """What the process will say; the jobs are put behind it as they come."""
    said: list[AnyAnswer] = []

    def run(job: Export) -> Iterator[AnyAnswer]:
        Path(job.out).write_text(job.to)
        yield from said

    monkeypatch.setattr("tuinn.ui.dialogs.export.run_job", run)
    monkeypatch.chdir(tmp_path)
    return said


async def test_a_run_is_exported_from_the_table_and_its_comparison_is_shown(
    bench: Opener, write_run: Write, answers: list[AnyAnswer], tmp_path: Path
) -> None:
    spec = RunSpec(DatasetSpec(), stack(LayerSpec.of("LSTM", units=4), LayerSpec.of("Dense", units=10)))
    folder = write_run(whole_run(), spec)
    answers[:] = [JobProgress(what="loading the network"), DONE]
    async with bench(NARROW) as here:
        await here.press("l", "S")
        assert "There is no trained network yet" in here.text()
        folder.model_file.touch()
        await here.press("S")
        assert "LiteRT full int8" in here.text()
        await here.press("down", "down", "down", "enter")
        assert "LSTM would need TensorFlow's own operations (Flex)" in " ".join(here.text().split())
        await here.press("enter")
        await here.settle()
        assert "compared with Keras over 64 samples" in here.text()
        assert (tmp_path / f"{folder.name}.tflite").read_text() == "litert"


async def test_a_file_that_is_there_and_what_goes_wrong_are_said(
    bench: Opener, write_run: Write, answers: list[AnyAnswer], tmp_path: Path
) -> None:
    folder = write_run(whole_run())
    folder.model_file.touch()
    there = tmp_path / f"{folder.name}.keras"
    there.touch()
    answers[:] = [JobFailed(message="The disk is full, so nothing was written.")]
    async with bench(NARROW) as here:
        await here.press("l", "S", "enter", "enter")
        assert "is there already" in here.text()
        there.unlink()
        await here.press("enter")
        await here.settle()
        assert "The disk is full, so nothing was written." in here.text()
