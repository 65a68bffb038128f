"""Trained networks as files for other programs: opened with the format's own runtime, they say what Keras says."""

import importlib.util
import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.worker.conftest import Train
from tuinn.errors import FolderError, WorkerError
from tuinn.runs.folder import RunFolder
from tuinn.runs.jobs import (
    AnyAnswer,
    BatchCheck,
    Export,
    Exported,
    JobFailed,
    JobProgress,
    network_of,
    run_job,
)
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.fit import FitSpec
from tuinn.spec.keras_export.formats import Format, file_format, refusal
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.run import RunSpec, stack
from tuinn.spec.saved_network.keras_file import read_spec_note

pytestmark = pytest.mark.tf

Fold = Callable[[str], RunFolder]
DENSE = LayerSpec.of("Dense", units=2, activation="softmax")
FIT = FitSpec(epochs=2, batch_size=16)


def pictures(folder: Path) -> RunSpec:
    """Light squares on the left or on the right, and a layer of every sort that pictures go through."""
    chance = np.random.default_rng(0)
    y = chance.integers(0, 2, 120)
    x = chance.integers(0, 60, (120, 8, 8)).astype("uint8")
    for picture, side in zip(x, y, strict=True):
        picture[2:6, 4 * side : 4 * side + 3] += 180
    np.savez(folder / "sides.npz", x_train=x[:80], y_train=y[:80], x_test=x[80:], y_test=y[80:])
    layers = (
        LayerSpec.of("Reshape", target_shape=[8, 8, 1]),
        LayerSpec.of("Normalization"),
        LayerSpec.of("Conv2D", filters=4, kernel_size=3, activation="relu"),
        LayerSpec.of("BatchNormalization"),
        LayerSpec.of("GlobalAveragePooling2D"),
        LayerSpec.of("Dropout", rate=0.2),
    )
    return RunSpec(DatasetSpec.at(str(folder / "sides.npz")), stack(*layers, DENSE), FIT)


def steps(folder: Path) -> RunSpec:
    """Sequences of six steps, read by a layer that wraps a recurrent one."""
    x = np.random.default_rng(0).normal(size=(120, 6, 2)).astype("float32")
    y = (x[:, :, 0].sum(axis=1) > 0).astype("int64")
    np.savez(folder / "steps.npz", x_train=x[:80], y_train=y[:80], x_test=x[80:], y_test=y[80:])
    return RunSpec(
        DatasetSpec.at(str(folder / "steps.npz")),
        stack(LayerSpec.of("Bidirectional", layer="LSTM", units=4), DENSE),
        FIT,
    )


def texts(folder: Path) -> RunSpec:
    words = [
        f"{'good' if at % 2 else 'bad'} film number {at},{'yes' if at % 2 else 'no'}" for at in range(80)
    ]
    (folder / "texts.csv").write_text("\n".join(["text,label", *words]))
    layers = (
        LayerSpec.of("TextVectorization", max_tokens=20, output_sequence_length=5),
        LayerSpec.of("Embedding", input_dim=20, output_dim=4),
        LayerSpec.of("GlobalAveragePooling1D"),
    )
    last = LayerSpec.of("Dense", units=1, activation="sigmoid")
    return RunSpec(DatasetSpec.at(str(folder / "texts.csv"), kind="text"), stack(*layers, last), FIT)


def table(folder: Path) -> RunSpec:
    """A price, from a number with gaps and a word."""
    rows = [
        f"{'' if at % 9 == 0 else at % 50},{('Bonn', 'Köln')[at % 2]},{900 * (at % 50)}" for at in range(120)
    ]
    (folder / "prices.csv").write_text("\n".join(["size,town,price", *rows]))
    layers = (LayerSpec.of("Dense", units=8, activation="relu"), LayerSpec.of("Dense", units=1))
    fit = FitSpec(epochs=2, batch_size=16, metrics=("mean_absolute_error",))
    return RunSpec(DatasetSpec.at(str(folder / "prices.csv")), stack(*layers), fit)


SPECS = {"pictures": pictures, "steps": steps, "texts": texts, "table": table}
FORMATS: tuple[Format, ...] = ("keras", "weights", "saved-model", "litert", "onnx")


@pytest.fixture
def trained(train: Train, tmp_path: Path) -> Fold:
    return lambda what: train(SPECS[what](tmp_path)).folder


def exported(folder: RunFolder, to: Format, out: Path) -> Exported:
    from tuinn.worker.jobs.export import export

    return export(Export(network=network_of(folder.path), to=to, out=str(out)), lambda answer: None)


@pytest.mark.parametrize("what", SPECS)
def test_every_float_format_says_what_keras_says_one_by_one_and_in_batches(
    trained: Fold, what: str, tmp_path: Path
) -> None:
    folder = trained(what)
    for to in FORMATS:
        if not all(importlib.util.find_spec(one) for one in file_format(to).modules):
            continue  # an extra that is not here; another test says so
        if refusal(file_format(to), folder.spec().model, folder.facts()):
            assert (what, to) == ("texts", "weights")
            continue
        out = tmp_path / f"net{file_format(to).ending}"
        answer = exported(folder, to, out)
        assert answer.agrees, (to, answer.checks)
        assert [check.batch for check in answer.checks] == [1, 7]
        assert answer.tolerance is not None
        assert answer.bytes > 0
        assert out.exists()
        if to == "keras":
            assert RunSpec.from_toml(read_spec_note(out) or "") == folder.spec()
        looks_up = what in ("texts", "table") and file_format(to).takes_numbers_only
        assert (answer.beside != "") == looks_up
        if looks_up:
            told = json.loads(Path(answer.beside).read_text())
            assert (
                "good" in told["words"]
                if what == "texts"
                else told["columns"][1]["words"] == ["Bonn", "Köln"]
            )
    assert not list(tmp_path.glob(".tuinn-export-*"))


def test_onnx_says_what_keras_says_where_its_extra_is_installed(trained: Fold, tmp_path: Path) -> None:
    pytest.importorskip("tf2onnx")
    pytest.importorskip("onnxruntime")
    answer = exported(trained("pictures"), "onnx", tmp_path / "net.onnx")
    assert answer.agrees
    assert answer.runtime.startswith("onnxruntime")


def test_a_rounded_network_is_smaller_and_is_measured_before_and_after(trained: Fold, tmp_path: Path) -> None:
    folder = trained("pictures")
    for to in ("litert-int8", "litert-full-int8"):
        answer = exported(folder, to, tmp_path / f"{to}.tflite")
        assert answer.tolerance is None
        assert answer.score == "accuracy"
        assert answer.before is not None
        assert answer.after is not None
        assert answer.scored == 40
    assert answer.inputs[0].startswith("int8")
    assert "value =" in answer.inputs[0]


def test_the_error_of_a_rounded_regression_is_in_the_unit_of_its_target(
    trained: Fold, tmp_path: Path
) -> None:
    answer = exported(trained("table"), "litert-int8", tmp_path / "net.tflite")
    assert answer.score == "mean absolute error"
    assert answer.before is not None
    assert answer.before > 1000


def test_the_score_before_rounding_is_the_one_that_the_training_ended_with(
    train: Train, tmp_path: Path
) -> None:
    training = train(pictures(tmp_path))
    answer = exported(training.folder, "litert-int8", tmp_path / "net.tflite")
    assert answer.before == pytest.approx(training.evaluator.evaluate().metrics["accuracy"])


def test_an_exported_network_that_says_something_else_is_told_of() -> None:
    def check(difference: float | None) -> Exported:
        return Exported(
            to="onnx",
            out="x",
            bytes=1,
            checks=(BatchCheck(1, 0.0, 1, 1), BatchCheck(7, difference, 1, 1)),
            tolerance=1e-5,
        )

    assert check(9e-6).agrees
    assert not check(2e-5).agrees
    assert not check(None).agrees


def test_a_job_is_done_by_a_process_of_its_own_whose_last_answer_is_the_result(
    trained: Fold, tmp_path: Path
) -> None:
    out = tmp_path / "net.tflite"
    folder = trained("pictures")
    *before, last = run_job(Export(network=network_of(folder.path), to="litert", out=str(out)))
    assert all(isinstance(answer, JobProgress) for answer in before)
    assert isinstance(last, Exported)
    assert last.bytes == out.stat().st_size
    (again,) = [
        answer
        for answer in run_job(Export(network=network_of(folder.path), to="keras", out=str(out)))
        if isinstance(answer, JobFailed)
    ]
    assert "net.tflite is there already" in again.message


def test_where_the_words_have_no_place_beside_it_nothing_is_written(trained: Fold, tmp_path: Path) -> None:
    out = tmp_path / "net.tflite"
    out.with_name("net.tflite.words.json").write_text("of somebody else")
    with pytest.raises(WorkerError, match=r"words\.json is there already"):
        exported(trained("table"), "litert", out)
    assert not out.exists()


def test_a_process_that_is_killed_leaves_one_sentence_and_no_file(
    trained: Fold, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Watched(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *words: object, **more: object) -> None:
            super().__init__(*words, **more)  # type: ignore[call-overload]
            started.append(self)

    monkeypatch.setattr("tuinn.runs.jobs.subprocess.Popen", Watched)
    answers: Iterator[AnyAnswer] = run_job(
        Export(network=network_of(trained("pictures").path), to="litert", out=str(tmp_path / "net.tflite"))
    )
    next(answers)
    os.kill(started[0].pid, signal.SIGKILL)
    with pytest.raises(
        FolderError, match=r"was killed: perhaps the memory was not enough\. Nothing was written\."
    ):
        list(answers)
    assert not (tmp_path / "net.tflite").exists()


def test_an_export_that_does_not_fit_on_the_disk_is_one_sentence_and_leaves_nothing(
    trained: Fold, tmp_path: Path
) -> None:
    folder = trained("pictures")
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tuinn-test", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a disk")
    try:
        from tuinn.worker.jobs.program import problem_of

        for to in ("keras", "weights", "saved-model", "litert"):
            with pytest.raises(Exception) as found:  # noqa: PT011 - each library has its own
                exported(folder, to, place / f"net{file_format(to).ending}")
            assert problem_of(found.value).startswith("The disk is full, so nothing was written.")
            assert list(place.iterdir()) == []
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_run_without_a_saved_network_says_how_to_get_one(tmp_path: Path) -> None:
    folder = RunFolder.create(pictures(tmp_path))
    with pytest.raises(WorkerError, match=r"has no model\.keras yet"):
        exported(folder, "keras", tmp_path / "net.keras")
