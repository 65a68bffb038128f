"""What one update is, how many there are in an epoch and in a run, and how far a run is with them."""

from dataclasses import dataclass

from tuinn.text import format_count, plural
from tuinn.view.run_view import RunView


@dataclass(frozen=True)
class Updates:
    """Counts of a run: an update is one change of all weights, after one batch."""

    batch: int
    """Samples of a batch that is full."""
    samples: int
    """Training samples of an epoch."""
    each: int
    """Updates of an epoch."""
    epochs: int
    epoch: int
    """The current one, counted from 1; 0 before the first."""
    step: int
    """Updates done in it."""
    seen: int
    """Samples seen in it."""
    validated: int
    """Samples that are judged after each epoch."""
    weights: int

    @classmethod
    def of(cls, view: RunView, batch_size: int) -> "Updates | None":
        """Read them off a run; None while it has not read its data."""
        if view.data is None:
            return None
        samples = view.data.train
        batch = min(batch_size, samples) or 1
        each = view.steps or -(-samples // batch)
        weights = view.built.trainable if view.built else 0
        seen = min(view.step * batch, samples)
        return cls(
            batch, samples, each, view.epochs, view.epoch, view.step, seen, view.data.validation, weights
        )

    @property
    def done(self) -> int:
        """Updates of the run so far."""
        return max(self.epoch - 1, 0) * self.each + self.step

    @property
    def last_batch(self) -> int:
        """Samples of the last batch of an epoch."""
        return self.samples - (self.each - 1) * self.batch

    def explanations(self) -> list[tuple[str, str]]:
        """A word and what it is here, in sentences."""
        batch = plural(self.batch, "sample")
        weights = f" of the {format_count(self.weights)} weights" if self.weights else " weight"
        last = "" if self.last_batch == self.batch else f", the last batch of {format_count(self.last_batch)}"
        return [
            (
                "one update",
                f"The network predicts a batch of {batch}, the loss says how wrong that is, its gradient says which "
                f"way each{weights} makes it smaller, and all are moved a little that way, once.",
            ),
            (
                "an epoch",
                f"Every training sample is looked at once: {format_count(self.samples)} / {format_count(self.batch)} "
                f"→ {plural(self.each, 'update')}{last}.",
            ),
            (
                "validation",
                f"After it {plural(self.validated, 'sample')} are predicted, and no weight is changed."
                if self.validated
                else "Nothing is kept for it.",
            ),
            (
                "the run",
                f"{plural(self.epochs, 'epoch')} × {format_count(self.each)} = {plural(self.epochs * self.each, 'update')}.",
            ),
        ]

    def now(self) -> str:
        """How far the run is."""
        if not self.epoch:
            return "The first update is still to come."
        return (
            f"epoch {self.epoch} of {self.epochs} · update {format_count(self.step)} of {format_count(self.each)} · "
            f"{format_count(self.done)} in all · {format_count(self.seen)} of {format_count(self.samples)} samples"
        )
