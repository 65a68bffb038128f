"""What the user asked of a run after its last checkpoint: a worker that takes the run up does it again.

Orders are counted as the journal tells them: every RateChanged that was asked for, and every PatienceChanged.
A checkpoint knows how many were told by then.
"""

from dataclasses import dataclass, field

from tuinn.runs.commands import SetPatience, SetRate
from tuinn.runs.events import EpochsChanged, PatienceChanged, RateChanged, RunEnded, RunResumed, RunStarted
from tuinn.runs.folder import RunFolder

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


def recall(folder: RunFolder) -> Asked:
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
