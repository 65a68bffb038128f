"""A program in a real pty, its screen kept by pyte: what a person at a terminal sees, for tests and benchmarks."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from typing import Protocol

import pyte

QUERY_SYNC, QUERY_DEVICE = b"\x1b[?2026$p", b"\x1b[c"


class Stream(Protocol):
    """Takes what a program writes."""

    def feed(self, data: bytes) -> None: ...


class Terminal:
    """Runs a command in a pty of its own and plays the terminal: answers its questions, keeps its screen."""

    def __init__(
        self,
        command: Sequence[str],
        size: tuple[int, int] = (80, 24),
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.started = time.perf_counter()
        self.first_byte: float | None = None
        """Seconds from the start to the first byte written; None before it."""
        self.written = 0
        """Bytes the program has written."""
        self.ended: int | None = None
        """Its wait status, once it has ended."""
        self.tail = b""
        """The last bytes it wrote."""
        self.everything = bytearray()
        """All it wrote."""
        columns, rows = size
        self.screen = pyte.Screen(columns, rows)
        self.stream: Stream = pyte.ByteStream(self.screen)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            whole = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(environ or {})}
            os.execvpe(command[0], list(command), whole)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def press(self, keys: str) -> None:
        """Send characters as a keyboard would."""
        os.write(self.fd, keys.encode())

    def pump(self, seconds: float) -> int:
        """Read what comes within so many seconds; returns the number of bytes."""
        before, end = self.written, time.perf_counter() + seconds
        while self.ended is None and (left := end - time.perf_counter()) > 0:
            if select.select([self.fd], [], [], left)[0]:
                self._read()
        return self.written - before

    def wait_for_byte(self, seconds: float) -> float | None:
        """Seconds until the next byte comes; None where none does."""
        start = time.perf_counter()
        if not select.select([self.fd], [], [], seconds)[0]:
            return None
        took = time.perf_counter() - start
        self._read()
        return took

    def expect(self, pattern: str, seconds: float = 60, gone: bool = False) -> str:
        """Wait until the screen matches, or no longer does; returns the screen.

        Raises AssertionError with the screen it has.
        """
        end = time.perf_counter() + seconds
        while bool(re.search(pattern, self.text())) == gone:
            left = end - time.perf_counter()
            if left <= 0 or self.ended is not None:
                what = f"{pattern!r} did not {'go' if gone else 'come'} within {seconds} s"
                raise AssertionError(f"{what}; the screen was:\n{self.text()}")
            if select.select([self.fd], [], [], min(left, 1.0))[0]:
                self._read()
        return self.text()

    def wait(self, seconds: float = 30) -> int:
        """Wait until the program has ended; returns its exit code, negative for a signal."""
        self.pump(seconds)
        if self.ended is None:
            raise AssertionError(f"It did not end within {seconds} s; the screen was:\n{self.text()}")
        return os.waitstatus_to_exitcode(self.ended)

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """The terminal goes away, as when an SSH link drops: the kernel sends SIGHUP."""
        os.close(self.fd)
        self.fd = -1
        _, self.ended = os.waitpid(self.pid, 0)

    def kill(self) -> None:
        if self.ended is None:
            self.signal(signal.SIGKILL)
            _, self.ended = os.waitpid(self.pid, 0)
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def _read(self) -> None:
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        if not data:
            _, self.ended = os.waitpid(self.pid, 0)
            return
        if self.first_byte is None:
            self.first_byte = time.perf_counter() - self.started
        self.written += len(data)
        self.tail = (self.tail + data)[-4096:]
        self.everything += data
        if QUERY_SYNC in data:
            os.write(self.fd, b"\x1b[?2026;2$y")
        if QUERY_DEVICE in data:
            os.write(self.fd, b"\x1b[?62;22c")
        self.stream.feed(_known_to_pyte(data))


def _known_to_pyte(data: bytes) -> bytes:
    # pyte takes the kitty keyboard protocol's `CSI > … u`, `CSI < u` and `CSI = … u` for text.
    return re.sub(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]", b"", data)
