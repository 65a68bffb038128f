"""Two things a folder on disk is trusted for: files that appear whole, and locks that die with their holder."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(file: Path, data: bytes | memoryview) -> None:
    """The file appears under its name whole or not at all. Raises OSError."""
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with aside.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def hold_lock(file: Path, patience: float = 3.0) -> Iterator[bool]:
    """The lock on this file, held inside the block; yields False when another process has it.

    A reader that asks `is_held` holds it for an instant, hence the patience, in seconds. Raises OSError.
    """
    fd = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _acquire(fd, time.monotonic() + patience)
    finally:
        os.close(fd)


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
