"""The architecture in a saved Keras network → a stack of layers, and what of it tuinn doesn't know."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tuinn.errors import SpecError
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import LAYER_TYPES, LayerSpec, Shape
from tuinn.spec.layers.layer_options import INPUT_NAME, LAYER_NAME, CallOption
from tuinn.spec.layers.model import ModelSpec, to_snake_case
from tuinn.spec.options import REQUIRED, Option
from tuinn.spec.training import optimizers, target_scaling
from tuinn.text import shorten

Config = Mapping[str, Any]
_MISSING = object()
_NETWORKS = ("Sequential", "Functional", "Model")


@dataclass
class ImportedModel:
    """What could be read."""

    model: ModelSpec = field(default_factory=ModelSpec)
    input_shape: Shape | None = None
    """One sample; None where the file doesn't say, or leaves an axis open."""
    reads_text: bool = False
    """It takes strings."""
    paths: tuple[str, ...] = ()
    """For each layer of the stack, where it is in the saved network: its name there, and before it those of the networks
    that it is within, with slashes between."""
    fit: FitSpec = field(default_factory=FitSpec)
    notes: list[str] = field(default_factory=list)
    """A sentence for each thing that was left out."""


def read_config(raw: object) -> ImportedModel:
    """From the parsed `config.json` of a .keras file. Raises SpecError for anything that isn't a network."""
    type_name = raw.get("class_name") if isinstance(raw, dict) else None
    config = raw.get("config") if isinstance(raw, dict) else None
    layers = config.get("layers") if isinstance(config, dict) else None
    if type_name not in _NETWORKS or not isinstance(layers, list):
        what = f"a {shorten(str(type_name))}" if type_name else "something else"
        raise SpecError(f"holds {what}, not a Sequential or functional network.")
    assert isinstance(raw, dict)
    for layer in layers:
        if (
            isinstance(layer, dict)
            and layer.get("class_name") == "Functional"
            and layer.get("name") == target_scaling.STACK_LAYER
        ):
            found = read_config(layer)  # of a table: what stands around it is made anew from the data
            found.paths = tuple(f"{target_scaling.STACK_LAYER}/{path}" for path in found.paths)
            return found
    found = ImportedModel()
    layers = [
        one
        for one in layers
        if not isinstance(one, dict) or one.get("name") != target_scaling.UNSCALING_LAYER
    ]
    try:
        found.fit = _fit(raw.get("compile_config"))
        _Reader(found).read([layer for layer in layers if isinstance(layer, dict)])
        if found.input_shape is None:
            found.input_shape = _built_shape(raw)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
        if isinstance(error, SpecError):
            raise
        raise SpecError(
            "describes its network in a way that Keras does not. Save it again with Keras 3."
        ) from None
    return found


def _built_shape(raw: Config) -> Shape | None:
    """One sample of a network without an input of its own, by what it was first called with."""
    build = raw.get("build_config") or {}
    shape = build.get("input_shape") or raw["config"].get("build_input_shape")
    if not isinstance(shape, list) or not all(isinstance(size, int) for size in shape[1:]):
        return None
    return tuple(shape[1:]) if shape else None


class _Reader:
    """Takes layer after layer, in Keras' order: no layer comes before its sources."""

    def __init__(self, found: ImportedModel) -> None:
        self.found = found
        self.layers: list[LayerSpec] = []
        self.names: list[str] = []
        self.paths: list[str] = []
        self.within = ""
        """The path of the network whose layers are read, with a slash at its end."""
        self.stands_for: dict[str, str] = {}
        """Keras' name of a layer → the name, in our stack, of what gives its values."""

    def read(self, configs: list[Config]) -> None:
        for at, config in enumerate(configs, start=1):
            if config.get("class_name") == "InputLayer":
                self._input(config)
            else:
                self._layer(at, config)
        self.found.model = _named(self.layers, self.names)
        self.found.paths = tuple(self.paths)

    def _input(self, config: Config) -> None:
        shape = config["config"].get("batch_shape") or config["config"].get("batch_input_shape") or [None]
        if INPUT_NAME in self.stands_for.values():
            self.found.notes.append("It has several inputs; only the first is kept.")
        elif all(isinstance(size, int) for size in shape[1:]):
            self.found.input_shape = tuple(shape[1:])
            self.found.reads_text = _dtype(config["config"]) == "string"
        self.stands_for[_name(config)] = INPUT_NAME

    def _layer(self, at: int, config: Config, above: str | None = None) -> None:
        """`above`: the name of what a layer takes that doesn't say; the one before it where nothing is given."""
        name, type_name = _name(config), str(config.get("class_name"))
        before = self.names[-1] if self.names else INPUT_NAME
        above = above or before
        nodes = config.get("inbound_nodes") or []
        sources = [self.stands_for.get(one, above) for one in _inbound(nodes)] or [above]
        if len(nodes) > 1:
            self._note(at, type_name, "is used more than once; only its first place is kept")
        if type_name in _NETWORKS:
            self.stands_for[name] = self._nested(at, config["config"], sources[0])
            return
        layer = self._made(at, type_name, config.get("config") or {})
        if layer is None:
            self.stands_for[name] = sources[0]
            return
        if not layer.layer_type.merges:
            sources = sources[:1]
        if layer.layer_type.merges or sources != [before]:
            layer = layer.with_options(**{"from": tuple(sources)})
        self.layers.append(layer)
        self.names.append(_usable(name, self.names))
        self.paths.append(f"{self.within}{name}")
        self.stands_for[name] = self.names[-1]

    def _nested(self, at: int, config: Config, source: str) -> str:
        """The layers of a network within the network, as layers of the stack; the name of its last one."""
        outside, self.stands_for = self.stands_for, {}
        around, self.within = self.within, f"{self.within}{config.get('name')}/"
        end = source
        for inner in config["layers"]:
            if inner.get("class_name") == "InputLayer":
                self.stands_for[_name(inner)] = source
            else:
                self._layer(at, inner, end)
                end = self.stands_for[_name(inner)]
        outputs = list(_histories(config.get("output_layers")))
        if len(outputs) > 1:
            self._note(at, str(config.get("name")), "has several outputs; only the first is kept")
        end = self.stands_for.get(outputs[0], end) if outputs else end
        self.stands_for, self.within = outside, around
        return end

    def _made(self, at: int, type_name: str, config: Config) -> LayerSpec | None:
        if type_name not in LAYER_TYPES:
            self._note(at, type_name, "is not a layer type that tuinn knows, and is left out")
            return None
        row, values = LAYER_TYPES[type_name], dict(config)
        if row.wraps:
            inner = config.get("layer") or {}
            values = {**(inner.get("config") or {}), **values, "layer": inner.get("class_name")}
        if values.get("data_format") == "channels_first":
            self._note(at, type_name, "has its channels first; tuinn has them last")
        if values.get("strides") == values.get("pool_size"):
            values.pop("strides", None)  # Keras writes down the default, too
        options = {}
        for option in row.options:
            if option.tuinn_only or option.name == "name" or values.get(option.name) is None:
                continue
            value = _value(option, values[option.name])
            if value is not _MISSING:
                options[option.name] = value
            elif option.default is not REQUIRED:
                self._note(
                    at,
                    type_name,
                    f"has {option.name} {shorten(str(values[option.name]))}, which tuinn doesn't know",
                )
        try:
            return LayerSpec.of(type_name, **options)
        except SpecError as problem:
            self._note(at, type_name, f"cannot be imported: {problem}")
            return None

    def _note(self, at: int, type_name: str, what: str) -> None:
        self.found.notes.append(f"Layer {at}, {shorten(type_name)}, {what.removesuffix('.')}.")


def _dtype(config: Config) -> str:
    """Of what a layer takes: as Keras 3 writes it, and as Keras 2 did."""
    dtype = config.get("dtype")
    return str(dtype if not isinstance(dtype, dict) else (dtype.get("config") or {}).get("name"))


def _name(config: Config) -> str:
    return str(config.get("name") or config["config"]["name"])


def _usable(name: str, taken: list[str]) -> str:
    """Keras allows names that a spec doesn't."""
    clean = re.sub(r"[^A-Za-z0-9_.\-]", "_", name)[:90].lstrip("_.-") or "layer"
    numbers = (f"{clean}_{at}" for at in range(len(taken) + 2))
    return (
        clean
        if LAYER_NAME.fullmatch(clean) and clean not in (*taken, INPUT_NAME)
        else next(n for n in numbers if n not in taken)
    )


def _inbound(nodes: object) -> Iterator[str]:
    """The names of the layers whose values the first node takes; those given by keyword are not looked at."""
    for node in nodes[:1] if isinstance(nodes, list) else []:
        yield from dict.fromkeys(_histories(node.get("args") if isinstance(node, dict) else node))


def _histories(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        history = (value.get("config") or {}).get("keras_history")
        if isinstance(history, list) and history:
            yield str(history[0])
    elif isinstance(value, list):
        if len(value) >= 3 and isinstance(value[0], str) and isinstance(value[1], int):
            yield value[0]  # before Keras 3: a name, then the numbers of a node and of a tensor
            return
        for part in value:
            yield from _histories(part)


def _value(option: Option, raw: object) -> object:
    """Keras' value as the option takes it; _MISSING where it doesn't."""
    for candidate in _candidates(option, raw):
        try:
            return option.check(candidate)
        except SpecError:
            continue
    return _MISSING


def _candidates(option: Option, raw: object) -> Iterator[object]:
    if isinstance(raw, dict):
        name, config = str(raw.get("class_name")), raw.get("config") or {}
        if isinstance(option, CallOption):
            for word, (theirs, arguments) in option.calls.items():
                if theirs == name:
                    yield f"{word}({', '.join(str(config.get(a, v)) for a, v in arguments.items())})"
        # Keras calls one initializer both uniform and random_uniform.
        short = to_snake_case(name).removeprefix("random_")
        yield from (short, to_snake_case(name)) if short == option.default else (to_snake_case(name), short)
        return
    yield raw
    if isinstance(raw, list):
        yield tuple(raw)
        if len(raw) == 1 or (len(raw) == 2 and raw[0] == raw[1]):
            yield raw[0]
        elif len(raw) == 2 and isinstance(raw[1], float) and raw[0] == -raw[1]:
            yield raw[1]  # Keras writes 0.1 down as -0.1 to 0.1


def _named(layers: list[LayerSpec], names: list[str]) -> ModelSpec:
    """The stack with Keras' names; those that it would have anyway are not written."""
    by_keras = [
        re.fullmatch(rf"{to_snake_case(layer.type_name)}(_\d+)?", name) is not None
        for layer, name in zip(layers, names, strict=True)
    ]
    short = ModelSpec(
        tuple(
            layer if free else _with_name(layer, name)
            for layer, name, free in zip(layers, names, by_keras, strict=True)
        )
    )
    if short.names() == tuple(names):
        return short
    return ModelSpec(tuple(_with_name(layer, name) for layer, name in zip(layers, names, strict=True)))


def _with_name(layer: LayerSpec, name: str) -> LayerSpec:
    return replace(layer, options={**layer.options, "name": name})


def _fit(compiled: object) -> FitSpec:
    """Optimizer and its settings, where the file has them and tuinn knows them."""
    values = compiled.get("optimizer") if isinstance(compiled, dict) else None
    row = next(
        (
            r
            for r in optimizers.OPTIMIZERS
            if isinstance(values, dict) and r.keras == values.get("class_name")
        ),
        None,
    )
    if row is None or not isinstance(values, dict) or not isinstance(values.get("config"), dict):
        return FitSpec()
    raw: dict[str, object] = {"optimizer": row.name}
    if isinstance(values["config"].get("learning_rate"), float):
        raw["learning_rate"] = float(f"{values['config']['learning_rate']:.7g}")
    for option in row.options:
        value = values["config"].get(option.name)
        if value is not None and value != option.default:
            raw[option.name] = value
    try:
        return FitSpec.of(raw)
    except SpecError:
        return FitSpec(optimizer=row.name)
