"""What an exported script does with its samples and targets before the training, as the worker does it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from tuinn.spec import own_unit
from tuinn.spec.problem import SpecProblem
from tuinn.spec.shapes import summarise

if TYPE_CHECKING:
    from tuinn.spec.script import Plan


def columns(plan: "Plan") -> Iterator[str]:
    """The lines that turn the codes of a table's columns into what the network takes."""
    described = plan.facts.columns
    if not described:
        return
    numbers = [at for at, column in enumerate(described) if column.kind == "number"]
    words = [at for at, column in enumerate(described) if column.kind == "category"]
    widths = [described[at].width for at in words]
    yield from ("", "# ---- columns: numbers normalised, words as a 0 or 1 for each", "")
    yield from (f"codes = keras.Input({(len(described),)!r})", "parts = []")
    if numbers:
        yield f"numbers = {numbers}"
        yield 'seen = x_train[training][:, numbers].astype("float64")'
        yield "mean, variance = np.nanmean(seen, axis=0), np.nanvar(seen, axis=0)"
        yield 'normalise = layers.Normalization(mean=mean.tolist(), variance=variance.tolist(), dtype="float32")'
        yield "taken = keras.ops.take(codes, numbers, axis=1)"
        yield "parts.append(keras.ops.nan_to_num(normalise(taken), nan=0.0))  # a gap is the mean"
    if words:
        firsts = [float(sum(widths[:at])) for at in range(len(widths))]
        yield f"words, firsts = {words}, {firsts}"
        yield f'one_each = layers.CategoryEncoding({sum(widths)}, output_mode="multi_hot", dtype="float32")'
        yield 'places = keras.ops.take(codes, words, axis=1) + np.array(firsts, "float32")'
        yield "parts.append(one_each(places))"
    yield 'joined = layers.Concatenate(dtype="float32")(parts) if len(parts) > 1 else parts[0]'
    yield "encode = keras.Model(codes, joined)"
    yield "x_train, x_test = (encode.predict(x, batch_size=4096, verbose=0) for x in (x_train, x_test))"


def without_words(plan: "Plan") -> tuple["Plan", Iterator[str]]:
    """The plan of the network after the layer that reads the texts, and the lines of that layer.

    Raises SpecProblem where several layers read them.
    """
    model, summary = plan.spec.model, plan.summary
    readers = [at for at, row in enumerate(summary.rows) if row.places == (-1,) and not row.layer.disabled]
    if len(readers) != 1:
        raise SpecProblem(
            "several layers read the texts, which no script can be written for yet. Let one do it."
        )
    at = readers[0]
    layer, shape = model.layers[at], summary.rows[at].shape
    assert shape is not None
    rest = model.change(at, layer.with_options(disabled=True))
    lines = (
        *("", "# ---- words: learned from the training texts, and each text made numbers once", ""),
        f"words = {layer.code()}",
        "words.adapt(tf.constant(x_train[training]))",
        "x_train, x_test = words(tf.constant(x_train)).numpy(), words(tf.constant(x_test)).numpy()",
    )
    return replace(plan, spec=plan.spec.with_model(rest), summary=summarise(rest, shape)), iter(lines)


def unit(plan: "Plan") -> Iterator[str]:
    """The lines that standardise the target, where it is trained on so."""
    scaling = own_unit.scaling_of(plan.spec.model, plan.loss, plan.facts.task)
    if scaling == "none":
        return
    yield from ("", "# The target is standardised; losses and metrics are told in its own unit.")
    yield 'own = y_train[training].astype("float64")'
    yield "offset = own.mean()" if scaling == "standard" else "offset = 0.0  # outputs are never negative"
    yield "scale = np.sqrt(np.mean((own - offset) ** 2))"
    yield "y_train, y_test = (y_train - offset) / scale, (y_test - offset) / scale"
    told = own_unit.powers(plan.loss, plan.spec.fit.metrics)
    factors = ", ".join(f'"{name}": scale**{power}' for name, power in told.items() if power)
    yield f"UNIT = {{{factors}}}"


def is_scaled(plan: "Plan") -> bool:
    return own_unit.scaling_of(plan.spec.model, plan.loss, plan.facts.task) != "none"
