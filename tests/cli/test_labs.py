"""`tuinn labs`, `tuinn labs check` and `tuinn lab`."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Tuinn
from tests.labs.test_lessons import LESSON
from tuinn.labs.lessons.library import library
from tuinn.labs.lessons.progress import read_progress
from tuinn.runs.folder import all_runs


def test_labs_are_listed_with_what_was_done_of_them(tuinn: Tuinn) -> None:
    told = tuinn("labs")
    assert told.code == 0
    assert [line.split()[0] for line in told.out.splitlines()[1 : 1 + len(library().lessons)]] == [
        lesson.name for lesson in library().lessons
    ]
    assert "0 of 8" in told.out
    listed = json.loads(tuinn("labs", "--json").out)
    assert {"name", "title", "about", "steps", "done"} == set(listed["lessons"][0])


def test_a_lesson_is_checked_before_it_is_taught(tuinn: Tuinn, tmp_path: Path) -> None:
    file = tmp_path / "two.toml"
    file.write_text(LESSON)
    told = tuinn("labs", "check", str(file))
    assert told.code == 0
    assert "Two steps: 2 steps, all of which lead somewhere." in told.out
    file.write_text(LESSON.replace('screen = "viewer"', 'screen = "cinema"'))
    told = tuinn("labs", "check", str(file))
    assert told.code == 2
    assert "two.toml, line 19: step 1: there is no screen 'cinema'." in told.err
    assert len(told.err.splitlines()) == 1


def test_a_lab_that_does_not_exist_is_refused_before_a_terminal_is_asked_for(tuinn: Tuinn) -> None:
    told = tuinn("lab", "fashion-lib")
    assert (told.code, told.err) == (2, "tuinn: There is no lab 'fashion-lib'. Did you mean fashion-lab?\n")
    assert "needs a terminal" in tuinn("lab", "fashion-lab").err


def test_what_a_lesson_trains_is_trained_and_stands_beside_the_published_figure(
    tuinn: Tuinn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    told = tuinn("lab", "first-look", "--run", "--stand-in", "--plain")
    assert told.code == 0
    assert "MNIST is not here: Handwritten digits stands in." in told.out
    assert "published  test accuracy 0.9514" in told.out
    assert "\nyours      test accuracy 0." in told.out
    assert "first-look" in read_progress().lessons
    assert "0 of 6" not in next(
        line for line in tuinn("labs").out.splitlines() if line.startswith("first-look")
    )


def test_a_dataset_that_is_not_here_is_said_with_the_nearest_one(
    tuinn: Tuinn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    told = tuinn("lab", "first-look", "--run")
    assert told.code == 2
    assert (
        "MNIST is not here. --fetch fetches it (11.5 MB), --on PATH takes a copy of yours; --stand-in trains on"
        in told.err
    )
    told = tuinn("lab", "two-neurons", "--run")
    assert (told.code, told.err.count("No step of two-neurons trains.")) == (2, 1)
    assert "data of your own" in tuinn("lab", "cats-and-dogs", "--run").err
    assert "go with --run" in tuinn("lab", "first-look", "--stand-in").err


def test_a_lesson_is_trained_on_a_copy_of_the_data_of_ones_own(tuinn: Tuinn, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (60, 28, 28), dtype=np.uint8)
    labels = np.arange(60, dtype=np.uint8) % 10
    np.savez(tmp_path / "own.npz", x_train=images, y_train=labels, x_test=images[:20], y_test=labels[:20])
    told = tuinn("lab", "wide-one-hot", "--run", "--on", tmp_path / "own.npz", "--plain")
    assert told.code == 0, told.err
    assert "published  test accuracy 0.9795" in told.out
    spec = all_runs()[0].spec()
    assert (spec.dataset.path, spec.fit.loss) == (str(tmp_path / "own.npz"), "categorical_crossentropy")
    assert spec.model.layers[-1].options["units"] == 10
