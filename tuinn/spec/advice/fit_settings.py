"""What is wrong with the fit settings of a draft, each alone and with its data and network."""

from collections.abc import Iterator
from typing import Any, Literal

from tuinn.errors import SpecError
from tuinn.spec.advice.fix import Fix, Problem
from tuinn.spec.advice.several_devices import several_device_problems
from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.device import listed
from tuinn.spec.fit import CONDITIONAL_OPTIONS, fit_options
from tuinn.spec.run import RunSpec
from tuinn.spec.training import losses, metrics, optimizers

MOST_ONE_HOT = 64_000_000
"""Bytes of one-hot labels above which a warning suggests class numbers instead."""


def fit_problems(spec: RunSpec, facts: DataFacts) -> Iterator[Problem]:
    """What keeps these settings from training this network on this data, or from doing what they say."""
    training = spec.training_samples(facts)
    if not training:
        yield Problem("There is no sample to train on.", about_data=True)
    elif training < spec.fit.batch_size:
        yield _problem(spec, whole_batch(spec.fit.batch_size, training), "warning", batch_size=training)
    yield from _loss(spec, facts)
    yield from _metrics(spec, facts)
    yield from _weights(spec, facts)
    yield from _own(spec)
    yield from _optimizer(spec)
    yield from _train_step(spec)
    yield from several_device_problems(spec, len(listed(spec.fit.device)[1]))
    yield from _schedule(spec)
    if spec.fit.early_stopping_patience or spec.fit.schedule == "reduce_on_plateau":
        yield from _monitor(spec)
        yield from _patience(spec)


def whole_batch(size: int, training: int) -> str:
    """What a batch larger than the data comes to, as in Keras."""
    return (
        f"batch_size {size:,} is larger than the {training:,} training samples: "
        "each epoch is one update, by all of them."
    )


def _problem(
    spec: RunSpec,
    message: str,
    severity: Literal["error", "warning"] = "error",
    label: str = "",
    **changes: object,
) -> Problem:
    """A problem whose fix is these changes."""
    label_text = label or " and ".join(f"set {name} to {_shown(value)}" for name, value in changes.items())
    return Problem(message, severity=severity, fixes=(Fix(label_text, spec.with_fit(**changes)),))


def _shown(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _outputs(spec: RunSpec) -> int:
    """Width of the network, by its last layer that has one."""
    return next((layer.units for layer in reversed(spec.model.layers) if layer.units), 1)


def _loss(spec: RunSpec, facts: DataFacts) -> Iterator[Problem]:
    wanted, outputs = spec.fit.loss, _outputs(spec)
    if wanted != "auto" and wanted not in losses.allowed_losses(facts, outputs):
        yield _problem(spec, losses.why_not_allowed(wanted, facts, outputs), loss="auto")
        return
    yield from _label_form(spec, facts)
    last = losses.last_activation(spec.model)
    if wanted == "kl_divergence" and last not in ("softmax", "sigmoid"):
        yield _problem(
            spec, f"kl_divergence compares probabilities, but the network ends in {last}.", loss="auto"
        )
    if wanted == "poisson" and last not in ("softplus", "exponential", "relu", "relu6", "sigmoid"):
        yield _problem(
            spec,
            f"poisson takes a logarithm of the output, and after {last} it may be negative.",
            loss="auto",
        )
    if spec.fit.label_smoothing:
        found = losses.resolve_loss(wanted, spec.model, facts, outputs)
        smooths = losses.BY_NAME[found.name].label_smoothing or found.targets == "label"
        if not smooths:
            yield _problem(
                spec, f"label_smoothing does nothing with {found.name}.", "warning", label_smoothing=0.0
            )


def _label_form(spec: RunSpec, facts: DataFacts) -> Iterator[Problem]:
    """Class numbers (sparse) or a 0/1 per class (categorical): the targets are made as the loss takes them, at a price."""
    fit = spec.fit
    more = sorted(set(fit.metrics) - set(metrics.FROM_CLASS_NUMBERS)) + ["label_smoothing"] * (
        fit.label_smoothing > 0
    )
    if fit.loss == "sparse_categorical_crossentropy" and more and _outputs(spec) > 1:
        why = (
            f"sparse_categorical_crossentropy takes class numbers, but {more[0]} needs a 0/1 for each class."
        )
        yield _problem(spec, why, "warning", loss="categorical_crossentropy")
    one_hot = facts.train * len(facts.classes) * 4
    if fit.loss == "categorical_crossentropy" and not more and one_hot > MOST_ONE_HOT:
        why = (
            f"categorical_crossentropy turns the labels into {facts.train:,} × {len(facts.classes):,} numbers, "
            f"{one_hot / 1e6:,.0f} MB; the sparse one takes them as they are."
        )
        yield _problem(spec, why, "warning", loss="sparse_categorical_crossentropy")


def _metrics(spec: RunSpec, facts: DataFacts) -> Iterator[Problem]:
    wrong = [name for name in spec.fit.metrics if name not in metrics.allowed_metrics(facts)]
    if wrong:
        why = (
            "accuracy counts right answers, and a regression has none."
            if wrong == ["accuracy"] and facts.task is Task.REGRESSION
            else f"{', '.join(wrong)} cannot be computed for {facts.task}."
        )
        stand_in = "mean_absolute_error" if facts.task is Task.REGRESSION else "accuracy"
        better = tuple(dict.fromkeys(stand_in if name in wrong else name for name in spec.fit.metrics))
        yield _problem(spec, why, label=f"report {', '.join(better)} instead", metrics=better)
    elif "f1_score" in spec.fit.metrics and not _has_f1(spec, facts):
        fewer = tuple(name for name in spec.fit.metrics if name != "f1_score")
        yield _problem(
            spec,
            "f1_score needs probabilities, and of two classes a single one: end in Dense 1 sigmoid, or leave it out.",
            label="leave f1_score out",
            metrics=fewer,
        )
    elif "top_5_accuracy" in spec.fit.metrics and len(facts.classes) <= 5:
        fewer = tuple(name for name in spec.fit.metrics if name != "top_5_accuracy")
        yield _problem(
            spec,
            f"top_5_accuracy is always 1 where there are only {len(facts.classes)} classes.",
            "warning",
            "leave top_5_accuracy out",
            metrics=fewer,
        )


def _has_f1(spec: RunSpec, facts: DataFacts) -> bool:
    """Whether Keras' F1Score means what people expect: it knows no class of its own, and no threshold of 0."""
    outputs = _outputs(spec)
    loss = losses.resolve_loss(spec.fit.loss, spec.model, facts, outputs)
    return facts.task is Task.CLASSES or not (loss.from_logits or (facts.task is Task.BINARY and outputs > 1))


def _weights(spec: RunSpec, facts: DataFacts) -> Iterator[Problem]:
    if spec.fit.class_weights != "none" and facts.task not in (Task.BINARY, Task.CLASSES):
        yield _problem(
            spec,
            f"class_weights need one class per sample, and this is {facts.task}.",
            class_weights="none",
        )


def _own(spec: RunSpec) -> Iterator[Problem]:
    """Options of one optimizer or schedule only: those that the chosen ones don't have, or have with other bounds."""
    applying = {option.name: option for option in fit_options(spec.fit)}
    for name in (option.name for option in CONDITIONAL_OPTIONS):
        value = getattr(spec.fit, name)
        if value is None:
            continue
        cleared: dict[str, Any] = {name: None}
        if name not in applying:
            yield _problem(
                spec,
                f"{name} is no setting of {spec.fit.optimizer} or of the {spec.fit.schedule} schedule, so it does nothing.",
                "warning",
                f"leave {name} out",
                **cleared,
            )
            continue
        try:
            applying[name].check(value)
        except SpecError as problem:
            yield _problem(
                spec,
                f"{name} of {spec.fit.optimizer} {problem.message}",
                label=f"set {name} to its default",
                **cleared,
            )


def _optimizer(spec: RunSpec) -> Iterator[Problem]:
    fit = spec.fit
    if fit.clipnorm and fit.clipvalue:
        yield _problem(spec, "Keras clips by clipnorm or by clipvalue, not by both.", clipvalue=0.0)
    applying = {option.name for option in optimizers.BY_NAME[fit.optimizer].options}
    if "nesterov" in applying and fit.value("nesterov") and not fit.value("momentum"):
        yield _problem(spec, "nesterov looks ahead along the momentum, which is 0.", "warning", momentum=0.9)
    if fit.precision == "mixed_float16" and fit.device.startswith("cpu"):
        yield _problem(spec, "mixed_float16 is slower than float32 on a CPU.", "warning", precision="float32")


def _train_step(spec: RunSpec) -> Iterator[Problem]:
    """Of a step that is written out: settings that it doesn't have."""
    fit, lacks = spec.fit, spec.fit.not_written_out
    if fit.train_step != "written_out" or not lacks:
        return
    name = next(iter(lacks))
    what = fit.optimizer if name == "optimizer" else name
    label = " and ".join(f"set {name} to {_shown(value)}" for name, value in lacks.items())
    has = ", ".join(optimizers.WRITTEN_OUT)
    yield Problem(
        f"train_step written_out has no {what}: it is {has} in float32, without clipping, weight_decay, amsgrad and "
        f"centered. S{label[1:]}, or train_step to keras.",
        fixes=(
            Fix(label, spec.replace_fit(fit.with_values(lacks))),
            Fix("set train_step to keras", spec.with_fit(train_step="keras")),
        ),
    )


def _schedule(spec: RunSpec) -> Iterator[Problem]:
    fit = spec.fit
    if fit.schedule == "cosine_warmup" and fit.value("warmup_epochs") >= fit.epochs:
        yield _problem(
            spec,
            f"The warm-up takes {fit.value('warmup_epochs'):,} of {fit.epochs:,} epochs, so the rate never falls.",
            "warning",
            **({"warmup_epochs": max(1, fit.epochs // 10)} if fit.epochs > 1 else {"schedule": "cosine"}),
        )
    if fit.schedule == "step" and fit.value("step_epochs") >= fit.epochs:
        yield _problem(
            spec,
            f"The rate falls after {fit.value('step_epochs'):,} epochs, and the run has {fit.epochs:,}.",
            "warning",
            **({"step_epochs": fit.epochs // 2} if fit.epochs > 1 else {"schedule": "constant"}),
        )
    if fit.schedule == "reduce_on_plateau" and fit.value("min_lr") >= fit.learning_rate:
        yield _problem(
            spec,
            "min_lr is not below learning_rate, so the rate never falls.",
            "warning",
            min_lr=None,
            label="set min_lr to 0",
        )


def _monitor(spec: RunSpec) -> Iterator[Problem]:
    fit = spec.fit
    name = fit.monitor.removeprefix("val_")
    part = "val_" if spec.dataset.validation else ""
    if name != "loss" and name not in fit.metrics:
        yield _problem(
            spec, f"monitor is {fit.monitor}, but {name} is not among the metrics.", monitor=f"{part}loss"
        )
    elif fit.monitor.startswith("val_") and not part:
        yield _problem(
            spec, f"monitor is {fit.monitor}, but no samples are kept to validate on.", monitor=name
        )


def _patience(spec: RunSpec) -> Iterator[Problem]:
    fit = spec.fit
    stop, fall = fit.early_stopping_patience, fit.value("patience")
    if fit.schedule == "reduce_on_plateau" and fall >= fit.epochs:
        yield _problem(
            spec,
            f"The rate falls after {fall:,} epochs without improvement, and the run has {fit.epochs:,}.",
            "warning",
            **({"patience": max(1, fit.epochs // 4)} if fit.epochs > 1 else {"schedule": "constant"}),
        )
    elif stop >= fit.epochs:
        yield _problem(
            spec,
            f"early_stopping_patience is {stop:,}, and the run has {fit.epochs:,} epochs, so it never stops early.",
            "warning",
            early_stopping_patience=0,
        )
    elif fit.schedule == "reduce_on_plateau" and 0 < stop <= fall:
        yield _problem(
            spec,
            f"Early stopping waits {stop:,} epochs and the falling rate {fall:,}, so the run stops before the rate falls.",
            "warning",
            early_stopping_patience=min(2 * fall + 1, max(0, fit.epochs - 1)) if fit.epochs - 1 > fall else 0,
        )
