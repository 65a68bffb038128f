"""Follow a run in the foreground by its journal: show each event, pass Ctrl+C on, end with the run."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Literal

import click

from tuinn.cli.common.exit_codes import FAILED, FINISHED, STOPPED, leave_pipe, leave_terminal
from tuinn.errors import FolderError
from tuinn.programs import JOB_SIGNALS, SignalInbox
from tuinn.runs.commands import Quit, Stop
from tuinn.runs.death import OUT_OF_MEMORY
from tuinn.runs.events import AnyEvent, RunEnded, RunResumed, RunStarted
from tuinn.runs.folder import RunFolder
from tuinn.runs.journal import JournalReader
from tuinn.runs.machine.lifetime import lifetime, needs_asking
from tuinn.runs.state import state_of
from tuinn.text import printable_lines

LOOK = 0.05
"""Seconds between two looks at the journal."""

PATIENCE = 5.0
"""Seconds that a worker gets to leave once the run has ended."""

Worker = subprocess.Popen[bytes]
Show = Callable[[AnyEvent], None]
Style = Literal["json", "plain"]


class CtrlC:
    """Counts Ctrl+C inside the block: the first asks the run to stop, the second raises KeyboardInterrupt.

    A signal by which a job is told to end counts as the first, where the run is in the job. SIGHUP raises `HangUp` at
    `check_terminal`, unless it is ignored already, as under nohup.
    """

    def __init__(self, in_job: bool = False) -> None:
        """`in_job`: the run ends with this process's job."""
        self.pressed = 0
        self.noticed = False
        self.job, self.hangup = SignalInbox(), SignalInbox()
        self.job_signals = JOB_SIGNALS if in_job else ()

    def __enter__(self) -> "CtrlC":
        names = ("SIGINT", "SIGHUP", *self.job_signals)
        self.before = [(signal.Signals[name], signal.getsignal(signal.Signals[name])) for name in names]
        self.job.catch(self.job_signals)
        catch_hangup(self.hangup)
        signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self.before:
            signal.signal(number, handler)

    def _press(self, _number: int, _frame: FrameType | None) -> None:
        self.pressed += 1
        if self.pressed > 1:
            raise KeyboardInterrupt

    def is_new(self) -> bool:
        """True once, after the first."""
        came = bool(self.pressed or self.job.first)
        new, self.noticed = came and not self.noticed, came
        return new

    def check_terminal(self) -> None:
        """Raise HangUp where the terminal is gone."""
        if self.hangup.first:
            raise HangUp


class HangUp(Exception):  # noqa: N818 - no failure
    """The terminal went away. What runs outlives it."""


def catch_hangup(inbox: SignalInbox) -> None:
    """Receive SIGHUP, unless it is ignored already, as under nohup. Call it in the main thread."""
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        inbox.catch(("SIGHUP",))


def follow(folder: RunFolder, show: Show, start: Callable[[], Worker] | None = None, offset: int = 0) -> int:
    """Until the run has ended. `start` launches its worker, where it has none yet. Returns the exit code.

    `offset`: bytes of the journal that are not shown. Closed output ends the following, not the run. Raises FolderError.
    """
    if start is not None:
        say_when_runs_end()
    with CtrlC(in_job=start is not None) as ctrl_c:
        worker = start() if start else None
        try:
            ended = _follow_to_end(folder, show, worker, ctrl_c, offset)
        except BrokenPipeError:
            return leave_pipe()
        except (HangUp, OSError):
            if not ctrl_c.hangup.first:  # a terminal that is gone can't be written to, either
                raise
            return leave_terminal(f"{folder.name} continues. Follow it: tuinn attach {folder.name}")
        except KeyboardInterrupt:
            click.echo(f"{folder.name} stops by itself.", err=True)
            return STOPPED
        # One that failed leaves by itself, or keeps what a full disk has no room for.
        if worker is not None and ended is not None and ended.outcome != "failed":
            _let_leave(folder, worker, ctrl_c)
    return verdict(folder, ended, worker.poll() if worker is not None else None)


def say_when_runs_end() -> None:
    """Before something is started: a line on stderr where it ends by itself, as at the logout."""
    if needs_asking() and (words := lifetime().words):
        click.echo(f"note: {words}", err=True)


def verdict(folder: RunFolder, ended: RunEnded | None, code: int | None = None) -> int:
    """The exit code for this ending; a run that failed or was lost gets its sentence on stderr. None: lost.

    `code`: the worker's own exit code, where it is a child of ours.
    """
    if ended is not None and ended.outcome != "failed":
        return FINISHED if ended.outcome == "finished" else STOPPED
    words = ended.message if ended else lost_words(folder, code)
    click.echo(f"tuinn: {printable_lines(words)}", err=True)
    if folder.path.is_dir():
        click.echo(f"Its log: {folder.log_file}", err=True)
    return FAILED


def lost_words(folder: RunFolder, code: int | None = None) -> str:
    """Why this run was lost, and the command that resumes it."""
    death = folder.examine_death(code)
    again = "" if death.kind == "gone" else f" Resume it: tuinn resume {folder.name}"
    if death.kind == OUT_OF_MEMORY and (half := folder.spec().fit.batch_size // 2):
        again += f" Or in a new run, with half the batch: tuinn resume {folder.name} --batch-size {half}"
    return f"{folder.name} was lost. {death.message}{again}"


def _follow_to_end(
    folder: RunFolder, show: Show, worker: Worker | None, ctrl_c: CtrlC, offset: int
) -> RunEnded | None:
    """Show every event up to RunEnded, which comes back; None when the run was lost."""
    reader = folder.events(offset)
    started, silent = offset > 0, False
    while True:
        # Asked before reading, so that the last events of a worker that dies are read.
        active = is_active(folder, worker, started)
        before = reader.offset
        for event in _new(reader):
            show(event)
            started = started or isinstance(event, RunStarted | RunResumed)
            if isinstance(event, RunEnded):
                return event
        ctrl_c.check_terminal()
        if ctrl_c.is_new():
            folder.ask(Stop(signal=ctrl_c.job.first))
            # On a terminal, ^C stands at the end of a line that moves.
            click.echo("\nstopping…" if sys.stderr.isatty() else "stopping…", err=True)
        if reader.offset != before:
            continue
        if not active:
            return None
        # Before the worker has the lock, the sign of life is that of the one before it.
        if (overdue := folder.is_alive() and folder.is_overdue()) and not silent:
            click.echo(f"warning: {folder.silence()}", err=True)
        silent = overdue
        time.sleep(LOOK)


def _new(reader: JournalReader[AnyEvent]) -> list[AnyEvent]:
    try:
        return reader.read_new()
    except OSError as error:
        raise FolderError(f"{reader.path} cannot be read ({error.strerror}).") from None


def is_active(folder: RunFolder, worker: Worker | None, started: bool) -> bool:
    """True while somebody may still write the run's end. `worker`: its process, where it is a child of ours."""
    if worker is not None and worker.poll() is None:
        return True
    age = folder.age() if worker is None else float("inf")
    return state_of(None, started, folder.is_alive(), age).is_active


def _let_leave(folder: RunFolder, worker: Worker, ctrl_c: CtrlC) -> None:
    """The run has ended: let the worker leave, so that the next command finds it gone. Ctrl+C doesn't wait for it."""
    try:
        if worker.poll() is None:
            folder.ask(Quit())
        until = time.monotonic() + PATIENCE
        while worker.poll() is None and time.monotonic() < until and not ctrl_c.is_new():
            time.sleep(LOOK)
    except (FolderError, KeyboardInterrupt):
        return  # it leaves by itself when idle
