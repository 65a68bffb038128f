"""Drafts for hypothesis, made from the rows of the catalogue: a new option is tested as soon as it has a row."""

from hypothesis import strategies as st

from tuinn.spec.dataset import DATASET_OPTIONS, DatasetSpec
from tuinn.spec.fit import FIT_OPTIONS, Device, FitSpec, Names
from tuinn.spec.layers import CATALOGUE, LayerKind, LayerSpec
from tuinn.spec.model import ModelSpec
from tuinn.spec.options import Choice, Flag, Int, Ints, Option, Real, Text
from tuinn.spec.run import RunSpec

SMALL = 40
"""Sizes up to here for stacks that are to fit now and then."""


def values(option: Option, most: int | None = None) -> st.SearchStrategy:
    """Every value that this option allows; whole numbers up to `most`."""
    match option:
        case Device():
            return st.sampled_from(["auto", "cpu", "gpu", "gpu:0", "gpu:12"])
        case Names(choices=choices):
            return st.lists(st.sampled_from(choices), unique=True).map(tuple)
        case Int(low=low, high=high):
            return st.integers(low, min(high, most or high))
        case Real(low=low, high=high, above=above, below=below):
            return st.floats(
                None if low == float("-inf") else low,
                None if high == float("inf") else high,
                exclude_min=above,
                exclude_max=below,
                allow_nan=False,
                allow_infinity=False,
            )
        case Choice(choices=choices):
            return st.sampled_from(choices)
        case Flag():
            return st.booleans()
        case Ints(low=low, high=high, pair=pair, optional=optional):
            lists = st.lists(st.integers(low, min(high, most or high)), min_size=1, max_size=2 if pair else 4)
            return lists | st.none() if optional else lists
        case Text(most=longest):
            return st.text(st.characters().filter(str.isprintable), min_size=1, max_size=longest)
    raise AssertionError(option)


def layers(most: int | None = None) -> st.SearchStrategy[LayerSpec]:
    return st.sampled_from(CATALOGUE).flatmap(lambda kind: layer_of(kind, most))


def layer_of(kind: LayerKind, most: int | None = None) -> st.SearchStrategy[LayerSpec]:
    options = {option.name: values(option, most) for option in kind.options}
    return st.fixed_dictionaries(options).map(lambda told: LayerSpec.of(kind.name, **told))


def stacks(most: int | None = None) -> st.SearchStrategy[ModelSpec]:
    return st.lists(layers(most), max_size=6).map(lambda found: ModelSpec(tuple(found)))


def fits() -> st.SearchStrategy[FitSpec]:
    return st.fixed_dictionaries({option.name: values(option) for option in FIT_OPTIONS}).map(FitSpec.of)


def specs() -> st.SearchStrategy[RunSpec]:
    """Any spec that can be written, trainable or not."""
    data = st.fixed_dictionaries({option.name: values(option) for option in DATASET_OPTIONS})
    return st.builds(RunSpec, data.map(DatasetSpec.of), stacks(), fits())


def small_specs() -> st.SearchStrategy[RunSpec]:
    """Specs with small layers, so that some of them fit their data."""
    return st.builds(RunSpec, st.just(DatasetSpec()), stacks(SMALL), fits())
