"""One run that the runner trains: its worker, and what its journal says of the metric."""

from contextlib import suppress

from tuinn.errors import FolderError
from tuinn.runner.place import HERE, Place, Process, close_slot
from tuinn.runs.commands import Quit, Stop
from tuinn.runs.events import AnyEvent, EpochEnded, RunEnded, RunResumed, RunStarted, WentBack
from tuinn.runs.folder import RunFolder

MOST_LAUNCHES = 2
"""Workers for one run: one that died without an error message gets one successor."""


class RunProcess:
    """Launches, follows and stops a run. `poll` brings in what is new."""

    def __init__(self, run: RunFolder, metric: str = "loss", place: Place = HERE) -> None:
        self.run = run
        self.metric = metric
        self.place = place
        self.reader = run.events()
        self.worker: Process | None = None
        """What trains it, when we have started it; a run that was attached to has another parent."""
        self.launches = 0
        self.begun = False
        """The journal has a first event."""
        self.reports: dict[int, float | None] = {}
        """The metric by epoch; None: not finite."""
        self.ended: RunEnded | None = None
        self.seconds = 0.0
        """That workers had it, up to the last ending."""
        self._worker_since: float | None = None
        self._last = 0.0

    def launch(self, slot: int) -> None:
        """A worker for it: the first, or one that goes on from the last checkpoint. It holds the slot's lock.

        Raises FolderError.
        """
        self.launches += 1
        ended, self.ended = self.ended is not None, None
        try:
            self.worker = self.place.start(self.run, slot, begun=self.begun, ended=ended)
        finally:
            close_slot(slot)

    def poll(self) -> bool:
        """Take in what is new. True when nobody writes this journal any more, and it has no end. Raises FolderError."""
        # Asked before reading, so that the last events of a worker that dies are read.
        gone = self._is_gone()
        try:
            while events := self.reader.read_without_reports():
                for event in events:
                    self._take(event)
        except OSError as error:
            raise FolderError(f"{self.reader.path} cannot be read ({error.strerror}).") from None
        return gone and self.ended is None

    def is_attended(self) -> bool:
        """True where a worker has begun, or even ended, since the last look: an earlier runner's that was slow to begin.

        Raises FolderError.
        """
        before = self.ended
        return not self.poll() and (self.ended is None or self.ended is not before)

    def _is_gone(self) -> bool:
        ours = self.worker is not None and self.worker.poll() is None
        return not ours and not self.run.is_alive()

    def _take(self, event: AnyEvent) -> None:
        match event:
            case EpochEnded(epoch=epoch, metrics=metrics) if self.metric in metrics:
                self.reports[epoch] = metrics[self.metric]
            case RunStarted():
                self.begun, self._worker_since = True, event.at
            case RunResumed(epoch=epoch):
                self._forget(epoch)
                self._add_worker_seconds(self._last if self.ended is None else None)
                self.begun, self.ended, self._worker_since = True, None, event.at
            case WentBack(epoch=epoch):
                self._forget(epoch)
            case RunEnded():
                self.ended = event
                self._add_worker_seconds(event.at)
            case _:
                pass
        self._last = max(self._last, event.at)

    def _forget(self, epoch: int) -> None:
        """What was told of this epoch and later ones is void."""
        self.reports = {at: value for at, value in self.reports.items() if at < epoch}

    def _add_worker_seconds(self, at: float | None) -> None:
        if self._worker_since is not None and at is not None:
            self.seconds += max(at - self._worker_since, 0.0)
        self._worker_since = None

    def why_dead(self) -> str:
        """Why its worker died without an ending, in a sentence, and where its log is."""
        return self.place.why_dead(self.run, self.worker)

    def stop(self, signal: str = "") -> None:
        """The training is to end; what there is is kept. One whose folder can't be written to trains to its end.

        `signal`: the one that the runner got, where that is the reason.
        """
        with suppress(FolderError):
            self.run.ask(Stop(signal=signal))

    def dismiss(self) -> None:
        """The run has ended: its worker may leave, and its slot is free."""
        with suppress(FolderError):  # then it leaves by itself when idle
            if self.run.is_alive():
                self.run.ask(Quit())

    @property
    def may_relaunch(self) -> bool:
        """False once it has died too often."""
        return self.launches < MOST_LAUNCHES
