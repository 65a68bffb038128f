"""Networks that train badly: each gets a warning, and its fix removes the warning."""

import re
from typing import Any

import msgspec
import pytest

from tuinn.data.catalog.catalog import find
from tuinn.errors import SpecError
from tuinn.spec.advice.advise import adapt_to_dataset, advise
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import CATALOG, LayerSpec
from tuinn.spec.layers.layer_type import LayerType
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.run import RunSpec, stack
from tuinn.spec.training.losses import resolve_loss
from tuinn.spec.training.output_layer import OUTPUT_LAYERS, OutputLayer

FASHION = find("fashion_mnist_mini").facts
CANCER = find("breast_cancer").facts
IRIS = find("iris").facts
SCALE = LayerSpec.of("Rescaling", scale=1 / 255)
FLAT = LayerSpec.of("Flatten")
DEPTH = LayerSpec.of("Reshape", target_shape=(28, 28, 1))
CROP = LayerSpec.of("RandomCrop", height=24, width=24)


def dense(units: int, activation: str = "linear") -> LayerSpec:
    return LayerSpec.of("Dense", units=units, activation=activation)


def spec_of(dataset: str, *layers: LayerSpec) -> RunSpec:
    return RunSpec(DatasetSpec(dataset), stack(*layers), FitSpec())


@pytest.mark.parametrize(
    ("spec", "facts", "sentence", "fix"),
    [
        (
            spec_of("breast_cancer", LayerSpec.of("Normalization"), dense(1, "softmax")),
            CANCER,
            "layer 2: softmax over one output is always 1; binary classification with 1 output wants sigmoid.",
            "set layer 2's activation to sigmoid",
        ),
        (
            spec_of("fashion_mnist_mini", SCALE, DEPTH, CROP, FLAT, dense(10, "softmax")),
            FASHION,
            "layer 3: RandomCrop crops in training only: the layers after it, made for 24 × 24 × 1, would get "
            "28 × 28 × 1 in validation and prediction.",
            "put CenterCrop 24 24 after layer 3",
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
            f"layer 2: 25,045,003 parameters are likely to overfit {IRIS.train} training samples.",
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
            "layer 2: The kernel 9 × 9 is larger than its input 8 × 8. Make it smaller, pad with 'same', or pool less above.",
            "pad layer 2 with 'same'",
        ),
        (
            spec_of(
                "iris",
                LayerSpec.of("Dense", units=8, name="a"),
                LayerSpec.of("Dense", units=5, name="b"),
                LayerSpec.of("Add", **{"from": ["a", "b"]}),
                dense(3, "softmax"),
            ),
            IRIS,
            "layer 3: Add needs the same shape from each, but its sources give 8 and 5.",
            "make layer 2 8 wide",
        ),
    ],
)
def test_a_network_that_trains_badly_gets_a_warning_and_the_fix_removes_it(
    spec: RunSpec, facts: DataFacts, sentence: str, fix: str
) -> None:
    (problem,) = [one for one in advise(spec, facts) if str(one) == sentence]
    assert problem.fixes[0].label == fix
    for one in problem.fixes:
        left = [left.message.split(" ")[0:3] for left in advise(one.spec, facts)]
        assert problem.message.split(" ")[0:3] not in left


SHARE = msgspec.structs.replace(find("diabetes").facts, targets=(0.0, 1.0), low=0, high=1)
AGES = msgspec.structs.replace(find("diabetes").facts, targets=(1.0, 99.0), low=0, high=1)
TAGS = msgspec.structs.replace(FASHION, task=Task.LABELS, low=0, high=1)
MANY = msgspec.structs.replace(IRIS, classes=tuple(map(str, range(2000))), train=100_000, low=0, high=1)


@pytest.mark.parametrize(
    ("facts", "last", "fit", "sentence", "fix"),
    [
        (CANCER, dense(1, "tanh"), {}, "The network ends in tanh; binary classification with 1 output wants sigmoid.", "set layer 2's activation to sigmoid"),
        (CANCER, dense(2, "sigmoid"), {}, "The network ends in sigmoid; binary classification with 2 outputs wants softmax.", "set layer 2's activation to softmax"),
        (FASHION, dense(10, "sigmoid"), {}, "The network ends in sigmoid; single-label classification with 10 outputs wants softmax.", "set layer 2's activation to softmax"),
        (TAGS, dense(10, "softmax"), {}, "The network ends in softmax; multi-label classification with 10 outputs wants sigmoid.", "set layer 2's activation to sigmoid"),
        (AGES, dense(1, "sigmoid"), {}, "The network ends in sigmoid, which gives 0 to 1, but the targets run from 1 to 99.", "set layer 2's activation to linear"),
        (SHARE, dense(1), {}, "The targets run from 0 to 1, and linear may answer outside 0 to 1; sigmoid does not.", "set layer 2's activation to sigmoid"),
        (TAGS, dense(10, "sigmoid"), {"loss": "categorical_crossentropy"}, "categorical_crossentropy wants exactly one right class for each sample, and here a sample may have several labels.", "set loss to auto"),
        (TAGS, dense(10, "sigmoid"), {"loss": "sparse_categorical_crossentropy"}, "sparse_categorical_crossentropy wants exactly one right class for each sample, and here a sample may have several labels.", "set loss to auto"),
        (CANCER, dense(1, "sigmoid"), {"loss": "sparse_categorical_crossentropy"}, "sparse_categorical_crossentropy wants an output for each of 2 classes, and the network has one.", "set loss to auto"),
        (FASHION, dense(10, "softmax"), {"loss": "sparse_categorical_crossentropy", "metrics": ("mean_squared_error",)}, "sparse_categorical_crossentropy takes class numbers, but mean_squared_error needs a 0/1 for each class.", "set loss to categorical_crossentropy"),
        (MANY, dense(2000, "softmax"), {"loss": "categorical_crossentropy"}, "categorical_crossentropy turns the labels into 100,000 × 2,000 numbers, 800 MB; the sparse one takes them as they are.", "set loss to sparse_categorical_crossentropy"),
        (AGES, dense(1), {"loss": "binary_crossentropy"}, "binary_crossentropy is for classes, and this is a regression.", "set loss to auto"),
    ],
)  # fmt: skip
def test_the_last_layer_and_the_loss_are_held_against_the_problem(
    facts: DataFacts, last: LayerSpec, fit: dict[str, Any], sentence: str, fix: str
) -> None:
    stood = stack(FLAT, last)
    metrics = ("mean_absolute_error",) if facts.task is Task.REGRESSION else ("accuracy",)
    spec = RunSpec(DatasetSpec(), stood, FitSpec(batch_size=8, **{"metrics": metrics, **fit}))
    (problem,) = [one for one in advise(spec, facts) if one.message == sentence]
    assert problem.fixes[0].label == fix
    assert not [one for one in advise(problem.fixes[0].spec, facts) if one.message == sentence]


def crop_fixes(*layers: LayerSpec) -> list[str]:
    """The fixes of the problem with RandomCrop, each of which leaves no such problem."""
    spec = spec_of("fashion_mnist_mini", SCALE, DEPTH, *layers, dense(10, "softmax"))
    found = [one for one in advise(spec, FASHION) if "crops in training only" in one.message]
    labels = [fix.label for problem in found for fix in problem.fixes]
    for problem in found:
        for fix in problem.fixes:
            assert not [one for one in advise(fix.spec, FASHION) if one.severity == "error"], fix.label
    return labels


def test_a_random_crop_is_a_problem_only_where_what_follows_needs_its_size() -> None:
    centre = LayerSpec.of("CenterCrop", height=24, width=24)
    other = LayerSpec.of("CenterCrop", height=20, width=20)
    pooled = LayerSpec.of("GlobalAveragePooling2D")
    assert crop_fixes(CROP, centre, FLAT) == []
    assert crop_fixes(CROP, other, FLAT) == []
    assert crop_fixes(CROP, pooled) == []
    assert crop_fixes(LayerSpec.of("RandomCrop", height=28, width=28), FLAT) == []
    larger = LayerSpec.of("RandomCrop", height=32, width=28)
    assert crop_fixes(larger, FLAT)[0] == "put CenterCrop 32 28 after layer 3"
    assert crop_fixes(CROP, CROP, FLAT)[0] == "put CenterCrop 24 24 after layer 4"
    named = CROP.with_options(name="cut")
    assert crop_fixes(named, FLAT.with_options(**{"from": ("cut",)})) == ["make layer 3 CenterCrop 24 24"]


@pytest.mark.parametrize("row", OUTPUT_LAYERS, ids=lambda row: row.problem)
def test_each_row_of_the_table_of_last_layers_trains_without_a_word(row: OutputLayer) -> None:
    facts = {
        "yes or no": CANCER,
        "yes or no, as two classes": CANCER,
        "one of several classes": IRIS,
        "several labels at once": TAGS,
        "a number": AGES,
        "several numbers": msgspec.structs.replace(AGES, target_names=("age", "height", "weight")),
        "a number from 0 to 1": SHARE,
    }[row.problem]
    facts = msgspec.structs.replace(facts, low=0, high=1)
    several = len(facts.classes) or len(facts.target_names)
    outputs = {"1": 1, "2": 2}.get(row.outputs, several)
    metrics = ("mean_absolute_error",) if facts.task is Task.REGRESSION else ("accuracy",)
    for loss in ("auto", row.loss):
        stood = stack(FLAT, dense(outputs, row.activations[0]))
        spec = RunSpec(DatasetSpec(), stood, FitSpec(batch_size=8, metrics=metrics, loss=loss))
        assert advise(spec, facts) == ()
        assert resolve_loss(loss, spec.model, facts, outputs).name == row.loss
    if row.problem == "a number from 0 to 1":
        assert advise(spec.with_fit(loss="binary_crossentropy"), facts) == ()


def test_a_network_larger_than_the_memory_is_a_warning_before_it_is_trained() -> None:
    spec = spec_of("fashion_mnist_mini", SCALE, FLAT, dense(1_000_000, "relu"), dense(10, "softmax"))
    (problem,) = advise(spec, FASHION, memory=4 * 2**30)
    assert problem.message == ("Training keeps 12 GiB for 795,000,010 parameters, and this machine has 4.")
    for fix in problem.fixes:
        assert not any("GiB" in str(left) for left in advise(fix.spec, FASHION, memory=4 * 2**30))


def test_a_network_of_disabled_layers_is_none() -> None:
    spec = spec_of("iris", LayerSpec.of("Dense", units=3, disabled=True)).with_fit(batch_size=16)
    (problem,) = advise(spec, IRIS)
    assert problem.message == "Every layer is disabled."
    assert advise(problem.fixes[0].spec, IRIS) == ()


@pytest.mark.parametrize("layer_type", CATALOG, ids=lambda layer_type: layer_type.name)
def test_every_layer_type_has_a_line_of_help_a_formula_and_what_it_is_for(layer_type: LayerType) -> None:
    assert layer_type.help
    assert "\n" not in layer_type.help
    assert len(layer_type.help) < 70
    assert re.search("[=→⌊]|factor|window", layer_type.formula), layer_type.formula
    assert layer_type.formula.endswith(".")
    assert layer_type.use.endswith(".")
    assert len(layer_type.formula) + len(layer_type.use) < 330, "more than the picker shows"
    assert all(option.help for option in layer_type.options)


@pytest.mark.parametrize(
    ("layer_type", "options", "name"),
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
def test_a_value_that_keras_would_choke_on_is_refused_by_its_name(
    layer_type: str, options: dict[str, object], name: str
) -> None:
    with pytest.raises(SpecError) as caught:
        LayerSpec.of(layer_type, **options)
    assert caught.value.path == name
    assert str(caught.value).endswith(".")


def test_strides_larger_than_the_input_leave_one_value() -> None:
    layer = LayerSpec.of("Conv2D", filters=1, kernel_size=3, strides=99)
    assert summarize(stack(layer), (8, 8, 1)).output == (1, 1, 1)


IMDB = find("imdb").facts


def test_numbers_of_words_are_looked_up_rather_than_scaled() -> None:
    (problem,) = advise(spec_of("imdb", SCALE, dense(1, "sigmoid")), IMDB)
    assert (
        problem.message
        == "The numbers stand for words, so their size says nothing, and no layer looks them up."
    )
    fixed = problem.fixes[0].spec
    assert [layer.type_name for layer in fixed.model.layers] == [
        "Embedding",
        "GlobalAveragePooling1D",
        "Dense",
    ]
    assert advise(fixed, IMDB) == ()


def test_an_embedding_with_too_few_rows_for_its_data_is_an_error() -> None:
    pooling = LayerSpec.of("GlobalAveragePooling1D")
    embedding = LayerSpec.of("Embedding", input_dim=500, output_dim=4)
    (problem,) = advise(spec_of("imdb", embedding, pooling, dense(1, "sigmoid")), IMDB)
    assert problem.severity == "error"
    assert (
        str(problem)
        == "layer 1: This Embedding looks up 500 different numbers, but those of the data go up to 9,999."
    )
    assert problem.fixes[0].label == "set layer 1's input_dim to 10,000"
    assert advise(problem.fixes[0].spec, IMDB) == ()


def unit_interval(facts: DataFacts) -> DataFacts:
    return msgspec.structs.replace(facts, low=0, high=1, dtype="float32")


@pytest.mark.parametrize(
    ("facts", "layers", "why", "fix"),
    [
        (
            unit_interval(FASHION),
            (SCALE, FLAT),
            "layer 1: The values are at most 1 already; times 0.00392",
            None,
        ),
        (unit_interval(FASHION), (FLAT, SCALE), "layer 2: The values are at most 1 already", None),
        (FASHION, (SCALE, SCALE, FLAT), "layer 2: The values are at most 1 already", None),
        (IRIS, (SCALE,), "layer 1: The values are at most 7.9 already", None),
        (CANCER, (SCALE,), "layer 1: Every column is taken times 0.00392, but the columns", "Normalization"),
        (FASHION, (LayerSpec.of("Normalization"), SCALE, FLAT), "layer 2: The values are normalised", None),
    ],
    ids=["pixels in 0 to 1", "after a Flatten", "twice", "small columns", "a table", "after Normalization"],
)
def test_a_scale_that_does_not_suit_the_data_is_a_warning_with_a_fix(
    facts: DataFacts, layers: tuple[LayerSpec, ...], why: str, fix: str | None
) -> None:
    outputs = 1 if facts.task is Task.BINARY else len(facts.classes)
    spec = RunSpec(model=stack(*layers, dense(outputs, "sigmoid" if outputs == 1 else "softmax")))
    (found,) = [problem for problem in advise(spec, facts) if str(problem).startswith(why)]
    assert found.severity == "warning"
    mended = found.fixes[0].spec
    assert not any(why[9:] in str(problem) for problem in advise(mended, facts))
    again = adapt_to_dataset(spec, spec.dataset, facts)
    kinds = [layer.type_name for layer in again.model.layers]
    assert kinds.count("Rescaling") == [layer.type_name for layer in layers].count("Rescaling") - 1
    assert fix is None or fix in kinds


@pytest.mark.parametrize(
    ("facts", "layer"),
    [
        (FASHION, SCALE),
        (FASHION, LayerSpec.of("Rescaling", scale=1 / 127.5, offset=-1)),
        (unit_interval(FASHION), LayerSpec.of("Rescaling", scale=2, offset=-1)),
        (msgspec.structs.replace(FASHION, shape=(784,)), SCALE),
        (find("digits").facts, LayerSpec.of("Rescaling", scale=1 / 16)),
    ],
    ids=["bytes", "bytes to ±1", "0 to 1 to ±1", "pixels in rows", "to 16"],
)
def test_a_scale_that_suits_the_data_is_no_problem(facts: DataFacts, layer: LayerSpec) -> None:
    spec = RunSpec(model=stack(layer, FLAT, dense(len(facts.classes), "softmax")))
    assert not [problem for problem in advise(spec, facts) if "times" in str(problem)]


FIRST = msgspec.structs.replace(FASHION, shape=(3, 16, 16))
CONV = LayerSpec.of("Conv2D", filters=8, kernel_size=3)
POOL = LayerSpec.of("GlobalAveragePooling2D")


def test_channels_first_are_a_warning_where_a_layer_reads_pictures() -> None:
    spec = RunSpec(model=stack(SCALE, CONV, POOL, dense(10, "softmax")))
    (problem,) = advise(spec, FIRST)
    assert str(problem) == (
        "layer 2: Samples of 3 × 16 × 16 look like channels first, and Conv2D reads height × width × channels."
    )
    assert (problem.severity, problem.fixes[0].label) == ("warning", "put Permute(2, 3, 1) first")
    assert advise(problem.fixes[0].spec, FIRST) == ()


@pytest.mark.parametrize(
    ("shape", "layers"),
    [((3, 16, 16), (SCALE, FLAT)), ((16, 16, 3), (SCALE, CONV, POOL)), ((16, 16, 16), (SCALE, CONV, POOL))],
)
def test_other_shapes_and_networks_say_nothing_of_channels(
    shape: tuple[int, ...], layers: tuple[LayerSpec, ...]
) -> None:
    spec = RunSpec(model=stack(*layers, dense(10, "softmax")))
    assert advise(spec, msgspec.structs.replace(FASHION, shape=shape)) == ()


def test_a_recurrent_layer_under_another_gets_its_steps_by_return_sequences() -> None:
    facts = msgspec.structs.replace(CANCER, shape=(60,), low=-3, high=3, features=(), columns=())
    spec = RunSpec(
        model=stack(
            LayerSpec.of("Reshape", target_shape=[60, 1]),
            LayerSpec.of("LSTM", units=16),
            LayerSpec.of("LSTM", units=8),
            dense(1, "sigmoid"),
        )
    )
    (problem,) = [one for one in advise(spec, facts) if one.severity == "error"]
    assert problem.fixes[0].label == "set layer 2's return_sequences to true"
    assert [one for one in advise(problem.fixes[0].spec, facts) if one.severity == "error"] == []


def test_values_that_are_next_to_nothing_are_a_warning_with_a_fix() -> None:
    tiny = msgspec.structs.replace(FASHION, low=0, high=1 / 255, dtype="float32")
    (problem,) = advise(RunSpec(model=stack(FLAT, dense(10, "softmax"))), tiny)
    assert "from 0 to 0.00392, too small to learn from" in problem.message
    assert advise(problem.fixes[0].spec, tiny) == ()
