"""After the training: answer questions until nobody has any."""

import os
import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

from tuinn.errors import JournalError, TuinnError
from tuinn.runs import worker_record
from tuinn.runs.commands import LookInside, Predict, PredictSamples, Question, ReportQuestion
from tuinn.runs.events import Event, Inspected, Noted, PictureAnswered, Reported, SamplesAnswered
from tuinn.worker.commands import CommandQueue
from tuinn.worker.errors import user_message
from tuinn.worker.event_log import Emit

if TYPE_CHECKING:
    from tuinn.worker.inference.evaluator import Evaluator  # it loads TensorFlow

POLL_SECONDS = 0.01
"""Between two looks at the command file: who asks looks at the answer."""


RETRY_SECONDS = 1.0
"""Between two attempts to save what a full disk had no room for."""

UNSAVED_TIMES = 30
"""So much longer than a worker that only answers questions, one stays that holds what is not saved: an hour."""


def idle_seconds() -> float:
    """How long to wait for a question: the environment's TUINN_IDLE, or two minutes."""
    try:
        return max(0.0, float(os.environ.get("TUINN_IDLE", "")))
    except ValueError:
        return 120.0


def save_later(evaluator: "Evaluator", commands: CommandQueue, emit: Emit, idle: float) -> bool:
    """Answer questions, and save as soon as the disk has room, at the latest when told to leave. True when it is saved.

    The network is kept for longer than one that is saved: UNSAVED_TIMES `idle` seconds.
    """
    folder = evaluator.folder
    until = time.monotonic() + UNSAVED_TIMES * idle
    while (unsaved := evaluator.unsaved) is not None and folder.path.is_dir():
        serve(evaluator.answer, commands, emit, min(idle, RETRY_SECONDS))
        try:
            unsaved.save()
        except OSError as error:
            if commands.signal or time.monotonic() >= until:
                return False
            if commands.quit:
                why, remedy = worker_record.why_not_written(error, folder.path)
                emit(Noted(level="warning", message=f"The network still can't be saved ({why}). {remedy}"))
            commands.quit = False
        else:
            evaluator.unsaved = None
    worker_record.mark_unsaved(folder.path, unsaved=False)
    return evaluator.unsaved is None


def serve(answer: Callable[[Question], Event], commands: CommandQueue, emit: Emit, idle: float) -> None:
    """Answer each question, oldest first, until Quit, a signal, `idle` seconds without one, or the end of the run folder."""
    until = time.monotonic() + idle
    while True:
        commands.poll()
        while commands.questions:
            emit(answer_or_problem(answer, commands.questions.popleft()))
            until = time.monotonic() + idle
        if commands.quit or time.monotonic() >= until or not commands.file.parent.is_dir():
            return
        time.sleep(POLL_SECONDS)


def answer_or_problem(answer: Callable[[Question], Event], question: Question) -> Event:
    """The answer; where there is none, an event that says why. Neither a training nor another question must end by it.

    Raises JournalError.
    """
    try:
        return answer(question)
    except JournalError:
        raise
    except Exception as error:
        if not isinstance(error, TuinnError):
            traceback.print_exc()
        problem = user_message(error)
    match question:
        case Predict(request=request, file=file):
            return PictureAnswered(request=request, file=file, problem=problem)
        case PredictSamples(request=request):
            return SamplesAnswered(request=request, problem=problem)
        case ReportQuestion(request=request):
            return Reported(request=request, problem=problem)
        case LookInside(request=request):
            return Inspected(request=request, problem=problem)
        case _:
            return Noted(level="warning", message=f"A question could not be answered: {problem}")
