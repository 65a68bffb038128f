"""Several layers become one."""

from collections.abc import Callable
from itertools import zip_longest

from tuinn.errors import SpecError
from tuinn.spec.layers.layer_type import LayerType, Measure, Options, Shape, format_shape, resolve_axis
from tuinn.spec.layers.types.common_options import AXIS_OPTION
from tuinn.spec.options import Bool, Ints


def _unlike(type_name: str, shapes: tuple[Shape, ...], want: str) -> SpecError:
    given = " and ".join(format_shape(shape) for shape in shapes)
    return SpecError(f"{type_name} needs {want}, but its sources give {given}.")


def _elementwise(type_name: str, two: bool = False) -> Callable[..., Measure]:
    def measure(_options: Options, *shapes: Shape) -> Measure:
        if two and len(shapes) != 2:
            raise SpecError(f"{type_name} takes two layers, and its from names {len(shapes)}.")
        out: Shape = shapes[0]
        for shape in shapes[1:]:
            pairs = list(zip_longest(reversed(out), reversed(shape), fillvalue=1))
            if any(a != b and 1 not in (a, b) for a, b in pairs):
                raise _unlike(type_name, shapes, "the same shape from each")
            # An axis of size 1 is repeated along the other's.
            out = tuple(b if a == 1 else a for a, b in reversed(pairs))
        return Measure(out)

    return measure


def _concatenate(options: Options, *shapes: Shape) -> Measure:
    if len({len(shape) for shape in shapes}) > 1:
        raise _unlike("Concatenate", shapes, "the same number of axes from each")
    at = resolve_axis(options["axis"], shapes[0], "Concatenate")
    if len({(*shape[:at], *shape[at + 1 :]) for shape in shapes}) > 1:
        raise _unlike("Concatenate", shapes, "the same sizes but along its axis")
    first = shapes[0]
    return Measure((*first[:at], sum(shape[at] for shape in shapes), *first[at + 1 :]))


def _dot(options: Options, *shapes: Shape) -> Measure:
    if len(shapes) != 2:
        raise SpecError(f"Dot takes two layers, and its from names {len(shapes)}.")
    a, b = (resolve_axis(axis, shape, "Dot") for axis, shape in zip(options["axes"], shapes, strict=True))
    if shapes[0][a] != shapes[1][b]:
        raise _unlike("Dot", shapes, "axes of the same size")
    left = (*shapes[0][:a], *shapes[0][a + 1 :])
    out = (*left, *shapes[1][:b], *shapes[1][b + 1 :])
    return Measure(out or (1,))


def _simple(name: str, help: str, formula: str, use: str, two: bool = False) -> LayerType:  # noqa: A002
    return LayerType(name, "merging", help, _elementwise(name, two), formula=formula, use=use, merges=True)


MERGING = (
    _simple(
        "Add",
        "the sum of several layers",
        "y = a + b + …, value by value.",
        "With from = a layer further up and the one above it makes a residual link: the gradient gets through however deep the network is.",
    ),
    LayerType(
        "Concatenate",
        "merging",
        "several layers side by side",
        _concatenate,
        (AXIS_OPTION,),
        "y = [a, b, …]: sizes add up along the axis, all others must agree.",
        "Branches that look at the same input in different ways (Inception), or several kinds of input.",
        merges=True,
    ),
    _simple(
        "Multiply",
        "the product of several layers",
        "y = a · b · …, value by value.",
        "A gate: one branch, ending in sigmoid, says how much of the other passes.",
    ),
    _simple(
        "Average",
        "the mean of several layers",
        "y = (a + b + …) / n, value by value.",
        "Several branches that vote.",
    ),
    _simple(
        "Maximum",
        "the largest of several layers",
        "y = max(a, b, …), value by value.",
        "Each value from the branch that is surest of it (maxout).",
    ),
    _simple(
        "Minimum",
        "the smallest of several layers",
        "y = min(a, b, …), value by value.",
        "Each value from the branch that gives least: all of them must agree before it is large.",
    ),
    _simple(
        "Subtract",
        "one layer less another",
        "y = a − b, value by value.",
        "The difference of two branches, as in networks that compare.",
        two=True,
    ),
    LayerType(
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
                length=2,
                always_written=True,
                help="the axis of each that is summed over",
            ),
            Bool("normalize", False, help="both to length 1 first: the cosine of their angle"),
        ),
        "y = Σ a · b along the axes; with normalize, the cosine of their angle.",
        "How alike two rows are: users and films, questions and answers.",
        merges=True,
    ),
)
