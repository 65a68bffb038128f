"""Drafts for hypothesis, made from the rows of the catalog: a new option is tested as soon as it has a row."""

from typing import Any

from hypothesis import strategies as st

from tuinn.spec.dataset import DATASET_OPTIONS, DatasetSpec
from tuinn.spec.fit import FIT_OPTIONS, Choices, Device, FitSpec
from tuinn.spec.layers.catalog import CATALOG, LayerSpec, LayerType
from tuinn.spec.layers.layer_options import AxisPadding, CallOption, Floats, NameOption, SavedLayer, Sources
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.options import Bool, Choice, Float, Int, Ints, Option, Text, Texts
from tuinn.spec.run import RunSpec
from tuinn.spec.weights import WEIGHTS_OPTIONS, WeightsSpec

SMALL = 40
"""Sizes up to here for stacks that are to fit now and then."""


PRINTABLE = st.characters(exclude_categories=("C", "Z"), include_characters=" ").filter(str.isprintable)


def values(option: Option, most: int | None = None) -> st.SearchStrategy:
    """Every value that this option allows; whole numbers up to `most`."""
    match option:
        case Device():
            return st.sampled_from(["auto", "all", "cpu", "gpu", "gpu:0", "gpu:12", "gpu:0,2", "cpu:0,1"])
        case Choices(choices=choices):
            return st.lists(st.sampled_from(choices), unique=True).map(tuple)
        case Int(low=low, high=high, optional=optional):
            return maybe(st.integers(low, min(high, most or high)), optional)
        case Float(low=low, high=high, exclude_low=above, exclude_high=below, optional=optional):
            numbers = st.floats(
                None if low == float("-inf") else low,
                None if high == float("inf") else high,
                exclude_min=above,
                exclude_max=below,
                allow_nan=False,
                allow_infinity=False,
            )
            return maybe(numbers, optional)
        case Choice(choices=choices):
            return st.sampled_from(choices)
        case Bool():
            return st.booleans()
        case Ints(low=low, high=high, length=each, optional=optional):
            numbers = st.integers(low, min(high, most or high))
            return maybe(st.lists(numbers, min_size=each or 1, max_size=each or 4), optional)
        case AxisPadding(axes=axes, high=high):
            ends = st.integers(0, min(high, most or high))
            return ends | st.lists(ends, min_size=2 * axes, max_size=2 * axes)
        case Floats(count=count, optional=optional):
            numbers = st.floats(-1e9, 1e9, allow_nan=False).map(lambda number: number + 0.0)
            rising = st.lists(numbers, min_size=count or 1, max_size=count or 4, unique=True).map(sorted)
            return maybe(rising, optional)
        case CallOption(calls=calls):
            return st.none() | st.sampled_from(
                [f"{word}(0.25)" if args else word for word, (_, args) in calls.items()]
            )
        case SavedLayer():
            return st.none() | st.sampled_from(["conv2d", "backbone/dense_1", "_odd.1"])
        case NameOption():
            return st.none() | st.sampled_from(["a", "b", "block.1", "stem-2"])
        case Sources():
            names = st.sampled_from(["input", "a", "b", "dense", "add", "nobody"])
            return st.none() | names | st.lists(names, min_size=1, max_size=3)
        case Text(max_length=longest, optional=optional):
            return st.text(PRINTABLE, min_size=0 if optional else 1, max_size=min(longest, 300))
        case Texts():
            return st.lists(st.text(PRINTABLE, min_size=1, max_size=20), max_size=4).map(tuple)
    raise AssertionError(option)


def maybe(drawn: st.SearchStrategy, optional: bool) -> st.SearchStrategy:
    return drawn | st.none() if optional else drawn


def layers(most: int | None = None) -> st.SearchStrategy[LayerSpec]:
    return st.sampled_from(CATALOG).flatmap(lambda layer_type: layer_of(layer_type, most))


@st.composite
def layer_of(draw: st.DrawFn, layer_type: LayerType, most: int | None = None) -> LayerSpec:
    """Any layer of this type. Of the options that few ever change, at most two are changed."""
    rare = [option for option in layer_type.options if option.advanced]
    changed = [option for option in layer_type.options if not option.advanced]
    changed += draw(st.lists(st.sampled_from(rare), max_size=2, unique_by=id))
    return LayerSpec.of(layer_type.name, **{option.name: draw(values(option, most)) for option in changed})


def stacks(most: int | None = None) -> st.SearchStrategy[ModelSpec]:
    return st.lists(layers(most), max_size=6).map(lambda found: ModelSpec(tuple(found)))


def fits() -> st.SearchStrategy[FitSpec]:
    return st.fixed_dictionaries({option.name: values(option) for option in FIT_OPTIONS}).map(FitSpec.of)


def specs() -> st.SearchStrategy[RunSpec]:
    """Any spec that can be written, trainable or not."""
    data = st.fixed_dictionaries({option.name: values(option) for option in DATASET_OPTIONS})
    weights = st.fixed_dictionaries({option.name: values(option) for option in WEIGHTS_OPTIONS})
    return st.builds(
        RunSpec, data.map(one_source).map(DatasetSpec.of), stacks(), fits(), weights.map(WeightsSpec.of)
    )


def one_source(raw: dict[str, Any]) -> dict[str, Any]:
    """A dataset has a name or a path, not both."""
    return {**raw, "name": ""} if raw["path"] else raw


def small_specs() -> st.SearchStrategy[RunSpec]:
    """Specs with small layers, so that some of them fit their data."""
    return st.builds(RunSpec, st.just(DatasetSpec()), stacks(SMALL), fits())
