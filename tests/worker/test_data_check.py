"""Slices that do badly, and whether test and training samples can be told apart: by made-up data, then of a run."""

import tracemalloc

import msgspec
import numpy as np
import pytest
from scipy import stats

from tests.worker.conftest import Train
from tuinn.data.dataset_arrays import Arrays
from tuinn.data.text_store import Texts
from tuinn.runs.commands import CheckData
from tuinn.runs.data_check import DataCheck
from tuinn.runs.journal import read_struct
from tuinn.spec.dataset import Column, DataFacts, Task
from tuinn.spec.presets.catalog import PRESETS
from tuinn.view.reports.data_check_text import comparison_sentence, lines, slice_sentence
from tuinn.worker.inference.data_check import (
    CHUNK,
    check_data,
    features,
    groups,
    told_apart,
    wilson,
    worst_slices,
)

COLUMNS = (Column("width", "number"), Column("town", "category", ("Bonn", "Köln")))


def facts(task: Task = Task.CLASSES, shape: tuple[int, ...] = (2,), dtype: str = "float32") -> DataFacts:
    columns = COLUMNS if shape == (2,) else ()
    return DataFacts(
        task, shape, dtype, 0, 1, ("a", "b"), 10, 10, features=("width", "town")[: 2 * bool(columns)], columns=columns
    )  # fmt: skip


@pytest.mark.parametrize(("hits", "count"), [(0, 10), (10, 10), (7, 12), (431, 500)])
def test_the_interval_of_a_share_is_wilson_s(hits: int, count: int) -> None:
    expected = stats.binomtest(hits, count).proportion_ci(0.95, method="wilson")
    assert wilson(hits, count) == pytest.approx((expected.low, expected.high), abs=1e-4)


def test_the_slice_that_does_badly_is_named_with_its_count_and_interval() -> None:
    rng = np.random.default_rng(0)
    x = np.stack([rng.random(600), rng.integers(1, 3, 600)], axis=1).astype(np.float32)
    truth = rng.integers(2, size=600)
    bad = (x[:, 1] == 2) & (truth == 1)
    right = np.where(bad, rng.random(600) < 0.3, rng.random(600) < 0.95)
    count, worst = worst_slices(right, truth, list(groups(x, facts())), facts())
    assert worst[0].name == "b, town Köln"
    assert worst[0].samples == bad.sum()
    assert worst[0].low < worst[0].right < worst[0].high < right.mean()
    assert count == 2 + 5 + 10
    assert all(one.samples >= 10 for one in worst)


def test_where_nothing_is_worse_nothing_is_named_and_small_slices_are_not_judged() -> None:
    x = np.zeros((8, 2), np.float32)
    assert worst_slices(np.ones(8, bool), np.zeros(8, int), list(groups(x, facts())), facts()) == (0, ())
    right, truth = np.ones(100, bool), np.arange(100) % 2
    assert worst_slices(right, truth, [], facts()) == (2, ())


def test_pictures_are_cut_by_brightness_texts_by_length_and_gaps_are_a_slice() -> None:
    pictures = np.arange(9, dtype=np.uint8)[:, None, None] * np.ones((9, 2, 2), np.uint8)
    names = [(name, int(which.sum())) for name, which in groups(pictures, facts(shape=(2, 2)))]
    assert names == [("dark", 3), ("of middle brightness", 3), ("bright", 3)]
    texts = Texts.of([" ".join(["word"] * count) for count in range(1, 10)])
    assert [name for name, _ in groups(texts, facts(shape=(), dtype="str"))] == [
        "short",
        "of middle length",
        "long",
    ]
    x = np.array([[np.nan, 1], [1, 1], [2, 2]], np.float32)
    found = {name: which.tolist() for name, which in groups(x, facts())}
    assert found["width missing"] == [True, False, False]
    assert found["town Köln"] == [False, False, True]


def arrays(shift: float, count: int = 400) -> Arrays:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(2 * count, 2)).astype(np.float32)
    x[count:, 0] += shift
    y = rng.integers(2, size=2 * count)
    return Arrays(x[:count], y[:count], x[count:], y[count:])


def test_samples_alike_cannot_be_told_apart_and_others_can_by_the_column_that_differs() -> None:
    alike, interval, compared, telling = told_apart(arrays(0.0), np.arange(400), facts())
    assert alike == pytest.approx(0.5, abs=0.06)
    assert interval[0] is not None
    assert interval[0] <= 0.5
    assert (compared, telling) == (400, ())
    other, interval, _, telling = told_apart(arrays(1.5), np.arange(400), facts())
    assert other is not None
    assert other > 0.75
    assert telling[0] == "width"
    few = told_apart(arrays(0.0), np.arange(10), facts())
    assert few == (None, (None, None), 10, ())


def test_it_is_said_in_words() -> None:
    outputs = np.tile(np.array([[0.9, 0.1]], np.float32), (400, 1))
    found = check_data(arrays(1.5), np.arange(400), outputs, facts(), ())
    shown = lines(found, 72)
    assert shown[0].startswith("Surely worse than the")
    assert any(line.startswith("b ") and "0.0 %" in line for line in shown)
    assert "Most telling: width" in comparison_sentence(found)
    assert max(map(len, shown)) <= 78
    numbers = check_data(arrays(0.0), np.arange(400), outputs[:, :1], facts(Task.REGRESSION), ())
    assert slice_sentence(numbers).startswith("Numbers are neither right nor wrong")
    assert comparison_sentence(numbers).startswith("A small model can't tell")


@pytest.mark.tf
@pytest.mark.parametrize("preset", ["digits-mlp", "breast-cancer-logistic", "diabetes-regression"])
def test_a_run_s_test_samples_are_looked_over(train: Train, preset: str) -> None:
    training = train(PRESETS[preset]().with_fit(epochs=2))
    told = training.evaluator.answer(CheckData(request="r"))
    assert told.file == "reports/data.json"
    found = read_struct(training.folder.data_check_file, DataCheck)
    assert found.samples == training.evaluator.pipeline.counts["test"]
    assert found.area is not None
    assert found.low is not None
    assert found.low < 0.6


class Counted:
    """Rows that tell how many of them were read at once."""

    def __init__(self, rows: np.ndarray) -> None:
        self.rows, self.most = rows, 0

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, places: np.ndarray) -> np.ndarray:
        found: np.ndarray = self.rows[places]
        self.most = max(self.most, len(found))
        return found


def test_large_samples_are_read_in_parts_and_of_each_only_the_numbers_that_are_compared() -> None:
    rows = np.arange(3 * CHUNK * 50, dtype=np.float32).reshape(3 * CHUNK, 5, 10)
    counted, places, columns = Counted(rows), np.arange(0, 3 * CHUNK, 2), np.array([3, 17, 49])
    found = features(counted, places, columns, facts(shape=(5, 10)))
    assert counted.most == CHUNK
    assert np.array_equal(found, rows.reshape(len(rows), -1)[places][:, columns])


def test_the_slices_of_each_class_are_not_all_in_memory_at_once() -> None:
    names = tuple(f"class {at}" for at in range(40))
    many = msgspec.structs.replace(facts(), classes=names)
    truth, right = np.arange(20_000) % 40, np.ones(20_000, bool)
    common = [(f"group {at}", np.arange(20_000) // 40 % 7 == at % 7) for at in range(40)]
    tracemalloc.start()
    count, _ = worst_slices(right, truth, common, many)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count > 1_000
    assert peak < 200 * len(truth)  # each slice takes a byte per sample
