"""Prepared samples: there whole or not at all, found again, and read anew where they are damaged."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tuinn.data import cache
from tuinn.data.cache import CacheEntry, CacheWriter
from tuinn.data.dataset_arrays import Arrays
from tuinn.data.text_store import Texts
from tuinn.spec.dataset import DataFacts, Task

FACTS = DataFacts(
    task=Task.BINARY, shape=(2,), dtype="float32", low=0, high=3, classes=("no", "yes"), train=2, test=1
)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TUINN_HOME", str(tmp_path))
    return tmp_path / "cache" / "data"


def fill(writer: CacheWriter) -> DataFacts:
    writer.create_array("x_train", (2, 2), np.float32)[:] = [[0, 1], [2, 3]]
    writer.write_array("y_train", np.array([0, 1]))
    writer.write_array("x_test", np.ones((1, 2), np.float32))
    writer.write_array("y_test", np.array([1]))
    return FACTS


def never(writer: CacheWriter) -> DataFacts:
    raise AssertionError("this was there already")


def arrays_of(key: str, write: Callable[[CacheWriter], DataFacts]) -> Arrays:
    """What the cache has under this key; `write` fills it."""
    arrays = cache.get_or_create(key, write).arrays()
    assert arrays is not None
    return arrays


def test_what_was_filled_is_found_again_and_shared_by_mapping() -> None:
    cache.get_or_create("a", fill)
    arrays = arrays_of("a", never)
    assert isinstance(arrays.x_train, np.memmap)
    assert arrays.x_train.tolist() == [[0, 1], [2, 3]]
    assert not arrays.x_train.flags.writeable


def test_a_fingerprint_follows_from_the_values_alone_and_is_kept() -> None:
    first = cache.get_or_create("a", fill)
    assert first.fingerprint() == cache.get_or_create("b", fill).fingerprint()
    assert (first.folder / "fingerprint").read_text() == first.fingerprint()

    def other(writer: CacheWriter) -> DataFacts:
        facts = fill(writer)
        writer.write_array("y_test", np.array([0]))
        return facts

    assert cache.get_or_create("c", other).fingerprint() != first.fingerprint()


@pytest.mark.parametrize("content", [None, b"", b"\xff" * 64])
def test_a_fingerprint_that_an_older_version_did_not_keep_is_worked_out(content: bytes | None) -> None:
    entry = cache.get_or_create("a", fill)
    known, file = entry.fingerprint(), entry.folder / "fingerprint"
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    assert entry.fingerprint() == known
    assert file.read_text() == known
    (entry.folder / "x_test.npy").unlink()
    file.unlink()
    assert entry.fingerprint() == ""


def test_a_fingerprint_of_texts_tells_where_each_ends() -> None:
    one = Arrays(Texts.of(["ab", "c"]), np.array([0, 1]), Texts.of([]), np.array([]))
    other = Arrays(Texts.of(["a", "bc"]), np.array([0, 1]), Texts.of([]), np.array([]))
    assert one.fingerprint() != other.fingerprint()
    assert (
        one.fingerprint()
        == Arrays(Texts.of(["ab", "c"]), np.array([0, 1]), Texts.of([]), np.array([])).fingerprint()
    )


@pytest.mark.parametrize("damage", ["x_train.npy", "y_test.npy", "facts.json"])
@pytest.mark.parametrize("how", ["cut", "gone", "rubbish"])
def test_a_damaged_cache_is_read_again(damage: str, how: str) -> None:
    file = cache.get_or_create("a", fill).folder / damage
    match how:
        case "cut":
            file.write_bytes(file.read_bytes()[:-3])
        case "gone":
            file.unlink()
        case "rubbish":
            file.write_bytes(b"\x00" * 100)
    assert arrays_of("a", fill).x_train.tolist() == [[0, 1], [2, 3]]


def test_a_reader_that_fails_half_way_leaves_nothing(own_cache: Path) -> None:
    def half(writer: CacheWriter) -> DataFacts:
        writer.create_array("x_train", (2, 2), np.float32)
        raise RuntimeError("half-way")

    with pytest.raises(RuntimeError):
        cache.get_or_create("a", half)
    assert list(own_cache.iterdir()) == []


def test_emptying_gives_the_bytes_back(own_cache: Path) -> None:
    cache.get_or_create("a", fill)
    assert cache.cache_size() > 0
    assert cache.empty_cache() > 0
    assert (cache.cache_size(), cache.empty_cache()) == (0, 0)


def test_texts_come_back_as_they_went() -> None:
    texts = ["a", "", "žluťoučký 🐱\n", "end"]

    def write(writer: CacheWriter) -> DataFacts:
        writer.write_texts("x_train", iter(texts))
        writer.write_texts("x_test", iter([]))
        writer.write_array("y_train", np.zeros(4, int))
        writer.write_array("y_test", np.zeros(0, int))
        return DataFacts(Task.BINARY, (), "str", 0, 0, ("no", "yes"), 4, 0)

    kept = arrays_of("t", write).x_train
    assert [kept.text(at) for at in range(4)] == texts
    assert list(kept[[2, 0]]) == [texts[2].encode(), b"a"]
    assert len(arrays_of("t", never).x_test) == 0


def test_a_file_changes_its_signature_when_its_bytes_do(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text("a,b")
    first = cache.file_hash(file)
    assert cache.file_hash(file) == first
    file.write_text("a,b,c")
    assert cache.file_hash(file) != first


def test_facts_that_are_no_facts_are_none(own_cache: Path) -> None:
    (own_cache / "x").mkdir(parents=True)
    (own_cache / "x" / "facts.json").write_text('{"task": "nothing"}')
    assert CacheEntry(own_cache / "x").facts() is None


def test_the_room_for_samples_is_taken_before_they_are_written(tmp_path: Path) -> None:
    CacheWriter(tmp_path).create_array("x_train", (1000, 1000), np.float32)
    # Blocks of 512 bytes, whatever the file system's own are.
    assert (tmp_path / "x_train.npy").stat().st_blocks * 512 >= 4_000_000
