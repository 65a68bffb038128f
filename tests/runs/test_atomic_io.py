"""Files that appear whole, and lines that stay whole."""

import os
from pathlib import Path

import pytest

from tuinn import atomic_io


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "model.keras"
    file.write_bytes(b"old")
    return file


def test_a_file_is_the_old_one_until_the_new_one_is_whole(file: Path) -> None:
    with atomic_io.replacing(file) as temporary:
        temporary.write_bytes(b"new")
        assert temporary.suffix == ".keras"
        assert file.read_bytes() == b"old"
    assert file.read_bytes() == b"new"


def test_a_writer_that_fails_leaves_the_old_file_and_nothing_else(file: Path) -> None:
    def write_half(temporary: Path) -> None:
        temporary.write_bytes(b"ne")
        raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half"), atomic_io.replacing(file) as temporary:
        write_half(temporary)
    assert file.read_bytes() == b"old"
    assert list(file.parent.iterdir()) == [file]


def test_two_writers_of_one_process_do_not_share_their_temporary_file(file: Path) -> None:
    with atomic_io.replacing(file) as first, atomic_io.replacing(file) as second:
        assert first != second
        first.write_bytes(b"first")
        second.write_bytes(b"second")
    assert file.read_bytes() == b"first"


def test_a_line_cut_short_by_the_disk_leaves_the_next_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = atomic_io.LineFile(tmp_path / "lines")
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, data[:3]))
    with pytest.raises(OSError, match="a part of a line"):
        lines.append(b"first line\n")
    monkeypatch.undo()
    lines.append(b"second line\n")
    lines.close()
    assert (tmp_path / "lines").read_bytes() == b"fir\nsecond line\n"


def test_a_line_is_not_added_to_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        atomic_io.LineFile(tmp_path / "history.csv", create=False)
    assert not list(tmp_path.iterdir())
