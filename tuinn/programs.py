"""Programs of tuinn's own that other programs of it start: one command line for all, safe in any folder.

And the signals by which they are told to leave, and questions to programs of the system.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType

BATCH_SIGNALS = ("SIGUSR1", "SIGUSR2", "SIGXCPU")
"""What batch systems send before they end a job: as the user chose, or at the limit of processor time."""

JOB_SIGNALS = ("SIGTERM", *BATCH_SIGNALS)
"""By which a job is told to end: whoever follows in it what it started passes them on."""

ENDING_SIGNALS = ("SIGINT", *JOB_SIGNALS)
"""A process in the background saves and leaves when it gets one of them."""


def own_program(module: str, *words: str) -> tuple[str, ...]:
    """Return the command line that runs a module of tuinn, found by its name, with these arguments."""
    return (*_PYTHON, "-m", module, *words)


def own_code(code: str) -> tuple[str, ...]:
    """Return the command line that runs these lines of Python."""
    return (*_PYTHON, "-c", code)


@dataclass(frozen=True)
class Answer:
    """What a program of the system said."""

    code: int | None = None
    """Its exit code; None: it is missing, or took too long."""
    out: str = ""
    """Its standard output."""
    problem: str = ""
    """The last line of its standard error, or why it could not be run; empty: it said nothing, or took too long."""

    def lines(self) -> list[str]:
        """The lines of its output that hold something; none where it failed."""
        return [line.strip() for line in self.out.splitlines() if line.strip()] if self.code == 0 else []


def answer_of(
    command: tuple[str, ...], seconds: float, environment: Mapping[str, str] | None = None
) -> Answer:
    """Run a program of the system, and return what it said within so many seconds. It is killed after them.

    `environment`: variables that it gets besides ours.
    """
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
            env={**os.environ, "LC_ALL": "C", **(environment or {})},
        )
    except OSError as error:
        return Answer(problem=f"{command[0]}: {error.strerror}")
    try:
        out, told = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        with suppress(OSError, subprocess.TimeoutExpired):
            os.killpg(process.pid, signal.SIGKILL)  # what it started holds the pipes, too
            process.communicate(timeout=1.0)
        return Answer()
    return Answer(process.returncode, out, (told.strip().splitlines() or [""])[-1])


class SignalInbox:
    """Receives signals in place of what they would do to this process."""

    def __init__(self) -> None:
        self.first = ""
        """Name of the first one that came, such as SIGUSR1; empty: none."""

    def catch(self, names: tuple[str, ...] = ENDING_SIGNALS) -> None:
        """From now on. Call it in the main thread."""
        for name in names:
            signal.signal(signal.Signals[name], self._take)

    def _take(self, number: int, _frame: FrameType | None) -> None:
        self.first = self.first or signal.Signals(number).name


def signal_words(name: str) -> str:
    """Who sends this signal, for a sentence."""
    if name == "SIGXCPU":
        return "SIGXCPU, at the limit of processor time"
    return f"{name} of the batch system" if name in BATCH_SIGNALS else name


_PYTHON = (sys.executable, "-P")
"""With -P the current folder is not searched for modules: a user's own `keras.py` or `code.py` would be run in place
of the library's. It keeps PYTHONPATH, and is not handed on to programs that are started in turn.

The current folder itself stays: paths in a spec and in `on_end` may be relative to it.
"""
