"""What surrounds a training: the lock, the first and the last event, and the exit code. Works before TensorFlow is loaded."""

import os
import socket
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tuinn import __version__
from tuinn.errors import JournalError, StopRequested, WorkerError
from tuinn.programs import SignalInbox, signal_words
from tuinn.runs import worker_record
from tuinn.runs.config import Config, config_and_problem
from tuinn.runs.events import Noted, RunEnded, RunResumed, RunStarted
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import RUN_IN_USE
from tuinn.runs.provenance import write_provenance
from tuinn.spec.run import RunSpec
from tuinn.text import plural
from tuinn.worker.checkpoints.checkpoint import Checkpoint, Position, without_early_stop
from tuinn.worker.checkpoints.start import find_start, is_borrowed
from tuinn.worker.commands import CommandQueue, PastCommands
from tuinn.worker.end_hook import EndHook, missing_program
from tuinn.worker.errors import user_message
from tuinn.worker.event_log import Emit, EventLog, journal_of
from tuinn.worker.heartbeat import LONG, Heartbeat
from tuinn.worker.inference.server import idle_seconds, save_later, serve
from tuinn.worker.monitoring.csv_log import CsvLog

if TYPE_CHECKING:  # it loads TensorFlow
    from tuinn.worker.inference.evaluator import Evaluator

DONE, FAILED = 0, 1
"""Exit codes: finished or stopped; failed; another worker has this run."""


NOT_EXACT = "Its numbers are not exactly those that the other run would have had."


@dataclass(frozen=True)
class Task:
    """What a worker is to do in its run folder, besides training from the beginning."""

    serve_only: bool = False
    """Answer questions about a run that ended."""
    resume: bool = False
    """Resume a run that ended or was lost, from its last checkpoint."""
    epochs: int | None = None
    """How many epochs a resumed run shall have; None: as many as were asked for."""
    from_best: bool = False
    """Resume it from its best epoch instead."""
    commands_from: int | None = None
    """Bytes of the command file that are not meant for this worker; None: what suits the task."""


def run(path: Path, task: Task = Task(), signals: SignalInbox | None = None) -> int:
    """Do the task, and return the exit code. Every problem is in the journal or, at worst, on stderr."""
    folder = RunFolder(path)
    if problem := nothing_to_do(folder, task):
        return log_and_exit(problem, FAILED)
    commands = CommandQueue(folder, first_offset(folder, task), signals)
    try:
        with folder.hold_lock() as locked:
            if not locked:
                return log_and_exit(f"Another worker has {folder.name}. Ask that one.", RUN_IN_USE)
            # At once: a heartbeat of an earlier worker would pass for this one's.
            Heartbeat(folder.heartbeat_file).expect(LONG)
            write = journal_of(folder, commands.stop_for_room)
            if task.serve_only:
                return answer_only(folder, commands, write)
            worker_record.begin_record(folder.path, folder.log_file)
            write_provenance(folder.path)
            worker_record.leave_time_to_save()
            folder.reserve_room()
            try:
                return train(folder, commands, write, task)
            finally:
                folder.release_room()
    except WorkerError as error:  # the journal can't be written, or its folder is gone
        return last_words(folder, str(error))
    except OSError as error:
        return last_words(
            folder, f"{folder.path} cannot be used: {error}. Set TUINN_HOME to a folder you may write to."
        )


def nothing_to_do(folder: RunFolder, task: Task) -> str:
    """Why there is nothing to do in this folder; empty when there is. Nothing is written into it yet."""
    if not folder.spec_file.is_file():
        return f"{folder.path} is no run folder: it has no {folder.spec_file.name}. `tuinn train SPEC.toml` makes one."
    if not (task.serve_only or task.resume) and has_journal(folder):
        return (
            f"{folder.name} was trained before. Resume it: tuinn resume {folder.name}. "
            f"Or make a new run: tuinn train {folder.spec_file}"
        )
    return ""


def has_journal(folder: RunFolder) -> bool:
    """True when a worker has written an event in this folder."""
    return folder.events_file.is_file() and folder.events_file.stat().st_size > 0


def first_offset(folder: RunFolder, task: Task) -> int:
    """Where the commands for this worker begin. A run that ended has old ones, which are not for it."""
    if task.commands_from is not None:
        return task.commands_from
    try:
        return folder.commands_file.stat().st_size if task.serve_only or task.resume else 0
    except OSError:
        return 0


def train(folder: RunFolder, commands: CommandQueue, write: Emit, task: Task) -> int:
    """From RunStarted or RunResumed to RunEnded, then the questions. Raises JournalError."""
    config, config_problem = config_and_problem()
    log = EventLog(write, [CsvLog(folder)])
    hook, evaluator, batch = EndHook(config.end_command, folder, log.emit), None, 0
    try:
        spec = folder.spec()
        batch = spec.fit.batch_size
        folder.remove_leftovers()
        past = PastCommands.read(folder)
        start = find_start(folder, spec, past, task.from_best) if task.resume else None
        epochs = task.epochs or past.epochs or spec.fit.epochs
        if start and past.finished:
            start = without_early_stop(start)
            if start.position.epoch > epochs:
                return log_and_exit(
                    f"{folder.name} has trained all its {epochs} epochs. Ask for more: "
                    f"tuinn resume {folder.name} --epochs {2 * epochs}",
                    FAILED,
                )
        announce(folder, spec, log.emit, task, start, epochs)
        if start and past.epochs is None:
            log.emit(without_journal(folder, spec, start, past))
        for problem in filter(None, (config_problem, missing_program(config.end_command))):
            log.emit(Noted(level="warning", message=problem))
        # What was set after the checkpoint is set again.
        commands.replay(past, start.settings_changed if start else 0)
        evaluator, ending = load_and_train(folder, spec, commands, log, config, start, epochs)
    except JournalError:
        raise
    except StopRequested as reason:
        ending = RunEnded(outcome="stopped", message=str(reason))
    except Exception as error:
        traceback.print_exc()
        ending = RunEnded(outcome="failed", message=user_message(error, batch, folder.path))
    ending = with_reason(ending, commands, folder)
    if evaluator is not None and evaluator.unsaved is not None:
        # Before the ending is known, so that whoever resumes the run at once finds it.
        worker_record.mark_unsaved(folder.path, unsaved=True)
    log.emit(ending)
    hook.start(ending)
    if evaluator is not None and evaluator.unsaved is not None:
        later = with_reason(evaluator.unsaved.ending, commands, folder)
        if save_later(evaluator, commands, log.emit, idle_seconds()):
            ending = later
            log.emit(ending)
    if evaluator is not None and evaluator.unsaved is None:
        serve(evaluator.answer, commands, log.emit, idle_seconds())
    hook.wait()
    return FAILED if ending.outcome == "failed" else DONE


def announce(
    folder: RunFolder, spec: RunSpec, emit: Emit, task: Task, start: Checkpoint | None, epochs: int
) -> None:
    """Say that the run has started, or from where it goes on, and what of its spec does not count."""
    resume = task.resume and has_journal(folder)
    if not resume:
        emit(started(folder, spec))
    if resume or start:
        emit(resumed(start, spec, epochs))
    asked = spec.fit.epochs
    if start and start.spec and asked not in (start.spec.fit.epochs, epochs):
        words = (
            f"{folder.spec_file.name} was changed to {asked} epochs, but {folder.name} keeps its {epochs}. "
        )
        emit(
            Noted(
                level="warning", message=f"{words}Change them by: tuinn resume {folder.name} --epochs {asked}"
            )
        )


def without_journal(folder: RunFolder, spec: RunSpec, start: Checkpoint, past: PastCommands) -> Noted:
    """Why there is a checkpoint, and no journal of the training before it."""
    if is_borrowed(folder, past):
        words = f"It goes on from the checkpoint of another run, with batch_size {spec.fit.batch_size}. {NOT_EXACT}"
        return Noted(message=words)
    return Noted(
        level="warning",
        message=f"{folder.events_file.name} was missing or damaged, and with it the curves of the "
        f"{plural(start.epochs_done, 'epoch')} before. The training goes on from its last checkpoint.",
    )


def load_and_train(
    folder: RunFolder,
    spec: RunSpec,
    commands: CommandQueue,
    log: EventLog,
    config: Config,
    start: Checkpoint | None,
    epochs: int,
) -> "tuple[Evaluator, RunEnded]":
    """Load TensorFlow, and train. Raises StopRequested, ImportError, and what `trainer.train` raises."""
    commands.check_stop()
    from tuinn.worker.monitoring.tensorboard import TensorBoardLog
    from tuinn.worker.training import trainer

    commands.check_stop()
    position = start.position if start else None
    log.add_listener(TensorBoardLog(folder, spec.fit.batch_size, config.tensorboard, position))
    return trainer.train(folder, spec, commands, log, start, epochs, config.keep_best)


def with_reason(ending: RunEnded, commands: CommandQueue, folder: RunFolder) -> RunEnded:
    """Say why the training was stopped, where it was not a person, and how it goes on."""
    if ending.outcome != "stopped" or not (commands.signal or commands.no_room):
        return ending
    why = f"It got {signal_words(commands.signal)}" if commands.signal else commands.no_room
    message = f"{ending.message} {why}; `tuinn resume {folder.name}` goes on."
    return replace(ending, message=message, signal=commands.signal)


def answer_only(folder: RunFolder, commands: CommandQueue, emit: Emit) -> int:
    """Answer questions about a run that ended. Raises JournalError."""
    try:
        from tuinn.worker.training import saved_network

        evaluator = saved_network.load_evaluator(folder, folder.spec(), emit)
    except Exception as error:
        traceback.print_exc()
        emit(Noted(level="warning", message=user_message(error)))
        return FAILED
    serve(evaluator.answer, commands, emit, idle_seconds())
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
    """From where the run goes on; without a checkpoint, from its beginning."""
    position = start.position if start else Position()
    return RunResumed(
        epoch=position.epoch,
        step=position.step,
        epochs=epochs,
        samples=position.step * spec.fit.batch_size,
        metrics=position.metrics,
        host=socket.gethostname(),
        pid=os.getpid(),
        tuinn=__version__,
    )


def last_words(folder: RunFolder, message: str) -> int:
    """Say why the worker ends where the journal can't, and return the exit code."""
    worker_record.leave_words(folder.path, message)
    return log_and_exit(message, FAILED)


def log_and_exit(message: str, code: int) -> int:
    """Write to stderr, which is worker.log, and return the exit code."""
    sys.stderr.write(message + "\n")
    return code
