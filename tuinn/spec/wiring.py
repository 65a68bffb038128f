"""Which layer takes what: the one above, or those it names."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuinn.spec.layer_options import INPUT
from tuinn.spec.options import nearest

if TYPE_CHECKING:
    from tuinn.spec.model import ModelSpec


@dataclass(frozen=True)
class Wire:
    """What one layer takes."""

    sources: tuple[int, ...]
    """Places in the stack, counted from 0; -1 is the input. A disabled layer is passed by."""
    problem: str = ""
    """Why it cannot take what it names; empty when it can."""


def wire(model: "ModelSpec") -> tuple[Wire, ...]:
    """A wire per layer, in the stack's order."""
    names = model.names()
    place = {name: at for at, name in reversed(list(enumerate(names)))}
    place[INPUT] = -1
    wires: list[Wire] = []
    through = {-1: -1}
    """What one really takes who takes this layer."""
    for at, layer in enumerate(model.layers):
        problem = "" if place[names[at]] == at else _twice(names[at], place[names[at]])
        taken = []
        for name in layer.sources:
            if why := _refused(name, at, place):
                problem = problem or why
            else:
                taken.append(through[place[name]])
        sources = tuple(taken) or (through[at - 1],)
        through[at] = sources[0] if layer.disabled else at
        wires.append(Wire(sources, problem))
    return tuple(wires)


def _twice(name: str, first: int) -> str:
    return f"Layer {first + 1} is called {name} too. Give one of them another name."


def _refused(name: str, at: int, place: dict[str, int]) -> str:
    if name not in place:
        return f"It takes from “{name}”, and no layer is called that. {nearest(name, place)}"
    if place[name] == at:
        return f"It takes from “{name}”, and that is itself. A layer takes from layers above it."
    if place[name] > at:
        return (
            f"It takes from “{name}”, and that is layer {place[name] + 1}, below it. "
            "A layer takes from layers above it."
        )
    return ""
