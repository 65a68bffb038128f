"""Files that appear whole, and lines that stay whole."""

import errno
import os
import subprocess
import sys
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


def test_a_torn_line_is_ended_once_the_disk_has_room_for_a_newline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = atomic_io.LineFile(tmp_path / "lines")
    room, write = 3, os.write

    def fill(fd: int, data: bytes) -> int:
        nonlocal room
        if not room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = write(fd, data[:room])
        room -= written
        return written

    monkeypatch.setattr(os, "write", fill)
    for _ in range(2):
        with pytest.raises(OSError, match=r"a part of a line|No space left"):
            lines.append(b"first line\n")
    monkeypatch.undo()
    lines.append(b"first line\n")
    lines.close()
    assert (tmp_path / "lines").read_bytes() == b"fir\nfirst line\n"


def test_a_line_is_not_added_to_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        atomic_io.LineFile(tmp_path / "history.csv", create=False)
    assert not list(tmp_path.iterdir())


def test_a_temporary_folder_of_a_process_that_was_killed_is_removed_and_no_other(tmp_path: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    left, held, own, young, others, file = (
        tmp_path / name
        for name in (
            f"x-{dead.pid}-1",
            f"x-{dead.pid}-2",
            f"x-{os.getpid()}-3",
            f"x-{dead.pid}-4",
            f"y-{dead.pid}-5",
            f"x-{dead.pid}-6",
        )
    )
    for folder in (left, held, own, young, others):
        folder.mkdir()
        (folder / "large").write_bytes(b"x")
    file.write_text("not a folder")
    for path in (left, held, own, others, file):
        os.utime(path, (0, 0))
    with atomic_io.folder_locked(held), atomic_io.temporary_folder(tmp_path, "x-") as mine:
        assert mine.is_dir()
        assert sorted(tmp_path.iterdir()) == sorted([held, own, young, others, file, mine])
        os.utime(mine, (0, 0))
        atomic_io.remove_abandoned(tmp_path, "x-")
        assert mine.is_dir()
    assert not mine.exists()


def test_what_a_killed_preparation_left_in_the_cache_is_removed_by_the_next_one(tmp_path: Path) -> None:
    code = (
        "import os, sys, signal; from pathlib import Path; from tuinn.atomic_io import temporary_folder\n"
        "with temporary_folder(Path(sys.argv[1]), '.filling-') as made:\n"
        "    (made / 'x_train.npy').write_bytes(bytes(100)); os.utime(made, (0, 0)); os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == -9
    assert [path.name[:9] for path in tmp_path.iterdir()] == [".filling-"]
    with atomic_io.temporary_folder(tmp_path, ".filling-") as made:
        assert list(tmp_path.iterdir()) == [made]
    assert list(tmp_path.iterdir()) == []


def test_a_line_that_the_limit_of_the_size_of_files_cuts_is_refused_for_that(tmp_path: Path) -> None:
    code = (
        "import resource, sys; from pathlib import Path; from tuinn.atomic_io import LineFile\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "file = LineFile(Path(sys.argv[1]))\n"
        "for at in range(3):\n"
        "    try:\n"
        "        file.append(b'x' * 59 + b'\\n')\n"
        "    except OSError as error:\n"
        "        print(error.errno)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "lines")], capture_output=True, text=True, check=True
    )
    assert ended.stdout.split() == [str(errno.EFBIG)] * 2
