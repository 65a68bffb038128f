"""Whole lines in, whole lines out. A torn line, or one of a kind that this version doesn't know, is skipped and counted."""

import itertools
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from tuinn.atomic_io import LineFile, open_stored, read_stored

T = TypeVar("T")
StructT = TypeVar("StructT", bound=msgspec.Struct)

CHUNK = 256 * 1024
"""Bytes read at a time, so that a long journal never holds up its reader."""


BULK = 4 * CHUNK
"""The same for a reader that has a lot to catch up with: about 10 ms."""

FAR_BEHIND = 8_000_000
"""Bytes from which on reports are thinned out, so that no more than about this is read of them."""

BATCH = b'{"kind":"BatchEnded"'


DAMAGED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises where the bytes are not JSON, not UTF-8, nested without end, or of another struct."""


def read_struct(file: Path, kind: type[StructT]) -> StructT:
    """Return the struct in a file of JSON. Raises OSError, and ValueError where the file is damaged."""
    data = read_stored(file)
    try:
        return msgspec.json.decode(data, type=kind)
    except DAMAGED as error:
        raise ValueError(str(error)) from None


class JournalWriter:
    """Appends structs to a journal, a line of JSON each."""

    def __init__(self, path: Path) -> None:
        """Raises OSError."""
        self.file = LineFile(path)
        self.encoder = msgspec.json.Encoder()

    def append(self, struct: msgspec.Struct) -> None:
        """Raises OSError where the disk refuses; the next line is whole again all the same."""
        self.file.append(self.encoder.encode(struct) + b"\n")

    def close(self) -> None:
        """Close the file."""
        self.file.close()


class JournalReader(Generic[T]):
    """Reads what was appended since the last time. `kinds` is a union of tagged structs."""

    def __init__(self, path: Path, kinds: object, offset: int = 0) -> None:
        self.path = path
        self.decoder: msgspec.json.Decoder[T] = msgspec.json.Decoder(kinds)
        self.offset = offset
        """Bytes read so far; always just after a newline, or 0."""
        self.skipped = 0
        """Lines that were torn or of an unknown kind."""
        self.thinning = 1
        """`read_bulk` takes one BatchEnded out of so many."""

    def read_new(self, limit: int = CHUNK) -> list[T]:
        """What is new, oldest first, from about `limit` bytes at most. Empty when nothing is new."""
        data = self._whole_lines(limit)
        self.offset += len(data)
        return self._decode(data.split(b"\n"))

    def read_without_reports(self, limit: int = BULK, reports: bytes = BATCH) -> list[T]:
        """What is new, every BatchEnded left out: all that a summary of the run needs. Empty when nothing is new.

        `reports`: how the lines begin that are left out.
        """
        found: list[T] = []
        while not found and (data := self._whole_lines(limit)):
            self.offset += len(data)
            found = self._decode([line for line in data.split(b"\n") if not line.startswith(reports)])
        return found

    def read_bulk(self, limit: int = BULK) -> list[T]:
        """What is new, as `read_new` has it; of a journal that is far ahead only every so many-th BatchEnded.

        For a view that catches up: a chart has not more columns than that, and the means between two reports are
        means all the same. Everything else is there. Empty when nothing is new.
        """
        try:
            behind = self.path.stat().st_size - self.offset
        except OSError:
            behind = 0
        if behind <= limit:
            self.thinning = 1
            return self.read_new(limit)
        self.thinning = max(self.thinning, behind // FAR_BEHIND)
        found: list[T] = []
        while not found and (data := self._whole_lines(limit)):
            self.offset += len(data)
            every = itertools.count()
            found = self._decode(
                [
                    line
                    for line in data.split(b"\n")
                    if not line.startswith(BATCH) or next(every) % self.thinning == 0
                ]
            )
        return found

    def _decode(self, lines: list[bytes]) -> list[T]:
        found = []
        decode = self.decoder.decode
        for line in lines:
            if not line.strip():
                continue
            try:
                found.append(decode(line))
            except DAMAGED:
                self.skipped += 1
        return found

    def read_all(self) -> list[T]:
        """Everything up to the last newline there is now."""
        found: list[T] = []
        before = -1
        while before != self.offset:
            before = self.offset
            found += self.read_new()
        return found

    def _whole_lines(self, limit: int) -> bytes:
        try:
            with open_stored(self.path) as file:
                file.seek(self.offset)
                data = file.read(limit)
                while data and b"\n" not in data and (more := file.read(limit)):
                    data += more
        except FileNotFoundError:
            return b""
        return data[: data.rfind(b"\n") + 1]
