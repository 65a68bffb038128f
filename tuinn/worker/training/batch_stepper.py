"""What one update made of one weight, for a person who takes the batches of a written out training one by one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tuinn.runs.commands import StepBatch
from tuinn.runs.events import BatchStepped
from tuinn.spec.dataset import Task
from tuinn.text import format_metric
from tuinn.worker.inference.evaluator import Evaluator
from tuinn.worker.keras_types import Array, Variable
from tuinn.worker.model.compilation import rate_in_use
from tuinn.worker.model.seeds import values_of
from tuinn.worker.model.written_step import WrittenStep
from tuinn.worker.training.progress import TrainingProgress

LABELS = 8
"""Samples of a batch whose targets are told."""


class BatchStepper:
    """Copies the weights before an update, and tells afterwards what became of one of them."""

    def __init__(self, evaluator: Evaluator, step: WrittenStep, progress: TrainingProgress) -> None:
        self.evaluator, self.step, self.progress = evaluator, step, progress
        self.before: list[Array] = []
        self.told_at = (0, 0)
        """Epoch and step of the update that can be told."""

    @property
    def weights(self) -> Sequence[Variable]:
        return self.evaluator.model.trainable_variables

    def begin(self) -> None:
        """The next batch is the one that will be told."""
        self.before = values_of(self.weights)

    def end(self) -> None:
        """That batch is trained on."""
        self.told_at = (self.progress.epoch, self.progress.step)

    @property
    def can_tell(self) -> bool:
        """False before the first update, and once the training has gone on since."""
        return bool(self.before) and self.told_at == (self.progress.epoch, self.progress.step)

    def event(self, command: StepBatch) -> BatchStepped:
        """What became of the number that the command names; where it names none, of the one with the largest gradient."""
        names = [weight.path for weight in self.weights]
        at, index = self._place(command, names)
        weight = self.weights[at]
        number = {
            name: float(np.asarray(values)[index]) for name, values in self._numbers(at, weight).items()
        }
        progress, told = self.progress, {name: _finite(value) for name, value in number.items()}
        start = (progress.step - 1) * progress.batch_size
        return BatchStepped(
            epoch=progress.epoch,
            step=progress.step,
            samples=progress.samples_done - start,
            labels=self._labels(start),
            loss=_finite(float(self.step.loss.numpy())),
            learning_rate=rate_in_use(self.evaluator.model.optimizer),
            updates=int(self.evaluator.model.optimizer.iterations),
            weight=names[at],
            index=index,
            before=told.pop("before"),
            gradient=told.pop("gradient"),
            after=told.pop("after"),
            kept=told,
            weights={name: tuple(one.shape) for name, one in zip(names, self.weights, strict=True)},
        )

    def _numbers(self, at: int, weight: Variable) -> dict[str, Array]:
        kept = {word: slot.numpy() for word, slot in self.step.slots(weight).items()}
        after = np.asarray(weight.value.numpy())
        return {"before": self.before[at], "gradient": self._gradient(at), "after": after, **kept}

    def _gradient(self, at: int) -> NDArray[np.float32]:
        """Zeros where the loss doesn't depend on the weight."""
        found = self.step.gradients.get(at)
        return np.zeros(self.before[at].shape, np.float32) if found is None else np.asarray(found.numpy())

    def _place(self, command: StepBatch, names: list[str]) -> tuple[int, tuple[int, ...]]:
        if command.weight in names:
            at = names.index(command.weight)
        else:
            # Biases begin at 0, which shows less: they are told by their names alone.
            peaks = [
                np.max(np.abs(self._gradient(at)), initial=0.0) * (len(weight.shape) > 1)
                for at, weight in enumerate(self.weights)
            ]
            at = int(np.argmax(peaks))
        shape = tuple(self.weights[at].shape)
        inside = len(command.index) == len(shape) and all(
            0 <= place < size for place, size in zip(command.index, shape, strict=True)
        )
        if inside and command.weight:
            return at, command.index
        largest = np.unravel_index(int(np.argmax(np.abs(self._gradient(at)))), shape)
        return at, tuple(int(place) for place in largest)

    def _labels(self, start: int) -> tuple[str, ...]:
        """The targets of the first samples of the batch: names of classes, or numbers in their own unit."""
        progress, facts = self.progress, self.evaluator.info.facts
        stop = min(start + LABELS, progress.samples_done)
        targets = np.asarray(self.evaluator.pipeline.targets_of(start, stop), np.float32)
        if facts.task is Task.REGRESSION:
            own = self.evaluator.network.scaler.unscaled(targets)
            return tuple(" ".join(format_metric(float(value)) for value in row) for row in own)
        if facts.task is Task.LABELS:
            return tuple(
                " ".join(name for name, yes in zip(facts.classes, row, strict=True) if yes > 0.5) or "none"
                for row in targets
            )
        if targets.ndim == 2:
            alone = targets.shape[1] == 1
            targets = targets[:, 0] if alone else np.argmax(targets, axis=1).astype(np.float32)
        return tuple(facts.classes[int(label)] for label in targets)


def _finite(value: float) -> float | None:
    """With the nine digits that tell any two float32 apart."""
    return float(f"{value:.9g}") if np.isfinite(value) else None
