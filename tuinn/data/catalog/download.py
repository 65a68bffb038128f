"""One file from its address to NAME.tuinn.part, with pooch: progress, an end at any time, going on where it broke off."""

import fcntl
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from tuinn.data.catalog.keras_files import KerasFile, size_of
from tuinn.errors import SpecError
from tuinn.text import duration, size

if TYPE_CHECKING:
    from requests import Response

CHUNK = 32_768
"""Bytes taken from the line at once."""

TIMEOUT = (10.0, 30.0)
"""Seconds to wait for a connection, and for the next bytes."""

LOOK = 0.1
"""Seconds between two reports, and between two looks at another process's download."""


PART = ".tuinn.part"
"""What is put behind a file's name until it is whole. Nobody else makes files of such a name, so what it holds may be thrown away."""


class Cancelled(Exception):  # noqa: N818 - a wish, not a mistake
    """The user doesn't want it any more. What came so far is kept."""


class Broken(Exception):  # noqa: N818 - told by its cause
    """The line broke, or there is none."""


class Unreachable(SpecError):  # noqa: N818 - what happened, as a sentence
    """The file can't be had now."""


def _no_link(path: str, flags: int) -> int:
    """Open a file, but none that a link leads to. Raises OSError."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o644)


@dataclass(frozen=True)
class DownloadProgress:
    """How far a file is."""

    name: str
    done: int
    """Bytes that are here, those of an earlier try included."""
    total: int
    """Bytes of the whole."""
    speed: float
    """Bytes a second since this try began."""

    @property
    def seconds_left(self) -> float | None:
        """None while nobody knows."""
        return (self.total - self.done) / self.speed if self.speed > 0 else None

    @property
    def words(self) -> str:
        """`mnist.npz  4.2 MB of 11.5 MB  3.1 MB/s  2.4 s left`."""
        words = [self.name, f"{size(self.done)} of {size(self.total)}"]
        if self.speed > 0:
            words.append(f"{size(round(self.speed))}/s")
        if self.seconds_left:
            words.append(f"{duration(self.seconds_left)} left")
        return "  ".join(words)


class Download:
    """A file on its way. Whoever holds it is the only one who writes to its part."""

    def __init__(
        self,
        file: KerasFile,
        stream: IO[bytes],
        tell: Callable[[DownloadProgress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self.file, self.stream, self.tell, self.cancelled = file, stream, tell, cancelled
        self.part = Path(stream.name)
        self.whole = file.bytes
        self.total = 0  # pooch's: the bytes of this answer
        self.begun, self.had = time.monotonic(), 0
        self.due = 0.0

    @classmethod
    def open(
        cls,
        file: KerasFile,
        place: Path,
        tell: Callable[[DownloadProgress], None],
        cancelled: Callable[[], bool],
    ) -> "Download":
        """Wait until no other process fetches this file. Raises OSError, Cancelled."""
        part = place.with_name(place.name + PART)
        while True:
            stream = open(part, "ab", opener=_no_link)  # noqa: SIM115 - Path.open takes no opener
            download = cls(file, stream, tell, cancelled)
            if download._is_ours():
                return download
            stream.close()
            download._report(size_of(part))
            time.sleep(LOOK)

    def _is_ours(self) -> bool:
        """Whether the lock could be had, on the file that now has this name."""
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
        """Bytes that are here."""
        return os.fstat(self.stream.fileno()).st_size

    def discard(self) -> None:
        """What came so far is of no use."""
        self.part.unlink(missing_ok=True)

    def run(self) -> None:
        """Until the part is the published file. Raises Cancelled, SpecError, OSError."""
        resumed = self.size() > 0
        while True:
            before = self.size()
            try:
                self._go_on()
            except Broken as broken:
                # A line that brings something each time, before it breaks, brings all in the end.
                if self.size() <= before:
                    raise Unreachable(self._unreachable(broken)) from broken
                resumed = True
                continue
            if self.file.holds(self.part):
                return
            self.stream.truncate(0)
            if not resumed:
                self.discard()
                raise SpecError(
                    f"What {self.file.url} gave is not the published file (its hash differs), so it was not kept. "
                    "Try again later, or on another network."
                )
            resumed = False  # what was here before may have been another file: once more, from the start

    def _go_on(self) -> None:
        """Fetch what is missing. Raises Broken, Cancelled, OSError."""
        import pooch
        import requests

        self.had, self.begun = self.size(), time.monotonic()
        headers = {"Accept-Encoding": "identity"}
        if self.had:
            headers["Range"] = f"bytes={self.had}-"
        take = pooch.HTTPDownloader(
            progressbar=self,
            chunk_size=CHUNK,
            headers=headers,
            timeout=TIMEOUT,
            hooks={"response": self._answered},
        )
        try:
            take(self.file.url, self.stream, None)
        except requests.HTTPError as error:
            # 416: there is nothing after the last byte that is here.
            if error.response is None or error.response.status_code != 416:
                raise Broken from error
        except requests.RequestException as error:
            raise Broken from error

    def _answered(self, response: "Response", *_: Any, **__: Any) -> None:
        """The server's answer is here, its content not yet: where does it begin?"""
        if response.status_code == 200:
            self.stream.truncate(0)  # it sends everything, whatever was asked
            self.had = 0
        if response.status_code in (200, 206):
            self.whole = self.had + int(response.headers.get("Content-Length", self.file.bytes - self.had))

    def _report(self, done: int) -> None:
        if self.cancelled():
            raise Cancelled
        spent = time.monotonic() - self.begun
        speed = max(0, done - self.had) / spent if spent > 0 else 0.0
        self.tell(DownloadProgress(self.file.name, done, max(self.whole, done), speed))

    # What pooch wants of a progress bar.

    def update(self, _: int) -> None:
        """Some bytes came."""
        if time.monotonic() >= self.due:
            self.due = time.monotonic() + LOOK
            self._report(self.size())

    def reset(self) -> None:
        """All bytes came."""
        self.due = 0.0

    def close(self) -> None:
        """Nothing is left to do."""

    def _unreachable(self, broken: Broken) -> str:
        """Why it can't be had, which file it is, and where to put it by hand."""
        where = f"{self.file.name} from {self.file.url}"
        by_hand = f"or put the file into {self.part.parent} yourself"
        error = broken.__cause__
        status = getattr(getattr(error, "response", None), "status_code", None)
        if status:
            return f"The server answered {status} instead of {where}. Try again later, {by_hand}."
        if kept := self.size():
            return (
                f"The line broke after {kept / 1e6:.1f} of {self.whole / 1e6:.1f} MB of {where}. What came is kept: "
                f"fetch again to go on, {by_hand}."
            )
        return f"There is no connection to fetch {where}. Connect and fetch again, {by_hand}."
