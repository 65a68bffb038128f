"""The layer of an exported script that reads texts: it works once, before the training, as in the worker."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from tuinn.spec.shapes import summarise

if TYPE_CHECKING:
    from tuinn.spec.script import Plan


def without_words(plan: "Plan") -> tuple["Plan", Iterator[str]]:
    """The plan of the network after the layer that reads the texts, and the lines of that layer."""
    model, summary = plan.spec.model, plan.summary
    at = next(at for at, row in enumerate(summary.rows) if not row.layer.disabled)
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
