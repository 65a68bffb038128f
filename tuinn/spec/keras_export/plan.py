"""What an exported script is written from: the run, its data, the walk through its layers and its loss."""

from dataclasses import dataclass

from tuinn.spec.calls import KerasCall, metric_call, optimizer_call
from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.layers.shapes import Summary
from tuinn.spec.learning_rate import schedule_call
from tuinn.spec.run import RunSpec
from tuinn.spec.training.losses import Loss
from tuinn.spec.training.target_scaling import Scaling, target_scaling

EVALUATION_BATCH_SIZE = 512
"""Samples that go through the network at once when nothing is learned from them."""


@dataclass(frozen=True)
class Plan:
    """What a script is written from."""

    spec: RunSpec
    facts: DataFacts
    data: str
    """Where the samples are: the absolute path of a .npz file, or of a folder of prepared arrays."""
    summary: Summary
    loss: Loss

    @property
    def stratified(self) -> bool:
        """True where each class gives its share of the validation samples."""
        return self.facts.task in (Task.BINARY, Task.CLASSES)

    @property
    def validation_samples(self) -> int:
        """How many training samples are kept to validate on."""
        return max(0, min(round(self.spec.dataset.validation * self.facts.train), self.facts.train - 1))

    @property
    def training_samples(self) -> int:
        """How many samples are trained on."""
        kept = self.validation_samples
        return max(1, self.facts.train - kept - (self.facts.gap if kept else 0))

    @property
    def outputs(self) -> int:
        """Width of the last layer."""
        return (self.summary.output or (1,))[-1]

    @property
    def target_scaling(self) -> Scaling:
        """How the target of a regression is scaled for the training."""
        return target_scaling(self.spec.model, self.loss, self.facts.task)

    @property
    def scales_logs(self) -> bool:
        """Losses and metrics are told in the target's own unit, which several targets don't have."""
        return self.target_scaling != "none" and not self.facts.target_names

    @property
    def draws_always(self) -> bool:
        """True where layers draw masks of dropout whenever they are called: Keras' recurrent layers do."""
        return any(
            layer.options.get(name)
            for layer in self.spec.model.layers
            for name in ("dropout", "recurrent_dropout")
            if not layer.disabled and layer.type_name != "MultiHeadAttention"
        )

    @property
    def optimizer(self) -> str:
        """The optimizer as Python source, its learning rate or schedule included."""
        fit = self.spec.fit
        steps = -(-self.training_samples // fit.batch_size)
        decay = schedule_call(fit, steps)
        rate = decay.code("keras.optimizers.schedules") if decay else repr(float(fit.learning_rate))
        return optimizer_call(fit).code("keras.optimizers", learning_rate=rate)

    @property
    def metrics(self) -> list[KerasCall]:
        """The metrics as calls of `keras.metrics`."""
        return [metric_call(name, self.loss, self.facts.task) for name in self.spec.fit.metrics]


def starting_places(spec: RunSpec) -> list[int]:
    """The places of the layers that start with weights of a saved network."""
    layers = spec.model.layers if spec.weights.path else ()
    return [at for at, layer in enumerate(layers) if layer.weights and not layer.disabled]
