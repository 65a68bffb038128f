"""The steps of a picture of the user's own: thumbnails, switches, and what the network says of each."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import Write
from tests.factories import append, whole_run
from tests.ui.conftest import NARROW, Opener
from tests.ui.workbench.fake_host import FakeHost
from tuinn.data.predictions import save_picture
from tuinn.runs.commands import Predict
from tuinn.runs.events import PictureAnswered
from tuinn.runs.folder import RunFolder
from tuinn.ui.widgets.picture import Picture
from tuinn.ui.workbench.inference.inference_controller import NOT_SENT, InferenceController
from tuinn.ui.workbench.inference.own_picture import OwnPictureScreen
from tuinn.ui.workbench.inference.own_pictures import OwnPictures, shrunk
from tuinn.ui.workbench.run_controller import RunController

SHARES = (0.9, *[0.1 / 9] * 9)


@pytest.fixture
def photo(tmp_path: Path) -> str:
    """Dark on white."""
    picture = Image.new("RGB", (60, 40), "white")
    picture.paste((20, 20, 60), (10, 5, 25, 35))
    picture.save(tmp_path / "photo.png")
    return str(tmp_path / "photo.png")


@pytest.fixture
def inference(host: FakeHost, runs: RunController) -> InferenceController:
    return InferenceController(host, runs, lambda answer: None)


@pytest.fixture
def trained(runs: RunController, write_run: Write) -> RunFolder:
    folder = write_run(whole_run())
    folder.model_file.touch()
    runs.attach(folder.name)
    return folder


def last_question(folder: RunFolder) -> Predict:
    question = folder.commands().read_all()[-1]
    assert isinstance(question, Predict)
    return question


def answer(folder: RunFolder, question: Predict, unlike: str = "", nearest: str = "") -> None:
    said = PictureAnswered(
        request=question.request,
        file=question.file,
        outputs=SHARES,
        steps=("grey",),
        unlike=unlike,
        nearest=nearest,
    )
    append(folder, said)


async def test_steps_are_shown_switched_and_judged(bench: Opener, write_run: Write, photo: str) -> None:
    folder = write_run(whole_run())
    folder.model_file.touch()
    async with bench(NARROW, run=folder) as here:
        await here.press("5", "enter")
        assert "o predicts a picture of yours" in here.text()
        with folder.hold_lock():
            here.screen.predictions.inference.predict(photo)
            await here.press("enter")
            await here.settle()
            text = here.text()
            assert "photo.png · waiting for the network…" in text
            for title in (
                "1   as read",
                "2   grey",
                "3 ✓ inverted",
                "4 ✓ cropped",
                "5 ✓ fitted 28×28",
                "6 ✓ bright",
            ):
                assert title in text
            nearest = save_picture(folder.pictures, "near", np.full((28, 28), 200, np.uint8))
            answer(folder, last_question(folder), nearest=nearest)
            await here.tick()
            assert "T-shirt/top 90.0 %" in here.text()
            assert "a training sample" in here.text()
            pictures = [picture for picture in here.app.screen.query(Picture) if picture.pixels is not None]
            assert len(pictures) == 7
            assert all(picture.size.height > 2 for picture in pictures)
            assert sum("▀" * 8 in line for line in here.text().splitlines()) > 8
            assert "it looks like them" in here.text()
            await here.press("1")
            assert "This step can't be left out" in here.text()
            await here.press("3")
            await here.settle()
            assert last_question(folder).switched == ("invert",)
            assert "3 ✗ not inverted" in here.text()
            answer(folder, last_question(folder), unlike="Unlike the training data: it is one plain colour.")
            await here.tick()
            assert "! Unlike the training data: it is one plain colour." in here.text()
            await here.press("0")
            await here.settle()
            assert last_question(folder).switched == ()
            assert "3 ✓ inverted" in here.text()
            await here.press("escape")
            assert "5 Predict" in here.text()


def test_an_answer_to_steps_that_are_not_wanted_any_more_is_not_shown(
    host: FakeHost, runs: RunController, inference: InferenceController, trained: RunFolder, photo: str
) -> None:
    asked: list[tuple[str, ...]] = []
    OwnPictures(host, runs, inference).show_steps()
    assert host.last.startswith("o predicts a picture of yours")
    inference.last_own = photo
    with trained.hold_lock():
        OwnPictures(host, runs, inference).show_steps()
    screen = host.top(OwnPictureScreen)
    screen.ask = asked.append
    screen.show_findings(("invert",), "late")
    assert screen.problem == ""
    screen.show_findings((), "in time")
    assert screen.problem == "in time"


def test_a_worker_that_is_killed_while_it_answers_is_told_of(
    host: FakeHost, runs: RunController, inference: InferenceController, trained: RunFolder, photo: str
) -> None:
    problems: list[str] = []
    with trained.hold_lock():
        inference.predict(photo)
        assert runs.run is not None
        inference.explain(runs.run, photo, (), lambda said: problems.append(said.problem))
        inference.show_answers()
        assert inference.is_waiting
    inference.show_answers()
    assert host.problems == [problems[0]]
    assert problems[0].startswith("The worker ended without an answer: it was killed, or crashed")
    assert not inference.is_waiting


def test_a_question_that_cannot_be_sent_is_not_awaited(
    host: FakeHost, runs: RunController, inference: InferenceController, trained: RunFolder, photo: str
) -> None:
    problems: list[str] = []
    assert runs.run is not None
    trained.spec_file.unlink()
    trained.commands_file.mkdir()
    inference.explain(runs.run, photo, (), lambda said: problems.append(said.problem))
    assert problems == [NOT_SENT]
    assert not inference.is_waiting


@pytest.mark.parametrize("shape", [(480, 640, 3), (1000, 3), (2, 900), (28, 28), (127, 130)])
def test_thumbnails_are_small_and_as_bright_as_the_picture(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape).astype("uint8")
    small = shrunk(pixels)
    assert max(small.shape[:2]) < 2 * 64
    assert small.shape[2:] == shape[2:]
    assert float(small.mean()) == pytest.approx(float(pixels.mean()), abs=6)
