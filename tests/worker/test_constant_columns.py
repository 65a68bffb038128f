"""Columns, words and pixels that are the same in every training row: no value of theirs makes a number explode."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from tests.worker.conftest import Train, Training, finite
from tuinn.data import loader
from tuinn.runs.commands import PredictSamples
from tuinn.runs.events import Evaluated
from tuinn.spec.dataset import Column, DatasetSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.presets.tables_and_texts import diabetes_regression
from tuinn.spec.run import RunSpec, stack

WriteTable = Callable[..., DatasetSpec]

pytestmark = pytest.mark.tf

COLUMNS = (
    Column("size", "number"),
    Column("rare", "number"),
    Column("town", "category", ("Bonn", "Jena")),
    Column("state", "category", ("open",)),
)
NUMBERS, WIDTHS = [0, 1], [3, 2]

number = st.one_of(st.sampled_from([0.0, 0.1, 255.0, float("nan")]), st.floats(-(2.0**20), 2.0**20, width=32))
row = st.tuples(number, number, st.integers(0, 2), st.integers(0, 1))
cell = st.one_of(
    st.tuples(st.sampled_from(NUMBERS), st.floats(-(2.0**100), 2.0**100, width=32)),
    st.tuples(st.just(2), st.integers(0, 2)),
    st.tuples(st.just(3), st.integers(0, 1)),
)


def standardised(training: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Numbers, then words as 0 and 1, each standardised by scikit-learn; a gap is the mean."""
    scaler = StandardScaler().fit(training)
    scaled: np.ndarray = np.nan_to_num(scaler.transform(rows))
    return scaled


def encoded(rows: np.ndarray) -> np.ndarray:
    """Numbers as they are, and words as 0 and 1."""
    words = [np.eye(width)[rows[:, at].astype(int)] for at, width in enumerate(WIDTHS, start=2)]
    return np.concatenate([rows[:, NUMBERS], *words], axis=1)


@given(rows=st.lists(row, min_size=1, max_size=6), change=cell)
@settings(max_examples=30)
def test_no_cell_moves_what_the_network_takes_by_more_than_its_standardised_distance(
    rows: list[tuple[float, float, int, int]], change: tuple[int, float]
) -> None:
    import keras

    from tuinn.worker.model import build
    from tuinn.worker.model.feature_encoder import encoder_of

    training = np.array(rows, np.float32)
    before, after = training[:1], training[:1].copy()
    after[0, change[0]] = change[1]
    encoder = encoder_of(COLUMNS, training, np.arange(len(training)))
    stack_ = build.build(stack(LayerSpec.of("Normalization")), (7,))
    build.adapt(stack_, lambda rows: encoder(training[rows]), np.arange(len(training)), 4)
    network = keras.Sequential([encoder, stack_])
    moved = np.abs(np.asarray(network(after), np.float64) - np.asarray(network(before), np.float64))

    pair = encoded(np.concatenate([before, after]).astype(np.float64))
    first = standardised(encoded(training.astype(np.float64)), pair)
    # Keras normalises once more what has gaps filled in.
    whole = standardised(encoded(training.astype(np.float64)), encoded(training.astype(np.float64)))
    distance = np.abs(np.diff(standardised(whole, first), axis=0))
    assert (moved <= distance * (1 + 1e-3) + 1e-3).all()


def test_what_varies_is_encoded_without_another_layer() -> None:
    from tuinn.worker.model.feature_encoder import encoder_of

    columns = (Column("size", "number"), Column("town", "category", ("Bonn",)))
    varied = np.array([[1, 0], [2, 1]], np.float32)
    constant = np.array([[1, 1], [2, 1]], np.float32)
    names = [layer.name for layer in encoder_of(columns, varied, np.arange(2)).layers]
    assert "drop_constants" not in names
    dropping = encoder_of(columns, constant, np.arange(2))
    assert [layer.name for layer in dropping.layers] == [*names, "drop_constants"]
    assert np.asarray(dropping(np.array([[1.5, 0]], np.float32))).tolist() == [[0, 0, 0]]


@pytest.mark.parametrize("most", [10**9, 0])
def test_a_pixel_that_is_always_the_same_in_training_keeps_its_scale(most: int) -> None:
    from tuinn.worker.model import build

    built = build.build(stack(LayerSpec.of("Normalization")), (2, 3))
    samples = np.random.default_rng(0).normal(5, 2, (40, 2, 3)).astype(np.float32)
    samples[..., 1] = 0.1  # its mean in float32 is another number, so that its variance is not 0
    build.adapt(built, samples.__getitem__, np.arange(40), 16, most)
    given = np.asarray(built(np.full((1, 2, 3), 255, np.float32)))
    mean, deviation = samples.mean((0, 1)), samples.std((0, 1))
    deviation[1] = 1
    np.testing.assert_allclose(given, (255 - mean[None, None] + np.zeros((1, 2, 3))) / deviation, rtol=1e-4)


@pytest.fixture
def table(tmp_path: Path) -> WriteTable:
    """Write a table and choose its task."""

    def write(header: str, rows: list[str]) -> DatasetSpec:
        loader.forget_inspected()
        (tmp_path / "rows.csv").write_text("\n".join([header, *rows]) + "\n")
        return DatasetSpec.at(str(tmp_path / "rows.csv"), task="regression", validation=0.1)

    return write


def of(dataset: DatasetSpec) -> RunSpec:
    spec = diabetes_regression()
    return RunSpec(dataset, spec.model, spec.fit)


def mean_error(training: Training) -> float:
    (tested,) = training.events_of(Evaluated)
    return finite(tested.metrics["mean_absolute_error"])


TOWNS = {"Ulm": 30, "Bonn": 0, "Jena": -40}


def test_a_word_that_was_never_learned_gives_an_answer_among_the_others(
    train: Train, table: WriteTable
) -> None:
    import keras
    import tensorflow as tf

    chance = np.random.default_rng(0)
    rows = [
        f"{town},{size:.1f},{3 * size + TOWNS[town] + 100 + chance.normal(0, 5):.1f}"
        for town, size in zip(chance.choice(list(TOWNS), 120), chance.uniform(20, 90, 120), strict=True)
    ]
    training = train(of(table("town,size,price", rows)))
    samples = ({"town": "Trier", "size": "50"}, {"town": "Bonn", "size": "50"})
    answer = training.evaluator.answer(PredictSamples(request="r", samples=samples))
    (trier,), (bonn,) = answer.outputs
    assert 100 < trier < 480
    assert bonn == pytest.approx(250, abs=25)
    saved = keras.saving.load_model(training.folder.model_file, safe_mode=True)
    raw = {"town": tf.constant(["Trier", "Bonn"]), "size": tf.constant([50.0, 50.0])}
    assert np.asarray(saved(raw))[:, 0] == pytest.approx([trier, bonn], rel=1e-4)


def test_rare_words_that_only_the_test_has_leave_its_error_as_it_is(train: Train, table: WriteTable) -> None:
    chance = np.random.default_rng(0)
    towns = [f"Dorf{at}" if at % 12 == 0 else list(TOWNS)[at % 3] for at in range(150)]
    rows = [
        f"{town},{size:.1f},{3 * size + TOWNS.get(town, 0) + 100 + chance.normal(0, 5):.1f}"
        for town, size in zip(towns, chance.uniform(20, 90, 150), strict=True)
    ]
    assert mean_error(train(of(table("town,size,price", rows)))) < 15


def test_a_number_that_is_only_other_in_a_test_row_leaves_the_error_as_it_is(
    train: Train, table: WriteTable
) -> None:
    chance = np.random.default_rng(0)
    values = chance.uniform(0, 1, (100, 2))
    tested = int(loader.load(table("a,y", [f"{at},{at / 7}" for at in range(100)])).x_test[0, 0])
    rows = [f"{a:.3f},{b:.3f},{255 * (at == tested)},{a + 2 * b:.3f}" for at, (a, b) in enumerate(values)]
    assert mean_error(train(of(table("a,b,rare,y", rows)))) < 0.15


def test_a_table_with_an_empty_column_is_trained_without_it(train: Train, table: WriteTable) -> None:
    dataset = table("a,b,y", [f"{at * 37 % 101 / 10},,{at * 37 % 101 / 5 + at % 3}" for at in range(60)])
    assert [column.name for column in loader.describe(dataset).facts.columns] == ["a"]
    training = train(of(dataset))
    answer = training.evaluator.answer(PredictSamples(request="r", samples=({"a": "5"},)))
    assert answer.outputs[0][0] == pytest.approx(11, abs=3)


def test_a_category_without_a_word_has_the_code_of_any_other(tmp_path: Path) -> None:
    import keras
    import tensorflow as tf

    from tuinn.worker.model.feature_encoder import raw_rows

    inputs, codes = raw_rows((Column("a", "number"), Column("b", "category")))
    model = keras.Model(inputs, codes)
    words = {"a": tf.constant([1.0, 2.0]), "b": tf.constant(["", "x"])}
    assert np.asarray(model(words)).tolist() == [[1, 0], [2, 0]]
