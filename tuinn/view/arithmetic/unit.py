"""One value of a layer: what the layer took, its weights, and the lines of its arithmetic."""

from dataclasses import dataclass, field

from tuinn.data.inspection import Inspection, Numbers, Plain, Step

Place = tuple[int, ...]
"""An index into what a step gives for one sample."""


@dataclass(frozen=True)
class Term:
    """A line of the arithmetic."""

    label: str
    value: float
    weight: float | None = None
    """What it is multiplied by; None: it counts as it is."""
    share: float | None = None
    """What the line gives, where that isn't value × weight."""

    @property
    def product(self) -> float:
        if self.share is not None:
            return self.share
        return self.value if self.weight is None else self.value * self.weight


@dataclass(frozen=True)
class Arithmetic:
    """How a value came about."""

    head: str
    """In a few words."""
    terms: tuple[Term, ...]
    closing: tuple[tuple[str, float], ...] = ()
    """Numbers that come in besides the terms, such as the bias."""
    result: float = 0.0
    """Worked out from these, not copied from the layer."""
    is_sum: bool = True
    """Whether the terms are added up, so that the largest come first where there are many."""


@dataclass(frozen=True)
class Unit:
    """One value of a step, and what the step took."""

    step: Step
    place: Place
    inputs: tuple[Numbers, ...]
    sources: tuple[Step, ...]
    weights: dict[str, Numbers] = field(default_factory=dict)

    @property
    def x(self) -> Numbers:
        return self.inputs[0]

    def weight(self, name: str) -> Numbers | None:
        """By its name, or the end of it: a wrapper puts the name of the layer inside before it."""
        found = (array for key, array in self.weights.items() if key == name or key.endswith(f"/{name}"))
        return next(found, None)

    def needs(self, name: str) -> Numbers:
        """Raises LookupError where it isn't kept."""
        found = self.weight(name)
        if found is None:
            raise LookupError(name)
        return found

    def option(self, name: str, default: Plain = None) -> Plain:
        value = self.step.options.get(name)
        return default if value is None else value

    def sizes(self, name: str, rank: int, default: int = 1) -> Place:
        """An option that is one number for every axis, or one for each."""
        value = self.option(name, default)
        if isinstance(value, list):
            return tuple(int(part) for part in value if isinstance(part, int))
        return (int(value) if isinstance(value, int) else default,) * rank

    def label(self, place: Place, source: int = 0) -> str:
        """What a value of a source is called."""
        labels = self.sources[source].labels
        if labels and len(place) == 1 and place[0] < len(labels):
            return labels[place[0]]
        name = f"v{self.step.sources[source]}"  # as the line of NumPy names it
        return f"{name}[{','.join(str(at) for at in place)}]" if place else name


def unit_of(inspection: Inspection, step: int, place: Place) -> Unit | None:
    """None where what the step took isn't kept."""
    told = inspection.steps[step]
    inputs = tuple(inspection.values(source) for source in told.sources)
    found = tuple(values for values in inputs if values is not None)
    if not told.sources or len(found) < len(inputs):
        return None
    weights = {name: array for name in told.weights if (array := inspection.weight(step, name)) is not None}
    return Unit(told, place, found, tuple(inspection.steps[source] for source in told.sources), weights)
