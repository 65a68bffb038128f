"""What trains, but badly: habits that every course warns of."""

from collections.abc import Iterator
from typing import TypeGuard

from tuinn.spec.advice.fix import Fix, Problem, change_fix, insert_fix, layer_text, remove_fix
from tuinn.spec.advice.text_input import embedding_problems, word_number_problems
from tuinn.spec.dataset import DataFacts
from tuinn.spec.layers.catalog import LayerSpec, format_shape
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
_NORMALIZES = ("Normalization", "BatchNormalization", "LayerNormalization", "GroupNormalization")
_NORMALIZED = (-3.0, 3.0)
"""The range of nearly all normalised values."""
_TINY = 0.02
"""Values that stay below this in size were scaled twice, or come in other units."""
_SMALL = 0.1
"""Values within so much of each other hardly tell samples apart."""
_KEEPS_VALUES = (
    *("Flatten", "Reshape", "Permute", "Resizing", "CenterCrop"),
    *("RandomCrop", "RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom"),
)
"""Layer types after which the values are as large as before."""
CHANNELS_LAST = LayerSpec.of("Permute", dims=[2, 3, 1])
"""From channels × height × width to what Keras' layers for pictures read."""
LEAST_SIDE = 8
"""Pixels of a picture's side from which on 3 × height × width is one."""
PICTURE_LAYERS = (
    *(
        "Resizing",
        "CenterCrop",
        "RandomCrop",
        "RandomFlip",
        "RandomRotation",
        "RandomTranslation",
        "RandomZoom",
    ),
    *("RandomContrast", "RandomBrightness"),
)
_DROPS = ("Dropout", "GaussianDropout", "AlphaDropout", "GaussianNoise")


def layer_problems(spec: RunSpec, facts: DataFacts) -> Iterator[Problem]:
    """What is amiss with a stack whose layers all fit."""
    if facts.words:
        yield from word_number_problems(spec, facts)
    else:
        yield from _channels_first(spec, facts)
        yield from _scaled_too_small(spec, facts)
        if not facts.columns:
            yield from _scaling(spec, facts)
    yield from embedding_problems(spec, facts)
    yield from _dropout_last(spec)
    yield from _two_activations(spec)


def is_channels_first(facts: DataFacts) -> bool:
    """True for samples such as 3 × 16 × 16, which PyTorch has and Keras' layers for pictures misread."""
    if len(facts.shape) != 3 or facts.is_image:
        return False
    channels, height, width = facts.shape
    return channels in (1, 3, 4) and min(height, width) >= LEAST_SIDE


def _channels_first(spec: RunSpec, facts: DataFacts) -> Iterator[Problem]:
    """A layer for pictures that takes rows for pixels and columns for channels."""
    if not is_channels_first(facts):
        return
    for at, layer in enumerate(spec.model.layers):
        if layer.disabled or layer.type_name in ("Rescaling", "Normalization", "BatchNormalization"):
            continue
        if layer.type_name.endswith("2D") or layer.type_name in PICTURE_LAYERS:
            yield Problem(
                f"Samples of {format_shape(facts.shape)} look like channels first, and {layer.type_name} reads "
                "height × width × channels.",
                at,
                "warning",
                (insert_fix(spec, "put Permute(2, 3, 1) first", 0, CHANNELS_LAST),),
            )
        return


def _scaling(spec: RunSpec, facts: DataFacts) -> Iterator[Problem]:
    """Raw bytes or columns of very different size train badly; scaling belongs inside the network."""
    largest = max(abs(facts.low), abs(facts.high))
    scaled = any(layer.type_name in SCALING_LAYERS and not layer.disabled for layer in spec.model.layers)
    if not scaled and 0 < largest < _TINY:
        layer = LayerSpec.of("Normalization")
        yield Problem(
            f"The values run from {facts.low:.3g} to {facts.high:.3g}, too small to learn from unless a layer scales them.",
            severity="warning",
            fixes=(insert_fix(spec, f"put {layer_text(layer)} first", 0, layer),),
        )
    if scaled or largest <= 10:
        return
    integral = facts.dtype.startswith("uint")
    layer = LayerSpec.of("Rescaling", scale=1 / facts.high) if integral else LayerSpec.of("Normalization")
    yield Problem(
        f"The values run from {facts.low:g} to {facts.high:g} and no layer scales them, so training will be slow or fail.",
        severity="warning",
        fixes=(insert_fix(spec, f"put {layer_text(layer)} first", 0, layer),),
    )


def _scaled_too_small(spec: RunSpec, facts: DataFacts) -> Iterator[Problem]:
    """A Rescaling that stays from other data, or stands there twice, leaves values that are next to nothing."""
    low, high = _NORMALIZED if facts.columns else (facts.low, facts.high)
    for at, layer in enumerate(spec.model.layers):
        if layer.disabled or layer.type_name in _KEEPS_VALUES:
            continue
        if layer.type_name in _NORMALIZES:
            low, high = _NORMALIZED
            continue
        scale, offset = layer.options.get("scale"), layer.options.get("offset")
        if layer.type_name != "Rescaling" or not _is_number(scale) or not _is_number(offset):
            return
        before, is_normalized = max(abs(low), abs(high)), (low, high) == _NORMALIZED
        low, high = sorted((low * scale + offset, high * scale + offset))
        if abs(scale) >= _SMALL or not before:
            continue
        if is_normalized or high - low < _SMALL:
            known = "are normalised" if is_normalized else f"are at most {before:.3g}"
            what = "columns" if facts.columns else "values"
            why = f"The {what} {known} already; times {scale:.3g} they are too small to learn from."
            yield Problem(why, at, "warning", (remove_fix(spec, at),))
            return
        if facts.features:
            why = (
                f"Every column is taken times {scale:.3g}, but the columns of a table differ in size. "
                "Normalization scales each by its own mean and variance."
            )
            yield Problem(why, at, "warning", (_replace_fix(spec, at, LayerSpec.of("Normalization")),))
            return


def _replace_fix(spec: RunSpec, at: int, layer: LayerSpec) -> Fix:
    """Another layer at this place."""
    return Fix(f"make layer {at + 1} {layer_text(layer)}", spec.with_model(spec.model.change(at, layer)))


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


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
