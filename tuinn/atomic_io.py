"""File operations that hold when a process dies half-way: files that appear whole, whole lines, locks that die with their holder."""

import fcntl
import itertools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_counter = itertools.count()


@contextmanager
def replacing(file: Path, durable: bool = True) -> Iterator[Path]:
    """Yield the path of a temporary file beside `file`, of the same suffix, which takes its place when the block ends.

    Where the block raises, `file` stays as it was. `durable`: wait until the content is on the disk, so that a power
    cut leaves the old or the new file. Raises OSError.
    """
    temporary = file.with_name(f".{file.stem}.{os.getpid()}-{next(_counter)}{file.suffix}")
    try:
        yield temporary
        if durable:
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def write_whole(file: Path, data: bytes | memoryview, durable: bool = True) -> None:
    """Write a file that appears under its name whole or not at all. `durable` as in `replacing`. Raises OSError."""
    with replacing(file, durable) as temporary:
        temporary.write_bytes(data)


class LineFile:
    """Adds whole lines to a file that others read meanwhile. Each line is one write on an append descriptor."""

    def __init__(self, path: Path, create: bool = True) -> None:
        """`create`: make the file, mode 0600, where there is none. Raises OSError."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | (os.O_CREAT if create else 0)
        self.fd = os.open(path, flags, 0o600)
        self._end_torn_line()

    def append(self, line: bytes) -> None:
        """Add a line, which ends with a newline. Raises OSError where the disk refuses; the next line is whole again."""
        written = os.write(self.fd, line)
        if written < len(line):
            self._end_torn_line()
            raise OSError(28, "The disk took only a part of a line")

    def close(self) -> None:
        """Close the file."""
        os.close(self.fd)

    def _end_torn_line(self) -> None:
        """A writer that died in mid-line left no newline: add it, so that only its line is lost."""
        size = os.fstat(self.fd).st_size
        if size and os.pread(self.fd, 1, size - 1) != b"\n":
            os.write(self.fd, b"\n")


@contextmanager
def hold_lock(file: Path, patience: float = 3.0) -> Iterator[bool]:
    """Hold the lock on this file inside the block; yield False when another process has it.

    A reader that asks `is_held` holds it for an instant, hence the patience, in seconds. Raises OSError.
    """
    fd = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _acquire(fd, time.monotonic() + patience)
    finally:
        os.close(fd)


@contextmanager
def folder_locked(folder: Path) -> Iterator[None]:
    """Hold a lock on the folder itself inside the block, so that no file is left behind. Waits. Raises OSError."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def try_lock(file: Path) -> int | None:
    """Return the descriptor that holds the lock on this file until it is closed; None when another process has it.

    Raises OSError.
    """
    fd = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(fd)
        return None
    return fd


def is_held(file: Path) -> bool:
    """True while some process holds the lock on this file."""
    try:
        fd = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(fd)
    return False


def _acquire(fd: int, deadline: float) -> bool:
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        else:
            return True
