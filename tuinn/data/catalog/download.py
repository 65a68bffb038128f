"""Download one file to NAME.tuinn.part: with progress, cancellable at any time, resumed where it was interrupted."""

import fcntl
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING

from tuinn.data.info import KerasFile, file_size
from tuinn.errors import SpecError
from tuinn.text import format_bytes, format_duration

if TYPE_CHECKING:
    from requests import Response

CHUNK = 32_768
"""Bytes read from the connection at once."""

TIMEOUT = (10.0, 30.0)
"""Seconds to wait for a connection, and for the next bytes."""

REPORT_INTERVAL = 0.1
"""Seconds between two reports, and between two looks at another process's download."""

PART = ".tuinn.part"
"""Suffix of a file that is not complete. Nobody else makes files of such a name, so its content may be discarded."""

RANGE_NOT_SATISFIABLE = 416
"""The server's answer where nothing follows the last byte on disk."""


class Cancelled(Exception):  # noqa: N818 - a request, not a mistake
    """The user cancelled the download. What was downloaded is kept."""


class Interrupted(Exception):  # noqa: N818 - described by its cause
    """The connection broke, could not be made, or the server refused."""


class DownloadError(SpecError):
    """The file cannot be downloaded now."""


@dataclass(frozen=True)
class DownloadProgress:
    """How much of a file has been downloaded."""

    name: str
    done: int
    """Bytes on disk, those of earlier tries included."""
    total: int
    """Bytes of the whole file."""
    speed: float
    """Bytes per second since this try began."""

    @property
    def seconds_left(self) -> float | None:
        """None while the speed is unknown."""
        return (self.total - self.done) / self.speed if self.speed > 0 else None

    @property
    def words(self) -> str:
        """`mnist.npz  4.2 MB of 11.5 MB  3.1 MB/s  2.4 s left`."""
        words = [self.name, f"{format_bytes(self.done)} of {format_bytes(self.total)}"]
        if self.speed > 0:
            words.append(f"{format_bytes(round(self.speed))}/s")
        if self.seconds_left:
            words.append(f"{format_duration(self.seconds_left)} left")
        return "  ".join(words)


class Download:
    """A download in progress. Whoever holds it is the only one who writes to its part file."""

    def __init__(
        self,
        file: KerasFile,
        stream: IO[bytes],
        report: Callable[[DownloadProgress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self.file, self.stream, self.report, self.cancelled = file, stream, report, cancelled
        self.part = Path(stream.name)
        self.total = file.bytes
        self.begun, self.resumed_at = time.monotonic(), 0
        self.next_report = 0.0

    @classmethod
    def open(
        cls,
        file: KerasFile,
        path: Path,
        report: Callable[[DownloadProgress], None],
        cancelled: Callable[[], bool],
    ) -> "Download":
        """Wait until no other process downloads this file, then lock its part. Raises OSError, Cancelled."""
        part = path.with_name(path.name + PART)
        while True:
            stream = open(part, "ab", opener=_open_no_link)  # noqa: SIM115 - Path.open takes no opener
            download = cls(file, stream, report, cancelled)
            if download._has_lock():
                return download
            stream.close()
            download._report(file_size(part))
            time.sleep(REPORT_INTERVAL)

    def _has_lock(self) -> bool:
        """Lock the part; True where that worked, and the locked file is still the one of this name."""
        try:
            fcntl.flock(self.stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return os.path.samestat(os.fstat(self.stream.fileno()), self.part.stat())
        except (BlockingIOError, FileNotFoundError):
            return False

    def __enter__(self) -> "Download":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        if kind is not None and not self.size():
            self.discard()
        self.stream.close()

    def size(self) -> int:
        """Return the bytes on disk."""
        return os.fstat(self.stream.fileno()).st_size

    def discard(self) -> None:
        """Remove the part file."""
        self.part.unlink(missing_ok=True)

    def run(self) -> None:
        """Download until the part is the published file. Raises Cancelled, SpecError, OSError."""
        has_earlier_bytes = self.size() > 0
        while True:
            before = self.size()
            try:
                self._resume()
            except Interrupted as interrupted:
                # A connection that brings something each time before it breaks brings everything in the end.
                if self.size() <= before:
                    raise DownloadError(self._unreachable(interrupted)) from interrupted
                has_earlier_bytes = True
                continue
            if self.file.matches(self.part):
                return
            self.stream.truncate(0)
            if not has_earlier_bytes:
                self.discard()
                raise SpecError(
                    f"What {self.file.url} gave is not the published file (its hash differs), so it was not kept. "
                    "Try again later, or on another network."
                )
            # The bytes on disk may have been of another file: download once more, from the start.
            has_earlier_bytes = False

    def _resume(self) -> None:
        """Download what is missing. Raises Interrupted, Cancelled, OSError."""
        import requests

        self.resumed_at, self.begun = self.size(), time.monotonic()
        headers = {"Accept-Encoding": "identity"}
        if self.resumed_at:
            headers["Range"] = f"bytes={self.resumed_at}-"
        try:
            with requests.get(self.file.url, headers=headers, timeout=TIMEOUT, stream=True) as response:
                if response.status_code == RANGE_NOT_SATISFIABLE:
                    return
                response.raise_for_status()
                self._write_content(response)
        except requests.RequestException as error:
            raise Interrupted from error

    def _write_content(self, response: "Response") -> None:
        """Append what the server sends. Raises RequestException, Cancelled, OSError."""
        if response.status_code == 200:
            self.stream.truncate(0)  # it sends everything, whatever was asked for
            self.resumed_at = 0
        left = self.file.bytes - self.resumed_at
        self.total = self.resumed_at + int(response.headers.get("Content-Length", left))
        for chunk in response.iter_content(CHUNK):
            self.stream.write(chunk)
            self.stream.flush()
            if time.monotonic() >= self.next_report:
                self.next_report = time.monotonic() + REPORT_INTERVAL
                self._report(self.size())
        self._report(self.size())

    def _report(self, done: int) -> None:
        """Tell how much is on disk. Raises Cancelled."""
        if self.cancelled():
            raise Cancelled
        seconds = time.monotonic() - self.begun
        speed = max(0, done - self.resumed_at) / seconds if seconds > 0 else 0.0
        self.report(DownloadProgress(self.file.name, done, max(self.total, done), speed))

    def _unreachable(self, interrupted: Interrupted) -> str:
        """Say why the file cannot be downloaded, which file it is, and where to put it by hand."""
        where = f"{self.file.name} from {self.file.url}"
        by_hand = f"or put the file into {self.part.parent} yourself"
        error = interrupted.__cause__
        status = getattr(getattr(error, "response", None), "status_code", None)
        if status:
            return f"The server answered {status} instead of {where}. Try again later, {by_hand}."
        if kept := self.size():
            return (
                f"The connection broke after {kept / 1e6:.1f} of {self.total / 1e6:.1f} MB of {where}. What was "
                f"downloaded is kept: fetch again to resume, {by_hand}."
            )
        return f"There is no connection to fetch {where}. Connect and fetch again, {by_hand}."


def _open_no_link(path: str, flags: int) -> int:
    """Open a file, but none that a link leads to. Raises OSError."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o644)
