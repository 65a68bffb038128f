"""`tuinn labs`, `tuinn labs check` and `tuinn lab`."""

import json
from pathlib import Path

from tests.cli.conftest import Tuinn
from tests.labs.test_lessons import LESSON
from tuinn.labs.lessons.library import library


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
