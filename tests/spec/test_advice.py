"""What is wrong with a draft: every fix removes its problem, and a draft can follow any dataset."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.strategies import small_specs
from tuinn.data.catalog.catalog import DATASETS
from tuinn.data.info import DatasetInfo
from tuinn.spec.advice.advise import Problem, adapt_to_dataset, advise
from tuinn.spec.dataset import Column, DataFacts, DatasetSpec, Task
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.presets.catalog import PRESETS, fashion_lab, make_preset, suited_preset
from tuinn.spec.presets.tables_and_texts import text_cnn, text_lstm
from tuinn.spec.run import RunSpec, stack

LABELS = DataFacts(
    task=Task.LABELS,
    shape=(6, 6, 1),
    dtype="uint8",
    low=0,
    high=255,
    classes=("cat", "dog", "hat"),
    train=50,
    test=10,
)
TEXTS = DataFacts(Task.BINARY, (), "str", 0, 0, ("bad", "good"), train=1000, test=200)
TABLE = DataFacts(
    task=Task.REGRESSION,
    shape=(2,),
    dtype="float32",
    low=0,
    high=900,
    classes=(),
    train=500,
    test=100,
    features=("size", "colour"),
    columns=(Column("size", "number"), Column("colour", "category", ("red", "blue"))),
    target="price",
)
FACTS = [*(entry.facts for entry in DATASETS), LABELS, TEXTS, TABLE]


def layer_of(problem: Problem, spec: RunSpec) -> object:
    return None if problem.at is None or not spec.model.layers else spec.model.layers[problem.at]


def of(*layers: LayerSpec) -> RunSpec:
    return RunSpec(model=stack(*layers))


@given(small_specs(), st.sampled_from(FACTS))
@example(
    of(
        LayerSpec.of("Dense", units=5),
        LayerSpec.of("Conv2D", filters=4, kernel_size=2),
        LayerSpec.of("GlobalAveragePooling2D"),
    ),
    LABELS,
)
@example(of(LayerSpec.of("Dense", units=5), LayerSpec.of("Conv2D", filters=4, kernel_size=2)), LABELS)
@example(
    of(
        LayerSpec.of("Flatten"),
        LayerSpec.of("Conv2D", filters=4, kernel_size=2),
        LayerSpec.of("Conv2D", filters=4, kernel_size=2),
    ),
    LABELS,
)
def test_each_fix_removes_its_problem(spec: RunSpec, facts: DataFacts) -> None:
    for problem in advise(spec, facts):
        assert problem.fixes, problem
        for fix in problem.fixes:
            left = advise(fix.spec, facts)
            same = [one for one in left if one.message == problem.message]
            assert not any(layer_of(one, fix.spec) is layer_of(problem, spec) for one in same), fix.label


@given(small_specs(), st.sampled_from(FACTS))
def test_taking_the_first_fix_again_and_again_ends_in_a_draft_that_can_be_trained(
    spec: RunSpec, facts: DataFacts
) -> None:
    for _ in range(30):
        problems = [problem for problem in advise(spec, facts) if problem.severity == "error"]
        if not problems:
            return
        spec = problems[0].fixes[0].spec
    raise AssertionError(problems)


@given(small_specs(), st.sampled_from(FACTS))
def test_errors_come_before_warnings_and_are_sentences(spec: RunSpec, facts: DataFacts) -> None:
    problems = advise(spec, facts)
    assert sorted(problems, key=lambda problem: problem.severity != "error") == list(problems)
    assert all(problem.message.endswith(".") for problem in problems)


@pytest.mark.parametrize("entry", DATASETS, ids=lambda entry: entry.name)
@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_fitted_to_any_dataset_has_nothing_wrong(preset: str, entry: DatasetInfo) -> None:
    spec = adapt_to_dataset(PRESETS[preset](), DatasetSpec(entry.name), entry.facts)
    assert spec.dataset.name == entry.name
    assert advise(spec, entry.facts) == ()


@pytest.mark.parametrize("entry", DATASETS, ids=lambda entry: entry.name)
@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_made_for_a_dataset_has_nothing_wrong_and_keeps_what_it_is(
    preset: str, entry: DatasetInfo
) -> None:
    spec = make_preset(preset, DatasetSpec(entry.name), entry.facts)
    assert advise(spec, entry.facts) == ()
    if entry.facts.is_image and preset in ("fashion-cnn", "residual-cnn"):
        grey = len(entry.facts.shape) == 2  # a Reshape gives its pictures a channel
        kinds = [
            layer.type_name
            for layer in PRESETS[preset]().model.layers
            if grey or layer.type_name != "Reshape"
        ]
        assert [layer.type_name for layer in spec.model.layers] == kinds


@pytest.mark.parametrize("preset", [text_lstm, text_cnn])
def test_a_text_network_reads_texts_as_they_are(preset: Callable[[DataFacts], RunSpec]) -> None:
    facts = DataFacts(Task.BINARY, (), "str", 0, 0, ("no", "yes"), 500, 100)
    spec = preset(facts)
    assert [layer.type_name for layer in spec.model.layers][:2] == ["TextVectorization", "Embedding"]
    assert summarize(spec.model, (), is_text=True).output == (1,)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_has_nothing_wrong_on_its_own_dataset(preset: str) -> None:
    spec = PRESETS[preset]()
    (entry,) = [entry for entry in DATASETS if entry.name == spec.dataset.name]
    assert advise(spec, entry.facts) == ()


@pytest.mark.parametrize(
    ("spec", "sentence", "fix"),
    [
        (RunSpec(), "There are no layers yet.", "add Dense 10 softmax"),
        (fashion_lab().with_fit(batch_size=5000), "batch_size 5,000 is larger than the 4,500 training samples: each epoch is one update, by all of them.", "set batch_size to 4,500"),
        (fashion_lab().with_model(fashion_lab().model.remove(1)), "layer 5: The network ends in 28 × 10, but each sample has one target. Flatten it first.", "insert Flatten before layer 2"),
        (fashion_lab().with_model(fashion_lab().model.remove(0)), "The values run from 0 to 255 and no layer scales them, so training will be slow or fail.", "put Rescaling 1/255 first"),
        (fashion_lab().with_setting("layers[6].units", "7"), "layer 6: The network ends in 7 outputs, but single-label classification of this data needs 10.", "make layer 6 Dense 10 softmax"),
        (fashion_lab().with_setting("layers[6].activation", "relu"), "layer 6: The network ends in relu; single-label classification with 10 outputs wants softmax.", "set layer 6's activation to softmax"),
        (fashion_lab().with_fit(loss="binary_crossentropy"), "binary_crossentropy asks yes or no of each output, and here exactly one of 10 classes is right.", "set loss to auto"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_sentence_and_one_fix_away(spec: RunSpec, sentence: str, fix: str) -> None:
    (problem,) = [one for one in advise(spec, DATASETS[0].facts) if str(one) == sentence]
    assert problem.fixes[0].label == fix


def test_accuracy_of_a_regression_is_an_error() -> None:
    diabetes = next(entry.facts for entry in DATASETS if entry.name == "diabetes")
    spec = RunSpec(
        DatasetSpec("diabetes"), PRESETS["diabetes-regression"]().model, FitSpec(metrics=("accuracy",))
    )
    (problem,) = advise(spec, diabetes)
    assert problem.message == "accuracy counts right answers, and a regression has none."
    assert problem.fixes[0].spec.fit.metrics == ("mean_absolute_error",)


def pictures(shape: tuple[int, ...], train: int, **more: object) -> DataFacts:
    facts = DataFacts(Task.BINARY, shape, "uint8", 0, 255, ("a", "b"), train=train, test=3)
    return msgspec.structs.replace(facts, **more)


@pytest.mark.parametrize("train", [2, 11, 29, 60])
@pytest.mark.parametrize("preset", ["fashion-cnn", "fashion-lab", "fashion-logistic", "residual-cnn"])
def test_a_preset_for_few_large_pictures_keeps_its_layers_and_its_last_one(preset: str, train: int) -> None:
    facts = pictures((64, 64, 3), train)
    spec = make_preset(preset, DatasetSpec.at("few"), facts)
    before, after = PRESETS[preset]().model.layers, spec.model.layers
    assert [layer.type_name for layer in after] == [
        layer.type_name for layer in before if layer.type_name != "Reshape"
    ]
    assert (after[-1].units, after[-1].activation) == (1, "sigmoid")
    assert [problem for problem in advise(spec, facts) if problem.severity == "error"] == []


def test_a_network_too_large_for_its_data_is_not_offered_without_its_last_layer() -> None:
    facts = pictures((64, 64, 3), 11)
    spec = of(
        LayerSpec.of("Rescaling", scale=1 / 255),
        LayerSpec.of("Flatten"),
        LayerSpec.of("Dense", units=1, activation="sigmoid"),
    )
    (problem,) = [one for one in advise(spec, facts) if "likely to overfit" in one.message]
    assert problem.fixes == ()


def test_a_preset_for_few_samples_has_smaller_batches_and_more_epochs() -> None:
    few, many = (make_preset("text-lstm", DatasetSpec.at("x"), with_train(n)) for n in (80, 25_000))
    assert (few.fit.batch_size, few.fit.epochs) == (8, 20)
    assert (many.fit.batch_size, many.fit.epochs) == (128, 4)
    for n in (1, 2, 5, 9, 40, 300, 1000):
        spec = make_preset("text-cnn", DatasetSpec.at("x"), with_train(n))
        assert not [problem for problem in advise(spec, with_train(n)) if "batch_size" in problem.message]


def with_train(count: int) -> DataFacts:
    return msgspec.structs.replace(TEXTS, train=count)


@pytest.mark.parametrize("preset", ["fashion-cnn", "residual-cnn"])
def test_a_preset_for_channels_first_permutes_them(preset: str) -> None:
    facts = pictures((3, 16, 16), 400)
    spec = make_preset(preset, DatasetSpec.at("x"), facts)
    assert spec.model.layers[0] == LayerSpec.of("Permute", dims=[2, 3, 1])
    assert summarize(spec.model, facts.shape).rows[0].shape == (16, 16, 3)
    assert [problem for problem in advise(spec, facts) if problem.at is not None] == []


@pytest.mark.parametrize(
    ("low", "high", "dtype"), [(0.0, 0.9, "float32"), (-1.0, 0.8, "float32"), (0, 1, "uint8")]
)
@pytest.mark.parametrize("preset", ["fashion-cnn", "fashion-lab", "residual-cnn", "digits-mlp"])
def test_a_preset_for_pictures_that_are_scaled_already_scales_nothing(
    preset: str, low: float, high: float, dtype: str
) -> None:
    spec = make_preset(preset, DatasetSpec.at("x"), pictures((12, 12), 400, low=low, high=high, dtype=dtype))
    assert "Rescaling" not in [layer.type_name for layer in spec.model.layers]


def rows(train: int, columns: int, task: Task = Task.REGRESSION) -> DataFacts:
    classes = () if task is Task.REGRESSION else ("a", "b", "c")
    names = tuple(f"x{at}" for at in range(columns))
    given = tuple(Column(name, "number") for name in names)
    return DataFacts(task, (columns,), "float32", -3, 3, classes, train, 20, names, given)


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        (rows(400, 10), "diabetes-regression"),
        (rows(400, 10, Task.CLASSES), "wine-mlp"),
        (rows(40, 10), "breast-cancer-logistic"),
        (rows(40, 40, Task.CLASSES), "breast-cancer-logistic"),
        (pictures((64, 64, 3), 100), "fashion-cnn"),
        (pictures((64, 64, 1), 100), "fashion-cnn"),
        (pictures((28, 28), 100), "fashion-lab"),
        (msgspec.structs.replace(TEXTS, train=25_000), "text-cnn"),
        (msgspec.structs.replace(TEXTS, train=500), "fashion-lab"),
    ],
)
def test_the_preset_to_begin_with_follows_the_data(facts: DataFacts, name: str) -> None:
    assert suited_preset(facts) == name
    spec = make_preset(name, DatasetSpec.at("x"), facts)
    assert [problem for problem in advise(spec, facts) if problem.severity == "error"] == []


def test_a_network_for_few_rows_is_linear_and_trained_until_it_has_settled() -> None:
    facts = rows(41, 6)
    spec = make_preset(suited_preset(facts), DatasetSpec.at("x"), facts)
    assert [(layer.units, layer.activation) for layer in spec.model.layers if layer.units] == [(1, "linear")]
    assert (spec.fit.epochs, spec.fit.early_stopping_patience) == (300, 0)


def test_a_table_is_trained_until_its_validation_gets_worse_and_not_for_hours() -> None:
    few, many = (
        make_preset("diabetes-regression", DatasetSpec.at("x"), rows(n, 10)) for n in (354, 1_000_000)
    )
    for spec in (few, many):
        assert (spec.fit.early_stopping_patience > 0, spec.fit.restore_best) == (True, True)
    assert few.fit.epochs * -(-319 // few.fit.batch_size) >= 2_000
    assert (many.fit.batch_size, many.fit.epochs) == (256, 5)
    kept = make_preset("diabetes-regression", DatasetSpec.at("x", validation=0.0), rows(354, 10))
    assert kept.fit.early_stopping_patience == 0, "there is nothing to tell by"
