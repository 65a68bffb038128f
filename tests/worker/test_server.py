"""A question that can't be answered is told so by an event of its own kind, and ends nothing."""

import pytest

from tuinn.errors import JournalError, WorkerError
from tuinn.runs.commands import Evaluate, Examine, Explain, Predict, PredictSamples, Question
from tuinn.runs.events import Event, Inspected, Noted, PictureAnswered, Reported, SamplesAnswered
from tuinn.worker.inference.server import answer_or_problem


def broken(question: Question) -> Event:
    raise WorkerError("The data are gone.")


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (
            Predict(request="r", file="/a.png"),
            PictureAnswered(request="r", file="/a.png", problem="The data are gone."),
        ),
        (
            PredictSamples(request="r", samples=("a text",)),
            SamplesAnswered(request="r", problem="The data are gone."),
        ),
        (Examine(request="r"), Reported(request="r", problem="The data are gone.")),
        (Explain(request="r"), Inspected(request="r", problem="The data are gone.")),
    ],
)
def test_a_problem_is_an_answer_of_the_same_request(question: Question, told: Event) -> None:
    assert answer_or_problem(broken, question) == told


def test_what_has_no_answer_with_a_problem_is_warned_about() -> None:
    told = answer_or_problem(broken, Evaluate(request="r"))
    assert isinstance(told, Noted)
    assert (told.level, told.message) == ("warning", "A question could not be answered: The data are gone.")


def test_a_journal_that_takes_nothing_ends_the_worker() -> None:
    def full(question: Question) -> Event:
        raise JournalError("The disk is full.")

    with pytest.raises(JournalError):
        answer_or_problem(full, Evaluate(request="r"))
