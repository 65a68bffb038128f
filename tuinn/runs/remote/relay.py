"""The other end of the line, beside the run: sends what its folder gains, and puts commands into it.

It is what `tuinn relay` does. It reads its standard input and writes its standard output, and opens no port.
"""

import threading
import time
import zlib
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import BinaryIO

from tuinn import __version__
from tuinn.atomic_io import read_stored
from tuinn.errors import FolderError, TuinnError
from tuinn.runs.folder import RunFolder, find_run
from tuinn.runs.remote.frames import (
    PROTOCOL,
    Asked,
    Condition,
    FileChanged,
    Follow,
    FromThere,
    JournalGrew,
    Refused,
    Welcome,
    read_from_here,
    written,
)
from tuinn.runs.remote.taken import settle, take

LOOK_SECONDS = 0.05
"""Between two looks at the folder."""

CONDITION_SECONDS = 1.0
"""Between two words on how the worker is."""

JOURNAL_BYTES = 4 * 1024 * 1024
"""Of the journal in one frame, at most."""

JOURNAL_SECONDS = 0.2
"""Between two frames with reports of a journal: together they are smaller. A screen looks four times a second."""

FIRST_FILES = ("spec.toml", "facts.json", "worker.json", "provenance.json")

ASKED_FOR = ("reports/*.json", "reports/*.npz", "pictures/*.npy", "inspection/*.npz")
"""What answers are shown from."""

LARGEST = 8_000_000
"""Bytes of a file that is sent."""

PREDICTIONS_SECONDS = 60.0
"""Between two versions of the predictions, which change with every epoch, unless somebody has asked something."""


class Relay:
    """Serves one line, until it ends."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        self.source, self.sink = source, sink
        self.lines: SimpleQueue[bytes | None] = SimpleQueue()
        self.sent: dict[str, tuple[int, int]] = {}
        """File → its time and size when it was sent."""
        self.packer = zlib.compressobj(level=1)
        """Of all that is sent: what is said again and again takes next to nothing."""
        self.predictions_at = 0.0
        self.condition_at = self.journal_at = 0.0
        self.is_alive = False
        """Whether a worker was at work when the condition was sent last."""

    def serve(self) -> None:
        """Answer until the other side hangs up. What can't be done is said on the line."""
        try:
            folder, offset = self._greet(self.source.readline())
            threading.Thread(target=self._read, daemon=True).start()
            behind = True
            while self._obey(folder, 0.0 if behind else LOOK_SECONDS):
                self._send_files(folder)
                begins_at, offset = offset, self._send_journal(folder, offset)
                behind = offset - begins_at > JOURNAL_BYTES // 2
                self._send_condition(folder)
        except BrokenPipeError:
            return
        except TuinnError as problem:
            self._say(Refused(str(problem)))
        except OSError as error:
            self._say(Refused(f"The run's folder there cannot be used: {error}."))

    def _greet(self, line: bytes) -> tuple[RunFolder, int]:
        try:
            wish = read_from_here(line)
        except ValueError:
            wish = None
        if not isinstance(wish, Follow) or wish.protocol != PROTOCOL:
            raise FolderError(
                f"tuinn {__version__} on the other machine speaks another version of the line. Install the same tuinn on both."
            )
        folder = find_run(wish.run or None)
        self._say(Welcome(folder.name, __version__, settle(folder)))
        return folder, wish.known.get(folder.name, 0)

    def _say(self, frame: FromThere) -> None:
        self.sink.write(written(frame))
        self.sink.flush()

    def _read(self) -> None:
        for line in self.source:
            self.lines.put(line)
        self.lines.put(None)

    def _obey(self, folder: RunFolder, seconds: float) -> bool:
        """Wait so long for a command, and pass on what came. False once the line has ended."""
        try:
            line = self.lines.get(timeout=seconds) if seconds else self.lines.get_nowait()
            while line is not None:
                frame = read_from_here(line)
                if isinstance(frame, Asked):
                    take(folder, frame)
                    self.predictions_at = self.journal_at = 0.0  # somebody waits for what comes of it
                line = self.lines.get_nowait()
        except Empty:
            return True
        except ValueError:
            raise FolderError(
                "What came over the line could not be read. Install the same tuinn on both machines."
            ) from None
        return False

    # --------------------------------------------------------------------------------------------- sending

    def _send_journal(self, folder: RunFolder, offset: int) -> int:
        """Send whole lines that are new. Returns where the next ones begin."""
        now = time.monotonic()
        if now - self.journal_at < JOURNAL_SECONDS:
            return offset
        try:
            with folder.events_file.open("rb") as file:
                file.seek(offset)
                data = file.read(JOURNAL_BYTES)
        except FileNotFoundError:
            return offset
        whole = data[: data.rfind(b"\n") + 1]
        if whole:
            self._say(JournalGrew(offset, self._packed(whole)))
            self.journal_at = now if len(data) < JOURNAL_BYTES else 0.0
        return offset + len(whole)

    def _send_files(self, folder: RunFolder) -> None:
        for name in FIRST_FILES:
            self._send(folder.path, folder.path / name)
        for pattern in ASKED_FOR:
            for file in folder.path.glob(pattern):
                if not file.name.startswith("."):
                    self._send(folder.path, file)
        now = time.monotonic()
        due = now - self.predictions_at >= PREDICTIONS_SECONDS or not self.is_alive
        if due and self._send(folder.path, folder.predictions_file):
            self.predictions_at = now

    def _send(self, folder: Path, file: Path) -> bool:
        """Send a file, where it has changed and isn't too large."""
        try:
            status = file.stat()
            mark = (status.st_mtime_ns, status.st_size)
            name = str(file.relative_to(folder))
            if self.sent.get(name) == mark or status.st_size > LARGEST:
                return False
            data = read_stored(file)
        except OSError:
            return False
        self.sent[name] = mark
        self._say(FileChanged(name, self._packed(data)))
        return True

    def _packed(self, data: bytes) -> bytes:
        return self.packer.compress(data) + self.packer.flush(zlib.Z_SYNC_FLUSH)

    def _send_condition(self, folder: RunFolder) -> None:
        now = time.monotonic()
        if now - self.condition_at < CONDITION_SECONDS:
            return
        self.condition_at, self.is_alive = now, folder.is_alive()
        try:
            silent = time.time() - folder.heartbeat_file.stat().st_mtime
            limit = folder.heartbeat_file.read_text()
        except (OSError, ValueError):
            silent, limit = 0.0, ""
        self._say(Condition(self.is_alive, silent, limit))
