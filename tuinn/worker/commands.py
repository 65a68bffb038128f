"""What the user wants of this worker, gathered from the command file and from signals. Wishes are only ever added."""

import signal
from collections import deque
from dataclasses import dataclass, field
from types import FrameType

from tuinn.runs.commands import (
    AnyCommand,
    Evaluate,
    Predict,
    PredictSamples,
    Question,
    Quit,
    SetPatience,
    SetRate,
    Steering,
    Stop,
)
from tuinn.runs.events import EpochsChanged, PatienceChanged, RateChanged, RunEnded, RunResumed, RunStarted
from tuinn.runs.folder import RunFolder

ABOUT_SAMPLES = Predict | PredictSamples
"""Questions that are answered between two batches, too."""


class CommandQueue:
    """The commands that came so far. `poll` brings in the new ones."""

    def __init__(self, folder: RunFolder, offset: int = 0) -> None:
        """`offset`: bytes of the command file that are none of this worker's business."""
        self.file = folder.commands_file
        self.commands = folder.commands(offset)
        self.stop = False
        """The training is to end."""
        self.best = False
        """It is to end with the weights of its best epoch."""
        self.leave = False
        """Nobody has a question any more."""
        self.questions: deque[Question] = deque()
        """Not yet answered, oldest first."""
        self.orders: deque[Steering] = deque()
        """Not yet obeyed, oldest first."""
        self.heeded = 0
        """Orders of earlier workers that the journal tells."""

    def poll(self) -> None:
        """Take in what was appended since. Costs one `stat` when there is nothing new."""
        try:
            if self.file.stat().st_size <= self.commands.offset:
                return
            commands = self.commands.read_all()
        except OSError:
            # No command file yet, or one that can't be read: then there are no wishes in it.
            return
        for command in commands:
            self._take(command)

    def _take(self, command: AnyCommand) -> None:
        match command:
            case Stop(best=best):
                self.stop, self.best = True, best
            case Quit():
                self.leave = True
            case Predict() | PredictSamples() | Evaluate():
                self.questions.append(command)
            case _:
                self.orders.append(command)

    def heed_signals(self) -> None:
        """SIGTERM and SIGINT: stop, save, leave. SIGHUP, a terminal that goes away, is nothing to a worker."""
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._told_to_go)
        signal.signal(signal.SIGINT, self._told_to_go)

    def _told_to_go(self, _number: int, _frame: FrameType | None) -> None:
        self.stop = self.leave = True


Order = RateChanged | PatienceChanged


@dataclass
class Asked:
    """The wishes that a journal tells of."""

    epochs: int | None = None
    """How long the run shall be, by the last word on it; None where nothing is said of it."""
    finished: bool = False
    """It has come to its end, and nobody has taken it up since."""
    orders: list[Order] = field(default_factory=list)
    """Oldest first."""

    def after(self, heeded: int | None) -> list[SetRate | SetPatience]:
        """What is to be asked again of a training that knows of only so many orders: the last word on each thing."""
        last: dict[str, SetRate | SetPatience] = {}
        for order in [] if heeded is None else self.orders[heeded:]:
            if isinstance(order, RateChanged):
                last["learning_rate"] = SetRate(learning_rate=order.learning_rate)
            else:
                last[order.setting] = SetPatience(patience=order.patience, setting=order.setting)
        return list(last.values())


def commands_to_replay(folder: RunFolder) -> Asked:
    """Read the run's journal once. Empty where there is none."""
    asked, reader, before = Asked(), folder.events(), -1
    while before != reader.offset:
        before = reader.offset
        for event in reader.read_bulk():
            match event:
                case RunStarted(epochs=epochs) | RunResumed(epochs=epochs) | EpochsChanged(epochs=epochs):
                    asked.epochs = epochs
                    asked.finished &= isinstance(event, EpochsChanged)
                case RunEnded(outcome=outcome):
                    asked.finished = outcome == "finished"
                case RateChanged(asked=True) | PatienceChanged():
                    asked.orders.append(event)
                case _:
                    pass
    return asked
