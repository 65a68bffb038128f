"""What was decided about labels: kept beside the cache, found again by the sample, and used without touching the data."""

from pathlib import Path

import numpy as np
import pytest

from tuinn.data import cache
from tuinn.data.dataset_arrays import Arrays
from tuinn.data.label_verdicts import apply_verdicts, decide, fingerprint, read_verdicts, verdicts_file
from tuinn.data.text_store import Texts
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec, LabelVerdict


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUINN_HOME", str(tmp_path))


IRIS = DatasetSpec("iris")


def arrays() -> Arrays:
    x = np.arange(12, dtype=np.float32).reshape(6, 2)
    return Arrays(x, np.array([0, 0, 1, 1, 2, 2]), x[:2], np.array([0, 1]))


def verdict(of: Arrays, at: int, kind: str, label: str = "") -> LabelVerdict:
    sample = fingerprint(of.x_train[at], of.y_train[at])
    return LabelVerdict(sample, at, kind, label)  # type: ignore[arg-type]


def test_the_last_word_about_a_sample_counts_and_can_be_taken_back() -> None:
    given = arrays()
    first, second = verdict(given, 1, "keep"), verdict(given, 4, "leave_out")
    decide(IRIS, first.sample, first)
    decide(IRIS, second.sample, second)
    changed = verdict(given, 1, "relabel", "b")
    assert decide(IRIS, changed.sample, changed) == (second, changed)
    assert read_verdicts(IRIS) == (second, changed)
    assert decide(IRIS, second.sample, None) == (changed,)
    assert read_verdicts(DatasetSpec("wine")) == ()


def test_emptying_the_cache_keeps_what_was_decided() -> None:
    found = verdict(arrays(), 1, "keep")
    decide(IRIS, found.sample, found)
    cache.empty_cache()
    assert read_verdicts(IRIS) == (found,)


def test_data_of_ones_own_are_known_by_their_place(tmp_path: Path) -> None:
    own, settings = DatasetSpec.at(str(tmp_path / "a.csv")), DatasetSpec.at(str(tmp_path / "a.csv"), test=0.4)
    assert verdicts_file(own) == verdicts_file(settings)
    assert verdicts_file(own) != verdicts_file(DatasetSpec.at(str(tmp_path / "b.csv")))


def test_a_damaged_file_is_told_and_not_written_over() -> None:
    verdicts_file(IRIS).parent.mkdir(parents=True)
    verdicts_file(IRIS).write_text("[{")
    with pytest.raises(SpecError, match="Mend it or remove it, or set labels to given"):
        read_verdicts(IRIS)
    with pytest.raises(SpecError, match="is damaged"):
        decide(IRIS, "x", None)
    assert verdicts_file(IRIS).read_text() == "[{"


def test_labels_are_changed_and_samples_left_out_in_a_copy() -> None:
    given, classes = arrays(), ("a", "b", "c")
    found = apply_verdicts(
        given, [verdict(given, 0, "relabel", "c"), verdict(given, 3, "leave_out"), verdict(given, 5, "keep")], classes
    )  # fmt: skip
    assert found.arrays.y_train.tolist() == [2, 0, 1, 1, 2, 2]
    assert (found.left_out.tolist(), found.relabeled, found.missing) == ([3], 1, 0)
    assert given.y_train.tolist() == [0, 0, 1, 1, 2, 2]


def test_samples_that_lie_elsewhere_now_are_found_and_those_that_have_gone_are_counted() -> None:
    given, classes = arrays(), ("a", "b", "c")
    decided = [verdict(given, 0, "relabel", "c"), verdict(given, 3, "leave_out")]
    order = np.array([5, 3, 1, 0])
    moved = Arrays(given.x_train[order], given.y_train[order], given.x_test, given.y_test)
    found = apply_verdicts(moved, decided, classes)
    assert (found.arrays.y_train.tolist(), found.left_out.tolist()) == ([2, 1, 0, 2], [1])
    gone = Arrays(given.x_train[:2] + 1, given.y_train[:2], given.x_test, given.y_test)
    assert apply_verdicts(gone, decided, classes).missing == 2
    assert apply_verdicts(given, [verdict(given, 0, "relabel", "d")], classes).missing == 1


def test_texts_have_fingerprints_too() -> None:
    given = Arrays(Texts.of(["good", "bad"]), np.array([0, 1]), Texts.of([]), np.array([], int))
    assert apply_verdicts(given, [verdict(given, 1, "leave_out")], ("a", "b")).left_out.tolist() == [1]
