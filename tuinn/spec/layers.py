"""The catalogue of layer kinds. One row says all there is to a kind: options, help, shape rule, parameter count."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import ceil, prod
from typing import Any

from tuinn.spec.options import (
    REQUIRED,
    Choice,
    Flag,
    Int,
    Ints,
    Option,
    Real,
    Value,
    check_all,
    nearest,
    shorten,
)
from tuinn.spec.problem import SpecProblem

Shape = tuple[int, ...]
Options = Mapping[str, Any]

ACTIVATIONS = [
    "linear",
    "relu",
    "sigmoid",
    "tanh",
    "softmax",
    "elu",
    "selu",
    "gelu",
    "silu",
    "leaky_relu",
    "relu6",
    "softplus",
    "softsign",
    "hard_sigmoid",
    "exponential",
]


@dataclass(frozen=True)
class Measure:
    """What a layer makes of an input shape, both without the batch axis."""

    shape: Shape
    trainable: int = 0
    """Numbers that training changes."""
    non_trainable: int = 0
    """Numbers that are kept but not trained, such as moving means."""
    macs: int = 0
    """Multiply-adds for one sample, forward; they size the steps of one execution."""


@dataclass(frozen=True)
class LayerKind:
    """A row of the catalogue."""

    name: str
    group: str
    help: str
    measure: Callable[[Options, Shape], Measure]
    """(options, input shape) → Measure. Raises SpecProblem where the input doesn't fit."""
    options: tuple[Option, ...] = ()
    more: str = ""
    """The formula, or what a beginner ought to know."""


@dataclass(frozen=True)
class LayerSpec:
    """One layer of the stack: its kind by Keras' name and every option's value."""

    kind: str
    options: Mapping[str, Value] = field(default_factory=dict)

    @classmethod
    def of(cls, kind: str, **options: Any) -> "LayerSpec":
        """A checked layer. Raises SpecProblem for an unknown kind, an unknown option or a bad value."""
        if kind not in KINDS:
            raise SpecProblem(f"{shorten(kind)} is not a kind of layer. {nearest(kind, KINDS)}", "kind")
        return cls(kind, check_all(KINDS[kind].options, options, kind))

    @classmethod
    def of_raw(cls, raw: Mapping[str, Any]) -> "LayerSpec":
        """From a parsed TOML table with its `kind`. Raises SpecProblem."""
        kind = raw.get("kind") if isinstance(raw, Mapping) else None
        if not isinstance(kind, str):
            raise SpecProblem(f"must name a kind of layer: {', '.join(KINDS)}.", "kind")
        return cls.of(kind, **{key: value for key, value in raw.items() if key != "kind"})

    def raw(self) -> dict[str, Any]:
        """As a TOML table; options that stand at their default are left out."""
        told = {o.name: self.options[o.name] for o in self.row.options if self.options[o.name] != o.default}
        return {"kind": self.kind, **{k: list(v) if isinstance(v, tuple) else v for k, v in told.items()}}

    @property
    def row(self) -> LayerKind:
        return KINDS[self.kind]

    @property
    def activation(self) -> str | None:
        """The activation this layer ends in; None where the kind has none."""
        value = self.options.get("activation")
        return value if isinstance(value, str) else None

    @property
    def units(self) -> int | None:
        """Width of a Dense layer; None for other kinds."""
        value = self.options.get("units")
        return value if isinstance(value, int) else None

    def with_options(self, **options: Value) -> "LayerSpec":
        return replace(self, options={**self.options, **options})

    def measure(self, shape: Shape) -> Measure:
        """Output shape and parameters for this input. Raises SpecProblem with what would fit."""
        return self.row.measure(self.options, shape)

    def code(self) -> str:
        """As Keras code, such as `layers.Dense(154, activation="relu")`; `layers` stands for `keras.layers`."""
        parts = []
        for option in self.row.options:
            value = self.options[option.name]
            if option.default is REQUIRED or option.told:
                parts.append(option.code(value))
            elif value != option.default:
                parts.append(f"{option.name}={option.code(value)}")
        return f"layers.{self.kind}({', '.join(parts)})"

    def words(self) -> str:
        """The options in short, as a course would say them: `154 relu`."""
        parts = []
        for option in self.row.options:
            value = self.options[option.name]
            if option.default is REQUIRED or value != option.default:
                text = option.show(value).replace(" ", "")
                bare = option.default is REQUIRED or isinstance(option, Choice)
                parts.append(text if bare else f"{option.name}={text}")
        return " ".join(parts)


def by_text(shape: Shape) -> str:
    """A shape as people write it: `28 × 28`; one number alone stands as it is."""
    return " × ".join(str(size) for size in shape) if shape else "a single number"


# -------------------------------------------------------------------------------------------- shape rules


def _same(_options: Options, shape: Shape) -> Measure:
    return Measure(shape)


def _flatten(_options: Options, shape: Shape) -> Measure:
    return Measure((prod(shape),))


def _dense(options: Options, shape: Shape) -> Measure:
    if not shape:
        raise SpecProblem("Dense needs at least one axis of features.")
    units, weights = options["units"], shape[-1] * options["units"]
    bias = units if options["use_bias"] else 0
    return Measure((*shape[:-1], units), weights + bias, macs=prod(shape[:-1]) * weights)


def _reshape(options: Options, shape: Shape) -> Measure:
    target, total = options["target_shape"], prod(shape)
    known = prod(size for size in target if size != -1)
    fits = total % known == 0 if -1 in target else total == known
    if not fits:
        raise SpecProblem(
            f"Reshape to {by_text(target)} needs {known:,} values, but the layer above gives {by_text(shape)} = {total:,}."
        )
    return Measure(tuple(total // known if size == -1 else size for size in target))


def _window(sizes: Shape, kernel: Shape, strides: Shape, padding: str, what: str) -> Shape:
    """Output height × width of a sliding window, as TensorFlow counts them for "valid" and "same"."""
    if padding == "same":
        return tuple(ceil(size / stride) for size, stride in zip(sizes, strides, strict=True))
    for size, window in zip(sizes, kernel, strict=True):
        if window > size:
            raise SpecProblem(
                f"{what} {by_text(kernel)} is larger than its input {by_text(sizes)}. "
                "Make it smaller, pad with “same”, or pool less above."
            )
    return tuple((n - k) // s + 1 for n, k, s in zip(sizes, kernel, strides, strict=True))


def _image(shape: Shape, kind: str) -> tuple[Shape, int]:
    """Height × width and the channels. Raises SpecProblem for anything else."""
    if len(shape) != 3:
        raise SpecProblem(
            f"{kind} needs height × width × channels, but the layer above gives {by_text(shape)}."
        )
    return shape[:2], shape[2]


def _conv2d(options: Options, shape: Shape) -> Measure:
    sizes, channels = _image(shape, "Conv2D")
    kernel, filters = options["kernel_size"], options["filters"]
    out = _window(sizes, kernel, options["strides"], options["padding"], "The kernel")
    weights = prod(kernel) * channels * filters
    return Measure(
        (*out, filters), weights + (filters if options["use_bias"] else 0), macs=prod(out) * weights
    )


def _max_pooling2d(options: Options, shape: Shape) -> Measure:
    sizes, channels = _image(shape, "MaxPooling2D")
    pool = options["pool_size"]
    out = _window(sizes, pool, options["strides"] or pool, options["padding"], "The pool")
    return Measure((*out, channels))


def _global_average_pooling2d(_options: Options, shape: Shape) -> Measure:
    return Measure((_image(shape, "GlobalAveragePooling2D")[1],))


def _batch_normalization(options: Options, shape: Shape) -> Measure:
    features = shape[-1] if shape else 0
    return Measure(shape, features * (options["center"] + options["scale"]), 2 * features)


def _normalization(_options: Options, shape: Shape) -> Measure:
    # Keras keeps mean and variance per feature, and one count of the samples seen.
    return Measure(shape, 0, 2 * shape[-1] + 1 if shape else 0)


# ----------------------------------------------------------------------------------------------- the table

_ACTIVATION = Choice(
    "activation", "linear", choices=tuple(ACTIVATIONS), help="applied to the output; linear is none"
)
_USE_BIAS = Flag("use_bias", True, help="add a trained offset to each output")
_PADDING = Choice(
    "padding", "valid", choices=("valid", "same"), help="same: pad with zeros to keep the size; valid: don't"
)

CATALOGUE: tuple[LayerKind, ...] = (
    LayerKind(
        "Dense",
        "core",
        "every output sees every input",
        _dense,
        (
            Int("units", high=1_000_000, help="outputs of the layer"),
            _ACTIVATION,
            _USE_BIAS,
        ),
        "y = activation(x · W + b), with W of shape inputs × units.",
    ),
    LayerKind(
        "Flatten",
        "core",
        "any shape becomes one row",
        _flatten,
        more="Needed between an image and a Dense layer.",
    ),
    LayerKind(
        "Activation",
        "core",
        "a non-linear function of each value",
        _same,
        (replace(_ACTIVATION, default=REQUIRED),),
        "relu(x) = max(0, x); sigmoid(x) = 1 / (1 + e⁻ˣ); softmax makes probabilities that sum to 1.",
    ),
    LayerKind(
        "Reshape",
        "core",
        "the same values in another shape",
        _reshape,
        (Ints("target_shape", wild=True, help="such as 28 × 28 × 1; one -1 takes what is left"),),
    ),
    LayerKind(
        "Rescaling",
        "scaling",
        "multiply and shift: x · scale + offset",
        _same,
        (
            Real("scale", help="1/255 takes bytes to 0..1"),
            Real("offset", 0.0, help="added after scaling"),
        ),
        "Kept in the network, so that a picture of your own is scaled as the training data was.",
    ),
    LayerKind(
        "Normalization",
        "scaling",
        "each feature to mean 0 and variance 1",
        _normalization,
        more="(x − mean) / √variance, both measured on the training data before the first epoch and kept in the network.",
    ),
    LayerKind(
        "BatchNormalization",
        "scaling",
        "normalise each channel over the batch",
        _batch_normalization,
        (
            Real("momentum", 0.99, low=0, high=1, help="of the moving mean and variance"),
            Real("epsilon", 1e-3, low=0, above=True, high=1, help="keeps the division finite"),
            Flag("center", True, help="train an offset"),
            Flag("scale", True, help="train a factor"),
        ),
        "Uses the batch's statistics in training and the moving ones in prediction.",
    ),
    LayerKind(
        "Dropout",
        "regularisation",
        "drop a share of the values while training",
        _same,
        (
            Real(
                "rate",
                0.5,
                low=0.0,
                high=1.0,
                below=True,
                help="share set to zero; the rest grows by 1 / (1 − rate)",
                told=True,
            ),
        ),
    ),
    LayerKind(
        "Conv2D",
        "convolution",
        "learned filters slide over an image",
        _conv2d,
        (
            Int("filters", high=65_536, help="channels of the output"),
            Ints("kernel_size", high=1024, pair=True, help="height × width of a filter; one number for both"),
            Ints("strides", (1, 1), high=1024, pair=True, help="step of the filter"),
            _PADDING,
            _ACTIVATION,
            _USE_BIAS,
        ),
        "Valid: out = ⌊(n − k) / s⌋ + 1. Same: out = ⌈n / s⌉.",
    ),
    LayerKind(
        "MaxPooling2D",
        "convolution",
        "keep the largest of each small square",
        _max_pooling2d,
        (
            Ints("pool_size", (2, 2), high=1024, pair=True, help="height × width of the square"),
            Ints("strides", None, high=1024, pair=True, optional=True, help="nothing: as the pool size"),
            _PADDING,
        ),
    ),
    LayerKind(
        "GlobalAveragePooling2D",
        "convolution",
        "each channel becomes its mean",
        _global_average_pooling2d,
    ),
)

KINDS: dict[str, LayerKind] = {kind.name: kind for kind in CATALOGUE}
