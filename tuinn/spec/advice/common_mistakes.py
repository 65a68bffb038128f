"""What trains, but badly: habits that every course warns of."""

from collections.abc import Iterator

from tuinn.spec.advice.fix import Problem, change_fix, insert_fix, layer_text, remove_fix
from tuinn.spec.advice.text_input import embedding_problems, word_number_problems
from tuinn.spec.dataset import DataFacts
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.run import RunSpec
from tuinn.spec.training.losses import activation_of, is_activation

SCALING_LAYERS = (
    "Rescaling",
    "Normalization",
    "BatchNormalization",
    "LayerNormalization",
    "GroupNormalization",
    "UnitNormalization",
    "Discretization",
    "Embedding",
    "CategoryEncoding",
)
_DROPS = ("Dropout", "GaussianDropout", "AlphaDropout", "GaussianNoise")


def layer_problems(spec: RunSpec, facts: DataFacts) -> Iterator[Problem]:
    """What is amiss with a stack whose layers all fit."""
    if facts.words:
        yield from word_number_problems(spec, facts)
    elif facts.columns:
        yield from _scaled_twice(spec)
    else:
        yield from _scaling(spec, facts)
    yield from embedding_problems(spec, facts)
    yield from _dropout_last(spec)
    yield from _two_activations(spec)


def _scaling(spec: RunSpec, facts: DataFacts) -> Iterator[Problem]:
    """Raw bytes or columns of very different size train badly; scaling belongs inside the network."""
    if max(abs(facts.low), abs(facts.high)) <= 10 or any(
        layer.type_name in SCALING_LAYERS and not layer.disabled for layer in spec.model.layers
    ):
        return
    integral = facts.dtype.startswith("uint")
    layer = LayerSpec.of("Rescaling", scale=1 / facts.high) if integral else LayerSpec.of("Normalization")
    yield Problem(
        f"The values run from {facts.low:g} to {facts.high:g} and no layer scales them, so training will be slow or fail.",
        severity="warning",
        fixes=(insert_fix(spec, f"put {layer_text(layer)} first", 0, layer),),
    )


def _scaled_twice(spec: RunSpec) -> Iterator[Problem]:
    """The columns of a table are normalised before the stack."""
    at = next((at for at, layer in enumerate(spec.model.layers) if not layer.disabled), None)
    if at is None or spec.model.layers[at].type_name != "Rescaling":
        return
    scale = spec.model.layers[at].options["scale"]
    if isinstance(scale, int | float) and abs(scale) < 0.1:
        yield Problem(
            f"The columns are normalised already; times {scale:.3g} they are too small to learn from.",
            at,
            "warning",
            (remove_fix(spec, at),),
        )


def _dropout_last(spec: RunSpec) -> Iterator[Problem]:
    """Answers that are dropped teach nothing."""
    working = [at for at, layer in enumerate(spec.model.layers) if not layer.disabled]
    at = working[-1]
    if spec.model.layers[at].type_name in _DROPS:
        yield Problem(
            f"{spec.model.layers[at].type_name} after the last layer spoils the answers themselves while training.",
            at,
            "warning",
            (remove_fix(spec, at),),
        )


def _two_activations(spec: RunSpec) -> Iterator[Problem]:
    """The second of two in a row sees only what the first left over."""
    for at, (layer, link) in enumerate(zip(spec.model.layers, spec.model.links, strict=True)):
        if layer.disabled or not is_activation(layer):
            continue
        first = link.sources[0]
        if first < 0 or len(link.sources) > 1:
            continue
        one, two = activation_of(spec.model.layers[first]), activation_of(layer)
        if one in (None, "linear") or two in (None, "linear"):
            continue
        fixes = [remove_fix(spec, at)]
        if "activation" in spec.model.layers[first].options:
            fixes.append(
                change_fix(spec, f"set layer {first + 1}'s activation to linear", first, activation="linear")
            )
        yield Problem(
            f"Two activations in a row: {one} in layer {first + 1}, then {two}.",
            at,
            "warning",
            tuple(fixes),
        )
        return
