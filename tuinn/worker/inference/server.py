"""After the training: answer questions until nobody has any."""

import os
import time
from collections.abc import Callable

from tuinn.errors import JournalError
from tuinn.runs.commands import Question
from tuinn.runs.events import Event, Noted
from tuinn.worker.commands import CommandQueue
from tuinn.worker.errors import user_message
from tuinn.worker.event_log import Emit

POLL_SECONDS = 0.05
"""Between two looks at the command file."""


def idle_seconds() -> float:
    """How long to wait for a question: the environment's TUINN_IDLE, or two minutes."""
    try:
        return max(0.0, float(os.environ.get("TUINN_IDLE", "")))
    except ValueError:
        return 120.0


def serve(answer: Callable[[Question], Event], commands: CommandQueue, emit: Emit, idle: float) -> None:
    """Answer each question, oldest first, until Quit, a signal, `idle` seconds without one, or the end of the run folder."""
    until = time.monotonic() + idle
    while True:
        commands.poll()
        while commands.questions:
            _answer_one(answer, commands.questions.popleft(), emit)
            until = time.monotonic() + idle
        if commands.quit or time.monotonic() >= until or not commands.file.parent.is_dir():
            return
        time.sleep(POLL_SECONDS)


def _answer_one(answer: Callable[[Question], Event], question: Question, emit: Emit) -> None:
    try:
        event = answer(question)
    except JournalError:
        raise
    except Exception as error:  # one question that can't be answered must not keep the others from it
        event = Noted(level="warning", message=f"A question could not be answered: {user_message(error)}")
    emit(event)
