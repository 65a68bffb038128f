"""Batch by batch: keys become commands, and what the journal tells stands beside its line of code."""

import subprocess

import pytest

from tests.conftest import Write
from tests.factories import STEPS, append, ending, opening, whole_run
from tests.ui.conftest import NARROW, ROOMY, Bench, Opener
from tests.view.test_batch_step import told
from tuinn.runs.commands import Pause, Resume, StepBatch, Stop
from tuinn.runs.events import BatchEnded, EpochStarted, Paused, Resumed
from tuinn.runs.folder import RunFolder, all_runs
from tuinn.spec.presets.catalog import default_draft
from tuinn.spec.run import RunSpec
from tuinn.ui.runs.batch_screen import BatchScreen

MINI = default_draft().with_fit(optimizer="sgd", train_step="written_out")

BATCH = BatchEnded(at=111, epoch=1, step=3, samples=48, metrics={"loss": 1.2})

IN_A_PAUSE = (EpochStarted(at=110, epoch=1, steps=STEPS), Paused(at=110, epoch=1, step=0))


def asked(folder: RunFolder) -> list[object]:
    return list(folder.commands().read_all())


async def opened(here: Bench) -> None:
    await here.press("4", "B")
    here.top(BatchScreen).draw()
    await here.settle()


async def drawn(here: Bench) -> str:
    await here.tick()
    here.top(BatchScreen).draw_news()
    await here.settle()
    return here.text()


def marked(text: str) -> list[str]:
    return [line.strip("│ ").strip() for line in text.splitlines() if "▸" in line]


@pytest.mark.parametrize("size", [NARROW, ROOMY])
async def test_a_key_takes_one_batch_and_its_numbers_stand_beside_the_code(
    bench: Opener, write_run: Write, size: tuple[int, int]
) -> None:
    folder = write_run([*opening(), *IN_A_PAUSE], MINI)
    with folder.hold_lock():
        async with bench(size, run=folder) as here:
            await opened(here)
            assert "The run waits between two batches" in here.text()
            await here.press("g")
            assert asked(folder) == [StepBatch()]
            append(folder, BATCH, told())
            text = await drawn(here)
            assert "3 of 36 in epoch 1" in text
            assert "setosa, virginica" in text
            assert "0.5 − 0.1 · (−0.25) = 0.525" in text
            assert [line.split()[1] for line in marked(text)] == ["loss", "loss"]
            await here.press("down", "down")
            assert "gradients = tape.gradient" in marked(here.text())[1]
            await here.press("down", "down", "down", "down")
            assert "weight.assign_sub" in marked(here.text())[1]
            await here.press("up")
            assert "rate = optimizer.learning_rate" in marked(here.text())[1]


async def test_another_weight_is_asked_for_and_stays_chosen(bench: Opener, write_run: Write) -> None:
    folder = write_run([*opening(), *IN_A_PAUSE], MINI)
    with folder.hold_lock():
        async with bench(run=folder) as here:
            await opened(here)
            await here.press("right")
            assert "g trains on a batch first" in here.text()
            append(folder, BATCH, told())
            await drawn(here)
            await here.press("right", "m", "t", "x", "g")
            next_number, bias = StepBatch(batches=0, weight="dense/kernel", index=(2, 0)), "dense/bias"
            assert asked(folder) == [
                next_number,
                StepBatch(batches=0, weight=bias),
                StepBatch(batches=10, weight=bias),
                StepBatch(batches=0),
                StepBatch(),
            ]


async def test_a_run_that_trains_is_paused_and_goes_on(bench: Opener, write_run: Write) -> None:
    folder = write_run([*opening(), IN_A_PAUSE[0]], MINI)
    with folder.hold_lock():
        async with bench(run=folder) as here:
            await opened(here)
            assert asked(folder) == [Pause()]
            append(folder, IN_A_PAUSE[1])
            await drawn(here)
            await here.press("space")
            append(folder, Resumed(at=112, epoch=1, step=0, seconds=1.0), BATCH)
            assert "g or Space pauses the run" in await drawn(here)
            await here.press("g", "s")
            assert asked(folder) == [Pause(), Resume(), Pause(), Stop()]
            append(folder, *ending("stopped"))
            assert "The run has ended" in await drawn(here)
            await here.press("g", "escape")
            assert asked(folder)[4:] == []
            assert "[4 Charts]" in here.text() or "4 Charts" in here.text()


async def test_without_a_run_it_starts_the_draft(
    bench: Opener, idle_worker: list[subprocess.Popen[bytes]]
) -> None:
    async with bench(draft=MINI) as here:
        await here.press("4", "B")
        (folder,) = all_runs()
        assert folder.spec() == MINI
        assert asked(folder) == [Pause()]
        here.top(BatchScreen)


@pytest.mark.parametrize("spec", [default_draft(), None])
async def test_a_step_of_keras_has_no_single_batches(
    spec: RunSpec | None, bench: Opener, write_run: Write
) -> None:
    run = write_run(whole_run()) if spec is None else None
    async with bench(draft=spec, run=run) as here:
        await here.press("4", "B")
        assert "train_step is written_out" in here.words()
        assert not isinstance(here.app.screen, BatchScreen)


async def test_keras_own_step_trains_beside_it_and_its_curves_lie_under(
    bench: Opener, write_run: Write, idle_worker: list[subprocess.Popen[bytes]]
) -> None:
    folder = write_run([*opening(), *IN_A_PAUSE], MINI)
    with folder.hold_lock():
        async with bench(run=folder) as here:
            await opened(here)
            await here.press("c")
            (other,) = (one for one in all_runs() if one.name != folder.name)
            assert other.spec() == MINI.with_fit(train_step="keras")
            assert here.screen.run is not None
            assert here.screen.run.folder.name == folder.name
            await here.press("escape")
            with other.hold_lock():
                append(other, *whole_run()[:8])
                here.screen.selection.follow_compared()
                await here.settle()
            assert [view.epoch for view in here.screen.charts_pane.others] == [1]
            await here.press("C")
            assert "train step" in here.text()
            assert "written_out" in here.text()
