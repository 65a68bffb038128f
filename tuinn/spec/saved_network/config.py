"""The architecture in a saved Keras network → a stack of layers, and what of it tuinn doesn't know."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tuinn.errors import SpecError
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import LayerSpec, Shape
from tuinn.spec.layers.layer_options import INPUT_NAME, LAYER_NAME
from tuinn.spec.layers.model import ModelSpec, to_snake_case
from tuinn.spec.options import Value
from tuinn.spec.saved_network.compiled import read_compiled
from tuinn.spec.saved_network.layer_config import ReadLayer, read_layer
from tuinn.spec.saved_network.node import Node, nodes_of
from tuinn.spec.saved_network.operation import is_operation, read_operation
from tuinn.spec.training import target_scaling
from tuinn.spec.training.decay import Decay
from tuinn.text import shorten

Config = Mapping[str, Any]
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
    settings: dict[str, Value] = field(default_factory=dict)
    """Fit settings of the compiled network, by their names in [fit]."""
    decay: Decay | None = None
    """A learning rate that falls by steps of the optimizer."""
    notes: list[str] = field(default_factory=list)
    """A sentence for each thing that was left out, or is otherwise."""
    is_exact: bool = True
    """With the weights of the file, the stack gives what the network gives."""
    taken: list[str] = field(default_factory=list)
    """A few words for each setting that is taken over."""

    @property
    def fit(self) -> FitSpec:
        """The settings that the network was compiled with; the others stand at their defaults."""
        return FitSpec().with_values(self.settings)


def read_config(raw: object) -> ImportedModel:
    """From the parsed description of a network. Raises SpecError for anything that isn't one."""
    type_name = raw.get("class_name") if isinstance(raw, dict) else None
    config = raw.get("config") if isinstance(raw, dict) else None
    layers = _layers(config)
    if type_name not in _NETWORKS or layers is None:
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
        _Reader(found).read([layer for layer in layers if isinstance(layer, dict)], config)
        if found.input_shape is None:
            found.input_shape = _built_shape(raw)
        read_compiled(raw.get("compile_config"), found.model, found)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
        if isinstance(error, SpecError):
            raise
        raise SpecError(
            "describes its network in a way that Keras does not. Save it again with Keras 3."
        ) from None
    return found


def _layers(config: object) -> list[Any] | None:
    """The layers of a network; of a Sequential, Keras 1 and 2 wrote down nothing else."""
    found = config.get("layers") if isinstance(config, dict) else config
    return found if isinstance(found, list) else None


def _built_shape(raw: Config) -> Shape | None:
    """One sample of a network without an input of its own, by what it was first called with."""
    config = raw["config"] if isinstance(raw["config"], dict) else {}
    build = raw.get("build_config") or {}
    layers = [one for one in _layers(raw["config"]) or () if isinstance(one, dict)]
    first: Config = layers[0]["config"] if layers else {}
    for shape in (
        build.get("input_shape"),
        config.get("build_input_shape"),
        first.get("batch_input_shape"),
        first.get("batch_shape"),
    ):
        if isinstance(shape, list) and shape and all(isinstance(size, int) for size in shape[1:]):
            return tuple(shape[1:])
    return None


class _Reader:
    """Makes a layer of the stack for each place at which a layer is called, once all that it takes is there."""

    def __init__(self, found: ImportedModel) -> None:
        self.found = found
        self.layers: list[LayerSpec] = []
        self.names: list[str] = []
        self.paths: list[str] = []
        self.within = ""
        """The path of the network whose layers are read, with a slash at its end."""
        self.stands_for: dict[tuple[str, int], str] = {}
        """Keras' name of a layer and the number of the call → the name, in our stack, of what gives its values."""
        self.precisions: set[str] = set()

    def read(self, configs: list[Config], network: object) -> None:
        self._input(configs)
        end = self._network(configs, INPUT_NAME)
        outputs = list(_outputs(network))
        if len(outputs) > 1:
            self.found.notes.append("It has several outputs; only the first is kept.")
            self.found.is_exact = False
        end = self.stands_for.get(outputs[0], end) if outputs else end
        if self.names and end != self.names[-1] and end in self.names:
            self._end_with(end)
        self.found.model = _named(self.layers, self.names)
        self.found.paths = tuple(self.paths)
        self._precision()

    def _end_with(self, end: str) -> None:
        """The stack ends in its last layer: those below the output, which lead nowhere, are left out."""
        at = self.names.index(end)
        for name, layer in zip(self.names[at + 1 :], self.layers[at + 1 :], strict=True):
            self.found.notes.append(f"{layer.type_name} {name} leads to no output, and is left out.")
        del self.layers[at + 1 :], self.names[at + 1 :], self.paths[at + 1 :]

    def _precision(self) -> None:
        """Mixed precision is a setting of the training."""
        mixed = sorted(word for word in self.precisions if word.startswith("mixed_"))
        others = sorted(self.precisions - {"float32", "string", "int32", "int64", *mixed})
        if mixed:
            self.found.settings["precision"] = mixed[0]
            self.found.taken.append(f"precision {mixed[0]}")
        if others:
            self.found.notes.append(f"Some layers compute in {', '.join(others)}; here they use float32.")

    def _input(self, configs: list[Config]) -> None:
        inputs = [config for config in configs if config.get("class_name") == "InputLayer"]
        if len(inputs) > 1:
            self.found.notes.append("It has several inputs; only the first is kept.")
            self.found.is_exact = False
        for config in inputs[:1]:
            shape = config["config"].get("batch_shape") or config["config"].get("batch_input_shape") or [None]
            if all(isinstance(size, int) for size in shape[1:]):
                self.found.input_shape = tuple(shape[1:])
            self.found.reads_text = _dtype(config["config"]) == "string"

    def _network(self, configs: list[Config], source: str) -> str:
        """Its layers, all of which end up in the stack; the name there of what the last one gives."""
        waiting = []
        for at, config in enumerate(configs, start=1):
            if config.get("class_name") == "InputLayer":
                self.stands_for[_name(config), 0] = source
            else:
                waiting += [(at, config, node) for node in nodes_of(config)]
        end = source
        while waiting:
            ready = next((one for one in waiting if self._is_ready(one[2])), waiting[0])
            waiting.remove(ready)
            end = self._call(*ready, end)
        return end

    def _is_ready(self, node: Node) -> bool:
        return all(place in self.stands_for for place in node.sources)

    def _call(self, at: int, config: Config, node: Node, above: str) -> str:
        """The layer at one of the places where it is called. `above`: what it takes where nothing says it."""
        name, type_name = _name(config), str(config.get("class_name"))
        sources = [self.stands_for.get(place, above) for place in node.sources] or [above]
        if type_name in _NETWORKS:
            end = self._nested(at, config, sources[0])
        elif (read := self._read(at, type_name, config, node, sources)) is None:
            end = sources[0]
        else:
            end = self._add(read, name, sources)
        self.stands_for[name, node.number] = end
        for what in node.remarks(type_name, len(dict.fromkeys(sources))):
            self._note(at, type_name, what)
        if node.number and type_name not in _NETWORKS and _has_weights(self.layers[-1:]):
            what = "is called more than once; here each place has weights of its own"
            self._note(at, type_name, what, is_exact=True)
        return end

    def _add(self, layer: LayerSpec, name: str, sources: list[str]) -> str:
        before = self.names[-1] if self.names else INPUT_NAME
        if not layer.layer_type.merges:
            sources = sources[:1]
        if layer.layer_type.merges or sources != [before]:
            layer = layer.with_options(**{"from": tuple(sources)})
        self.layers.append(layer)
        self.names.append(_usable(name, self.names))
        self.paths.append(f"{self.within}{name}")
        return self.names[-1]

    def _nested(self, at: int, config: Config, source: str) -> str:
        """The layers of a network within the network, as layers of the stack; the name of its last one."""
        outside, self.stands_for = self.stands_for, {}
        inner = config["config"]
        name = inner.get("name") if isinstance(inner, dict) else _name(config)
        around, self.within = self.within, f"{self.within}{name}/"
        layers: list[Config] = [one for one in _layers(inner) or () if isinstance(one, dict)]
        before = len(self.layers)
        end = self._network(layers, source)
        outputs = list(_outputs(inner))
        if len(outputs) > 1:
            self._note(at, str(name), "has several outputs; only the first is kept")
        end = self.stands_for.get(outputs[0], end) if outputs else end
        self.stands_for, self.within = outside, around
        if config.get("config") and isinstance(inner, dict) and inner.get("trainable") is False:
            self._freeze(before)
        return end

    def _freeze(self, since: int) -> None:
        """A network that isn't trained: nor are its layers."""
        for at in range(since, len(self.layers)):
            if _has_weights(self.layers[at : at + 1]) and "trainable" in self.layers[at].options:
                self.layers[at] = self.layers[at].with_options(trainable=False)

    def _read(
        self, at: int, type_name: str, config: Config, node: Node, sources: list[str]
    ) -> LayerSpec | None:
        if is_operation(type_name, config, len(sources)):
            made = read_operation(type_name, config, len(sources), node.constants)
            function = str((config.get("config") or {}).get("function") or type_name)
            read = ReadLayer(
                made, [] if made else [f"is {shorten(function)}, which no layer does; it is left out"]
            )
        else:
            read = read_layer(type_name, config.get("config") or {})
            self.precisions.add(_dtype(config.get("config") or {}))
        for what in read.start_notes:
            self._note(at, type_name, what, is_exact=True)
        for what in read.notes:
            self._note(at, type_name, what)
        return read.layer

    def _note(self, at: int, type_name: str, what: str, is_exact: bool = False) -> None:
        self.found.is_exact = self.found.is_exact and is_exact
        where = f" in {shorten(self.within.rstrip('/'))}" if self.within else ""
        note = f"Layer {at}{where}, {shorten(type_name)}, {what.removesuffix('.')}."
        if note not in self.found.notes:
            self.found.notes.append(note)


def _has_weights(layers: list[LayerSpec]) -> bool:
    return any(
        layer.layer_type.wraps or any(name.endswith("_initializer") for name in layer.options)
        for layer in layers
    )


def _dtype(config: Config) -> str:
    """In which type a layer computes: as Keras 3 writes it, and as Keras 2 did."""
    dtype = config.get("dtype")
    if isinstance(dtype, dict):
        dtype = (dtype.get("config") or {}).get("name")
    return str(dtype or "float32")


def _name(config: Config) -> str:
    inner = config.get("config")
    return str(config.get("name") or (inner["name"] if isinstance(inner, dict) else config["class_name"]))


def _usable(name: str, taken: list[str]) -> str:
    """Keras allows names that a spec doesn't."""
    clean = re.sub(r"[^A-Za-z0-9_.\-]", "_", name)[:90].lstrip("_.-") or "layer"
    numbers = (f"{clean}_{at}" for at in range(len(taken) + 2))
    return (
        clean
        if LAYER_NAME.fullmatch(clean) and clean not in (*taken, INPUT_NAME)
        else next(n for n in numbers if n not in taken)
    )


def _outputs(network: object) -> Iterator[tuple[str, int]]:
    """The places whose values a functional network gives: `["dense", 0, 0]`, or a list of such."""
    told = network.get("output_layers") if isinstance(network, dict) else None
    waiting = [told]
    while waiting:
        part = waiting.pop(0)
        if (
            isinstance(part, list)
            and len(part) >= 2
            and isinstance(part[0], str)
            and isinstance(part[1], int)
        ):
            yield part[0], part[1]
        elif isinstance(part, list):
            waiting = [*part, *waiting]
        elif isinstance(part, dict):
            waiting = [*part.values(), *waiting]


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
