"""This end of the line: a run folder here that is a copy of the one there, kept up to date while one looks at it.

The screen follows it as it follows any run. Commands that are put into it go to the other machine.
"""

import os
import secrets
import subprocess
import tempfile
import threading
import time
import zlib
from contextlib import ExitStack, suppress
from pathlib import Path, PurePosixPath
from typing import IO

import msgspec

from tuinn.atomic_io import write_whole
from tuinn.errors import FolderError
from tuinn.runs.folder import Line, RunFolder, home
from tuinn.runs.remote.address import THERE, Address
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
    read_from_there,
    written,
)

LOOK_SECONDS = 0.02
"""Between two looks at the commands that are to go there."""

RETRY_SECONDS = 3.0
"""Between two attempts to open the line again."""

NO_SUCH_COMMAND, SSH_FAILED = 127, 255
"""Exit codes of a shell that doesn't find tuinn, and of ssh itself."""

Process = subprocess.Popen[bytes]


class Mirror:
    """Opens the line, and keeps the folder. Close it when nobody looks any more."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.closed = threading.Event()
        self.lock = ExitStack()
        """Holds the folder's lock while the worker there is at work."""
        self.is_locked = False
        self.sender = secrets.token_hex(8)
        self.asked = self.begins_at = 0
        """Bytes of the command file that have gone there, and that were here before the line was opened."""
        self.taken = -1
        """Those of which the other side said, when the line was opened last, that they had arrived."""

    def open(self) -> RunFolder:
        """Open the line, and return the folder once spec and journal are here. ssh may ask for a password meanwhile.

        Raises FolderError where there is no line, no tuinn or no such run.
        """
        process, errors = self._dial(may_ask=True)
        frames = _Frames(process)
        try:
            self.folder = self._greeted(process, frames, errors)
            while not self.folder.spec_file.is_file():
                self._take(self._next(process, frames, errors))
        except BaseException:
            _end(process)
            raise
        self.asked = self.begins_at = self.folder.commands_size()
        self._set_trouble("")
        threading.Thread(target=self._keep, args=(process, frames, errors), daemon=True).start()
        return self.folder

    def close(self) -> None:
        """Hang up. The run there goes on."""
        self.closed.set()

    # ------------------------------------------------------------------------------------------- the line

    def _dial(self, may_ask: bool) -> tuple[Process, IO[bytes]]:
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - read when the line ends
        try:
            process = subprocess.Popen(
                self.address.ssh("relay", may_ask),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=not may_ask,  # without a terminal it can't ask
            )
        except OSError as error:
            raise FolderError(
                f"ssh cannot be started ({error.strerror}). Install it: openssh-client."
            ) from None
        with suppress(OSError):
            _send(process, written(Follow(self.address.run, known=self._known(), sender=self.sender)))
        return process, errors

    def _known(self) -> dict[str, int]:
        """Bytes of the journals that are here, of runs on that machine."""
        found = {}
        for file in _runs_of(self.address.host).glob("*/events.jsonl"):
            data = file.read_bytes()
            found[file.parent.name] = len(data) if data.endswith(b"\n") else 0
        return found

    def _greeted(self, process: Process, frames: "_Frames", errors: IO[bytes]) -> RunFolder:
        frame = self._next(process, frames, errors)
        if not isinstance(frame, Welcome) or frame.protocol != PROTOCOL:
            raise FolderError(
                f"tuinn on {self.address.host} speaks another version of the line. Install the same one on both."
            )
        self.taken = frame.taken
        path = _runs_of(self.address.host) / PurePosixPath(frame.run).name
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return RunFolder(path)

    def _next(self, process: Process, frames: "_Frames", errors: IO[bytes]) -> FromThere:
        """Raises FolderError where the line ends or the other side refuses."""
        frame = next(frames, None)
        if frame is None:
            raise FolderError(self._why_ended(process.wait(), errors))
        if isinstance(frame, Refused):
            raise FolderError(f"{self.address.host}: {frame.problem}")
        return frame

    def _why_ended(self, code: int, errors: IO[bytes]) -> str:
        errors.seek(0)
        told = (errors.read().decode(errors="replace").strip().splitlines() or [""])[-1].strip().rstrip(".")
        return why_no_line(self.address.host, code, told)

    # ----------------------------------------------------------------------------------------- keeping it

    def _keep(self, process: Process, frames: "_Frames", errors: IO[bytes]) -> None:
        """In a thread: take what comes, and pass on what is asked, until it is closed. Opens a broken line again."""
        while not self.closed.is_set():
            sender = threading.Thread(target=self._pass_on, args=(process,), daemon=True)
            sender.start()
            try:
                while not self.closed.is_set():
                    self._take(self._next(process, frames, errors))
            except (FolderError, OSError) as problem:
                self._say_broken(problem)
            _end(process)
            sender.join()
            while not self.closed.wait(RETRY_SECONDS):
                try:
                    process, errors = self._dial(may_ask=False)
                    frames = _Frames(process)
                    self._greeted(process, frames, errors)
                    self.asked = self.begins_at if self.taken < 0 else self.taken
                except (FolderError, OSError) as problem:
                    self._say_broken(problem)
                else:
                    self._set_trouble("")
                    break
        _end(process)
        self.lock.close()

    def _say_broken(self, problem: Exception) -> None:
        self._set_trouble(f"{problem} The run there goes on; the line is tried again.")

    def _pass_on(self, process: Process) -> None:
        """Send whole lines of commands, as they come."""
        while process.poll() is None and not self.closed.wait(LOOK_SECONDS):
            if self.folder.commands_size() <= self.asked:
                continue
            with self.folder.commands_file.open("rb") as file:
                file.seek(self.asked)
                data = file.read()
            whole = data[: data.rfind(b"\n") + 1]
            until = self.asked + len(whole)
            try:
                _send(process, written(Asked(whole.decode(), until)))
            except (OSError, ValueError):  # the line has ended; what did not arrive goes with the next one
                return
            self.asked = until

    def _take(self, frame: FromThere) -> None:
        match frame:
            case JournalGrew(offset=offset, data=data):
                with self.folder.events_file.open("r+b" if offset else "wb") as journal:
                    journal.seek(offset)
                    journal.write(zlib.decompress(data))
                    journal.truncate()
            case FileChanged(name=name, data=data):
                file = self.folder.path / _within(name)
                file.parent.mkdir(exist_ok=True, mode=0o700)
                write_whole(file, zlib.decompress(data), durable=False)
            case Condition(alive=alive, silent=silent):
                self._hold(alive)
                if silent is not None:
                    with suppress(OSError):
                        then = time.time() - silent  # by this machine's clock
                        os.utime(self.folder.heartbeat_file, (then, then))
            case _:
                pass

    def _hold(self, alive: bool) -> None:
        if alive and not self.is_locked:
            self.is_locked = self.lock.enter_context(self.folder.hold_lock())
        elif not alive and self.is_locked:
            self.lock.close()
            self.is_locked = False

    def _set_trouble(self, words: str) -> None:
        line = msgspec.json.encode(Line(self.address.host, words))
        with suppress(OSError):
            write_whole(self.folder.line_file, line, durable=False)


class _Frames:
    """The frames that come over a line. What a shell says before the first one is skipped."""

    def __init__(self, process: Process) -> None:
        assert process.stdout is not None
        self.lines = iter(process.stdout)

    def __iter__(self) -> "_Frames":
        return self

    def __next__(self) -> FromThere:
        for line in self.lines:
            with suppress(ValueError):
                return read_from_there(line)
        raise StopIteration


def why_no_line(host: str, code: int, told: str) -> str:
    """Why ssh ended with this exit code, in a sentence with what to do. `told`: the last line that it said."""
    if code == NO_SUCH_COMMAND:
        said = f" ({told})" if told else ""
        return (
            f"There is no tuinn on {host}{said}. Install it there, or say where it is: {THERE}=/path/to/tuinn"
        )
    if code == SSH_FAILED:
        return f"There is no line to {host}{f': {told}' if told else ''}. Try: ssh {host}"
    return f"The line to {host} has ended ({told or f'exit code {code}'})."


def _runs_of(host: str) -> Path:
    """Where the copies of that machine's runs are."""
    return home() / "remote" / host


def _within(name: str) -> PurePosixPath:
    """A path that stays in the folder. Raises FolderError."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or len(path.parts) > 2:
        raise FolderError(f"The other machine sent a file that doesn't belong to a run: {name!r}.")
    return path


def _send(process: Process, data: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(data)
    process.stdin.flush()


def _end(process: Process) -> None:
    """Hang up, and wait for ssh to leave."""
    with suppress(OSError):
        assert process.stdin is not None
        process.stdin.close()
    try:
        process.wait(timeout=2.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
