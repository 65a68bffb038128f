"""One layer of a saved network: Keras' class and config → a layer of a spec, and what of it a spec can't hold."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tuinn.errors import SpecError
from tuinn.spec.layers.catalog import LAYER_TYPES, LayerSpec
from tuinn.spec.layers.layer_options import CallOption
from tuinn.spec.layers.model import to_snake_case
from tuinn.spec.options import REQUIRED, Option
from tuinn.text import shorten

Config = Mapping[str, Any]
_MISSING = object()

_OLD_TYPES = {
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "CuDNNLSTM": "LSTM",
    "CuDNNGRU": "GRU",
    "LSTMV1": "LSTM",
    "GRUV1": "GRU",
    "SyncBatchNormalization": "BatchNormalization",
}
"""Names of Keras 1 and 2 → those of today."""
_OLD_OPTIONS = {("LeakyReLU", "alpha"): "negative_slope"}

_SAID_ELSEWHERE = {
    *("name", "trainable", "dtype", "batch_shape", "batch_input_shape", "input_shape", "input_dim", "input_length"),
    *("build_config", "autocast", "dtype_policy", "data_format", "layer", "backward_layer", "function", "ragged"),
    *("implementation", "unroll", "sparse", "seed", "vocabulary", "vocabulary_size", "idf_weights", "cell"),
    *("query_shape", "key_shape", "value_shape", "use_cudnn", "flash_attention", "quantization_config", "encoding"),
    *("lora_rank", "lora_alpha", "synchronized", "factor", "reset_after", "axis", "bin_boundaries", "oov_token"),
    *("mask_token", "invert", "token_count", "registered_name", "fused", "num_bins"),
    *("moving_mean_initializer", "moving_variance_initializer", "zero_output_for_mask", "kernel_size", "groups"),
    "unit_forget_bias",
}  # fmt: skip
"""Keys that a spec says in another way, or that change no number of a network without them."""
_ONLY_TRAINED = ("_initializer", "_regularizer", "_constraint")
_WITHOUT_KERNEL = ("SeparableConv1D", "SeparableConv2D", "DepthwiseConv1D", "DepthwiseConv2D")
"""They write down settings of a kernel, and have none."""
_USUAL: dict[str, object] = {
    "fill_mode": "reflect",
    "fill_value": 0.0,
    "interpolation": "bilinear",
    "value_range": [0, 255],
    "epsilon": 1e-3,
    "rms_scaling": False,
    "virtual_batch_size": None,
    "noise_shape": None,
    "merge_mode": "concat",
    "dilation_rate": 1,
    "depth_multiplier": 1,
    "output_padding": None,
    "attention_axes": 1,
    "renorm_momentum": 0.99,
    "oov_method": "floormod",
    "output_shape": None,
    "value_dim": None,
}
"""Keras' values of keys that some layer types of tuinn don't have: at these there is nothing to say."""

_INITIALIZERS: dict[str, dict[str, object]] = {
    "RandomNormal": {"mean": 0.0, "stddev": 0.05},
    "RandomUniform": {"minval": -0.05, "maxval": 0.05},
    "TruncatedNormal": {"mean": 0.0, "stddev": 0.05},
    "VarianceScaling": {"scale": 1.0, "mode": "fan_in", "distribution": "truncated_normal"},
    "Orthogonal": {"gain": 1.0},
    "OrthogonalInitializer": {"gain": 1.0},
}
"""Keras' numbers; a spec has no others."""
_SCALINGS = {
    (1.0, "fan_avg", "uniform"): "glorot_uniform",
    (1.0, "fan_avg", "truncated_normal"): "glorot_normal",
    (1.0, "fan_avg", "normal"): "glorot_normal",
    (2.0, "fan_in", "uniform"): "he_uniform",
    (2.0, "fan_in", "truncated_normal"): "he_normal",
    (2.0, "fan_in", "normal"): "he_normal",
    (1.0, "fan_in", "uniform"): "lecun_uniform",
    (1.0, "fan_in", "truncated_normal"): "variance_scaling",
    (1.0, "fan_in", "normal"): "lecun_normal",
}
"""VarianceScaling with these numbers, as Keras 1 and 2 wrote them down, has a name of its own."""


@dataclass
class ReadLayer:
    """What became of a layer."""

    layer: LayerSpec | None
    """None: tuinn has nothing that does it."""
    notes: list[str] = field(default_factory=list)
    """What it has, or is, that a spec can't hold; as it goes on after the layer's name."""
    start_notes: list[str] = field(default_factory=list)
    """The same of how it starts and is trained: with the weights of the file it gives the same."""


def read_layer(type_name: str, config: Config) -> ReadLayer:
    """The layer, with what is to be said about it. Raises whatever odd types in a config lead to."""
    type_name = _OLD_TYPES.get(type_name, type_name)
    if type_name not in LAYER_TYPES:
        return ReadLayer(None, ["is not a layer type that tuinn knows, and is left out"])
    row, found = LAYER_TYPES[type_name], ReadLayer(None)
    values = _values(type_name, config, found)
    options: dict[str, Any] = {}
    for option in row.options:
        if option.tuinn_only or option.name == "name" or values.get(option.name) is None:
            continue
        value = _value(option, values[option.name])
        if value is not _MISSING:
            options[option.name] = value
            found.start_notes += _lost_numbers(option, values[option.name], value)
        elif option.default is not REQUIRED:
            shown = shorten(_shown(values[option.name]))
            notes = found.start_notes if option.name.endswith(_ONLY_TRAINED) else found.notes
            notes.append(f"has {option.name} {shown}, which tuinn doesn't know")
    found.notes += _unknown(values, {option.name for option in row.options})
    try:
        found.layer = LayerSpec.of(type_name, **options)
    except SpecError as problem:
        found.notes.append(f"cannot be imported: {problem}")
    return found


def _values(type_name: str, config: Config, found: ReadLayer) -> dict[str, Any]:
    """The config with today's names, that of a wrapped layer beside the wrapper's."""
    row, values = LAYER_TYPES[type_name], dict(config)
    if row.wraps:
        inner = config.get("layer") or {}
        inner_type = _OLD_TYPES.get(str(inner.get("class_name")), str(inner.get("class_name")))
        values = {**(inner.get("config") or {}), **values, "layer": inner_type}
        backward = config.get("backward_layer") or {}
        if backward and _without_marks(backward.get("config")) != _without_marks(inner.get("config")):
            found.notes.append("has another layer for the way back; here both ways are alike")
    for (kind, old), new in _OLD_OPTIONS.items():
        if type_name == kind and old in values:
            values.setdefault(new, _plain(values.pop(old)))
    if values.get("data_format") == "channels_first":
        found.notes.append("has its channels first; tuinn has them last")
    if values.get("strides") == values.get("pool_size"):
        values.pop("strides", None)  # Keras writes down the default, too
    if type_name == "Discretization":
        values.pop("epsilon", None)  # how exactly bins are measured
    if type_name == "Resizing" and values.get("fill_mode") == "constant":
        values.pop("fill_mode")
    if type_name == "RandomContrast" and isinstance(values.get("factor"), list) and values["factor"][0] == 0:
        values["factor"] = values["factor"][1]  # Keras writes 0.1 down as 0 to 0.1
    if values.get("bin_boundaries"):
        values.pop("num_bins", None)  # they were measured, and are kept
    if values.get("unit_forget_bias") is False:
        found.start_notes.append("begins with a forget bias of 0; here it is 1")
    if type_name in _WITHOUT_KERNEL:
        values = {
            key: value
            for key, value in values.items()
            if not key.startswith("kernel_") or key == "kernel_size"
        }
    if values.get("value_dim") == values.get("key_dim"):
        values.pop("value_dim", None)
    return values


def _without_marks(value: Any) -> Any:
    """A config without what differs between the two ways of a Bidirectional, and Keras' marks of shared objects."""
    if isinstance(value, dict):
        marks = ("name", "go_backwards", "shared_object_id")
        return {key: _without_marks(one) for key, one in value.items() if key not in marks}
    return value


def _plain(value: Any) -> Any:
    """A number that Keras 2 wrote down as an array."""
    while isinstance(value, dict) and "value" in (value.get("config") or value):
        value = (value.get("config") or value)["value"]
    return value


def _unknown(values: Config, known: set[str]) -> Iterator[str]:
    """What is said in a config under a name that a spec doesn't have, and isn't as usual."""
    for key, value in values.items():
        if key in known or key in _SAID_ELSEWHERE or value in (None, False, "", 0) or value in ([], {}):
            continue
        usual = _USUAL.get(key, _MISSING)
        if value == usual or (isinstance(value, list) and all(one == usual for one in value)):
            continue
        shown = "" if value is True else f" {shorten(_shown(value))}"
        yield f"has {shorten(str(key))}{shown}, which tuinn doesn't know"


def _shown(value: object) -> str:
    """An object of Keras by its class and its numbers; anything else as it is."""
    if not isinstance(value, dict) or "class_name" not in value:
        return str(value)
    numbers = {
        key: one for key, one in (value.get("config") or {}).items() if one is not None and key != "name"
    }
    return f"{value['class_name']}({', '.join(f'{key}={one}' for key, one in numbers.items())})"


def _lost_numbers(option: Option, raw: object, value: object) -> Iterator[str]:
    """Numbers of an initializer or a constraint that the option's word doesn't have."""
    if not isinstance(raw, dict) or not isinstance(raw.get("config"), dict):
        return
    name, config = str(raw.get("class_name")), raw["config"]
    if option.name.endswith("_initializer"):
        usual = _INITIALIZERS.get(name, {})
        if name == "VarianceScaling" and value == _scaling(config):
            return
        if any(config.get(key, number) != number for key, number in usual.items()):
            yield f"starts its {option.name.removesuffix('_initializer')} by {_shown(raw)}; here {value} has Keras' own numbers"
    elif option.name.endswith("_constraint") and config.get("axis", 0) not in (0, [0], -1):
        yield f"holds its {option.name.removesuffix('_constraint')} along axis {config['axis']}; here along axis 0"


def _scaling(config: Config) -> str | None:
    key = (config.get("scale"), config.get("mode"), config.get("distribution"))
    return _SCALINGS.get(key) if all(isinstance(part, float | int | str) for part in key) else None  # type: ignore[arg-type]


def _value(option: Option, raw: object) -> object:
    """Keras' value as the option takes it; _MISSING where it doesn't."""
    for candidate in _candidates(option, raw):
        try:
            return option.check(candidate)
        except SpecError:
            continue
    return _MISSING


def _short(number: float) -> float:
    """0.1 and not 0.10000000149011612: a number that Keras kept as float32 has 7 digits."""
    short = float(f"{number:.7g}")
    try:
        return short if struct.pack("f", short) == struct.pack("f", number) == _exact(number) else number
    except OverflowError:
        return number


def _exact(number: float) -> bytes:
    """As float32, where it is one; else nothing."""
    packed = struct.pack("f", number)
    return packed if struct.unpack("f", packed)[0] == number else b""


def _candidates(option: Option, raw: object) -> Iterator[object]:
    if isinstance(raw, dict):
        name, config = str(raw.get("class_name")), raw.get("config") or {}
        if not isinstance(config, dict):
            return
        if isinstance(option, CallOption):
            for word, (theirs, arguments) in option.calls.items():
                if theirs == name:
                    # float32 has 7 digits: 0.0001 and not 9.999999747378752e-05.
                    numbers = (config.get(a, v) for a, v in arguments.items())
                    yield f"{word}({', '.join(f'{n:.7g}' if isinstance(n, float) else str(n) for n in numbers)})"
        if name == "VarianceScaling" and (named := _scaling(config)):
            yield named
        # Keras calls one initializer both uniform and random_uniform.
        short = to_snake_case(name).removeprefix("random_")
        yield from (short, to_snake_case(name)) if short == option.default else (to_snake_case(name), short)
        return
    yield _short(raw) if isinstance(raw, float) else raw
    if isinstance(raw, list):
        yield tuple(raw)
        if len(raw) == 1 or (len(raw) == 2 and raw[0] == raw[1]):
            yield raw[0]
        elif len(raw) == 2 and isinstance(raw[1], float) and raw[0] == -raw[1]:
            yield raw[1]  # Keras writes 0.1 down as -0.1 to 0.1
