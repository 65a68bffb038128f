"""Whole lines in, whole lines out. A torn line, or one of a kind that this version doesn't know, is skipped and counted."""

import os
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")

CHUNK = 256 * 1024
"""Bytes read at a time, so that a long journal never holds up its reader."""


class Appender:
    """Adds lines to a file that others read meanwhile. Each line is one write on an append descriptor."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.encoder = msgspec.json.Encoder()
        self._end_torn_line()

    def append(self, line: msgspec.Struct) -> None:
        """Raises OSError where the disk refuses; the next line is whole again all the same."""
        data = self.encoder.encode(line) + b"\n"
        written = os.write(self.fd, data)
        if written < len(data):
            self._end_torn_line()
            raise OSError(28, "The disk took only a part of a line")

    def close(self) -> None:
        os.close(self.fd)

    def _end_torn_line(self) -> None:
        """A writer that died in mid-line left no newline: give it one, so that only its line is lost."""
        size = os.fstat(self.fd).st_size
        if size and os.pread(self.fd, 1, size - 1) != b"\n":
            os.write(self.fd, b"\n")


class Reader(Generic[T]):
    """Reads what was appended since the last time. `kinds` is a union of tagged structs."""

    def __init__(self, path: Path, kinds: Any, offset: int = 0) -> None:
        self.path = path
        self.decoder: msgspec.json.Decoder[T] = msgspec.json.Decoder(kinds)
        self.offset = offset
        """Bytes read so far; always just after a newline, or 0."""
        self.skipped = 0
        """Lines that were torn or of an unknown kind."""

    def read_new(self, limit: int = CHUNK) -> list[T]:
        """What is new, oldest first, from about `limit` bytes at most. Empty when nothing is new."""
        data = self._whole_lines(limit)
        self.offset += len(data)
        found = []
        for line in data.split(b"\n"):
            if not line.strip():
                continue
            try:
                found.append(self.decoder.decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError):
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
            with self.path.open("rb") as file:
                file.seek(self.offset)
                data = file.read(limit)
                while data and b"\n" not in data and (more := file.read(limit)):
                    data += more
        except FileNotFoundError:
            return b""
        return data[: data.rfind(b"\n") + 1]
