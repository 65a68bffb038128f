"""Follow a run by its journal: a new run and one from last week are followed the same way."""

import subprocess

from tuinn.runs.commands import AnyCommand
from tuinn.runs.folder import RunFolder
from tuinn.runs.journal import BULK
from tuinn.runs.machine import batch_job
from tuinn.runs.state import RunState, state_of
from tuinn.spec.run import RunSpec
from tuinn.view.run_view import RunView

SLICE = 128 * 1024
"""Bytes of a journal that are folded in between two looks at the keys: about 1 ms."""

GONE = "The run's folder is gone: deleted, renamed or in the trash. What was read of it stays here until you leave."


class RunFollower:
    """One run, its view, and the reader between them."""

    def __init__(self, folder: RunFolder, worker: subprocess.Popen[bytes] | None = None) -> None:
        self.folder = folder
        self.spec: RunSpec = folder.spec()
        self.view = RunView(run=folder.name, epochs=self.spec.fit.epochs)
        self.reader = folder.events()
        line = folder.line()
        self.host = line.host if line else ""
        """The other machine that the run is on; empty for this one."""
        self.worker = worker
        """The process, when it is a child of ours; else None."""
        self.trouble = ""
        """Why nothing more is heard of the run, in a sentence; empty while all is well."""
        self.cause = ""
        """Why the run is lost or stalled, in a sentence; empty where it is neither."""
        self.state = self._state()
        self.cause = self._cause()

    def poll(self) -> bool:
        """Fold in what is new, a bounded amount. True when there is something to draw."""
        events, trouble = self._read(BULK)
        before, self.state = (self.state, self.trouble, self.cause), self._state()
        self.trouble = trouble
        if self.state is not before[0] or self.state is RunState.STALLED:
            self.cause = self._cause()
        return events > 0 or (self.state, self.trouble, self.cause) != before

    def poll_slice(self) -> bool:
        """Fold in so little that a key is not kept waiting. True while there is more."""
        events, self.trouble = self._read(SLICE)
        return events > 0

    def _read(self, limit: int) -> tuple[int, str]:
        """How many events were folded in, and what is wrong with the folder."""
        try:
            events = self.reader.read_bulk(limit)
        except OSError as error:
            return 0, f"{self.reader.path.name} cannot be read ({error.strerror})."
        for event in events:
            self.view.apply(event)
        gone = not events and not self.folder.path.is_dir()
        if gone:
            return len(events), GONE
        line = self.folder.line() if self.host else None
        return len(events), line.trouble if line else ""

    def catch_up(self) -> None:
        """Fold in the whole journal as it stands."""
        while self.poll():
            pass

    def unread(self) -> int:
        """Bytes of the journal that are still to be folded in."""
        try:
            return max(self.folder.events_file.stat().st_size - self.reader.offset, 0)
        except OSError:
            return 0

    def ask(self, *commands: AnyCommand) -> None:
        """Raises FolderError where the folder is not writable."""
        self.folder.ask(*commands)

    @property
    def is_active(self) -> bool:
        """Training, or about to."""
        return self.state.is_active

    @property
    def waits_for_job(self) -> bool:
        """A batch job is to train it that has not begun, so that nobody hears commands."""
        return (
            self.state is RunState.STARTING
            and batch_job.is_waiting(self.folder.path)
            and not self.folder.is_alive()
        )

    def _cause(self) -> str:
        if self.state is RunState.LOST:
            return self.folder.examine_death(self.worker.poll() if self.worker else None).message
        return self.folder.silence() if self.state is RunState.STALLED else ""

    def _state(self) -> RunState:
        alive = self.folder.is_alive()
        died = self.worker is not None and self.worker.poll() is not None
        age = float("inf") if died else self.folder.age()
        started = bool(self.view.data or self.view.epoch)
        return state_of(self.view.ended, started, alive, age, self.folder.is_overdue())
