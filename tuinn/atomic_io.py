"""File operations that hold when a process dies half-way: files that appear whole, whole lines, locks that die with their holder."""

import errno
import fcntl
import glob
import itertools
import os
import re
import resource
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_counter = itertools.count()

FULL = (errno.ENOSPC, errno.EDQUOT)
"""Errors that pass once somebody has freed some space."""


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


def open_stored(file: Path) -> BinaryIO:
    """Open a file that tuinn has stored for reading. Raises OSError, also for a pipe or a device: those may never end."""
    # Without O_NONBLOCK, opening a pipe would wait for a writer.
    fd = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    _check_regular(fd, file)
    return os.fdopen(fd, "rb")


def open_to_store(file: Path, *, append: bool = False) -> BinaryIO:
    """Open a file for writing: from its beginning, or at its end. Mode 0600 where it is new.

    Raises OSError, also for a pipe or a device: writing into those may wait for ever.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC | (os.O_APPEND if append else os.O_TRUNC)
    fd = os.open(file, flags, 0o600)
    _check_regular(fd, file)
    return os.fdopen(fd, "ab" if append else "wb")


def _check_regular(fd: int, file: Path) -> None:
    """Close the descriptor and raise OSError unless it is of a regular file."""
    mode = os.fstat(fd).st_mode
    if stat.S_ISREG(mode):
        return
    os.close(fd)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(file))
    raise OSError(errno.EINVAL, "It is a pipe or a device", str(file))


def read_stored(file: Path) -> bytes:
    """Return the content of a file that tuinn has stored. Raises OSError as `open_stored` does."""
    with open_stored(file) as opened:
        return opened.read()


def system_text(file: Path) -> str:
    """Return what the system says in a file of /proc or /sys; empty where there is no such file."""
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""


def file_size_limit() -> int | None:
    """Bytes that a file may have which this process writes (`ulimit -f`); None: any number."""
    soft, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    return None if soft == resource.RLIM_INFINITY else soft


class LineFile:
    """Adds whole lines to a file that others read meanwhile. Each line is one write on an append descriptor."""

    def __init__(self, path: Path, create: bool = True) -> None:
        """`create`: make the file, mode 0600, where there is none. Raises OSError."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | (os.O_CREAT if create else 0)
        self.fd = os.open(path, flags, 0o600)
        _check_regular(self.fd, path)  # a pipe that nobody reads fills up, and writing waits
        self._torn = True  # perhaps: its last writer may have died in mid-line
        self._end_torn_line()

    def append(self, line: bytes) -> None:
        """Add a line, which ends with a newline. Raises OSError where the disk refuses; the next line is whole again."""
        self._end_torn_line()
        written = os.write(self.fd, line)
        if written < len(line):
            self._torn = True  # ended with the next line: now the disk may have no room even for a newline
            limit = file_size_limit()
            if limit is not None and self.size() >= limit:
                raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
            raise OSError(errno.ENOSPC, "The disk took only a part of a line")

    def size(self) -> int:
        """Bytes of the file."""
        return os.fstat(self.fd).st_size

    def close(self) -> None:
        """Close the file."""
        os.close(self.fd)

    def _end_torn_line(self) -> None:
        """Add the newline that a torn line lacks, so that only that one is lost."""
        if not self._torn:
            return
        size = self.size()
        if size and os.pread(self.fd, 1, size - 1) != b"\n":
            os.write(self.fd, b"\n")
        self._torn = False


@contextmanager
def temporary_folder(place: Path, name: str) -> Iterator[Path]:
    """A new folder in `place` that is gone after the block, locked meanwhile: another process can tell that it is in use.

    `name`: what it begins with; the process' number follows. Folders of this name that were left by processes that were
    killed are removed first. Raises OSError.
    """
    remove_abandoned(place, name)
    folder = place / f"{name}{os.getpid()}-{time.monotonic_ns()}"
    folder.mkdir(mode=0o700, parents=True)
    try:
        with folder_locked(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


YOUNG_SECONDS = 60.0
"""So long a folder may be there before it is locked."""


def remove_abandoned(place: Path, name: str) -> None:
    """Remove the folders of `temporary_folder` that nobody holds, whose process is gone, and that are our user's."""
    for folder in place.glob(f"{glob.escape(name)}*"):
        number = re.fullmatch(r"(\d+)-\d+", folder.name.removeprefix(name))
        try:
            told = folder.lstat()
            if number is None or not stat.S_ISDIR(told.st_mode) or told.st_uid != os.getuid():
                continue
            if time.time() - told.st_mtime < YOUNG_SECONDS or _lives(int(number.group(1))):
                continue
            with folder_locked(folder, wait=False):
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # it is held, or gone meanwhile


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


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
def folder_locked(folder: Path, wait: bool = True) -> Iterator[None]:
    """Hold a lock on the folder itself inside the block, so that no file is left behind. Raises OSError.

    `wait`: until another process lets go of it; else raise.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
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
        fd = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
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
