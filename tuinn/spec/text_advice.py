"""Texts need a layer that reads words before any other can take them."""

from collections.abc import Iterator

from tuinn.spec.dataset import DataFacts
from tuinn.spec.layers import LayerSpec
from tuinn.spec.misfit_advice import misfit_remedies
from tuinn.spec.model import ModelSpec
from tuinn.spec.remedy import Problem, Remedy, named
from tuinn.spec.run import RunSpec
from tuinn.spec.shapes import Summary, summarise

WORDS, LENGTH, WIDTH = 10_000, 200, 16
"""Words that are told apart, words kept of a text, and numbers that stand for one."""

READS = LayerSpec.of("TextVectorization", max_tokens=WORDS, output_sequence_length=LENGTH)
EMBEDS = LayerSpec.of("Embedding", input_dim=WORDS, output_dim=WIDTH, mask_zero=True)
"""Padding is masked: the mean over a short text would else be lost among zeros."""
POOLS = LayerSpec.of("GlobalAveragePooling1D")
SCALES = ("Rescaling", "Normalization", "Flatten", "CenterCrop", "Reshape")
"""Kinds that would only stand in the way between a text and its words."""


def word_problems(spec: RunSpec, facts: DataFacts, summary: Summary) -> Iterator[Problem]:
    """At most one: the first layer that takes the texts can't read them. `summary` has a misfit."""
    assert summary.misfit is not None
    at, why = summary.misfit
    if -1 not in summary.rows[at].places or summary.rows[at].layer.row.reads_words:
        yield Problem(why, at, remedies=tuple(misfit_remedies(spec, summary, at)))
        return
    layer = summary.rows[at].layer
    yield Problem(
        f"The data are texts, and {layer.kind} takes numbers.", at, remedies=tuple(_remedies(spec, facts, at))
    )


def _remedies(spec: RunSpec, facts: DataFacts, at: int) -> Iterator[Remedy]:
    """The words before the layer at `at`; averaged where it takes no steps; at last without that layer."""
    embedded = spec.model.layers[at].kind == "Embedding"
    front = (READS,) if embedded else (READS, EMBEDS)
    label = " and ".join(named(layer) for layer in front)
    ways = {label: front} if embedded else {f"{label} and {POOLS.kind}": (*front, POOLS), label: front}
    clear = _without(spec.model, SCALES)
    for more, layers in ways.items():
        for model in (clear, spec.model):
            changed = _before(model, layers)
            found = summarise(changed, facts.input_shape, facts.is_text)
            if found.misfit is None and len(found.output or ()) == 1:
                yield Remedy(f"put {more} first", spec.with_model(changed))
                break
    yield Remedy(f"remove layer {at + 1}", spec.with_model(spec.model.remove(at)))


def _before(model: ModelSpec, layers: tuple[LayerSpec, ...]) -> ModelSpec:
    for place, layer in enumerate(layers):
        model = model.insert(place, layer)
    return model


def _without(model: ModelSpec, kinds: tuple[str, ...]) -> ModelSpec:
    """The layers after the leading ones of these kinds."""
    while model.layers and model.layers[0].kind in kinds and not model.layers[0].sources:
        model = model.remove(0)
    return model
