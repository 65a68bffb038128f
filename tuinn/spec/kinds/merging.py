"""Several layers become one."""

from collections.abc import Callable
from itertools import zip_longest

from tuinn.spec.kind import LayerKind, Measure, Options, Shape, axis_in, by_text
from tuinn.spec.kinds.rows import AXIS
from tuinn.spec.options import Flag, Ints
from tuinn.spec.problem import SpecProblem


def _unlike(kind: str, shapes: tuple[Shape, ...], want: str) -> SpecProblem:
    given = " and ".join(by_text(shape) for shape in shapes)
    return SpecProblem(f"{kind} needs {want}, but its sources give {given}.")


def _elementwise(kind: str, two: bool = False) -> Callable[..., Measure]:
    def measure(_options: Options, *shapes: Shape) -> Measure:
        if two and len(shapes) != 2:
            raise SpecProblem(f"{kind} takes two layers, and its from names {len(shapes)}.")
        out: Shape = shapes[0]
        for shape in shapes[1:]:
            pairs = list(zip_longest(reversed(out), reversed(shape), fillvalue=1))
            if any(a != b and 1 not in (a, b) for a, b in pairs):
                raise _unlike(kind, shapes, "the same shape from each")
            # An axis of size 1 is repeated along the other's.
            out = tuple(b if a == 1 else a for a, b in reversed(pairs))
        return Measure(out)

    return measure


def _concatenate(options: Options, *shapes: Shape) -> Measure:
    if len({len(shape) for shape in shapes}) > 1:
        raise _unlike("Concatenate", shapes, "the same number of axes from each")
    at = axis_in(options["axis"], shapes[0], "Concatenate")
    if len({(*shape[:at], *shape[at + 1 :]) for shape in shapes}) > 1:
        raise _unlike("Concatenate", shapes, "the same sizes but along its axis")
    first = shapes[0]
    return Measure((*first[:at], sum(shape[at] for shape in shapes), *first[at + 1 :]))


def _dot(options: Options, *shapes: Shape) -> Measure:
    if len(shapes) != 2:
        raise SpecProblem(f"Dot takes two layers, and its from names {len(shapes)}.")
    a, b = (axis_in(axis, shape, "Dot") for axis, shape in zip(options["axes"], shapes, strict=True))
    if shapes[0][a] != shapes[1][b]:
        raise _unlike("Dot", shapes, "axes of the same size")
    left = (*shapes[0][:a], *shapes[0][a + 1 :])
    out = (*left, *shapes[1][:b], *shapes[1][b + 1 :])
    return Measure(out or (1,))


def _simple(name: str, help: str, formula: str, two: bool = False) -> LayerKind:  # noqa: A002
    return LayerKind(name, "merging", help, _elementwise(name, two), more=formula, merges=True)


MERGING = (
    _simple(
        "Add",
        "the sum of several layers",
        'y = a + b + …; with from = ["here", "above"] it makes a residual link.',
    ),
    LayerKind(
        "Concatenate",
        "merging",
        "several layers side by side",
        _concatenate,
        (AXIS,),
        "Widths add up along the axis; all other sizes must agree.",
        merges=True,
    ),
    _simple("Multiply", "the product of several layers", "y = a · b · …, value by value; a gate."),
    _simple("Average", "the mean of several layers", "y = (a + b + …) / n."),
    _simple("Maximum", "the largest of several layers", "y = max(a, b, …), value by value."),
    _simple("Subtract", "one layer less another", "y = a − b.", two=True),
    LayerKind(
        "Dot",
        "merging",
        "scalar products of two layers",
        _dot,
        (
            Ints(
                "axes",
                (-1, -1),
                low=-8,
                high=8,
                each=2,
                told=True,
                help="the axis of each that is summed over",
            ),
            Flag("normalize", False, help="both to length 1 first: the cosine of their angle"),
        ),
        "y = Σ a · b along the axes.",
        merges=True,
    ),
)
