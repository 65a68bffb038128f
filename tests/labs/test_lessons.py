"""Lessons are data: read with one clear sentence per fault; progress is kept."""

from pathlib import Path

import pytest

from tests.conftest import Write
from tests.factories import opening, whole_run
from tuinn.errors import FolderError, SpecError
from tuinn.labs.lessons.lesson import Lesson, keys_to
from tuinn.labs.lessons.library import HERE, library
from tuinn.labs.lessons.progress import (
    mark_done,
    note_run,
    progress_file,
    read_progress,
    result_of,
    run_of,
    set_done,
    steps_done,
)
from tuinn.labs.lessons.reader import lesson_of, read_lesson
from tuinn.labs.places import PAGES, WORKBENCH, screens
from tuinn.spec.presets.catalog import iris_lab
from tuinn.ui.dialogs.glossary import WORDS
from tuinn.view.draft import Draft

LESSON = """\
title = "Two steps"
about = "4-8-3"
learn = "What a lesson is."
dataset = "iris"
preset = "iris-lab"

[settings]
"fit.epochs" = 3

[figure]
words = "test accuracy"
value = 0.95
source = "Somebody."

[[steps]]
title = "look"
do = "Look."
look = "petals."
screen = "viewer"

[[steps]]
title = "train"
do = "r trains."
look = "the loss."
screen = "charts"
done = "trained"
settings = { "layers[1].units" = 5 }
"""


def lesson(text: str = LESSON) -> Lesson:
    return lesson_of(text, "two.toml", "two")


def refused(text: str) -> str:
    with pytest.raises(SpecError) as caught:
        lesson(text)
    return str(caught.value)


def test_a_step_has_the_data_network_and_settings_of_its_lesson_and_its_own_on_top() -> None:
    found = lesson()
    first, second = (found.spec_of(step, "iris") for step in found.steps)
    assert first == iris_lab().with_fit(epochs=3)
    assert second is not None
    assert (second.fit.epochs, second.model.layers[0].options["units"]) == (3, 5)


def test_layers_may_stand_in_place_of_a_preset() -> None:
    table = 'layers = [{ kind = "Dense", units = 4 }, { kind = "Dense", units = 3, activation = "softmax" }]'
    found = lesson(LESSON.replace('preset = "iris-lab"', table))
    spec = found.spec_of(found.steps[0], "iris")
    assert spec is not None
    assert [layer.options.get("units") for layer in spec.model.layers] == [4, 3]


def test_a_stand_in_takes_the_place_of_data_that_are_not_here() -> None:
    text = LESSON.replace('dataset = "iris"', 'dataset = "mnist"\nstand_in = "digits"')
    found = lesson(text.replace('settings = { "layers[1].units" = 5 }', ""))
    assert found.dataset_of(found.steps[0], lambda name: name == "digits") == "digits"
    assert found.dataset_of(found.steps[0], lambda name: True) == "mnist"


def test_settings_may_differ_on_the_stand_in() -> None:
    text = LESSON.replace('dataset = "iris"', 'dataset = "mnist"\nstand_in = "digits"')
    text = text.replace("[[steps]]", '[stand_in_settings]\n"fit.epochs" = 77\n\n[[steps]]', 1)
    found = lesson(text.replace('settings = { "layers[1].units" = 5 }', ""))
    specs = [found.spec_of(found.steps[0], name) for name in ("mnist", "digits")]
    assert [spec.fit.epochs == 77 for spec in specs if spec] == [False, True]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('screen = "viewer"', 'screen = "veiwer"', "two.toml, line 19: step 1: there is no screen 'veiwer'. Did you mean viewer?"),
        ('look = "petals."\n', "", "two.toml, line 15: step 1: look is missing: every step has one."),
        ('about = "4-8-3"\n', "", "two.toml, line 1: about is missing: every lesson has one."),
        ('source = "Somebody."\n', "", "source is missing: every published figure has one."),
        ('preset = "iris-lab"', 'preset = "iris"', "two.toml, line 5: there is no preset 'iris'. Did you mean iris-lab?"),
        ('dataset = "iris"', 'dataset = "irises"', "two.toml, line 4: there is no dataset 'irises'. Did you mean iris?"),
        ('done = "trained"', 'done = "fitted"', "two.toml, line 26: step 2: done is 'fitted', but here it is one of: opened, trained."),
        ('title = "train"', 'title = "look"', "two.toml, line 22: step 2: 'look' is the title of an earlier step; progress is kept by titles."),
        ('do = "Look."', 'doo = "Look."', "two.toml, line 17: step 1: 'doo' is not a field of a step."),
        ('do = "Look."', "do = 3", "two.toml, line 17: step 1: do is not what it should be: expected `str`, got `int`."),
        ('"fit.epochs" = 3', '"fit.epochs" = 0', "fit.epochs"),
        ('"layers[1].units"', '"layers[9].units"', "two.toml, line 27: step 2: layers[9].units: there is no layer 9; layers count from 1 to 2."),
        ('title = "Two steps"', 'title = "Two steps', "this is not TOML"),
        ('title = "Two steps"', 'name = "two"\ntitle = "Two steps"', "line 1: name is not a field of a lesson"),
        (LESSON[LESSON.index("[[steps]]") :], "", "two.toml, line 1: steps is missing: every lesson has one."),
        ('preset = "iris-lab"\n', "", "two.toml, line 14: step 1: a dataset needs a network: a preset or layers, here or above the steps."),
    ],
)  # fmt: skip
def test_each_fault_is_one_sentence_with_its_line(old: str, new: str, words: str) -> None:
    assert old in LESSON
    told = refused(LESSON.replace(old, new, 1))
    assert words in told
    assert "\n" not in told


def test_a_file_that_is_missing_or_no_text_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="cannot be read"):
        read_lesson(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SpecError, match="no text in UTF-8"):
        read_lesson(tmp_path / "bytes.toml")


def test_the_library_has_the_users_own_lessons_and_tells_of_files_that_are_none(own_home: Path) -> None:
    (own_home / "lessons").mkdir(parents=True)
    (own_home / "lessons" / "two.toml").write_text(LESSON)
    (own_home / "lessons" / "wrong.toml").write_text("title = 1")
    found = library()
    assert found.find("two").title == "Two steps"
    assert len(found.problems) == 1
    assert "wrong.toml" in found.problems[0]
    with pytest.raises(SpecError, match=r"no lab 'too'\. Did you mean two"):
        found.find("too")


# -------------------------------------------------------------------------------- those that come with tuinn


@pytest.mark.parametrize("file", sorted(HERE.glob("*.toml")), ids=lambda file: file.stem)
def test_a_lesson_that_comes_with_tuinn_can_be_followed_with_and_without_its_data(file: Path) -> None:
    told = read_lesson(file)
    for step in told.steps:
        assert step.screen in screens()
        assert keys_to(step)
        for dataset in {step.dataset or told.dataset, step.stand_in or told.stand_in}:
            spec = told.spec_of(step, dataset)
            if spec is not None and not Draft(spec).entry.files:
                assert Draft(spec).error is None
    assert set(told.words) <= {word for word, _ in WORDS}
    assert max(len(step.do) + len(step.look) for step in told.steps) < 230


def test_a_place_has_a_word_of_its_own() -> None:
    assert not set(PAGES) & set(WORKBENCH)
    assert not set(PAGES) & {told.name for told in library().lessons}


# ---------------------------------------------------------------------------------------------- progress


def test_progress_is_kept_and_read_again() -> None:
    found = lesson()
    assert steps_done(found, read_progress()) == [False, False]
    assert mark_done(found, found.steps[0])
    assert not mark_done(found, found.steps[0])
    assert steps_done(found, read_progress()) == [True, False]
    assert set_done(found, found.steps[0], False)
    assert steps_done(found, read_progress()) == [False, False]


def test_a_step_that_trains_is_done_once_its_run_has_finished_whoever_watched(write_run: Write) -> None:
    found = lesson()
    note_run(found, found.steps[1], write_run(opening()).name)
    assert steps_done(found, read_progress()) == [False, False]
    assert result_of(found, read_progress()) is not None
    folder = write_run(whole_run())
    note_run(found, found.steps[1], folder.name)
    assert steps_done(found, read_progress()) == [False, True]
    assert run_of(found, read_progress()) == folder.name
    result = result_of(found, read_progress())
    assert result is not None
    assert result.is_finished
    assert result.value is not None


def test_a_run_that_was_deleted_leaves_the_lesson_without_a_result(write_run: Write) -> None:
    found = lesson()
    note_run(found, found.steps[1], "20260101-000000-iris-dead")
    assert run_of(found, read_progress()) == ""
    assert result_of(found, read_progress()) is None
    assert steps_done(found, read_progress()) == [False, False]


def test_damaged_progress_begins_anew_and_one_that_cannot_be_written_is_said(own_home: Path) -> None:
    own_home.mkdir(parents=True)
    progress_file().write_text("{")
    assert read_progress().lessons == {}
    progress_file().unlink()
    progress_file().mkdir()
    with pytest.raises(FolderError, match="cannot be kept"):
        mark_done(lesson(), lesson().steps[0])
