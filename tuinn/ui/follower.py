"""Follow a run by its journal. A fresh run is only a run one attached to early."""

import subprocess

from tuinn.runs.commands import AnyCommand
from tuinn.runs.folder import RunFolder
from tuinn.runs.state import RunState, state_of
from tuinn.spec.run import RunSpec
from tuinn.view.run_view import RunView


class Follower:
    """One run, its view, and the reader between them."""

    def __init__(self, folder: RunFolder, worker: subprocess.Popen[bytes] | None = None) -> None:
        self.folder = folder
        self.spec: RunSpec = folder.spec()
        self.view = RunView(run=folder.name, epochs=self.spec.fit.epochs)
        self.reader = folder.events()
        self.worker = worker
        """The process, when it is a child of ours; else None."""
        self.state = self._state()

    def poll(self) -> bool:
        """Fold in what is new, a bounded amount. True when there is something to draw."""
        events = self.reader.read_bulk()
        for event in events:
            self.view.apply(event)
        before, self.state = self.state, self._state()
        return bool(events) or self.state is not before

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
        """Raises FolderProblem where the folder is not writable."""
        self.folder.ask(*commands)

    @property
    def is_on(self) -> bool:
        """Training, or about to."""
        return self.state in (RunState.STARTING, RunState.RUNNING, RunState.STALLED)

    def _state(self) -> RunState:
        alive = self.folder.is_alive()
        died = self.worker is not None and self.worker.poll() is not None
        age = float("inf") if died else self.folder.age()
        started = bool(self.view.data or self.view.epoch)
        return state_of(self.view.ended, started, alive, age, self.folder.is_overdue())
