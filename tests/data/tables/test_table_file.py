"""Packed tables, and tables that are copied before they are read."""

import gzip
import io
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tuinn.data import cache, loader
from tuinn.data.tables import csv_reader, reader, table_file
from tuinn.data.tables.csv_cleanup import RowText
from tuinn.data.tables.csv_dialect import detect_dialect
from tuinn.data.tables.csv_reader import read_frame
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec, Task

ROWS = "size,price\n" + "".join(f"{at},{at * 2 + 0.5}\n" for at in range(60))


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUINN_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".txt", ".data"])
def test_a_packed_table_gives_the_samples_of_the_table_in_it(suffix: str, tmp_path: Path) -> None:
    text = ROWS.replace(",", "\t") if suffix == ".tsv" else ROWS
    bare, packed = tmp_path / f"rows{suffix}", tmp_path / f"rows{suffix}.gz"
    bare.write_text(text)
    packed.write_bytes(gzip.compress(text.encode()))
    info = loader.describe(DatasetSpec.at(str(packed)))
    assert (info.name, info.facts.task, info.facts.features) == (packed.name, Task.REGRESSION, ("size",))
    given, expected = loader.load(DatasetSpec.at(str(packed))), loader.load(DatasetSpec.at(str(bare)))
    assert given.fingerprint() == expected.fingerprint()


def test_a_packed_csv_of_texts_is_read_as_texts(tmp_path: Path) -> None:
    lines = [f"this is the text number {at},{'ham' if at % 2 else 'spam'}" for at in range(20)]
    file = tmp_path / "texts.csv.gz"
    file.write_bytes(gzip.compress("\n".join(["text,label", *lines]).encode()))
    facts = loader.describe(DatasetSpec.at(str(file))).facts
    assert (facts.is_text, facts.classes) == (True, ("ham", "spam"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(ROWS.encode())[:-30], "ends too early"),
        (ROWS.encode(), "is no .gz file"),
        (gzip.compress(ROWS.encode())[:-8] + bytes(8), "damaged"),
    ],
)
def test_a_damaged_gz_is_named_and_leaves_no_copy(content: bytes, message: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv.gz"
    file.write_bytes(content)
    with pytest.raises(SpecError, match=message) as caught:
        loader.describe(DatasetSpec.at(str(file), kind="table"))
    assert "rows.csv.gz" in caught.value.message
    assert not [one for one in (cache.data_folder() / "copies").rglob("*") if one.is_file()]


def test_a_gz_that_changed_is_unpacked_again(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv.gz"
    file.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    first = table_file.unpacked(file).read_bytes()
    file.write_bytes(gzip.compress(b"a,b\n1,2\n3,4\n"))
    assert (first, table_file.unpacked(file).read_bytes()) == (b"a,b\n1,2\n", b"a,b\n1,2\n3,4\n")


def test_copies_that_nobody_reads_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [tmp_path / f"{name}.csv.gz" for name in "ab"]
    for file in files:
        file.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    old = table_file.unpacked(files[0])
    monkeypatch.setattr(table_file, "KEPT_SECONDS", -1)
    new = table_file.unpacked(files[1])
    assert (old.exists(), new.exists()) == (False, True)


def test_a_gz_that_cannot_be_unpacked_for_want_of_room_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "rows.csv.gz"
    file.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    (tmp_path / "blocked").write_text("")
    monkeypatch.setenv("TUINN_HOME", str(tmp_path / "blocked"))
    with pytest.raises(SpecError, match="cannot be kept"):
        table_file.unpacked(file)


@pytest.mark.parametrize(
    "text",
    [
        "A title\n\n" + ROWS.replace("\n", ",,\n"),
        "sep=;\n" + ROWS.replace(",", ";"),
        ROWS.replace(",", "   "),
        ROWS.replace("\n3,", '\n"3",'),
    ],
    ids=["titled", "sep", "blanks", "quoted"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_large_file_is_read_through_a_copy_as_a_small_one_is(
    text: str, encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "data.csv"
    file.write_bytes(text.replace("size", "größe").encode(encoding))
    dialect = detect_dialect(DatasetSpec.at(str(file)), file)
    small = read_frame(file, dialect)
    monkeypatch.setattr(csv_reader, "IN_MEMORY_BYTES", 10)
    monkeypatch.setattr(table_file, "PIECE", 7)
    csv_reader._guessed_types.cache_clear()
    large = read_frame(file, dialect)
    assert large.equals(small)
    assert large.to_dict(as_series=False) == {
        "größe": list(map(float, range(60))),
        "price": [at * 2 + 0.5 for at in range(60)],
    }
    assert (dialect.is_plain, bool(list((cache.data_folder() / "copies").glob("*/*")))) in [
        (True, False),
        (False, True),
    ]


def test_text_made_row_by_row_is_read_in_any_pieces() -> None:
    rows = ["a,b\n", '"c\nd",e\n', "\n", "f,g"]
    whole = "".join(rows)
    for size in (1, 2, 3, 5, 100):
        text, pieces = RowText(iter(rows), io.StringIO()), []
        while piece := text.read(size):
            pieces.append(piece)
        assert "".join(pieces) == whole
        assert all(len(piece) == size for piece in pieces[:-1])
    assert RowText(iter(rows), io.StringIO()).read() == whole
    assert list(RowText(iter(rows), io.StringIO())) == rows


def test_a_padded_file_is_read_a_row_at_a_time(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text("A title\n" + "".join(f"{at},{at % 3},,\n" for at in range(200_000)))
    dialect = detect_dialect(DatasetSpec.at(str(file)), file)
    with dialect.text(file) as text:
        assert text.readline() == "0,0\n"
        assert file.stat().st_size > 2_000_000
        raw = text._source.buffer.raw  # type: ignore[attr-defined]
        assert raw.tell() < 100_000


def test_a_large_titled_table_is_what_polars_reads_of_the_table_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"a": rng.normal(size=500), "b": rng.normal(size=500)})
    file = tmp_path / "data.csv"
    file.write_text("Measured in May\n\n" + frame.write_csv().replace("\n", ",\n"))
    monkeypatch.setattr(csv_reader, "IN_MEMORY_BYTES", 10)
    monkeypatch.setattr(reader, "LARGE_BYTES", 10)
    arrays = loader.load(DatasetSpec.at(str(file), test=0.0))
    assert np.array_equal(arrays.x_train[:, 0], frame["a"].cast(pl.Float32).to_numpy())
    assert np.array_equal(arrays.y_train, frame["b"].cast(pl.Float32).to_numpy())
