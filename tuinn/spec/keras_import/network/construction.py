"""What the code has made so far, and what there is to say about it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from tuinn.errors import SpecError
from tuinn.spec.keras_import.network.values import (
    ClassValue,
    Function,
    FunctionLayer,
    InputLayer,
    Instance,
    Layer,
    Network,
    Tensor,
)
from tuinn.spec.keras_import.report import Note, NoteKind, refusal
from tuinn.spec.layers.catalog import LayerSpec, Shape
from tuinn.spec.layers.model import to_snake_case
from tuinn.spec.layers.shapes import measure_layer

MOST_STEPS = 60_000
"""Of reading: expressions that are looked at, a loop's as often as it turns."""
MOST_TENSORS = 5_000


@dataclass
class Construction:
    """Parts of networks in the order of their making."""

    layers: list[Layer | FunctionLayer] = field(default_factory=list)
    tensors: list[Tensor] = field(default_factory=list)
    networks: list[Network] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    classes: list[ClassValue] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)
    """Objects of classes made of Keras' Model or Layer."""
    loose: list[object] = field(default_factory=list)
    """Layers that stand alone, as in a few lines out of a list."""
    notes: list[Note] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    """How many layers without a name there are of each type."""
    seed: tuple[int, int] | None = None
    """The seed that the code sets, and the line."""
    precision: tuple[str, int] | None = None
    """The policy of types that the code sets, such as `mixed_float16`, and the line."""
    taken: int = 0
    """Counts compiles and fits."""
    clock: int = 0
    """Counts what was done to any network."""
    first_line: int = 1
    """Where the code begins."""
    line: int = 1
    """The line that is being read."""
    text: str = ""
    """The call that is being read."""
    spoiled: list[object] = field(default_factory=list)
    """Lists and dicts that something unknown may have changed."""
    uncertain: str = ""
    """Why it isn't known whether, or how often, the code that is being read runs; empty where it surely does."""
    steps: int = 0
    call: Callable[[object, tuple[object, ...], Mapping[str, object]], object] | None = None
    """Calls a function or an object of the code; the interpreter sets it."""

    def refuse(self, why: str, path: str = "", line: int = 0) -> SpecError:
        """The error to raise for this line, or for another one."""
        return refusal(line or self.line, why, path)

    def parts(self) -> tuple[int, int, int, int, list[bool]]:
        """How much there is; `back_to` takes away what came after it."""
        used = [network.used for network in self.networks]
        return len(self.layers), len(self.tensors), len(self.networks), len(self.instances), used

    def back_to(self, parts: tuple[int, int, int, int, list[bool]]) -> None:
        """Forget what was made since, for it is no part of the network."""
        layers, tensors, networks, instances, used = parts
        del self.layers[layers:], self.tensors[tensors:], self.networks[networks:], self.instances[instances:]
        for network, was in zip(self.networks, used, strict=True):
            network.used = was

    def note(self, kind: NoteKind, text: str, line: int = 0) -> None:
        """Say it in the import report, once."""
        note = Note(line or self.line, kind, text)
        if note not in self.notes:
            self.notes.append(note)

    def step(self) -> None:
        """Count a step of reading. Raises SpecError where there are too many."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise self.refuse(
                f"Reading this takes more than {MOST_STEPS:,} steps. Paste the lines of the network alone."
            )

    def touch(self) -> None:
        """Count a change to a network. Raises SpecError where it isn't known whether it happens."""
        if self.uncertain:
            raise self.refuse(f"Part of the network depends on {self.uncertain}. Write it out.")
        self.clock += 1

    @contextmanager
    def unsure(self, why: str) -> Iterator[None]:
        """Read what may run or not; `why` is what it depends on."""
        before = self.uncertain
        self.uncertain = before or why
        try:
            yield
        finally:
            self.uncertain = before

    def spoil(self, value: object) -> None:
        """Say that a list or a dict may hold something else now."""
        if isinstance(value, list | dict) and not self.is_spoiled(value):
            self.spoiled.append(value)

    def is_spoiled(self, value: object) -> bool:
        """True for a list or a dict of which it isn't known what it holds."""
        return isinstance(value, list | dict) and any(one is value for one in self.spoiled)

    def new_layer(self, spec: LayerSpec, line: int = 0) -> Layer:
        """A layer object."""
        self.touch()
        layer = Layer(spec, line or self.line, keras_name=self._keras_name(spec))
        self.layers.append(layer)
        return layer

    def _keras_name(self, spec: LayerSpec) -> str:
        if spec.name is not None:
            return spec.name
        stem = to_snake_case(spec.type_name)
        count = self.counts.get(stem, 0)
        self.counts[stem] = count + 1
        return f"{stem}_{count}" if count else stem

    def new_input(self, shape: Shape | None) -> Tensor:
        """A tensor that nothing gives."""
        return self._new_tensor(None, (), shape)

    def apply(self, layer: Layer, sources: tuple[Tensor, ...]) -> Tensor:
        """What the layer gives for these tensors."""
        shape = None
        known = tuple(source.shape for source in sources if source.shape is not None)
        if len(known) == len(sources):
            given = known[:1] if layer.spec.type_name == "MultiHeadAttention" else known
            try:
                shape = measure_layer(layer.spec, given).shape
            except SpecError:
                shape = None  # the summary of the whole network says why
        tensor = self._new_tensor(layer, sources, shape)
        layer.used = True
        layer.outputs.append(tensor)
        return tensor

    def _new_tensor(self, layer: Layer | None, sources: tuple[Tensor, ...], shape: Shape | None) -> Tensor:
        self.touch()
        if len(self.tensors) >= MOST_TENSORS:
            raise self.refuse(f"The network has more than {MOST_TENSORS:,} parts.")
        tensor = Tensor(layer, sources, self.line, len(self.tensors), shape)
        self.tensors.append(tensor)
        return tensor

    def new_network(self, network: Network) -> Network:
        self.touch()
        network.changed_at = self.clock
        self.networks.append(network)
        return network

    def changed(self, network: Network) -> None:
        """Say that something was added to it."""
        self.touch()
        network.changed_at = self.clock
        network.inputs, network.outputs = [], []


def as_input_layer(tensor: Tensor) -> InputLayer:
    """An `Input` that stands in the list of a Sequential."""
    return InputLayer(tensor.shape, tensor.line)
