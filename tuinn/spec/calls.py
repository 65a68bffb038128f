"""Fit settings as calls of Keras: which class, with which arguments. The worker makes them; an exported script writes them."""

import json
from dataclasses import dataclass, replace
from typing import Any

from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.training import losses, metrics, optimizers
from tuinn.spec.training.losses import Loss, resolve_loss


@dataclass(frozen=True)
class KerasCall:
    """A class of Keras and its keyword arguments."""

    name: str
    config: dict[str, Any]

    def code(self, module: str, **more: str) -> str:
        """As Python source: `keras.losses.Huber()`. `more`: arguments that are source already, put first."""
        config = {
            name: json.dumps(value) if isinstance(value, str) else repr(value)
            for name, value in self.config.items()
        }
        arguments = [*more.items(), *config.items()]
        return f"{module}.{self.name}({', '.join(f'{name}={value}' for name, value in arguments)})"


def optimizer_call(fit: FitSpec) -> KerasCall:
    """The optimizer without its learning rate; options that stand at Keras' default are left out."""
    row = optimizers.BY_NAME[fit.optimizer]
    arguments = {option.name: (fit.value(option.name), option.default) for option in row.options}
    config = {name: value for name, (value, default) in arguments.items() if value != default}
    config |= {name: getattr(fit, name) for name in ("clipnorm", "clipvalue") if getattr(fit, name)}
    return KerasCall(row.keras, config)


def training_loss(fit: FitSpec, model: ModelSpec, facts: DataFacts, outputs: int) -> Loss:
    """The loss of the run, such that every metric asked for can be computed from the same targets.

    Errors such as mean_absolute_error need a 0/1 per class, and so does label smoothing. Crossentropy is the same
    number for either form.
    """
    loss = resolve_loss(fit.loss, model, facts, outputs)
    if loss.targets == "label" and (
        set(fit.metrics) - set(metrics.FROM_CLASS_NUMBERS) or fit.label_smoothing
    ):
        return replace(loss, name="categorical_crossentropy", targets="one_hot")
    return loss


def loss_call(fit: FitSpec, loss: Loss) -> KerasCall:
    """The loss, label smoothing included where it takes it."""
    row = losses.BY_NAME[loss.name]
    config: dict[str, object] = {"from_logits": True} if loss.from_logits else {}
    if row.label_smoothing and fit.label_smoothing:
        config["label_smoothing"] = fit.label_smoothing
    return KerasCall(row.keras, config)


def metric_call(name: str, loss: Loss, task: Task) -> KerasCall:
    """A metric that reports under the name in the spec, for targets of the form that the loss wants."""
    row = metrics.BY_NAME[name]
    keras = row.keras
    config: dict[str, object] = {}
    sparse = "Sparse" if loss.targets == "label" else ""
    cut = 0.0 if loss.from_logits else 0.5
    match name:
        case "accuracy" if loss.targets == "number":
            keras, config = "BinaryAccuracy", {"threshold": cut}
        case "accuracy":
            keras = f"{sparse}CategoricalAccuracy"
        case "top_5_accuracy":
            keras, config = f"{sparse}TopKCategoricalAccuracy", {"k": 5}
        case "precision" | "recall" if task is Task.CLASSES:
            # Keras' own are over all classes together; F-beta is precision as beta goes to 0, and recall as it grows.
            keras, config = "FBetaScore", {"average": "macro", "beta": 1e-4 if name == "precision" else 1e4}
        case "precision" | "recall":
            # Two outputs, no and yes: only the second counts.
            second = {"class_id": 1} if task is Task.BINARY and loss.targets == "one_hot" else {}
            config = {"thresholds": cut, **second}
        case "f1_score":
            config = {"average": "macro", "threshold": None if loss.targets == "one_hot" else 0.5}
        case "auc":
            config = {"from_logits": loss.from_logits, "multi_label": task is Task.LABELS}
    return KerasCall(keras, {**config, "name": name})


def callback_calls(fit: FitSpec) -> list[KerasCall]:
    """The callbacks that end the training early or lower its rate, in the order in which Keras is to call them."""
    watch = {"monitor": fit.monitor, "mode": "max" if metrics.higher_is_better(fit.monitor) else "min"}
    found = []
    if fit.schedule == "reduce_on_plateau":
        arguments = {name: fit.value(name) for name in ("factor", "patience", "min_lr")}
        found.append(KerasCall("ReduceLROnPlateau", {**watch, **arguments, "min_delta": 0.0}))
    if fit.early_stopping_patience:
        arguments = {"patience": fit.early_stopping_patience, "restore_best_weights": fit.restore_best}
        found.append(KerasCall("EarlyStopping", {**watch, **arguments}))
    return found
