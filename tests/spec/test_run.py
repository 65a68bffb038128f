"""A spec as TOML: it comes back as it went, and what is not allowed is refused in one sentence with its path."""

from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import specs
from tuinn.errors import SpecError
from tuinn.spec.presets.catalog import PRESETS
from tuinn.spec.run import RunSpec

ISSUE = """
[dataset]
name = "fashion_mnist_mini"
validation = 0.1
[[layers]]
kind = "Dense"
units = 154
activation = "relu"
[fit]
optimizer = "adam"
learning_rate = 1e-3
loss = "auto"
metrics = ["accuracy"]
epochs = 5
batch_size = 128
seed = 7
device = "auto"
"""


T = TypeVar("T")


def problem_with(read: Callable[[T], object], document: T) -> str:
    """What the reader says of this document; empty when it takes it."""
    try:
        read(document)
    except SpecError as problem:
        return str(problem)
    return ""


@given(specs())
def test_every_spec_comes_back_from_its_toml(spec: RunSpec) -> None:
    assert RunSpec.from_toml(spec.toml()) == spec


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_comes_back_from_its_toml(name: str) -> None:
    spec = PRESETS[name]()
    assert RunSpec.from_toml(spec.toml()) == spec


def test_an_empty_document_is_the_defaults() -> None:
    assert RunSpec.from_toml("") == RunSpec()


def test_what_is_left_out_has_its_default() -> None:
    spec = RunSpec.from_toml(ISSUE)
    assert spec.fit == RunSpec().fit
    options = spec.model.layers[0].options
    assert (options["units"], options["activation"]) == (154, "relu")
    assert options["use_bias"] is True
    assert options["kernel_initializer"] == "glorot_uniform"


BAD_VALUES = [
    ("fit", "epochs = 0", "fit.epochs", "a whole number from 1 to 1,000,000, not 0"),
    ("fit", "epochs = true", "fit.epochs", "a whole number"),
    ("fit", "epochs = 2.0", "fit.epochs", "a whole number"),
    ("fit", "learning_rate = 0", "fit.learning_rate", "a number above 0 to 100, not 0"),
    ("fit", "learning_rate = -1", "fit.learning_rate", "a number above 0 to 100, not -1"),
    ("fit", 'learning_rate = "abc"', "fit.learning_rate", "a number above 0 to 100, not 'abc'"),
    ("fit", "learning_rate = nan", "fit.learning_rate", "a number above 0"),
    ("fit", "learning_rate = inf", "fit.learning_rate", "a number above 0"),
    ("fit", f"learning_rate = 1{'0' * 400}", "fit.learning_rate", "a number above 0"),
    ("fit", f"epochs = 0x{'f' * 5000}", "fit.epochs", "a whole number from 1 to 1,000,000"),
    ("fit", 'batch_size = ""', "fit.batch_size", "not nothing"),
    ("fit", "seed = -1", "fit.seed", "a whole number from 0"),
    ("fit", 'device = "tpu"', "fit.device", "auto, cpu, gpu, or gpu:N"),
    ("fit", 'optimizer = "adamm"', "fit.optimizer", "one of adam, sgd"),
    ("fit", 'metrics = "accuracy"', "fit.metrics", "any of accuracy"),
    ("fit", "metrics = [[1]]", "fit.metrics", "any of accuracy"),
    ("fit", "epoch = 3", "fit.epoch", "Did you mean epochs?"),
    ("fit", "zzz = 3", "fit.zzz", "There are optimizer, learning_rate"),
    ("dataset", "validation = 1.0", "dataset.validation", "a number from 0 to 0.9"),
    ("dataset", 'name = "a\\u001b[2Jb"', "dataset.name", "printable characters"),
    ("[layers]", "units = 3", "layers[1].kind", "must name a layer type: Dense"),
    ("[layers]", 'kind = "Dnse"', "layers[1].kind", "Did you mean Dense?"),
    ("[layers]", "kind = 3", "layers[1].kind", "must name a layer type"),
    ("[layers]", 'kind = "Dense"', "layers[1].units", "is missing; it must be a whole number from 1"),
    ("[layers]", 'kind = "Dense"\nunits = 0', "layers[1].units", "from 1 to 1,000,000, not 0"),
    ("[layers]", 'kind = "Dense"\nunits = -1', "layers[1].units", "from 1 to 1,000,000, not -1"),
    ("[layers]", 'kind = "Dense"\nunits = 1.5', "layers[1].units", "from 1 to 1,000,000, not 1.5"),
    ("[layers]", 'kind = "Dense"\nunits = 1000000000000', "layers[1].units", "from 1 to 1,000,000"),
    ("[layers]", 'kind = "Dense"\nunits = "many"', "layers[1].units", "from 1 to 1,000,000, not 'many'"),
    ("[layers]", 'kind = "Dense"\nunits = 3\nrate = 1', "layers[1].rate", "is not a setting of Dense"),
    ("[layers]", 'kind = "Dropout"\nrate = 1', "layers[1].rate", "a number from 0 to below 1"),
    (
        "[layers]",
        'kind = "Conv2D"\nfilters = 1\nkernel_size = [1, 2, 3]',
        "layers[1].kernel_size",
        "one or two",
    ),
    ("[layers]", 'kind = "Reshape"\ntarget_shape = [-1, -1]', "layers[1].target_shape", "one may be -1"),
    ("[layers]", 'kind = "Reshape"\ntarget_shape = []', "layers[1].target_shape", "whole numbers from 1"),
]


@pytest.mark.parametrize(("table", "line", "path", "allowed"), BAD_VALUES)
def test_a_bad_value_is_refused_with_its_path_and_what_is_allowed(
    table: str, line: str, path: str, allowed: str
) -> None:
    with pytest.raises(SpecError) as caught:
        RunSpec.from_toml(f"[{table}]\n{line}")
    assert caught.value.path == path
    assert allowed in str(caught.value)


BAD_DOCUMENTS = [
    ("model = 3", "model: is not a table of a spec"),
    ("fit = 3", "fit: must be a table, written [fit]"),
    ("layers = 3", "layers: must be a list of tables"),
    ("layers = [3]", "layers[1].kind: must name a layer type"),
    ("[layers]\nkind = 'Dense'", "layers: must be a list of tables"),
    ("[fit", "This is not TOML"),
    ("x = 1\nx = 2", "This is not TOML"),
    (f"x = {'[' * 100_000}", "nested too deep"),
    (f"[fit]\nepochs = {'9' * 5000}", "This is not TOML"),
]


@pytest.mark.parametrize(
    ("document", "sentence"), BAD_DOCUMENTS, ids=[text[:20] for text, _ in BAD_DOCUMENTS]
)
def test_a_document_of_another_form_is_refused_in_one_sentence(document: str, sentence: str) -> None:
    with pytest.raises(SpecError) as caught:
        RunSpec.from_toml(document)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    "document",
    [
        '"a\\u001b[2J" = 1',
        '[fit]\n"a\\nb\\u001b[2J" = 1',
        '[[layers]]\nkind = "\\u001b[2J"',
        '[[layers]]\nkind = "Dense"\nunits = "\\u001b[2J"',
        '[fit]\noptimizer = "\\u001b[2J"',
    ],
)
def test_no_sentence_carries_a_document_s_escape_codes_to_the_terminal(document: str) -> None:
    with pytest.raises(SpecError) as caught:
        RunSpec.from_toml(document)
    assert str(caught.value).isprintable()


@given(st.text())
def test_any_text_is_a_spec_or_a_problem_in_one_line(text: str) -> None:
    assert problem_with(RunSpec.from_toml, text).isprintable()


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KNOWN = st.sampled_from(["kind", "units", "epochs", "learning_rate", "metrics", "name", "device", "seed"])
TABLE = st.dictionaries(KNOWN, JSONISH, max_size=4)


@given(
    st.fixed_dictionaries({}, optional={"dataset": TABLE, "layers": st.lists(TABLE) | JSONISH, "fit": TABLE})
)
def test_any_values_under_known_names_are_a_spec_or_a_problem(raw: dict[str, object]) -> None:
    assert problem_with(RunSpec.from_dict, raw).isprintable()
