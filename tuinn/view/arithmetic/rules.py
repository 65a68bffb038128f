"""Which rule writes out the arithmetic of which layer type."""

from collections.abc import Callable

from tuinn.data.inspection import Step
from tuinn.spec.layers.numpy_formulas import UNCHANGED
from tuinn.view.arithmetic import moved, pointwise, sums
from tuinn.view.arithmetic.unit import Arithmetic, Unit


def arithmetic_of(unit: Unit) -> Arithmetic | None:
    """None for a layer whose values aren't a short sum, or whose weights aren't kept."""
    if unit.step.kind == "TimeDistributed":
        return _of_one_step(unit)
    rule = RULES.get(unit.step.kind)
    try:
        return rule(unit) if rule else None
    except (LookupError, ValueError):  # weights too large to keep; shapes that this version doesn't know
        return None


def _of_one_step(unit: Unit) -> Arithmetic | None:
    """Of the layer that is applied to each step."""
    at, *rest = unit.place
    step = Step(
        unit.step.layer,
        unit.step.inner,
        unit.step.shape[1:],
        unit.step.sources,
        unit.step.options,
        weights=unit.step.weights,
    )
    return arithmetic_of(Unit(step, tuple(rest), (unit.x[at],), unit.sources, unit.weights))


RULES: dict[str, Callable[[Unit], Arithmetic | None]] = {
    "Dense": sums.dense,
    **{f"Conv{rank}D": sums.convolution for rank in (1, 2, 3)},
    **{f"Conv{rank}DTranspose": sums.transposed for rank in (1, 2, 3)},
    **{f"DepthwiseConv{rank}D": sums.depthwise for rank in (1, 2)},
    **{f"SeparableConv{rank}D": sums.separable for rank in (1, 2)},
    **{f"{word}Pooling{rank}D": sums.pool for word in ("Max", "Average") for rank in (1, 2, 3)},
    **{f"Global{word}Pooling{rank}D": sums.global_pool for word in ("Max", "Average") for rank in (1, 2, 3)},
    **dict.fromkeys(("Flatten", "Reshape", "Permute", "RepeatVector", "CenterCrop", *UNCHANGED), moved.moved),
    **{
        f"{word}{rank}D": moved.moved
        for word in ("ZeroPadding", "Cropping", "UpSampling")
        for rank in (1, 2, 3)
    },
    "Masking": moved.masked,
    "Concatenate": moved.concatenated,
    "Rescaling": pointwise.scaled,
    **dict.fromkeys(
        ("Normalization", "BatchNormalization", "LayerNormalization", "GroupNormalization"),
        pointwise.normalised,
    ),
    "UnitNormalization": pointwise.unit_length,
    "Activation": pointwise.activated,
    "Softmax": pointwise.activated,
    **dict.fromkeys(("ReLU", "LeakyReLU", "PReLU", "ELU"), pointwise.rectified),
    "Embedding": moved.embedded,
    **dict.fromkeys(("Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract"), moved.merged),
}
