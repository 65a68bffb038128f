"""The user's own command after a training: `on_end` in config.toml. It runs without a shell, and its failure is only noted."""

import os
import shutil
import subprocess
import threading
from collections.abc import Sequence

from tuinn.errors import JournalError
from tuinn.runs.events import Noted, RunEnded
from tuinn.runs.folder import RunFolder
from tuinn.worker.event_log import Emit

TIMEOUT = 60.0
"""Seconds that the command may take."""


def missing_program(command: Sequence[str]) -> str:
    """Why this command can't be run, in a sentence; empty where it can, and where there is none."""
    if not command or shutil.which(command[0]):
        return ""
    return f"on_end in config.toml: there is no program {command[0]!r}. The run goes on and ends without it."


class EndHook:
    """Runs the command in a thread, while the worker goes on answering questions."""

    def __init__(self, command: Sequence[str], folder: RunFolder, emit: Emit) -> None:
        self.command, self.folder, self.emit = tuple(command), folder, emit
        self.thread: threading.Thread | None = None

    def start(self, ended: RunEnded) -> None:
        """Fill in `{run}`, `{outcome}`, `{folder}` and `{message}`, which the environment has too, and run it."""
        if not self.command:
            return
        values = {
            "run": self.folder.name,
            "outcome": ended.outcome,
            "folder": str(self.folder.path),
            "message": ended.message,
        }
        command = [fill_in(word, values) for word in self.command]
        environment = {**os.environ, **{f"TUINN_{name.upper()}": value for name, value in values.items()}}
        self.thread = threading.Thread(
            target=self._run, args=(command, environment), name="on_end", daemon=True
        )
        self.thread.start()

    def wait(self) -> None:
        """Return when the command is done, at the latest after TIMEOUT."""
        if self.thread is not None:
            self.thread.join()

    def _run(self, command: list[str], environment: dict[str, str]) -> None:
        why = ""
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, env=environment, timeout=TIMEOUT, check=False
            )
            if done.returncode:
                why = f"ended with code {done.returncode}; see worker.log"
        except subprocess.TimeoutExpired:
            why = f"took longer than {TIMEOUT:.0f} s and was ended"
        except (OSError, ValueError) as error:
            why = f"cannot be run ({getattr(error, 'strerror', None) or error})"
        if why:
            try:
                self.emit(Noted(level="warning", message=f"on_end, {command[0]!r}, {why}."))
            except JournalError:
                return  # the training has ended, and there is nowhere left to report it


def fill_in(word: str, values: dict[str, str]) -> str:
    """Replace each `{name}`; braces around another word stay as they are."""
    for name, value in values.items():
        word = word.replace(f"{{{name}}}", value)
    return word
