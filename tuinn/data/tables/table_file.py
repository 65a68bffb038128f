"""Files of tables as they lie on disk: which they are, unpacked, and as plain UTF-8 where a library reads them.

Copies are kept in the cache, a folder for each state of a file, and written a piece at a time.
"""

import gzip
import os
import shutil
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import AnyStr

from tuinn.atomic_io import replacing
from tuinn.data import cache
from tuinn.data.regular_file import check_kind
from tuinn.data.tables.csv_dialect import CsvDialect
from tuinn.errors import SpecError

SUFFIXES = (".csv", ".tsv", ".tab", ".data", ".dat", ".txt")
PACKED = ".gz"
PIECE = 1 << 20
"""Bytes or characters that are in memory at once."""
KEPT_SECONDS = 86_400
"""A copy that was not read for so long is removed when another is written."""


def is_table_file(path: Path, suffixes: tuple[str, ...] = SUFFIXES) -> bool:
    """True for a name with one of these suffixes, also one before .gz."""
    return path.name.lower().removesuffix(PACKED).endswith(suffixes)


def unpacked(path: Path) -> Path:
    """Return the file itself, or the copy of what is in a .gz. Raises SpecError for one that is damaged."""
    if path.suffix.lower() != PACKED:
        return path
    try:
        found = path.stat()
        check_kind(path, found, "dataset.path", "give a CSV file")
        with gzip.open(path) as file:
            return _copy(path, path.name[: -len(PACKED)], found, _pieces(file.read), "unpacked")
    except (gzip.BadGzipFile, zlib.error) as error:
        raise SpecError(
            f"{path.name} is no .gz file, or a damaged one ({error}). Pack it anew.", "dataset.path"
        ) from error
    except EOFError as error:
        raise SpecError(
            f"{path.name} ends too early, so it is not whole. Copy or fetch it again.", "dataset.path"
        ) from error
    except OSError as error:
        raise SpecError(f"{path} can't be read ({error.strerror}).", "dataset.path") from error


def plain_copy(path: Path, dialect: CsvDialect) -> Path:
    """Return a copy of the table alone in UTF-8. Raises SpecError where it can't be read or kept."""
    with dialect.text(path) as text:
        encoded = (piece.encode() for piece in _pieces(text.read))
        return _copy(path, path.name, path.stat(), encoded, dialect)


def _copy(path: Path, name: str, found: os.stat_result, pieces: Iterator[bytes], form: object) -> Path:
    """Return the copy of this state of the file in this form, written where there is none yet.

    Raises SpecError where it can't be kept, and whatever `pieces` raise.
    """
    key = cache.cache_key(
        str(path.resolve()), found.st_size, found.st_mtime_ns, found.st_ino, name, str(form)
    )
    copies = cache.data_folder() / "copies"
    copy = copies / key / name
    if copy.is_file():
        kept = copy.stat()
        os.utime(copy, ns=(time.time_ns(), kept.st_mtime_ns))
        return copy
    try:
        _remove_unused(copies)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with replacing(copy, durable=False) as file, file.open("wb") as opened:
            for piece in pieces:
                opened.write(piece)
    except gzip.BadGzipFile:
        raise
    except OSError as error:
        raise cache.not_writable(error) from error
    return copy


def _remove_unused(copies: Path) -> None:
    """Remove the copies that nobody has read for KEPT_SECONDS."""
    for copy in copies.glob("*/*"):
        try:
            if copy.stat().st_atime < time.time() - KEPT_SECONDS:
                shutil.rmtree(copy.parent)
        except OSError:
            continue  # another process was faster


def _pieces(read: Callable[[int], AnyStr]) -> Iterator[AnyStr]:
    """What is in a file, a piece at a time."""
    while piece := read(PIECE):
        yield piece
