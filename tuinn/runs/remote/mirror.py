"""This end of the line: a run folder here that is a copy of the one there, kept up to date while one looks at it.

The screen follows it as it follows any run. Commands that are put into it go to the other machine.
"""

import os
import secrets
import threading
import time
import zlib
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path, PurePosixPath

import msgspec

from tuinn.atomic_io import hold_lock, write_whole
from tuinn.errors import FolderError
from tuinn.runs.folder import RemoteLine, RunFolder, home
from tuinn.runs.remote.address import Address
from tuinn.runs.remote.frames import (
    PROTOCOL,
    Asked,
    Condition,
    FileChanged,
    Follow,
    FromThere,
    JournalGrew,
    Welcome,
    within,
)
from tuinn.runs.remote.ssh_line import SshLine

LOOK_SECONDS = 0.02
"""Between two looks at the commands that are to go there."""

RETRY_SECONDS = 3.0
"""Between two attempts to open the line again."""

SENDING_SECONDS = 3.0
"""That the last commands get to go there."""


class Mirror:
    """Opens the line, and keeps the folder. Close it when nobody looks any more.

    Of several screens that look at one run, one has the line; another one takes it over when that one leaves.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self.closed = threading.Event()
        self.line: SshLine | None = None
        """None while there is none, or another screen has it."""
        self.owned: ExitStack | None = None
        """Holds the lock of whoever has the line."""
        self.worker_lock: ExitStack | None = None
        """Holds the run's lock while the worker there is at work."""
        self.asked = self.begins_at = 0
        """Bytes of the command file that have gone there, and that were here before: nobody wants those to go any more."""

    def open(self) -> RunFolder:
        """Open the line, and return the folder once the run's spec is here. ssh may ask for a password meanwhile.

        Raises FolderError where there is no line, no tuinn or no such run.
        """
        line = SshLine(self.address, may_ask=True)
        try:
            path = _runs_of(self.address.host) / PurePosixPath(self._greet(line).run).name
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.folder = RunFolder(path)
            known = self.folder.line()
            self.sender = (known and known.sender) or secrets.token_hex(8)
            self.asked = self.begins_at = self.folder.commands_size()
            if self._own():
                while not self.folder.spec_file.is_file():
                    self._take(line.next(), line.unpacked)
                self.line = line
                self._set_trouble("")
            else:
                line.hang_up()
        except BaseException:
            line.hang_up()
            raise
        self.keeper = threading.Thread(target=self._keep, daemon=True)
        self.keeper.start()
        return self.folder

    def close(self) -> bool:
        """Hang up; the run there goes on. False where what was asked last has not gone there."""
        until = time.monotonic() + SENDING_SECONDS
        while self.line and self.asked < self.folder.commands_size() and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)
        has_gone = self.owned is None or self.asked >= self.folder.commands_size()
        self.closed.set()
        if self.line is not None:
            self.line.hang_up()
        self.keeper.join(SENDING_SECONDS)
        return has_gone

    # ------------------------------------------------------------------------------------------- the line

    def _greet(self, line: SshLine) -> Welcome:
        """Say what is wanted, and return the answer. Raises FolderError."""
        with suppress(OSError):  # why, the answer says
            line.send(Follow(self.address.run, _known(self.address.host)))
        frame = line.next()
        if not isinstance(frame, Welcome) or frame.protocol != PROTOCOL:
            raise FolderError(
                f"tuinn on {self.address.host} speaks another version of the line. Install the same one on both."
            )
        return frame

    def _own(self) -> bool:
        """Whether this is the one that has the line, from now on."""
        attempt = ExitStack()
        if attempt.enter_context(hold_lock(self.folder.path / "line.lock", patience=0.0)):
            self.owned = attempt
            return True
        attempt.close()
        return False

    def _keep(self) -> None:
        """In a thread: take what comes, and pass on what is asked, until it is closed. Opens a broken line again."""
        while not self.closed.is_set():
            if self.line is not None:
                self._follow(self.line)
                self.line = None
            if not self.closed.wait(RETRY_SECONDS) and (self.owned or self._own()):
                self._dial_again()
        for held in (self.worker_lock, self.owned):
            if held is not None:
                held.close()

    def _dial_again(self) -> None:
        try:
            line = SshLine(self.address, may_ask=False)
            try:
                taken = self._greet(line).taken.get(self.sender, 0)
            except BaseException:
                line.hang_up()
                raise
        except (FolderError, OSError) as problem:
            self._say_broken(problem)
        else:
            # What was on its way when the line broke goes again, unless it has arrived.
            self.line, self.asked = line, max(taken, self.begins_at)
            self._set_trouble("")

    def _follow(self, line: SshLine) -> None:
        """Until the line has ended."""
        sender = threading.Thread(target=self._pass_on, args=(line,), daemon=True)
        sender.start()
        try:
            while True:
                self._take(line.next(), line.unpacked)
        except (FolderError, OSError, zlib.error) as problem:
            if not self.closed.is_set():
                self._say_broken(problem)
        line.hang_up()
        sender.join()

    def _say_broken(self, problem: Exception) -> None:
        self._set_trouble(f"{problem} The run there goes on; the line is tried again.")

    def _set_trouble(self, words: str) -> None:
        told = msgspec.json.encode(RemoteLine(self.address.host, words, self.sender))
        with suppress(OSError):
            write_whole(self.folder.line_file, told, durable=False)

    def _pass_on(self, line: SshLine) -> None:
        """Send whole lines of commands, as they come, until the line has ended."""
        while line.process.poll() is None and not self.closed.wait(LOOK_SECONDS):
            if self.folder.commands_size() <= self.asked:
                continue
            with self.folder.commands_file.open("rb") as file:
                file.seek(self.asked)
                data = file.read()
            whole = data[: data.rfind(b"\n") + 1]
            try:
                line.send(Asked(whole.decode(), self.asked + len(whole), self.sender))
            except OSError:
                return
            self.asked += len(whole)

    # --------------------------------------------------------------------------------------- what comes over it

    def _take(self, frame: FromThere, unpacked: Callable[[bytes], bytes]) -> None:
        """Raises OSError, zlib.error for damaged data, FolderError for a file that doesn't belong to a run."""
        match frame:
            case JournalGrew(offset=offset, data=data):
                lines = unpacked(data)
                with self.folder.events_file.open("r+b" if offset else "wb") as journal:
                    journal.seek(offset)
                    journal.write(lines)
                    journal.truncate()
            case FileChanged(name=name, data=data):
                file = self.folder.path / within(name, most=2)
                file.parent.mkdir(exist_ok=True, mode=0o700)
                write_whole(file, unpacked(data), durable=False)
            case Condition(alive=alive, silent=silent, limit=limit):
                self._hold(alive)
                if limit:
                    then = time.time() - silent  # by this machine's clock
                    write_whole(self.folder.heartbeat_file, limit.encode(), durable=False)
                    os.utime(self.folder.heartbeat_file, (then, then))
            case _:
                pass

    def _hold(self, alive: bool) -> None:
        """Hold the run's lock here as long as the worker holds it there: that is how a screen knows that it lives."""
        if alive and self.worker_lock is None:
            self.worker_lock = ExitStack()
            self.worker_lock.enter_context(self.folder.hold_lock())
        elif not alive and self.worker_lock is not None:
            self.worker_lock.close()
            self.worker_lock = None


def _runs_of(host: str) -> Path:
    """Where the copies of that machine's runs are."""
    return home() / "remote" / host


def _known(host: str) -> dict[str, int]:
    """Name of each run of that machine whose journal is here → its bytes; 0 where it is damaged."""
    found = {}
    for file in _runs_of(host).glob("*/events.jsonl"):
        with file.open("rb") as journal:
            size = journal.seek(0, os.SEEK_END)
            journal.seek(max(size - 1, 0))
            found[file.parent.name] = size if journal.read() == b"\n" else 0
    return found
