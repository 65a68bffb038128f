"""The catalog of layer types, each described once by a row, and one layer of a stack."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from tuinn.errors import SpecError
from tuinn.spec.layers.layer_type import LayerType, Measure, Options, Shape, format_shape
from tuinn.spec.layers.types.activation import ACTIVATION_LAYERS
from tuinn.spec.layers.types.common_options import COMMON_OPTIONS, NAME_OPTION, TRAINABLE_OPTION
from tuinn.spec.layers.types.convolution import CONVOLUTION
from tuinn.spec.layers.types.core import CORE
from tuinn.spec.layers.types.merging import MERGING
from tuinn.spec.layers.types.normalization import NORMALIZATION
from tuinn.spec.layers.types.pooling import POOLING, RESIZING
from tuinn.spec.layers.types.preprocessing import PREPROCESSING
from tuinn.spec.layers.types.recurrent_attention import SEQUENCE
from tuinn.spec.layers.types.regularization import AUGMENTATION, REGULARIZATION
from tuinn.spec.layers.types.wrappers import WRAPPER_OPTIONS, WRAPPERS, wrapped_layer
from tuinn.spec.options import REQUIRED, Choice, Option, Value, check_options, did_you_mean
from tuinn.text import shorten

__all__ = ["CATALOG", "LAYER_TYPES", "LayerSpec", "LayerType", "Measure", "Options", "Shape", "format_shape"]

_ALL_TYPES = (
    *CORE,
    *CONVOLUTION,
    *POOLING,
    *RESIZING,
    *NORMALIZATION,
    *REGULARIZATION,
    *AUGMENTATION,
    *ACTIVATION_LAYERS,
    *SEQUENCE,
    *WRAPPERS,
    *PREPROCESSING,
    *MERGING,
)
_UNTRAINED = ("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "Discretization")
"""Keras' constructors of these don't know `trainable`, and they have no weights."""


def _with_common(layer_type: LayerType) -> LayerType:
    common = [o for o in COMMON_OPTIONS if not (o.name == "trainable" and layer_type.name in _UNTRAINED)]
    return replace(layer_type, options=(*layer_type.options, *common))


CATALOG: tuple[LayerType, ...] = tuple(_with_common(layer_type) for layer_type in _ALL_TYPES)
LAYER_TYPES: dict[str, LayerType] = {layer_type.name: layer_type for layer_type in CATALOG}


@dataclass(frozen=True)
class LayerSpec:
    """One layer of the stack: its type by Keras' name and the value of every option."""

    type_name: str
    options: Mapping[str, Value] = field(default_factory=dict)

    @classmethod
    def of(cls, type_name: str, **options: object) -> "LayerSpec":
        """A checked layer. Raises SpecError for an unknown layer type, an unknown option or a bad value."""
        if type_name not in LAYER_TYPES:
            raise SpecError(
                f"{shorten(type_name)} is not a layer type. {did_you_mean(type_name, LAYER_TYPES)}", "kind"
            )
        return cls(type_name, check_options(LAYER_TYPES[type_name].options, options, type_name))

    @classmethod
    def from_dict(cls, raw: object) -> "LayerSpec":
        """From a parsed TOML table with its `kind`. Raises SpecError."""
        type_name = raw.get("kind") if isinstance(raw, Mapping) else None
        if not isinstance(raw, Mapping) or not isinstance(type_name, str):
            raise SpecError(f"must name a layer type: {', '.join(LAYER_TYPES)}.", "kind")
        return cls.of(type_name, **{key: value for key, value in raw.items() if key != "kind"})

    def raw(self) -> dict[str, object]:
        """As a TOML table; options that stand at their default are left out."""
        changed = {
            o.name: self.options[o.name] for o in self.layer_type.options if self.options[o.name] != o.default
        }
        return {
            "kind": self.type_name,
            **{k: list(v) if isinstance(v, tuple) else v for k, v in changed.items()},
        }

    @property
    def layer_type(self) -> LayerType:
        return LAYER_TYPES[self.type_name]

    @property
    def activation(self) -> str | None:
        """The activation this layer ends in; None where its type has none."""
        value = self.options.get("activation")
        return value if isinstance(value, str) else None

    @property
    def units(self) -> int | None:
        """Width of a Dense layer; None for other layer types."""
        value = self.options.get("units") if self.type_name == "Dense" else None
        return value if isinstance(value, int) else None

    @cached_property
    def name(self) -> str | None:
        """The name the user gave it."""
        value = self.options.get("name")
        return value if isinstance(value, str) else None

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The layers it takes, by name; empty for the one above."""
        value = self.options.get("from")
        return tuple(str(name) for name in value) if isinstance(value, tuple) else ()

    @cached_property
    def disabled(self) -> bool:
        """Left out of the network: it passes on what it gets."""
        return bool(self.options.get("disabled"))

    @property
    def weights(self) -> str | None:
        """The layer of a saved network with whose weights it starts."""
        value = self.options.get("weights")
        return value if isinstance(value, str) else None

    @property
    def inner(self) -> "LayerSpec | None":
        """The layer that this one wraps. Raises SpecError for options that the inner layer type doesn't have."""
        if not self.layer_type.wraps:
            return None
        inner, options = wrapped_layer(self.layer_type, self.options)
        return LayerSpec.of(inner.name, **options)

    def with_options(self, **options: Value) -> "LayerSpec":
        return replace(self, options={**self.options, **options})

    def measure(self, *shapes: Shape) -> Measure:
        """Output shape and parameters for these inputs. Raises SpecError with what would fit."""
        if shapes not in self._measured:
            self._measured[shapes] = self._measure(shapes)
        return self._measured[shapes]

    @cached_property
    def _measured(self) -> dict[tuple[Shape, ...], Measure]:
        # A layer that an edit leaves alone is the same object in the new stack, so it is measured once.
        return {}

    def _measure(self, shapes: tuple[Shape, ...]) -> Measure:
        found = self.layer_type.measured(self.options, shapes)
        if self.options.get("trainable", True):
            return found
        return replace(found, trainable=0, non_trainable=found.trainable + found.non_trainable)

    def config(self) -> dict[str, object]:
        """Keyword arguments for Keras' constructor; name, `trainable` and a wrapper's inner layer aren't among them."""
        return {
            option.name: option.keras(self.options[option.name])
            for option in self._keras_options()
            if option is not NAME_OPTION and option is not TRAINABLE_OPTION
        }

    def code(self, built: bool = False) -> str:
        """As Keras code, such as `layers.Dense(154, activation="relu")`.

        `layers` stands for `keras.layers`, and `keras` for itself. What is ours and not Keras' (`from`,
        `disabled`) is not in it. With `built`, `trainable` is left to a line after the network is built: as an
        argument, Keras doesn't hear it in the parts that a layer makes while it is built.
        """
        parts = [self.inner.code(built)] if self.inner else []
        for option in self._keras_options():
            value = self.options[option.name]
            if built and option is TRAINABLE_OPTION:
                continue
            if option.default is REQUIRED or option.always_written:
                parts.append(option.code(value))
            elif value != option.default:
                parts.append(f"{option.name}={option.code(value)}")
        return f"layers.{self.type_name}({', '.join(parts)})"

    def _keras_options(self) -> Iterator[Option]:
        """Yield the options that the constructor takes; those of a wrapper's inner layer are left out."""
        for option in self.layer_type.options:
            if not option.tuinn_only and (not self.layer_type.wraps or option.name in WRAPPER_OPTIONS):
                yield option

    def options_text(self) -> str:
        """The options in short, such as `154 relu`; `keras_import.line_syntax` reads them back."""
        parts = []
        for at, option in enumerate(self.layer_type.options):
            value = self.options[option.name]
            if option.default is REQUIRED or value != option.default:
                text = option.show(value).replace(" ", "")
                bare = option.default is REQUIRED or (
                    isinstance(option, Choice) and not option.advanced and not self._meant_before(at, text)
                )
                parts.append(text if bare else f"{option.name}={text}")
        return " ".join(parts)

    def _meant_before(self, at: int, word: str) -> bool:
        """True where the word alone would be taken for an option that comes before the one at this place."""
        return any(
            isinstance(option, Choice)
            and word in option.choices
            and self.options[option.name] == option.default
            for option in self.layer_type.options[:at]
        )


_ABBREVIATIONS = {
    "fc": "Dense",
    "conv": "Conv2D",
    "convolution": "Conv2D",
    "deconv": "Conv2DTranspose",
    "sepconv": "SeparableConv2D",
    "separable": "SeparableConv2D",
    "dwconv": "DepthwiseConv2D",
    "depthwise": "DepthwiseConv2D",
    "pool": "MaxPooling2D",
    "gap": "GlobalAveragePooling2D",
    "gmp": "GlobalMaxPooling2D",
    "bn": "BatchNormalization",
    "ln": "LayerNormalization",
    "gn": "GroupNormalization",
    "norm": "Normalization",
    "rescale": "Rescaling",
    "resize": "Resizing",
    "drop": "Dropout",
    "flat": "Flatten",
    "act": "Activation",
    "noise": "GaussianNoise",
    "pad": "ZeroPadding2D",
    "crop": "Cropping2D",
    "up": "UpSampling2D",
    "flip": "RandomFlip",
    "rotate": "RandomRotation",
    "zoom": "RandomZoom",
    "shift": "RandomTranslation",
    "rnn": "SimpleRNN",
    "bi": "Bidirectional",
    "mha": "MultiHeadAttention",
    "attention": "MultiHeadAttention",
    "concat": "Concatenate",
    "mul": "Multiply",
    "max": "Maximum",
    "sub": "Subtract",
    "leaky": "LeakyReLU",
}
_LOWER = {name.lower(): name for name in LAYER_TYPES}


def find_layer_type(word: str) -> str:
    """Keras' name for what was typed. Raises SpecError where none or several fit."""
    plain = re.sub(r"[_\-]", "", word.lower())
    plain = re.sub(r"avg", "average", re.sub(r"pool(?!ing)", "pooling", plain)).replace("convolution", "conv")
    if found := _LOWER.get(plain) or _ABBREVIATIONS.get(word.lower()) or _ABBREVIATIONS.get(plain):
        return found
    near = [name for lower, name in _LOWER.items() if plain and lower.startswith(plain)]
    if len({re.sub(r"\dD", "", name) for name in near}) == 1:
        # The same layer for 1, 2 and 3 axes: images are the most common case.
        return next((name for name in near if "2D" in name), near[0])
    if near:
        raise SpecError(f"{shorten(word)} may be {', '.join(near[:6])}. Write one of them.")
    raise SpecError(f"{shorten(word)} is not a layer type. {did_you_mean(word, LAYER_TYPES)}")
