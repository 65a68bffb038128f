"""Pictures of the user's own, from the question to the pixels, without an app."""

import subprocess
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from tests.conftest import Write
from tests.factories import append, opening, whole_run
from tests.ui.workbench.fake_host import FakeHost, FakeTimer
from tuinn.data.predictions import save_picture
from tuinn.errors import SpecError
from tuinn.runs.commands import Predict, PredictSamples, PredictTest
from tuinn.runs.events import Noted, PictureAnswered, Predicted, SamplesAnswered
from tuinn.runs.folder import DataInfo, RunFolder
from tuinn.spec.dataset import Column, DataFacts, DatasetSpec, Task
from tuinn.spec.presets.catalog import PRESETS, default_draft
from tuinn.ui.workbench.inference.inference_controller import InferenceController
from tuinn.ui.workbench.inference.own_sample import OwnLine, OwnRow, RememberedSamples
from tuinn.ui.workbench.panes.predict_text import OwnAnswer
from tuinn.ui.workbench.run_controller import RunController

Shown = list[OwnAnswer]


@pytest.fixture
def shown() -> Shown:
    """Answers that were drawn."""
    return []


@pytest.fixture
def inference(host: FakeHost, runs: RunController, shown: Shown) -> InferenceController:
    return InferenceController(host, runs, shown.append)


@pytest.fixture
def picture(tmp_path: Path) -> str:
    path = tmp_path / "boot.png"
    Image.fromarray(np.tile(np.arange(56, dtype=np.uint8) * 4, (56, 1))).save(path)
    return str(path)


def test_without_a_trained_network_nothing_is_asked(
    host: FakeHost, runs: RunController, inference: InferenceController, write_run: Write, picture: str
) -> None:
    inference.predict(picture)
    folder = write_run(opening())
    runs.attach(folder.name)
    inference.predict(picture)
    assert host.messages == [("warning", "Train a network first: r starts the run.")] * 2
    assert folder.commands().read_all() == []


def test_a_network_for_tables_gets_no_pictures(
    host: FakeHost, runs: RunController, inference: InferenceController, write_run: Write, picture: str
) -> None:
    runs.attach(write_run(whole_run(), PRESETS["iris-lab"]()).name)
    inference.predict(picture)
    assert host.last == "This network was not trained on images."
    assert inference.requests == {}


def test_a_picture_is_sent_to_a_worker_that_serves_the_run_and_its_answer_is_shown_with_its_pixels(
    host: FakeHost,
    runs: RunController,
    inference: InferenceController,
    write_run: Write,
    picture: str,
    shown: Shown,
    idle_worker: list[subprocess.Popen[bytes]],
) -> None:
    folder = write_run(whole_run())
    runs.attach(folder.name)
    assert isinstance(runs.timer, FakeTimer)
    runs.timer.pause()
    inference.predict()
    assert isinstance(host.dialog, OwnLine)
    host.answer(picture)
    (asked,) = folder.commands().read_all()
    assert isinstance(asked, Predict)
    assert (asked.file, len(idle_worker), runs.timer.runs) == (picture, 1, True)
    runs.poll()
    inference.show_answers()
    assert (list(inference.requests), host.work) == ([asked.request], [])
    assert host.until is not None
    assert not host.until()
    append(folder, PictureAnswered(request=asked.request, file=picture, outputs=(0.0,) * 9 + (1.0,)))
    runs.poll()
    inference.show_answers()
    assert host.until(), "the message gives way to the answer"
    host.do_work()
    awaited, bare, answer = shown
    assert (bare.outputs, bare.pixels, bare.is_awaited) == (answer.outputs, None, False)
    assert (awaited.title, awaited.outputs, awaited.is_awaited) == ("boot.png", (), True)
    assert (answer.title, answer.outputs, answer.is_awaited) == ("boot.png", (0.0,) * 9 + (1.0,), False)
    assert answer.pixels is not None
    assert answer.pixels.shape == (28, 28)
    assert (answer.pixels.min(), answer.pixels.max()) == pytest.approx((0.0, 1.0), abs=0.05)
    assert inference.requests == {}


def test_why_there_is_no_answer_is_said(
    host: FakeHost,
    runs: RunController,
    inference: InferenceController,
    write_run: Write,
    picture: str,
    shown: Shown,
) -> None:
    folder = write_run(whole_run())
    runs.attach(folder.name)
    inference.predict(picture)
    (request,) = inference.requests
    append(folder, PictureAnswered(request=request, file=picture, problem="The network is gone."))
    runs.poll()
    inference.show_answers()
    assert (host.problems, host.work) == (["The network is gone."], [])
    assert [(one.outputs, one.is_awaited, one.steps) for one in shown] == [
        ((), True, ""),
        ((), False, "The network is gone."),
    ]


def test_a_picture_that_is_deleted_before_it_is_shown_is_said(
    host: FakeHost,
    runs: RunController,
    inference: InferenceController,
    write_run: Write,
    picture: str,
    shown: Shown,
) -> None:
    folder = write_run(whole_run())
    runs.attach(folder.name)
    inference.predict(picture)
    (request,) = inference.requests
    append(folder, PictureAnswered(request=request, file=picture, outputs=(1.0,) + (0.0,) * 9))
    runs.poll()
    Path(picture).unlink()
    inference.show_answers()
    host.do_work()
    assert (len(host.problems), [one.is_awaited for one in shown]) == (1, [True, False])
    assert "boot.png" in host.last


def test_a_picture_that_is_gone_is_shown_as_the_worker_kept_it(
    host: FakeHost,
    runs: RunController,
    inference: InferenceController,
    write_run: Write,
    picture: str,
    shown: Shown,
) -> None:
    folder = write_run(whole_run())
    runs.attach(folder.name)
    inference.predict(picture)
    (request,) = inference.requests
    kept = np.full((28, 28), 51, np.uint8)
    name = save_picture(folder.pictures, request, kept)
    append(folder, PictureAnswered(request=request, file=picture, outputs=(1.0,) + (0.0,) * 9, pixels=name))
    runs.poll()
    Path(picture).unlink()
    inference.show_answers()
    host.do_work()
    *_, answer = shown
    assert answer.pixels == pytest.approx(np.full((28, 28), 0.2))


def test_all_test_samples_are_asked_for_once_until_they_are_predicted(
    host: FakeHost, runs: RunController, inference: InferenceController, write_run: Write
) -> None:
    folder = write_run(whole_run())
    runs.attach(folder.name)
    folder.model_file.touch()
    inference.predict_all()
    inference.predict_all()
    (asked,) = folder.commands().read_all()
    assert isinstance(asked, PredictTest)
    assert runs.run is not None
    assert runs.run.view.predicted is not None
    assert asked.epoch == runs.run.view.predicted.epoch
    assert inference.is_waiting
    append(folder, Predicted(epoch=asked.epoch, count=1000, mistakes=3, request=asked.request))
    runs.poll()
    inference.show_answers()
    assert not inference.is_waiting


def test_a_worker_that_can_not_predict_all_is_not_waited_for(
    runs: RunController, inference: InferenceController, write_run: Write
) -> None:
    folder = write_run(whole_run())
    runs.attach(folder.name)
    folder.model_file.touch()
    inference.predict_all()
    append(folder, Noted(level="warning", message="A question could not be answered: the disk is full."))
    runs.poll()
    inference.show_answers()
    assert not inference.is_waiting


def test_nothing_is_asked_of_a_run_that_has_no_network_any_more(
    host: FakeHost, runs: RunController, inference: InferenceController, write_run: Write
) -> None:
    folder = write_run(whole_run())
    runs.attach(folder.name)
    inference.predict_all()
    assert (folder.commands().read_all(), host.messages, inference.is_waiting) == ([], [], False)


def flats_run(write_run: Write, tmp_path: Path) -> RunFolder:
    """A finished run on a table of numbers and words."""
    columns = (Column("rooms", "number"), Column("a / b", "category", ("north", "south")))
    facts = DataFacts(Task.REGRESSION, (2,), "float32", 0, 1, (), 8, 2, ("rooms", "a / b"), columns, "price")
    folder = write_run(whole_run(), default_draft().with_dataset(DatasetSpec.at(str(tmp_path / "flats.csv"))))
    folder.facts_file.write_bytes(msgspec.json.encode(DataInfo(facts, "flats")))
    return folder


def test_a_row_is_asked_about_as_typed_shown_with_its_gaps_and_offered_again(
    host: FakeHost,
    runs: RunController,
    inference: InferenceController,
    write_run: Write,
    shown: Shown,
    tmp_path: Path,
) -> None:
    folder = flats_run(write_run, tmp_path)
    runs.attach(folder.name)
    inference.predict(example={"rooms": "3", "a / b": "south"})
    form = host.top(OwnRow)
    assert form.texts == {"c0": "3", "c1": "south"}
    host.answer({"c0": "", "c1": "–"})
    (asked,) = folder.commands().read_all()
    assert isinstance(asked, PredictSamples)
    assert asked.samples == ({"rooms": "", "a / b": ""},)
    append(folder, SamplesAnswered(request=asked.request, outputs=((250_000.0,),)))
    runs.poll()
    inference.show_answers()
    _, answer = shown
    assert (answer.outputs, answer.pixels) == ((250_000.0,), None)
    assert answer.words == "rooms  –\na / b  –"
    assert answer.steps == "the mean stands for rooms"

    RememberedSamples("rows").remember({"another": "1"})
    inference.predict(example={"rooms": "3", "a / b": "south"})
    again = host.top(OwnRow)
    assert again.earlier == ({"rooms": "", "a / b": ""},)
    assert again.texts == {"c0": "", "c1": "–"}


def test_a_text_is_asked_about_and_remembered(
    host: FakeHost,
    runs: RunController,
    inference: InferenceController,
    write_run: Write,
    shown: Shown,
    tmp_path: Path,
) -> None:
    facts = DataFacts(Task.BINARY, (), "str", 0, 0, ("bad", "good"), 8, 2)
    folder = write_run(whole_run(), default_draft().with_dataset(DatasetSpec.at(str(tmp_path / "films"))))
    folder.facts_file.write_bytes(msgspec.json.encode(DataInfo(facts, "films")))
    runs.attach(folder.name)
    inference.predict()
    host.top(OwnLine)
    host.answer("What a film!")
    (asked,) = folder.commands().read_all()
    assert isinstance(asked, PredictSamples)
    assert asked.samples == ("What a film!",)
    append(folder, SamplesAnswered(request=asked.request, outputs=((0.9,),)))
    runs.poll()
    inference.show_answers()
    assert [(answer.words, answer.outputs) for answer in shown] == [
        ("What a film!", ()),
        ("What a film!", (0.9,)),
    ]
    inference.predict()
    assert host.top(OwnLine).earlier == ("What a film!",)


def test_what_was_asked_of_another_run_is_not_waited_for_any_more(
    host: FakeHost,
    runs: RunController,
    inference: InferenceController,
    write_run: Write,
    picture: str,
    shown: Shown,
) -> None:
    first, second = write_run(whole_run()), write_run(whole_run())
    runs.attach(first.name)
    first.model_file.touch()
    inference.predict(picture)
    inference.predict_all()
    said = len(host.messages)
    runs.attach(second.name)
    inference.show_answers()
    assert not inference.is_waiting
    assert (len(host.messages), len(shown)) == (said, 1), "nothing is said of a worker of the first run"
    second.model_file.touch()
    inference.predict_all()
    (asked,) = second.commands().read_all()
    assert isinstance(asked, PredictTest)


def test_a_sample_that_is_not_the_users_own_takes_the_place_of_the_last_one_that_was(
    runs: RunController, inference: InferenceController, write_run: Write, picture: str, shown: Shown
) -> None:
    runs.attach(write_run(whole_run()).name)
    inference.predict(picture)
    assert inference.last_own
    other = OwnAnswer("training sample #1", shown[0].facts, ())
    inference.show_other(other)
    assert shown[-1] == other
    assert not inference.last_own


def test_a_sample_of_an_array_is_asked_for_and_shown_without_steps(
    host: FakeHost,
    runs: RunController,
    inference: InferenceController,
    write_run: Write,
    tmp_path: Path,
    shown: Shown,
) -> None:
    folder, file = write_run(whole_run()), tmp_path / "x.npy"
    np.save(file, np.zeros((5, 28, 28), np.uint8))
    runs.attach(folder.name)
    inference.predict()
    assert isinstance(host.dialog, OwnLine)
    assert host.dialog.check(f" {file}[3]") == f"{file}[3]"
    assert host.dialog.check(str(file)) == f"{file}[0]"
    with pytest.raises(SpecError, match="There is no file"):
        host.dialog.check(f"{file}x.npy[3]")
    host.answer(f"{file}[3]")
    (asked,) = folder.commands().read_all()
    assert isinstance(asked, Predict)
    assert asked.file == f"{file}[3]"
    answer = PictureAnswered(
        request=asked.request, file=asked.file, outputs=(1.0,) + (0.0,) * 9, steps=("sample 3 of 5",)
    )
    append(folder, answer)
    runs.poll()
    inference.show_answers()
    host.do_work()
    assert (shown[-1].title, shown[-1].steps) == ("x.npy[3]", "sample 3 of 5")
    assert shown[-1].pixels is not None


def test_a_network_for_arrays_asks_for_a_file_of_them(
    host: FakeHost, runs: RunController, inference: InferenceController, write_run: Write, shown: Shown
) -> None:
    folder = write_run(whole_run())
    facts = DataFacts(Task.BINARY, (12, 3, 2), "float32", -2, 2, ("no", "yes"), 10, 2)
    folder.write_whole(folder.facts_file, msgspec.json.encode(DataInfo(facts, "series")))
    runs.attach(folder.name)
    inference.predict()
    assert isinstance(host.dialog, OwnLine)
    with pytest.raises(SpecError, match=r"Give an .npy or .npz file of samples"):
        host.dialog.check("/tmp/photo.png")
    host.answer("/tmp/x.npy[1]")
    (asked,) = folder.commands().read_all()
    assert isinstance(asked, Predict)
    append(folder, PictureAnswered(request=asked.request, file=asked.file, outputs=(0.25,)))
    runs.poll()
    inference.show_answers()
    assert (shown[-1].title, shown[-1].outputs, host.work) == ("x.npy[1]", (0.25,), [])
