"""Arrays to predict on: what fits a network, what is refused in a sentence, and that memory stays bounded."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from tuinn.data.arrays.preprocess import OwnArray, array_files
from tuinn.errors import SpecError
from tuinn.spec.dataset import Column, DataFacts, Task

DIGITS = DataFacts(Task.CLASSES, (8, 8), "uint8", 0, 16, ("0", "1"), 10, 2)
SERIES = DataFacts(Task.REGRESSION, (12, 3), "float32", -2, 2, (), 10, 2)
TABLE = DataFacts(Task.BINARY, (4,), "float32", 0, 9, ("no", "yes"), 10, 2, ("a", "b", "c", "d"))
WORDS = DataFacts(Task.BINARY, (5,), "int32", 0, 99, ("no", "yes"), 10, 2, words=100)


def saved(tmp_path: Path, *arrays: np.ndarray, **named: np.ndarray) -> Path:
    file = tmp_path / f"x.{'npz' if named else 'npy'}"
    if named:
        np.savez(file, allow_pickle=False, **named)
    else:
        np.save(file, arrays[0])
    return file


def everything(file: Path, facts: DataFacts) -> np.ndarray:
    return np.concatenate(list(OwnArray.open(file, facts).batches(3)))


@pytest.mark.parametrize("shape", [(7, 8, 8), (7, 8, 8, 1)])
def test_samples_have_the_shape_of_the_network_with_or_without_a_channel(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    x = np.random.default_rng(0).integers(0, 17, shape).astype(np.uint8)
    found = OwnArray.open(saved(tmp_path, x), DIGITS)
    assert (found.count, [len(batch) for batch in found.batches(3)]) == (7, [3, 3, 1])
    assert np.array_equal(everything(saved(tmp_path, x), DIGITS), x.reshape(7, 8, 8))
    assert np.array_equal(found.sample(4), x[4].reshape(8, 8))
    for beyond in (7, -1):
        with pytest.raises(SpecError, match="has 7 samples, counted from 0; there is no"):
            found.sample(beyond)


def test_an_array_of_one_sample_alone_is_taken(tmp_path: Path) -> None:
    x = np.arange(36, dtype=np.float64).reshape(12, 3)
    assert np.array_equal(everything(saved(tmp_path, x), SERIES), x[None].astype(np.float32))
    assert np.array_equal(OwnArray.open(saved(tmp_path, x), SERIES).sample(0), x)


def test_a_column_of_numbers_are_samples_of_one_number_each(tmp_path: Path) -> None:
    facts = msgspec.structs.replace(TABLE, shape=(1,), features=("a",))
    assert everything(saved(tmp_path, np.arange(5.0)), facts).shape == (5, 1)


def test_types_are_kept_as_training_samples_are_and_never_cut(tmp_path: Path) -> None:
    halves = np.full((2, 8, 8), 0.5)
    assert everything(saved(tmp_path, halves), DIGITS).tolist() == halves.tolist()
    assert everything(saved(tmp_path, halves.astype(">f8")), DIGITS).dtype == np.float32
    assert everything(saved(tmp_path, halves > 0), DIGITS).max() == 1


@pytest.mark.parametrize(
    ("array", "facts", "said"),
    [
        (np.zeros((10, 14, 14)), DIGITS, "x.npy holds 10 samples of 14 × 14, and this network takes 8 × 8."),
        (np.zeros((1, 64)), DIGITS, "x.npy holds 1 sample of 64, and this network takes 8 × 8."),
        (np.zeros(9), SERIES, "x.npy holds 9 samples of a number, and this network takes 12 × 3."),
        (np.zeros((3, 3)), TABLE, "x.npy holds 3 samples of 3, and this network takes 4."),
        (np.zeros((3, 8, 8), complex), DIGITS, "holds complex numbers"),
        (np.array([["a"] * 4]), TABLE, "holds words, not numbers"),
        (np.array([None, 1]), DIGITS, "holds Python objects, which are never unpickled"),
        (np.zeros((0, 8, 8)), DIGITS, "has no samples"),
        (np.zeros((2, 4)), msgspec.structs.replace(TABLE, dtype="str", shape=()), "This network reads texts"),
    ],
)
def test_what_the_network_cannot_take_is_one_sentence(
    tmp_path: Path, array: np.ndarray, facts: DataFacts, said: str
) -> None:
    with pytest.raises(SpecError) as caught:
        OwnArray.open(saved(tmp_path, array), facts)
    assert said in caught.value.message


def test_words_of_a_table_are_not_numbers(tmp_path: Path) -> None:
    columns = (Column("size", "number"), Column("town", "category", ("Bonn", "Trier")))
    facts = msgspec.structs.replace(TABLE, shape=(2,), features=("size", "town"), columns=columns)
    with pytest.raises(SpecError, match="reads words in town, and x"):
        OwnArray.open(saved(tmp_path, np.zeros((3, 2))), facts)


def test_a_sample_that_is_not_finite_or_has_unknown_words_is_a_problem_of_its_own(tmp_path: Path) -> None:
    x = np.zeros((2, 12, 3))
    x[1, 0, 0] = np.nan
    series = OwnArray.open(saved(tmp_path, x), SERIES)
    rows = next(series.batches(9))
    assert [series.problem(row) for row in rows] == ["", "it holds values that are not finite."]
    words = OwnArray.open(saved(tmp_path, np.array([[1, 2, 3, 4, 99], [0, 0, 0, 0, 100]])), WORDS)
    assert [words.problem(row) for row in next(words.batches(9))] == [
        "",
        "it holds word number 100, and this network knows 0 to 99.",
    ]


def test_values_in_another_scale_are_said(tmp_path: Path) -> None:
    facts = msgspec.structs.replace(DIGITS, high=255)
    scaled = OwnArray.open(saved(tmp_path, np.linspace(0, 1, 64).reshape(1, 8, 8)), facts)
    assert "run from 0 to 1, and the network learned from 0 to 255" in scaled.range_note(
        next(scaled.batches(1))
    )
    alike = OwnArray.open(saved(tmp_path, np.linspace(0, 120, 64).reshape(1, 8, 8)), facts)
    assert alike.range_note(next(alike.batches(1))) == ""


def test_the_samples_of_an_npz_are_told_by_their_name(tmp_path: Path) -> None:
    x, other = np.ones((3, 12, 3)), np.zeros((5, 12, 3))
    y = np.zeros(3)
    assert everything(saved(tmp_path, only=x), SERIES).shape[0] == 3
    assert everything(saved(tmp_path, x=x, y=y), SERIES).shape[0] == 3
    assert everything(saved(tmp_path, x_train=other, y_train=y, x_test=x, y_test=y), SERIES).shape[0] == 3
    with pytest.raises(SpecError, match="has the arrays a and b"):
        OwnArray.open(saved(tmp_path, a=x, b=x), SERIES)


def test_a_damaged_array_is_said(tmp_path: Path) -> None:
    file = saved(tmp_path, np.zeros((3, 12, 3)))
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(SpecError, match="is damaged, cut off"):
        OwnArray.open(file, SERIES)


def test_of_a_large_array_a_few_samples_are_in_memory_at_once(tmp_path: Path) -> None:
    import tracemalloc

    file = tmp_path / "x.npy"
    np.lib.format.open_memmap(file, mode="w+", dtype=np.float32, shape=(400_000, 12, 3)).flush()
    found = OwnArray.open(file, SERIES)
    tracemalloc.start()
    assert sum(len(batch) for batch in found.batches(64)) == 400_000
    assert tracemalloc.get_traced_memory()[1] < 20_000_000, "of 57.6 MB"
    tracemalloc.stop()


def test_in_a_folder_the_samples_are_told_from_their_targets(tmp_path: Path) -> None:
    for name in ("x", "y"):
        np.save(tmp_path / f"{name}.npy", np.zeros(3))
    assert [file.name for file in array_files(tmp_path)] == ["x.npy"]
    (tmp_path / "y.npy").rename(tmp_path / "a.npy")
    assert [file.name for file in array_files(tmp_path)] == ["a.npy", "x.npy"]
