"""Open files that the user named: only regular files, never waiting for a pipe or a device, and of a bounded size."""

import io
import os
import stat
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO

from tuinn.errors import SpecError
from tuinn.text import shorten

SMALL_BYTES = 4_000_000
"""Files up to here are read at once."""


def file_name(path: Path) -> str:
    """Return the file's name as it can be put on a screen, whatever bytes are in it."""
    name = path.name or str(path)
    return shorten(name if name.isprintable() else repr(name), 60)


def check_kind(path: Path, found: os.stat_result, field: str = "", hint: str = "choose a file") -> None:
    """Raise SpecError for a pipe, a socket, a device, or a folder of the kernel's. Reading those may never end."""
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        raise SpecError(f"{file_name(path)} is not a file but a pipe or a device; {hint}.", field)
    if stat.S_ISDIR(found.st_mode) and found.st_dev in kernel_devices():
        raise SpecError(f"{file_name(path)} is a folder of the system's kernel, not of data; {hint}.", field)


@cache
def kernel_devices() -> frozenset[int]:
    """The file systems that the kernel makes up as they are read. Links in /proc lead through the whole disk."""
    found = set()
    for folder in ("/proc", "/sys"):
        with suppress(OSError):
            found.add(Path(folder).stat().st_dev)
    root = Path("/").stat().st_dev
    return frozenset(found - {root})


def check_empty(path: Path, field: str = "", hint: str = "choose a file") -> None:
    """Raise SpecError for a file of 0 bytes that has content all the same, as those in /proc: it differs at each read."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        is_empty = not os.read(descriptor, 1)
    except OSError:
        is_empty = False  # it may have content later: /proc/kmsg
    finally:
        os.close(descriptor)
    if not is_empty:
        words = "is made by the system as it is read, as files in /proc are"
        raise SpecError(f"{file_name(path)} {words}; {hint}.", field)


def open_regular(
    path: Path, max_bytes: int, *, field: str = "", hint: str = "choose a file", folder_hint: str = ""
) -> BinaryIO:
    """Open a file for reading; the content of a small one is in memory already.

    `max_bytes`: what a larger file is refused for; `field`: where its path is in the spec; `hint`: what to do about a
    file that can't be used. Raises SpecError for what is missing, empty, too large, or no regular file.
    """
    name = file_name(path)
    try:
        found = os.stat(path)  # noqa: PTH116 - a tenth of a decoding goes into `Path.stat`
        if stat.S_ISDIR(found.st_mode):
            raise SpecError(f"{name} is a folder; {folder_hint or hint}.", field)
        check_kind(path, found, field, hint)
        if not found.st_size:
            raise SpecError(f"{name} is empty (0 bytes); {hint}.", field)
        if found.st_size > max_bytes:
            raise SpecError(f"{name} is larger than {max_bytes / 1e9:g} GB; choose a smaller one.", field)
        # What is at this path may have become a pipe since: without O_NONBLOCK, opening it would wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        if found.st_size > SMALL_BYTES:
            return os.fdopen(descriptor, "rb")
        try:
            return io.BytesIO(os.read(descriptor, found.st_size))
        finally:
            os.close(descriptor)
    except FileNotFoundError as error:
        raise SpecError(f"There is no file {name}; check its path.", field) from error
    except OSError as error:
        raise SpecError(f"{name} can't be opened: {error.strerror}.", field) from error
    except ValueError as error:
        if isinstance(error, SpecError):
            raise
        raise SpecError(f"{name} can't be the name of a file; check its path.", field) from error
