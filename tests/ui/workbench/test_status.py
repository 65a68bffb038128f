"""What the last line of the workbench says to do next, without an app."""

import pytest

from tests.conftest import Write
from tests.factories import ending, epoch, opening, whole_run
from tuinn.runs.events import RunEnded
from tuinn.runs.state import RunState
from tuinn.spec.presets.catalog import default_draft
from tuinn.ui.workbench.status import EDITED, NEXT, fitted, next_words
from tuinn.view.draft import Draft
from tuinn.view.run_follower import RunFollower


def followed(write_run: Write, *ending: RunEnded) -> RunFollower:
    run = RunFollower(write_run([*opening(), *ending]))
    run.catch_up()
    return run


def test_a_first_screen_says_what_this_is_and_which_key_trains() -> None:
    assert next_words(Draft(default_draft()), None).startswith(
        "tuinn trains neural networks. r trains this one, 0 has lessons"
    )


def test_a_finished_run_leads_to_its_predictions(write_run: Write) -> None:
    run = RunFollower(write_run(whole_run()))
    run.catch_up()
    assert next_words(Draft(run.spec), run).startswith("Next: 5 its predictions")


def test_a_stopped_run_can_be_resumed(write_run: Write) -> None:
    run = followed(write_run, RunEnded("stopped"))
    assert "z resumes it where it stopped" in next_words(Draft(run.spec), run)


def test_while_the_worker_of_a_stopped_run_still_answers_it_can_be_resumed_too(write_run: Write) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0), *ending("stopped")])
    with folder.hold_lock():
        run = RunFollower(folder)
        run.catch_up()
        assert run.state is RunState.SERVING
        assert "z resumes it where it stopped" in next_words(Draft(run.spec), run)


def test_whoever_looks_at_the_predictions_is_not_sent_there(write_run: Write) -> None:
    run = RunFollower(write_run(whole_run()))
    run.catch_up()
    words = next_words(Draft(run.spec), run, pane=5)
    assert words == "Next: t other settings for a new run, l all runs."


@pytest.mark.parametrize(("earlier", "words"), [(1, "your earlier run;"), (1200, "your 1,200 earlier runs;")])
def test_a_first_screen_tells_of_earlier_runs(earlier: int, words: str) -> None:
    assert f"l shows {words} r trains" in next_words(Draft(default_draft()), None, earlier=earlier)


def test_a_draft_that_differs_from_the_run_is_named(write_run: Write) -> None:
    run = RunFollower(write_run(whole_run()))
    run.catch_up()
    assert next_words(Draft(run.spec.with_fit(epochs=99)), run) == EDITED


def test_nothing_is_advised_on_a_run_that_is_gone(write_run: Write) -> None:
    run = RunFollower(write_run(whole_run()))
    run.trouble = "gone"
    assert next_words(Draft(run.spec), run) == ""


def test_clauses_that_have_no_room_are_left_out_from_the_end() -> None:
    words = NEXT[RunState.FINISHED]
    assert fitted(words, 80) == words
    assert fitted(words, 58) == "Next: 5 its predictions, t other settings for a new run."
    assert fitted(words, 10) == "Next: 5 its predictions."
