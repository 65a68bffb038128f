"""Networks that train and disappoint: what is said of them, and that the remedy ends it."""

import re

import pytest

from tuinn.data.catalogue import find
from tuinn.spec.advice import advise
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers import CATALOGUE, LayerSpec
from tuinn.spec.problem import SpecProblem
from tuinn.spec.run import RunSpec, stack
from tuinn.spec.shapes import summarise

FASHION = find("fashion_mnist_mini").facts
CANCER = find("breast_cancer").facts
IRIS = find("iris").facts
SCALE = LayerSpec.of("Rescaling", scale=1 / 255)
FLAT = LayerSpec.of("Flatten")


def dense(units: int, activation: str = "linear") -> LayerSpec:
    return LayerSpec.of("Dense", units=units, activation=activation)


def spec_of(dataset: str, *layers: LayerSpec) -> RunSpec:
    return RunSpec(DatasetSpec(dataset), stack(*layers), FitSpec())


@pytest.mark.parametrize(
    ("spec", "facts", "sentence", "remedy"),
    [
        (
            spec_of("breast_cancer", LayerSpec.of("Normalization"), dense(1, "softmax")),
            CANCER,
            "layer 2: softmax over one output is always 1; binary classification with 1 output wants sigmoid.",
            "set layer 2’s activation to sigmoid",
        ),
        (
            spec_of("fashion_mnist_mini", SCALE, FLAT, dense(10, "softmax"), LayerSpec.of("Dropout")),
            FASHION,
            "layer 4: Dropout after the last layer spoils the answers themselves while training.",
            "remove layer 4",
        ),
        (
            spec_of(
                "fashion_mnist_mini",
                SCALE,
                FLAT,
                dense(9, "relu"),
                LayerSpec.of("ReLU"),
                dense(10, "softmax"),
            ),
            FASHION,
            "layer 4: Two activations in a row: relu in layer 3, then relu.",
            "remove layer 4",
        ),
        (
            spec_of("iris", dense(5000, "relu"), dense(5000, "relu"), dense(3, "softmax")),
            IRIS,
            f"layer 2: 25,045,003 parameters learn {IRIS.train} samples by heart rather than from them.",
            "make every layer at most 128 wide",
        ),
        (
            spec_of(
                "fashion_mnist_mini", SCALE, LayerSpec.of("Conv2D", filters=8, kernel_size=3), FLAT, dense(10)
            ),
            FASHION,
            "layer 2: Conv2D needs height × width × channels, but the layer above gives 28 × 28.",
            "insert Reshape 28×28×1 before layer 2",
        ),
        (
            spec_of(
                "digits",
                LayerSpec.of("Reshape", target_shape=[8, 8, 1]),
                LayerSpec.of("Conv2D", filters=8, kernel_size=9),
            ),
            find("digits").facts,
            "layer 2: The kernel 9 × 9 is larger than its input 8 × 8. Make it smaller, pad with “same”, or pool less above.",
            "pad layer 2 with “same”",
        ),
    ],
)
def test_what_disappoints_is_said_and_its_remedy_ends_it(spec, facts, sentence, remedy):
    (problem,) = [one for one in advise(spec, facts) if str(one) == sentence]
    assert problem.remedies[0].label == remedy
    for one in problem.remedies:
        left = [left.message.split(" ")[0:3] for left in advise(one.spec, facts)]
        assert problem.message.split(" ")[0:3] not in left


def test_a_network_larger_than_the_memory_is_told_before_it_is_trained():
    spec = spec_of("fashion_mnist_mini", SCALE, FLAT, dense(1_000_000, "relu"), dense(10, "softmax"))
    (problem,) = advise(spec, FASHION, memory=4 * 2**30)
    assert problem.message == ("Training keeps 12 GiB for 795,000,010 parameters, and this machine has 4.")
    for remedy in problem.remedies:
        assert not any("GiB" in str(left) for left in advise(remedy.spec, FASHION, memory=4 * 2**30))


def test_a_network_of_disabled_layers_is_none():
    spec = spec_of("iris", LayerSpec.of("Dense", units=3, disabled=True)).with_fit(batch_size=16)
    (problem,) = advise(spec, IRIS)
    assert problem.message == "Every layer is disabled."
    assert advise(problem.remedies[0].spec, IRIS) == ()


@pytest.mark.parametrize("kind", CATALOGUE, ids=lambda kind: kind.name)
def test_every_kind_has_a_line_of_help_a_formula_and_what_it_is_for(kind):
    assert kind.help
    assert "\n" not in kind.help
    assert len(kind.help) < 70
    assert re.search("[=→⌊]|factor|window", kind.formula), kind.formula
    assert kind.formula.endswith(".")
    assert kind.use.endswith(".")
    assert len(kind.formula) + len(kind.use) < 330, "more than the picker shows"
    assert all(option.help for option in kind.options)


@pytest.mark.parametrize(
    ("kind", "options", "name"),
    [
        ("Dense", {"units": 10**12}, "units"),
        ("Dense", {"units": ""}, "units"),
        ("Dense", {"units": 3, "kernel_regularizer": "l3(0.1)"}, "kernel_regularizer"),
        ("Dense", {"units": 3, "kernel_regularizer": "l2(-1)"}, "kernel_regularizer"),
        ("Dense", {"units": 3, "kernel_initializer": "best"}, "kernel_initializer"),
        ("Conv2D", {"filters": 1, "kernel_size": 0}, "kernel_size"),
        ("Conv2D", {"filters": 1, "kernel_size": 3, "strides": 0}, "strides"),
        ("Dropout", {"rate": -0.1}, "rate"),
        ("Dropout", {"rate": 1}, "rate"),
        ("ZeroPadding2D", {"padding": [1, 2, 3]}, "padding"),
        ("Add", {"from": []}, "from"),
        ("Add", {"from": ["a/b"]}, "from"),
        ("RandomContrast", {"value_range": [1, 0]}, "value_range"),
    ],
)
def test_a_value_that_keras_would_choke_on_is_refused_by_its_name(kind, options, name):
    with pytest.raises(SpecProblem) as caught:
        LayerSpec.of(kind, **options)
    assert caught.value.path == name
    assert str(caught.value).endswith(".")


def test_strides_larger_than_the_input_leave_one_value():
    layer = LayerSpec.of("Conv2D", filters=1, kernel_size=3, strides=99)
    assert summarise(stack(layer), (8, 8, 1)).output == (1, 1, 1)
