"""Keras' network against what was said of it before: a difference is a mistake of ours, and is told as one."""

from tuinn.runs.events import ModelBuilt
from tuinn.spec.layers import by_text
from tuinn.spec.shapes import Summary

REPORT = "This is a mistake of tuinn; please report it with the run’s spec.toml."


def disagreement(summary: Summary, built: ModelBuilt) -> str:
    """The first layer whose shape or parameters Keras gives otherwise, in words; empty where all agree.

    Of a layer that learns words, Keras may count a table that isn't a weight.
    """
    keras = {layer.name: layer for layer in built.layers}
    for at, row in enumerate(summary.rows):
        found = keras.get(row.name)
        if found is None or row.layer.row.reads_words or row.layer.disabled:
            continue
        if row.shape != tuple(found.output_shape) or row.params != found.params:
            ours = f"{by_text(row.shape or ())} and {row.params:,} parameters"
            theirs = f"{by_text(tuple(found.output_shape))} and {found.params:,}"
            return (
                f"Layer {at + 1}, {row.layer.kind}, was shown with {ours}, and Keras built {theirs}. {REPORT}"
            )
    return ""
