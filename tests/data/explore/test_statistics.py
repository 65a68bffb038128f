"""What the numbers of a dataset are like."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tuinn.data import loader
from tuinn.data.dataset_arrays import Arrays, ArraysBrowser
from tuinn.data.explore import statistics as stats
from tuinn.data.explore.distribution import BINS, Distribution, text_statistics
from tuinn.data.explore.preview import preview, sample_order
from tuinn.data.explore.statistics import correlation_ratio, cramers_v, evenly_spaced, pearson, statistics
from tuinn.data.tables import reader
from tuinn.data.text_store import Texts
from tuinn.spec.dataset import Column, DataFacts, DatasetSpec, Task


def browser(
    x: npt.ArrayLike | Texts,
    y: npt.ArrayLike,
    task: Task = Task.REGRESSION,
    classes: tuple[str, ...] = (),
    **more: Any,
) -> ArraysBrowser:
    x = x if isinstance(x, Texts) else np.asarray(x, np.float32)
    shape = () if isinstance(x, Texts) else x.shape[1:]
    facts = DataFacts(
        task, shape, "str" if isinstance(x, Texts) else "float32", 0, 1, classes, len(x), len(x), **more
    )
    y = np.asarray(y)
    return ArraysBrowser(Arrays(x, y, x, y), facts)


def test_gaps_are_counted_and_left_out_of_everything_else() -> None:
    spread = Distribution.of(np.array([1.0, np.nan, 3.0, np.inf]))
    assert (spread.count, spread.missing, spread.low, spread.mean, spread.high) == (2, 2, 1.0, 2.0, 3.0)
    assert spread.bins == (1, 0, 1)


def test_a_few_whole_numbers_have_a_bin_each_and_others_equal_parts() -> None:
    assert Distribution.of(np.array([3, 5, 5, 4])).bins == (1, 1, 2)
    assert (
        len(Distribution.of(np.array([0.5, 1.0])).bins) == len(Distribution.of(np.arange(100)).bins) == BINS
    )


def test_a_constant_and_a_column_of_gaps_have_statistics_too() -> None:
    assert Distribution.of(np.full(3, 7)).bins == (3,)
    assert Distribution.of(np.full(3, np.nan)) == Distribution(0, 3)
    assert Distribution.of(np.array([])) == Distribution(0, 0)


def test_a_long_dataset_is_looked_at_in_places_spread_over_all_of_it() -> None:
    chosen = evenly_spaced(1_000_000, 5)
    assert chosen.tolist() == [0, 250_000, 500_000, 749_999, 999_999]
    assert evenly_spaced(3, 10).tolist() == [0, 1, 2]
    assert evenly_spaced(0, 10).tolist() == []


def test_only_so_many_rows_are_read_however_long_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stats, "MAX_ROWS", 10)
    seen = []

    class Counting(ArraysBrowser):
        def sample(self, part: str, at: int) -> npt.NDArray[np.generic] | str:
            seen.append(at)
            sample: npt.NDArray[np.generic] | str = super().sample(part, at)
            return sample

    whole = browser(np.random.default_rng(1).random((500, 2)), np.arange(500.0))
    found = statistics(Counting(whole.arrays, whole.facts))
    assert (found.sample_count, len(seen)) == (10, 10)


def test_columns_of_a_table_tell_gaps_words_and_how_they_go_with_the_target() -> None:
    columns = (Column("size", "number"), Column("sex", "category", ("f", "m")), Column("same", "number"))
    x = [[1.0, 1.0, 5.0], [2.0, 2.0, 5.0], [math.nan, 0.0, 5.0], [4.0, 2.0, 5.0]]
    found = statistics(
        browser(x, [10.0, 20.0, 5.0, 40.0], features=("size", "sex", "same"), columns=columns)
    ).columns
    size, sex, same = found
    assert (size.distribution.missing, size.measure) == (1, "r")
    assert size.association == pytest.approx(1.0)
    assert (sex.distribution.missing, sex.measure, sex.words) == (1, "eta", (("m", 2), ("f", 1)))
    assert (same.association, same.distinct) == (None, 1)


def test_measures_of_dependence_agree_with_what_is_known() -> None:
    numbers = np.array([1.0, 2, 3, 4])
    assert pearson(numbers, -numbers) == pytest.approx(-1)
    assert correlation_ratio(np.array([0, 0, 1, 1]), np.array([1.0, 1, 5, 5])) == pytest.approx(1)
    assert correlation_ratio(np.array([0, 0, 1, 1]), np.array([1.0, 5, 1, 5])) == pytest.approx(0)
    assert cramers_v(np.array([0, 0, 1, 1]), np.array([2, 2, 3, 3])) == pytest.approx(1)
    assert cramers_v(np.array([0, 0, 1, 1]), np.array([2, 3, 2, 3])) == pytest.approx(0)
    assert (
        pearson(numbers, np.ones(4))
        is correlation_ratio(np.ones(4), numbers)
        is cramers_v(np.ones(4), numbers)
        is None
    )


def test_words_are_counted_as_the_network_will_cut_them() -> None:
    found = text_statistics(["The cat, the dog!", "THE end"])
    assert found.commonest[0] == ("the", 3)
    assert (found.words.low, found.words.high, found.distinct_words) == (2, 4, 4)


def test_texts_and_several_labels_at_once_have_statistics() -> None:
    texts = Texts.of(["one two", "three", ""])
    found = statistics(browser(texts, [[1, 0], [1, 1], [0, 0]], Task.LABELS, ("a", "b")))
    assert (found.counts, found.columns, found.values) == ((2, 1), (), None)
    assert found.texts is not None
    assert found.texts.words.low == 0
    assert preview(browser(texts, [[1, 0], [1, 1], [0, 0]], Task.LABELS, ("a", "b"))).samples == (0, 1)


def test_one_class_at_a_time_or_all_as_stored_or_shuffled_by_seed() -> None:
    labels = np.array([0, 1, 0, 1, 1])
    assert sample_order(labels).tolist() == [0, 1, 2, 3, 4]
    assert sample_order(labels, 1).tolist() == [1, 3, 4]
    assert sample_order(labels, seed=3).tolist() == sample_order(labels, seed=3).tolist()
    assert sorted(sample_order(labels, 1, 3).tolist()) == [1, 3, 4]
    assert sample_order(np.array([[1, 0], [1, 1]]), 1).tolist() == [1]


def test_a_large_table_is_looked_at_by_its_first_rows_and_read_whole_only_for_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "\n".join(f"{at},{'ab'[at % 2]},{at * 37 % 101}" for at in range(2000))
    (tmp_path / "t.csv").write_text("size,kind,y\n" + rows)
    dataset = DatasetSpec.at(str(tmp_path / "t.csv"))
    small = loader.browse(dataset)
    loader.forget_inspected()
    monkeypatch.setattr(reader, "LARGE_BYTES", 1000)
    monkeypatch.setattr(reader, "SAMPLE_ROWS", 500)
    large = loader.browse(dataset)
    assert (large.labels("train") == small.labels("train")).all()
    assert statistics(large).columns[0].distribution.high < 500
    assert "_whole" not in large.__dict__
    for part in ("train", "test"):
        for at in range(0, len(small.labels(part)), 97):
            assert (large.sample(part, at) == small.sample(part, at)).all()
    assert "_whole" in large.__dict__
