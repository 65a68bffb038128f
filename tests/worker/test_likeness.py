"""Pictures from outside beside the training data: what is unlike them is said, and the nearest one is shown."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.worker.conftest import Train, Training
from tests.worker.test_network_file import DIGITS
from tuinn.data import loader
from tuinn.data.predictions import read_picture
from tuinn.runs.commands import Predict
from tuinn.runs.events import PictureAnswered
from tuinn.worker.inference.likeness import CHUNK, LEAST, TrainingLikeness, distances

pytestmark = pytest.mark.tf


def asked(training: Training, file: Path, *switched: str) -> PictureAnswered:
    answer = training.evaluator.answer(
        Predict(request=f"{file}{switched}", file=str(file), switched=switched)
    )
    assert isinstance(answer, PictureAnswered)
    return answer


@pytest.fixture
def digits(train: Train) -> Training:
    return train(DIGITS.with_fit(epochs=10))


def test_a_test_sample_is_like_the_training_data_and_noise_is_not(digits: Training, tmp_path: Path) -> None:
    data = loader.load(DIGITS.dataset)
    alike = 0
    for at in range(20):
        file = tmp_path / f"{at}.png"
        Image.fromarray((data.x_test[at] * 15).astype("uint8")).save(file)
        alike += not asked(digits, file).unlike
    assert alike >= 18
    noise = np.random.default_rng(0).integers(0, 256, (8, 8)).astype("uint8")
    Image.fromarray(noise).save(tmp_path / "noise.png")
    told = asked(digits, tmp_path / "noise.png", "invert").unlike
    assert told.startswith("Unlike the training data: ")
    white = tmp_path / "white.png"
    Image.new("L", (8, 8), 255).save(white)
    assert "it is one plain colour" in asked(digits, white).unlike


def test_the_training_sample_beside_it_is_of_the_predicted_class(digits: Training, tmp_path: Path) -> None:
    data = loader.load(DIGITS.dataset)
    for at in (0, 1, 2):
        file = tmp_path / f"{at}.png"
        Image.fromarray((data.x_test[at] * 15).astype("uint8")).save(file)
        answer = asked(digits, file)
        nearest = read_picture(digits.folder.pictures, answer.nearest)
        assert nearest is not None
        (places,) = np.nonzero((data.x_train == nearest).all(axis=(1, 2)))
        assert int(np.argmax(np.array(answer.outputs, float))) in data.y_train[places]


def test_a_stage_that_is_switched_is_switched_for_the_network(digits: Training, tmp_path: Path) -> None:
    page = Image.new("L", (80, 80), 250)
    page.paste(20, (30, 10, 45, 70))
    page.save(tmp_path / "one.png")
    usual, other = asked(digits, tmp_path / "one.png"), asked(digits, tmp_path / "one.png", "invert")
    assert usual.steps != other.steps
    assert usual.outputs != other.outputs
    assert other.unlike


def test_a_picture_of_greys_that_no_training_sample_has_is_unlike_them_by_its_brightness(
    digits: Training,
) -> None:
    grey = np.random.default_rng(0).integers(7, 9, (8, 8)).astype("uint8")
    evaluator = digits.evaluator
    outputs = evaluator.network.outputs(grey[None], 1)[0]
    assert (
        "its brightness is spread as in none of them"
        in evaluator.training_likeness().judge(grey, outputs).unlike
    )


def test_few_training_samples_tell_nothing(digits: Training) -> None:
    evaluator = digits.evaluator
    few = TrainingLikeness(
        evaluator.network, evaluator.info.facts, evaluator.arrays, np.arange(LEAST - 1), evaluator.batch
    )
    found = few.judge(evaluator.arrays.x_test[0], np.zeros(10, np.float32))
    assert (found.unlike, found.nearest) == ("", None)


def test_distances_are_euclidean() -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    assert distances(a, b) == pytest.approx(np.linalg.norm(a[:, None] - b[None], axis=2), abs=1e-5)


def test_the_training_samples_are_read_a_few_at_a_time(digits: Training) -> None:
    evaluator = digits.evaluator
    read: list[int] = []

    class Counted:
        def __getitem__(self, places: np.ndarray) -> np.ndarray:
            found: np.ndarray = evaluator.arrays.x_train[places]
            read.append(len(np.atleast_1d(places)))
            return found

        def setflags(self, write: bool) -> None:
            """Arrays of a dataset are read-only."""

    likeness = evaluator.training_likeness()
    likeness.arrays = replace(evaluator.arrays, x_train=Counted())
    picture = evaluator.arrays.x_test[0]
    found = likeness.judge(picture, evaluator.network.outputs(picture[None], 1)[0])
    assert found.nearest is not None
    assert max(read) == CHUNK
    assert sum(read) == len(likeness.places) + 1
