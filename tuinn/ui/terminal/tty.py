"""Keep the terminal whole: nothing but the picture on it while the app runs, and the shell as it was afterwards."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tuinn.runs.folder import home


@contextmanager
def quiet_terminal() -> Iterator[None]:
    """Textual draws on `sys.__stderr__` and asks `sys.__stdout__` for the size. Give both a descriptor of their own
    and send fds 1 and 2 to a log file, so that no library's C++ lines land in the picture. Where the errors go to a
    file (`tuinn 2>errors`), the picture goes to fd 1; where neither is a terminal, nothing is changed."""
    drawn_on = next((fd for fd in (2, 1) if os.isatty(fd)), None)
    if drawn_on is None or "TEXTUAL_DRIVER" in os.environ:
        yield
        return
    log = _open_log()
    saved = {fd: os.dup(fd) for fd in (1, 2)}
    originals = sys.__stdout__, sys.__stderr__
    screen = os.fdopen(os.dup(drawn_on), "w", encoding="utf-8", errors="replace")
    sys.__stdout__ = sys.__stderr__ = screen  # type: ignore[misc]
    try:
        for fd in (1, 2):
            os.dup2(log, fd)
        yield
    finally:
        with suppress(OSError):  # the terminal may be gone
            screen.flush()
        for fd, copy in saved.items():
            os.dup2(copy, fd)
            os.close(copy)
        sys.__stdout__, sys.__stderr__ = originals  # type: ignore[misc]
        with suppress(OSError):
            screen.close()
        os.close(log)


def ui_log() -> Path:
    """Where stray output and the app's own tracebacks go."""
    return home() / "ui.log"


def _open_log() -> int:
    """`ui.log` beside the runs; the null device where that folder can't be written."""
    try:
        home().mkdir(parents=True, exist_ok=True)
        return os.open(ui_log(), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except OSError:
        return os.open(Path(os.devnull), os.O_WRONLY | os.O_CLOEXEC)


ENDINGS = (signal.SIGHUP, signal.SIGTERM)
"""The terminal went away, or somebody asks nicely: both end the app as its own quit key does."""


@contextmanager
def endings_held_back() -> Iterator[None]:
    """Inside the block both wait until `hear_endings`: one that came while the screen is being set up, before anybody
    listens, would kill at once and leave the shell in the alternate screen."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def hear_endings() -> None:
    """Somebody listens now: what waited comes."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
