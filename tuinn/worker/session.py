"""What surrounds a training: the lock, the first and the last event, and the exit code. Works before TensorFlow is loaded."""

import os
import socket
import sys
import traceback
from pathlib import Path

from tuinn import __version__
from tuinn.runs.events import Noted, RunEnded, RunStarted
from tuinn.runs.folder import RunFolder
from tuinn.spec.run import RunSpec
from tuinn.worker.failures import sentence
from tuinn.worker.problem import JournalLost
from tuinn.worker.scribe import Say, Scribe
from tuinn.worker.serve import idle_seconds, serve
from tuinn.worker.wishes import Wishes

DONE, FAILED, HELD = 0, 1, 3
"""Exit codes: finished or stopped; failed; another worker has this run."""


def run(path: Path, serve_only: bool = False, commands_from: int | None = None) -> int:
    """Do what the run folder asks, and return the exit code. Every problem is in the journal or, at worst, on stderr."""
    folder = RunFolder(path)
    if why := unfit(folder, serve_only):
        return log(why, FAILED)
    wishes = Wishes(folder, commands_from if commands_from is not None else first_offset(folder, serve_only))
    wishes.heed_signals()
    try:
        with folder.hold_lock() as mine:
            if not mine:
                return log(f"Another worker has {folder.name}. Ask that one.", HELD)
            say = Scribe(folder).say
            return answer_only(folder, wishes, say) if serve_only else train(folder, wishes, say)
    except JournalLost as problem:
        return log(str(problem), FAILED)
    except OSError as error:
        return log(
            f"{folder.path} cannot be worked in: {error}. Set TUINN_HOME to a folder you may write to.",
            FAILED,
        )


def unfit(folder: RunFolder, serve_only: bool) -> str:
    """Why there is nothing to do in this folder; empty when there is. Nothing is written into it yet."""
    if not folder.spec_file.is_file():
        return f"{folder.path} is no run folder: it has no {folder.spec_file.name}. `tuinn train SPEC.toml` makes one."
    if not serve_only and folder.events_file.is_file() and folder.events_file.stat().st_size:
        return f"{folder.name} was trained before. Make a new run: tuinn train {folder.spec_file}"
    return ""


def first_offset(folder: RunFolder, serve_only: bool) -> int:
    """Where the commands for this worker begin. A run that ended has old ones, which are none of its business."""
    try:
        return folder.commands_file.stat().st_size if serve_only else 0
    except OSError:
        return 0


def train(folder: RunFolder, wishes: Wishes, say: Say) -> int:
    """From RunStarted to RunEnded, then the questions. Raises JournalLost."""
    try:
        spec = folder.spec()
        say(started(folder, spec))
        from tuinn.worker import trainer

        exam, ending = trainer.train(folder, spec, wishes, say)
        say(ending)
    except JournalLost:
        raise
    except Exception as error:
        traceback.print_exc()
        say(RunEnded(outcome="failed", message=sentence(error)))
        return FAILED
    serve(exam.answer, wishes, say, idle_seconds())
    return DONE


def answer_only(folder: RunFolder, wishes: Wishes, say: Say) -> int:
    """Answer questions about a run that ended. Raises JournalLost."""
    try:
        from tuinn.worker import trainer

        exam = trainer.load_again(folder, folder.spec())
    except Exception as error:
        traceback.print_exc()
        say(Noted(level="warning", message=sentence(error)))
        return FAILED
    serve(exam.answer, wishes, say, idle_seconds())
    return DONE


def started(folder: RunFolder, spec: RunSpec) -> RunStarted:
    return RunStarted(
        run=folder.name,
        host=socket.gethostname(),
        pid=os.getpid(),
        tuinn=__version__,
        epochs=spec.fit.epochs,
    )


def log(message: str, code: int) -> int:
    """Tell stderr, which is worker.log, and pass the exit code on."""
    sys.stderr.write(message + "\n")
    return code
