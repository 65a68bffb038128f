"""Texts need a layer that reads words before any other can take them."""

from collections.abc import Iterator

from tuinn.spec.advice.fix import Fix, Problem, change_fix, layer_text
from tuinn.spec.advice.shape_mismatch import shape_fixes
from tuinn.spec.dataset import DataFacts
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.layers.shapes import Summary, summarize
from tuinn.spec.run import RunSpec

WORDS, LENGTH, WIDTH = 10_000, 200, 16
"""Size of the vocabulary, words kept of a text, and width of an embedding."""

READS = LayerSpec.of("TextVectorization", max_tokens=WORDS, output_sequence_length=LENGTH)
EMBEDS = LayerSpec.of("Embedding", input_dim=WORDS, output_dim=WIDTH, mask_zero=True)
"""Padding is masked: the mean over a short text would else be lost among zeros."""
POOLS = LayerSpec.of("GlobalAveragePooling1D")
SCALES = ("Rescaling", "Normalization", "Flatten", "CenterCrop", "Reshape")
"""Kinds that would only stand in the way between a text and its words."""


def text_input_problems(spec: RunSpec, facts: DataFacts, summary: Summary) -> Iterator[Problem]:
    """At most one: the first layer that takes the texts can't read them. `summary` has a mismatch."""
    assert summary.mismatch is not None
    at, why = summary.mismatch
    if -1 not in summary.rows[at].source_indices or summary.rows[at].layer.layer_type.reads_text:
        yield Problem(why, at, fixes=tuple(shape_fixes(spec, summary, at)))
        return
    layer = summary.rows[at].layer
    yield Problem(
        f"The data are texts, and {layer.type_name} takes numbers.", at, fixes=tuple(_fixes(spec, facts, at))
    )


def _fixes(spec: RunSpec, facts: DataFacts, at: int) -> Iterator[Fix]:
    """The words before the layer at `at`; averaged where it takes no steps; at last without that layer."""
    embedded = spec.model.layers[at].type_name == "Embedding"
    front = (READS,) if embedded else (READS, EMBEDS)
    label = " and ".join(layer_text(layer) for layer in front)
    ways = {label: front} if embedded else {f"{label} and {POOLS.type_name}": (*front, POOLS), label: front}
    clear = _without(spec.model, SCALES)
    for more, layers in ways.items():
        for model in (clear, spec.model):
            changed = _before(model, layers)
            found = summarize(changed, facts.input_shape, facts.is_text)
            if found.mismatch is None and len(found.output or ()) == 1:
                yield Fix(f"put {more} first", spec.with_model(changed))
                break
    yield Fix(f"remove layer {at + 1}", spec.with_model(spec.model.remove(at)))


def _before(model: ModelSpec, layers: tuple[LayerSpec, ...]) -> ModelSpec:
    for place, layer in enumerate(layers):
        model = model.insert(place, layer)
    return model


def _without(model: ModelSpec, type_names: tuple[str, ...]) -> ModelSpec:
    """The layers after the leading ones of these kinds."""
    while model.layers and model.layers[0].type_name in type_names and not model.layers[0].sources:
        model = model.remove(0)
    return model


WORD_WIDTH = 16
"""How many numbers a word becomes, where a fix adds an Embedding."""


def word_number_problems(spec: RunSpec, facts: DataFacts) -> Iterator[Problem]:
    """Numbers of words are names, not quantities: a network learns from them through an Embedding."""
    if any(
        layer.type_name in ("Embedding", "CategoryEncoding") and not layer.disabled
        for layer in spec.model.layers
    ):
        return
    embedding = LayerSpec.of("Embedding", input_dim=facts.words, output_dim=WORD_WIDTH)
    pooling = LayerSpec.of("GlobalAveragePooling1D")
    model = spec.model
    while model.layers and model.layers[0].type_name in ("Rescaling", "Normalization"):
        model = model.remove(0)
    alone = spec.with_model(model.insert(0, embedding))
    pooled = spec.with_model(alone.model.insert(1, pooling))
    fixes = (
        Fix(f"put {layer_text(embedding)} and {pooling.type_name} first", pooled),
        Fix(f"put {layer_text(embedding)} first", alone),
    )
    yield Problem(
        "The numbers stand for words, so their size says nothing, and no layer looks them up.",
        severity="warning",
        fixes=tuple(fix for fix in fixes if _fits(fix.spec, facts)) or fixes[:1],
    )


def _fits(spec: RunSpec, facts: DataFacts) -> bool:
    summary = summarize(spec.model, facts.input_shape)
    return not summary.mismatch and len(summary.output or ()) == 1


def embedding_problems(spec: RunSpec, facts: DataFacts) -> Iterator[Problem]:
    """An Embedding that takes the samples themselves must have a row for each number."""
    if facts.is_text or facts.columns:
        return
    needed = int(facts.high) + 1
    for at, (layer, link) in enumerate(zip(spec.model.layers, spec.model.links, strict=True)):
        if layer.type_name != "Embedding" or layer.disabled or link.sources != (-1,):
            continue
        rows = layer.options["input_dim"]
        if isinstance(rows, int) and rows < needed:
            yield Problem(
                f"This Embedding looks up {rows:,} different numbers, but those of the data go up to {needed - 1:,}.",
                at,
                fixes=(
                    change_fix(spec, f"set layer {at + 1}'s input_dim to {needed:,}", at, input_dim=needed),
                ),
            )
