"""Changes of a draft that answer how its training went."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Literal

import msgspec

from tuinn.spec.advice.fix import Fix, change_fix, insert_fix
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.run import RunSpec

CurveResult = Literal["overfitting", "improving", "flat", "diverged", "unvalidated"]
"""Overfitting; still improving at its end; no progress at all; a loss that grew or was not finite; without validation."""

Result = CurveResult | Literal["dead", "saturated", "too_fast", "too_slow", "unfit", "far_start", "rare"]
"""Also: units that never speak, or only shout; steps that are too large, or too small; a few samples that can't be learned; a
first loss far above that of guessing; a class with hardly a sample."""

PATIENCE = 5
"""Epochs without improvement after which the early stopping that is proposed ends a run."""

USUAL, HIGH = 0.001, 0.01
"""Learning rates above which a lower one is tried before a higher one, and before another activation function."""

NORMALIZING = ("BatchNormalization", "LayerNormalization", "Normalization", "Rescaling")
"""Layer types after which inputs are small."""

MOST_DROPPED = 0.5
"""The highest rate of a Dropout that is proposed."""


def result_fixes(spec: RunSpec, result: Result, at: int | None = None) -> tuple[Fix, ...]:
    """The changes to try, the most promising first; none that the draft has already. `at`: the layer it is about."""
    makers: dict[Result, Callable[[RunSpec], Iterator[Fix]]] = {
        "overfitting": _against_overfitting,
        "improving": _longer,
        "flat": _other_rates,
        "diverged": _lower_rate,
        "unvalidated": _validation,
        "dead": partial(_other_activation, at=at),
        "saturated": partial(_other_activation, at=at),
        "too_fast": _lower_rate,
        "too_slow": _higher_rate,
        "unfit": _more_units,
        "far_start": _calmer_start,
        "rare": _weights,
    }
    return tuple(fix for fix in makers[result](spec) if fix.spec != spec)


def _against_overfitting(spec: RunSpec) -> Iterator[Fix]:
    if not spec.fit.early_stopping_patience and spec.dataset.validation and spec.fit.epochs > PATIENCE:
        stopping = spec.with_fit(early_stopping_patience=PATIENCE, restore_best=True)
        yield Fix(f"stop early, patience {PATIENCE}", stopping)
    layers = spec.model.layers
    dropped = [at for at, layer in enumerate(layers) if layer.type_name == "Dropout" and not layer.disabled]
    for at in dropped[-1:]:
        rate = layers[at].options.get("rate")
        if isinstance(rate, float) and rate < MOST_DROPPED:
            more = round(min(rate + 0.2, MOST_DROPPED), 2)
            yield change_fix(spec, f"Dropout of layer {at + 1} to {more:g}", at, rate=more)
    weighted = [at for at, layer in enumerate(layers) if layer.units and not layer.disabled]
    if not dropped and len(weighted) > 1:
        at = weighted[-1]
        yield insert_fix(
            spec, f"add Dropout 0.3 before layer {at + 1}", at, LayerSpec.of("Dropout", rate=0.3)
        )


def _longer(spec: RunSpec) -> Iterator[Fix]:
    yield Fix(f"train {2 * spec.fit.epochs:,} epochs", spec.with_fit(epochs=2 * spec.fit.epochs))


def _other_rates(spec: RunSpec) -> Iterator[Fix]:
    # A loss that doesn't move has steps that are too small, or so large that every unit is dead.
    yield from (
        _rate(spec, factor) for factor in ((0.1, 10) if spec.fit.learning_rate > USUAL else (10, 0.1))
    )


def _rate(spec: RunSpec, factor: float) -> Fix:
    rate = float(f"{spec.fit.learning_rate * factor:.3g}")
    return Fix(f"learning rate {rate:g}", spec.with_fit(learning_rate=rate))


def _lower_rate(spec: RunSpec) -> Iterator[Fix]:
    yield _rate(spec, 0.1)
    if not spec.fit.clipnorm and not spec.fit.clipvalue:
        yield Fix("clip gradients, clipnorm 1", spec.with_fit(clipnorm=1.0))


def _higher_rate(spec: RunSpec) -> Iterator[Fix]:
    yield _rate(spec, 10)


def _other_activation(spec: RunSpec, at: int | None) -> Iterator[Fix]:
    if fast := spec.fit.learning_rate > HIGH:
        yield _rate(spec, 0.1)
    layer = spec.model.layers[at] if at is not None else None
    if layer is not None and at is not None:
        now = layer.options.get("activation")
        better = {"relu": "leaky_relu", "relu6": "leaky_relu", "sigmoid": "relu", "tanh": "relu"}.get(
            str(now)
        )
        if better is not None:
            yield change_fix(spec, f"{better} in layer {at + 1}", at, activation=better)
    if not fast:
        yield _rate(spec, 0.1)


def _more_units(spec: RunSpec) -> Iterator[Fix]:
    yield from _other_rates(spec)
    inner = [at for at, layer in enumerate(spec.model.layers) if layer.units and not layer.disabled][:-1]
    for at in inner[-1:]:
        units = 2 * (spec.model.layers[at].units or 1)
        yield change_fix(spec, f"{units} units in layer {at + 1}", at, units=units)


def _calmer_start(spec: RunSpec) -> Iterator[Fix]:
    layers = spec.model.layers
    if layers and not any(layer.type_name in NORMALIZING for layer in layers):
        yield insert_fix(spec, "BatchNormalization first", 0, LayerSpec.of("BatchNormalization"))
    yield _rate(spec, 0.1)


def _weights(spec: RunSpec) -> Iterator[Fix]:
    yield Fix("weigh the classes alike", spec.with_fit(class_weights="balanced"))


def _validation(spec: RunSpec) -> Iterator[Fix]:
    if not spec.dataset.validation:
        dataset = msgspec.structs.replace(spec.dataset, validation=0.1)
        yield Fix("keep 10 % to validate on", spec.with_dataset(dataset))
