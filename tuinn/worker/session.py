"""What surrounds a training: the lock, the first and the last event, and the exit code. Works before TensorFlow is loaded."""

import os
import socket
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

from tuinn import __version__
from tuinn.errors import EndedEarly, JournalLost
from tuinn.runs.config import config_and_problem
from tuinn.runs.events import Noted, RunEnded, RunResumed, RunStarted
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import RUN_IN_USE
from tuinn.spec.run import RunSpec
from tuinn.worker.checkpoints.checkpoint import Checkpoint, Place, latest, wanting_more
from tuinn.worker.commands import CommandQueue, commands_to_replay
from tuinn.worker.end_hook import EndHook, missing
from tuinn.worker.errors import sentence
from tuinn.worker.event_log import EventListeners, EventLog, Say
from tuinn.worker.heartbeat import LONG, Heartbeat
from tuinn.worker.inference.server import idle_seconds, serve
from tuinn.worker.monitoring.csv_log import CsvLog

DONE, FAILED = 0, 1
"""Exit codes: finished or stopped; failed; another worker has this run."""


@dataclass(frozen=True)
class Errand:
    """What a worker is to do in its run folder, besides training from the beginning."""

    serve_only: bool = False
    """Answer questions about a run that ended."""
    resume: bool = False
    """Take up a run that ended or was lost, from its last checkpoint."""
    epochs: int | None = None
    """How many epochs a run that is taken up shall have; None: as many as were asked for."""
    commands_from: int | None = None
    """Bytes of the command file that are not meant for this worker; None: what suits the errand."""


def run(path: Path, errand: Errand = Errand()) -> int:
    """Do what the run folder asks, and return the exit code. Every problem is in the journal or, at worst, on stderr."""
    folder = RunFolder(path)
    if why := unfit(folder, errand):
        return log(why, FAILED)
    wishes = CommandQueue(folder, first_offset(folder, errand))
    wishes.heed_signals()
    try:
        with folder.hold_lock() as mine:
            if not mine:
                return log(f"Another worker has {folder.name}. Ask that one.", RUN_IN_USE)
            say = EventLog(folder).say
            # Before the first word: a heartbeat of an earlier worker would pass for ours.
            Heartbeat(folder.heartbeat_file).expect(LONG)
            if errand.serve_only:
                return answer_only(folder, wishes, say)
            return train(folder, wishes, say, errand)
    except JournalLost as problem:
        return log(str(problem), FAILED)
    except OSError as error:
        return log(
            f"{folder.path} cannot be worked in: {error}. Set TUINN_HOME to a folder you may write to.",
            FAILED,
        )


def unfit(folder: RunFolder, errand: Errand) -> str:
    """Why there is nothing to do in this folder; empty when there is. Nothing is written into it yet."""
    if not folder.spec_file.is_file():
        return f"{folder.path} is no run folder: it has no {folder.spec_file.name}. `tuinn train SPEC.toml` makes one."
    if not (errand.serve_only or errand.resume) and has_journal(folder):
        return (
            f"{folder.name} was trained before. Go on with it: tuinn resume {folder.name}. "
            f"Or make a new run: tuinn train {folder.spec_file}"
        )
    return ""


def has_journal(folder: RunFolder) -> bool:
    """True when a worker has said something in this folder."""
    return folder.events_file.is_file() and folder.events_file.stat().st_size > 0


def first_offset(folder: RunFolder, errand: Errand) -> int:
    """Where the commands for this worker begin. A run that ended has old ones, which are none of its business."""
    if errand.commands_from is not None:
        return errand.commands_from
    try:
        return folder.commands_file.stat().st_size if errand.serve_only or errand.resume else 0
    except OSError:
        return 0


def train(folder: RunFolder, wishes: CommandQueue, say: Say, errand: Errand) -> int:
    """From RunStarted or RunResumed to RunEnded, then the questions. Raises JournalLost."""
    config, problem = config_and_problem()
    records = EventListeners(say, [CsvLog(folder)])
    say, at_end, batch = records.say, EndHook(config.end_command, folder, say), 0
    try:
        spec = folder.spec()
        batch = spec.fit.batch_size
        folder.remove_leftovers()
        start = latest(folder) if errand.resume else None
        # A wish is kept, even one after the checkpoint.
        asked = commands_to_replay(folder)
        epochs = errand.epochs or asked.epochs or spec.fit.epochs
        if start and asked.finished:
            start = wanting_more(start)
        if start and asked.finished and start.place.epoch > epochs:
            return log(
                f"{folder.name} has trained all its {epochs} epochs. Ask for more: "
                f"tuinn resume {folder.name} --epochs {2 * epochs}",
                FAILED,
            )
        say(resumed(start, spec, epochs) if errand.resume and has_journal(folder) else started(folder, spec))
        for trouble in filter(None, (problem, missing(config.end_command))):
            say(Noted(level="warning", message=trouble))
        wishes.heeded = len(asked.orders)
        wishes.orders.extendleft(reversed(asked.after(start.heeded if start else 0)))
        from tuinn.worker.monitoring.tensorboard import TensorBoardLog
        from tuinn.worker.training import trainer

        records.add(TensorBoardLog(folder, batch, config.tensorboard, start.place if start else None))
        exam, ending = trainer.train(
            folder, spec, wishes, say, start, epochs, records.watch, config.keep_best
        )
    except JournalLost:
        raise
    except EndedEarly as wish:
        exam, ending = None, RunEnded(outcome="stopped", message=str(wish))
    except Exception as error:
        traceback.print_exc()
        exam, ending = None, RunEnded(outcome="failed", message=sentence(error, batch))
    say(ending)
    at_end.start(ending)
    if exam is not None:
        serve(exam.answer, wishes, say, idle_seconds())
    at_end.wait()
    return FAILED if ending.outcome == "failed" else DONE


def answer_only(folder: RunFolder, wishes: CommandQueue, say: Say) -> int:
    """Answer questions about a run that ended. Raises JournalLost."""
    try:
        from tuinn.worker.training import trainer

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


def resumed(start: Checkpoint | None, spec: RunSpec, epochs: int) -> RunResumed:
    """The place from which the run goes on; without a checkpoint, its beginning."""
    place = start.place if start else Place()
    return RunResumed(
        epoch=place.epoch,
        step=place.step,
        epochs=epochs,
        samples=place.step * spec.fit.batch_size,
        metrics=place.metrics,
        host=socket.gethostname(),
        pid=os.getpid(),
        tuinn=__version__,
    )


def log(message: str, code: int) -> int:
    """Tell stderr, which is worker.log, and pass the exit code on."""
    sys.stderr.write(message + "\n")
    return code
