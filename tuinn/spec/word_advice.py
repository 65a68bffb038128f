"""Numbers that stand for something, and the layer that looks them up."""

from collections.abc import Iterator

from tuinn.spec.dataset import DataFacts
from tuinn.spec.layers import LayerSpec
from tuinn.spec.remedy import Problem, Remedy, changed, named
from tuinn.spec.run import RunSpec
from tuinn.spec.shapes import summarise

WORD_WIDTH = 16
"""How many numbers a word becomes, where a remedy adds an Embedding."""


def word_problems(spec: RunSpec, facts: DataFacts) -> Iterator[Problem]:
    """Numbers of words are names, not quantities: a network learns from them through an Embedding."""
    if any(
        layer.kind in ("Embedding", "CategoryEncoding") and not layer.disabled for layer in spec.model.layers
    ):
        return
    embedding = LayerSpec.of("Embedding", input_dim=facts.words, output_dim=WORD_WIDTH)
    pooling = LayerSpec.of("GlobalAveragePooling1D")
    model = spec.model
    while model.layers and model.layers[0].kind in ("Rescaling", "Normalization"):
        model = model.remove(0)
    alone = spec.with_model(model.insert(0, embedding))
    pooled = spec.with_model(alone.model.insert(1, pooling))
    remedies = (
        Remedy(f"put {named(embedding)} and {pooling.kind} first", pooled),
        Remedy(f"put {named(embedding)} first", alone),
    )
    yield Problem(
        "The numbers stand for words, so their size says nothing, and no layer looks them up.",
        severity="warning",
        remedies=tuple(remedy for remedy in remedies if _fits(remedy.spec, facts)) or remedies[:1],
    )


def _fits(spec: RunSpec, facts: DataFacts) -> bool:
    summary = summarise(spec.model, facts.input_shape)
    return not summary.misfit and len(summary.output or ()) == 1


def embedding_problems(spec: RunSpec, facts: DataFacts) -> Iterator[Problem]:
    """An Embedding that takes the samples themselves must have a row for each number."""
    if facts.is_text or facts.columns:
        return
    needed = int(facts.high) + 1
    for at, (layer, wire) in enumerate(zip(spec.model.layers, spec.model.wires, strict=True)):
        if layer.kind != "Embedding" or layer.disabled or wire.sources != (-1,):
            continue
        rows = layer.options["input_dim"]
        if isinstance(rows, int) and rows < needed:
            yield Problem(
                f"This Embedding looks up {rows:,} different numbers, but those of the data go up to {needed - 1:,}.",
                at,
                remedies=(
                    changed(spec, f"set layer {at + 1}’s input_dim to {needed:,}", at, input_dim=needed),
                ),
            )
