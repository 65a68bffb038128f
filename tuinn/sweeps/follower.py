"""Follow a sweep or the queue by its journal: a folder, its reader, its fold, and how it is."""

import time
from enum import StrEnum

from tuinn.errors import FolderError
from tuinn.runs.folder import RunFolder, runs_folder
from tuinn.runs.state import STARTING_SECONDS
from tuinn.sweeps.events import AnySweepEvent
from tuinn.sweeps.folder import QueueFolder, SweepFolder
from tuinn.sweeps.queue import Queue, QueueEntry
from tuinn.sweeps.view import SweepView

REPORT = b'{"kind":"TrialReported"'


class SweepState(StrEnum):
    """The states of a sweep that a user can tell apart."""

    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    """No further trial begins."""
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"
    """The journal has no end and nobody runs the sweep: killed, or a reboot."""


def sweep_state(view: SweepView, alive: bool, age: float) -> SweepState:
    """`alive`: the lock is held; `age`: of the folder, in seconds."""
    if view.ended is not None:
        return SweepState(view.ended.outcome)
    if alive:
        return (
            (SweepState.PAUSED if view.paused else SweepState.RUNNING)
            if view.started
            else SweepState.STARTING
        )
    return SweepState.STARTING if not view.started and age < STARTING_SECONDS else SweepState.LOST


class SweepFollower:
    """One sweep as it is now."""

    def __init__(self, folder: SweepFolder, brief: bool = False) -> None:
        """`brief`: for a list, without what trials that train report. Raises FolderError where it can't be read."""
        self.folder = folder
        self.brief = brief
        self.view = SweepView(folder.sweep())
        self.reader = folder.events()
        self.state = SweepState.STARTING
        self.poll()

    def poll(self) -> bool:
        """Fold in what is new. True when there is something to show. Raises OSError."""
        # Asked before reading, so that the last events of a runner that leaves are read.
        alive = self.folder.is_alive()
        changed = False
        while events := self._read():
            changed = True
            for event in events:
                self.view.apply(event)
        before, self.state = self.state, sweep_state(self.view, alive, self.age())
        if self.state is SweepState.LOST and before is not SweepState.LOST:
            self.view.halt()
        return changed or self.state is not before

    def _read(self) -> list[AnySweepEvent]:
        return self.reader.read_without_reports(reports=REPORT) if self.brief else self.reader.read_new()

    def age(self) -> float:
        """Seconds since the sweep was made; infinity when its folder is gone."""
        try:
            return time.time() - self.folder.sweep_file.stat().st_mtime
        except OSError:
            return float("inf")

    @property
    def is_active(self) -> bool:
        return self.state in (SweepState.STARTING, SweepState.RUNNING, SweepState.PAUSED)


def read_queue(folder: QueueFolder) -> Queue:
    """Return the queue as it is now. Raises FolderError."""
    queue = Queue()
    try:
        for command in folder.commands().read_all():
            queue.apply_command(command)
        for event in folder.events().read_all():
            queue.apply(event)
    except OSError as error:
        raise FolderError(f"{folder.path} cannot be read ({error.strerror}).") from None
    return queue


def entry_state(entry: QueueEntry, conducted: bool) -> str:
    """How an entry of the queue is: its outcome, `waiting`, `training` or `halted`, which the next runner resumes.

    `conducted`: the queue has a runner.
    """
    if not entry.trains:
        return entry.outcome or "waiting"
    return "training" if conducted or RunFolder(runs_folder() / entry.run).is_alive() else "halted"
