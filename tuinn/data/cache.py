"""Samples that were read once lie here as memory-mapped .npy files, one folder for each state of a source.

The folder's name is a hash of what decides the samples: the source's signature, the options, and the reader's
version. A folder appears whole, by a rename; one that is damaged or of another version is read again.
"""

import gzip
import hashlib
import os
import shutil
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import DTypeLike, NDArray

from tuinn.atomic_io import read_stored, temporary_folder, write_whole
from tuinn.data.dataset_arrays import Arrays, Samples
from tuinn.data.npy_writer import reserve
from tuinn.data.text_store import Texts
from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts

FORMAT_VERSION = 1
"""Grows when the files below change their meaning: all older folders are then read again."""

FACTS_FILE = "facts.json"

FINGERPRINT_FILE = "fingerprint"

ReportProgress = Callable[[int, int, str], None]
"""Progress: how many are done, of how many (0: nobody knows), of what, such as `images`."""


def no_progress(done: int, total: int, what: str) -> None:
    """Progress that nobody watches."""


def cache_folder() -> Path:
    """`$TUINN_HOME/cache`, or the platform's folder for a user's caches."""
    if told := os.environ.get("TUINN_HOME"):
        return Path(told).expanduser() / "cache"
    import platformdirs

    return Path(platformdirs.user_cache_dir("tuinn", appauthor=False))


def data_folder() -> Path:
    """Return the folder of the prepared datasets, one folder for each."""
    return cache_folder() / "data"


def entry(key: str) -> "CacheEntry":
    """Return the entry of this key, whether it exists or not."""
    return CacheEntry(data_folder() / key)


def cache_key(*parts: object) -> str:
    """A name for what these values decide: 32 hex digits, the same in every process."""
    return hashlib.sha256(msgspec.json.encode([FORMAT_VERSION, *parts], order="deterministic")).hexdigest()[
        :32
    ]


@dataclass(frozen=True)
class CacheEntry:
    """What lies in one folder of the cache."""

    folder: Path

    @property
    def facts_file(self) -> Path:
        return self.folder / FACTS_FILE

    def facts(self) -> DataFacts | None:
        """As they were written; None where there are none that can be read."""
        try:
            return msgspec.json.decode(read_stored(self.facts_file), type=DataFacts)
        except (OSError, ValueError, RecursionError):
            return None

    def arrays(self) -> Arrays | None:
        """Memory-mapped, read-only; None where a file is missing, cut short, or not what the facts say."""
        facts = self.facts()
        if facts is None:
            return None
        try:
            arrays = Arrays(
                self._samples("x_train", facts),
                self._array("y_train"),
                self._samples("x_test", facts),
                self._array("y_test"),
            )
        except Exception:  # NumPy has many names for "damaged", a shape beyond all memory among them
            return None
        os.utime(self.facts_file)  # used just now: the last that emptying would take
        return arrays if arrays.fit(facts) else None

    def fingerprint(self) -> str:
        """`Arrays.fingerprint` of what lies here, worked out when it was written; empty where it is damaged or gone.

        Of a folder that an older version has written, it is worked out now, which takes about a second per GB.
        """
        file = self.folder / FINGERPRINT_FILE
        try:
            if len(known := read_stored(file).decode()) == 2 * hashlib.sha256().digest_size:
                return known
        except (OSError, UnicodeDecodeError):
            pass  # not worked out yet
        arrays = self.arrays()
        if arrays is None:
            return ""
        found = arrays.fingerprint()
        with suppress(OSError):  # it will be worked out again
            write_whole(file, found.encode(), durable=False)
        return found

    def _samples(self, part: str, facts: DataFacts) -> Samples:
        if facts.is_text:
            return Texts.open(self.folder / part)
        return self._array(part)

    def _array(self, part: str) -> NDArray[np.generic]:
        file = self.folder / f"{part}.npy"
        try:
            array: NDArray[np.generic] = np.load(file, mmap_mode="r", allow_pickle=False)
        except ValueError:  # nothing can be mapped of an empty array
            array = np.load(file, allow_pickle=False)
        return array


class CacheWriter:
    """A folder of the cache while it is being filled, beside its final place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.memmaps: list[np.memmap[Any, Any]] = []

    def create_array(self, part: str, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[np.generic]:
        """An array on disk to be filled in place, such as `x_train`; memory holds only the pages in use.

        The room is taken at once. Raises OSError where there is none.
        """
        if 0 in shape:
            return self.write_array(part, np.empty(shape, dtype))
        made = np.lib.format.open_memmap(self.folder / f"{part}.npy", mode="w+", dtype=dtype, shape=shape)
        self.memmaps.append(made)
        with (self.folder / f"{part}.npy").open("r+b") as file:
            # A hole in the file would be found out by a write that no disk takes any more, which kills.
            reserve(file.fileno(), made.offset, made.nbytes)
        return made

    def write_array(self, part: str, array: NDArray[np.generic]) -> NDArray[np.generic]:
        """Write an array that is in memory."""
        np.save(self.folder / f"{part}.npy", array, allow_pickle=False)
        return array

    def write_texts(self, part: str, texts: Iterator[str]) -> int:
        """Write texts one after the other; how many there were."""
        return Texts.write(self.folder / part, texts)

    def finish(self, facts: DataFacts) -> None:
        """Everything is on disk; the facts come last."""
        for made in self.memmaps:
            made.flush()
        (self.folder / FACTS_FILE).write_bytes(msgspec.json.encode(facts))
        CacheEntry(self.folder).fingerprint()


ASIDE = ".filling-"
"""What the name of a folder of the cache begins with while it is being filled."""


def get_or_create(key: str, fill: Callable[[CacheWriter], DataFacts]) -> CacheEntry:
    """The folder of this key, filled by `fill` where it is missing or damaged.

    Raises SpecError where there is no room or the cache can't be written, and whatever `fill` raises.
    """
    kept = entry(key)
    final = kept.folder
    if kept.arrays() is not None:
        return kept
    try:
        with temporary_folder(final.parent, ASIDE) as aside:
            writer = CacheWriter(aside)
            writer.finish(fill(writer))
            if final.exists():
                shutil.rmtree(final)
            aside.rename(final)
    except OSError as error:
        if CacheEntry(final).arrays() is not None:
            return CacheEntry(final)  # another process was faster
        raise not_writable(error) from error
    return CacheEntry(final)


def not_writable(error: OSError) -> SpecError:
    """The problem to raise where prepared samples can't be kept."""
    return SpecError(
        f"Prepared samples cannot be kept in {cache_folder()} ({error.strerror or error}). "
        "Free some space with `tuinn datasets empty`, or set TUINN_HOME to a folder you may write to."
    )


def cache_size() -> int:
    """Bytes in the cache."""
    total = 0
    for file in data_folder().rglob("*"):
        try:
            found = file.lstat()
        except OSError:
            continue  # it has gone meanwhile
        total += found.st_size if stat.S_ISREG(found.st_mode) else 0
    return total


def empty_cache() -> int:
    """Remove everything that was prepared; how many bytes that gave. It is read again when it is wanted.

    Raises SpecError where the cache can't be written.
    """
    before = cache_size()
    try:
        shutil.rmtree(data_folder())
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise not_writable(error) from error
    return before - cache_size()


def file_hash(path: Path, algorithm: str = "sha256", unpacked: bool = False) -> str:
    """What changes whenever the content of this file does: its bytes' hash, in hex. Raises OSError.

    `unpacked`: the hash of what is in a .gz. Reading a large file takes a while, so the answer is remembered with
    the file's size and times.
    """
    found = path.stat()
    stamp = cache_key(
        str(path.resolve()), found.st_size, found.st_mtime_ns, found.st_ino, algorithm, int(unpacked)
    )
    memo = cache_folder() / "signatures" / stamp
    try:
        if len(known := memo.read_text()) == 2 * hashlib.new(algorithm).digest_size:
            return known
    except OSError:
        pass  # not remembered yet
    digest = _compute_hash(path, algorithm, unpacked)
    try:
        memo.parent.mkdir(parents=True, exist_ok=True)
        write_whole(memo, digest.encode())
    except OSError:
        pass  # it will be worked out again
    return digest


def _compute_hash(path: Path, algorithm: str, unpacked: bool) -> str:
    """The hash of a file; empty where what should be a .gz is none."""
    with path.open("rb") as file:
        if not unpacked:
            return hashlib.file_digest(file, algorithm).hexdigest()
        found = hashlib.new(algorithm)
        try:
            with gzip.open(file) as content:
                while part := content.read(1 << 20):
                    found.update(part)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            return ""
        return found.hexdigest()
