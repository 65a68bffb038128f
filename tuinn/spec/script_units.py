"""What an exported script does to samples and targets around the network: a table's columns encoded, a target scaled."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tuinn.spec.own_unit import Scaling, powers, scaling_of

if TYPE_CHECKING:
    from tuinn.spec.script import Plan


def encoded(plan: "Plan") -> Iterator[str]:
    """The lines that make numbers of a table's columns, as the saved network does; nothing for other data."""
    columns = plan.facts.columns
    numbers = [at for at, column in enumerate(columns) if column.kind == "number"]
    words = {at: column.width for at, column in enumerate(columns) if column.kind == "category"}
    if not columns:
        return
    yield ""
    yield "# Numbers are normalised, and a gap becomes the mean; words become a 0 or 1 each."
    if numbers:
        yield f"NUMBERS = {numbers}  # their columns"
        yield 'seen = x_train[training][:, NUMBERS].astype("float64")'
        yield "seen[~np.isfinite(seen)] = np.nan"
        yield "empty = np.isnan(seen).all(axis=0)"
        yield "seen[:, empty] = [[0.0]]"
        yield 'mean = np.nanmean(seen, axis=0).astype("float32")'
        yield "deviation = np.sqrt(np.where(empty, 1.0, np.nanvar(seen, axis=0)))"
        yield 'deviation = np.maximum(deviation.astype("float32"), 1e-7)'
    if words:
        yield f"WORDS = {words}  # column: how many words it has, gaps and others included"
    yield from ("", "", "def encoded(x):")
    yield '    """Rows as they are kept → what the network takes."""'
    yield "    parts = []"
    if numbers:
        yield "    parts.append(np.nan_to_num((x[:, NUMBERS] - mean) / deviation))"
    if words:
        yield "    for at, width in WORDS.items():"
        yield '        parts.append(np.eye(width)[x[:, at].astype("int64")])'
    yield '    return np.concatenate(parts, axis=1).astype("float32")'
    yield from ("", "", "x_train, x_test = encoded(x_train), encoded(x_test)")


def scaling(plan: "Plan") -> Scaling:
    """What is done to the target of a regression for the training."""
    return scaling_of(plan.spec.model, plan.loss, plan.facts.task)


def scaled(plan: "Plan") -> Iterator[str]:
    """The lines that scale the target of a regression for the training, and what gives its own unit back."""
    how = scaling(plan)
    if how == "none":
        return
    yield "# The network is trained on a target around 0 and about 1 large: own = scale × trained + offset."
    yield 'seen = y_train[training].astype("float64")'
    yield "offset = seen.mean()" if how == "standard" else "offset = 0.0"
    yield "scale = np.sqrt(np.mean((seen - offset) ** 2))"
    yield 'y_train, y_test = ((y.astype("float64") - offset) / scale for y in (y_train, y_test))'
    told = powers(plan.loss, plan.spec.fit.metrics)
    factors = ", ".join(f"{json.dumps(name)}: scale**{power}" for name, power in told.items() if power)
    yield f"UNIT = {{{factors}}}  # losses and metrics are told in the target’s own unit"


def told_in_own_unit(plan: "Plan") -> Iterator[str]:
    """The lines after `compile` that make the logs be in the target's own unit."""
    if scaling(plan) == "none":
        return
    yield "result = model.get_metrics_result"
    yield "model.get_metrics_result = lambda: {k: v * UNIT.get(k, 1.0) for k, v in result().items()}"


def in_own_unit(plan: "Plan") -> Iterator[str]:
    """The lines that end the script: a network that predicts in the target's own unit."""
    if scaling(plan) == "none":
        return
    yield from ("", "# It predicts in the target’s own unit.")
    yield 'model = keras.Sequential([model, layers.Rescaling(scale, offset=offset, dtype="float32")])'
