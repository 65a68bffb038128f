"""The user's own command at the end of a training: `on_end` in config.toml. No shell sees it, and nothing it does is fatal."""

import os
import shutil
import subprocess
import threading
from collections.abc import Sequence

from tuinn.errors import JournalLost
from tuinn.runs.events import Noted, RunEnded
from tuinn.runs.folder import RunFolder
from tuinn.worker.event_log import Say

PATIENCE = 60.0
"""Seconds that the command may take."""


def missing(command: Sequence[str]) -> str:
    """Why this command can't be run, in a sentence; empty where it can, and where there is none."""
    if not command or shutil.which(command[0]):
        return ""
    return f"on_end in config.toml: there is no program {command[0]!r}. The run goes on and ends without it."


class EndHook:
    """Runs the command beside the worker, which goes on answering questions."""

    def __init__(self, command: Sequence[str], folder: RunFolder, say: Say) -> None:
        self.command, self.folder, self.say = tuple(command), folder, say
        self.thread: threading.Thread | None = None

    def start(self, ended: RunEnded) -> None:
        """`{run}`, `{outcome}`, `{folder}` and `{message}` in the words are filled in; the environment has them too."""
        if not self.command:
            return
        told = {
            "run": self.folder.name,
            "outcome": ended.outcome,
            "folder": str(self.folder.path),
            "message": ended.message,
        }
        words = [fill(word, told) for word in self.command]
        environment = {**os.environ, **{f"TUINN_{name.upper()}": value for name, value in told.items()}}
        self.thread = threading.Thread(
            target=self._run, args=(words, environment), name="on_end", daemon=True
        )
        self.thread.start()

    def wait(self) -> None:
        """Until it is done; its patience ends it."""
        if self.thread is not None:
            self.thread.join()

    def _run(self, words: list[str], environment: dict[str, str]) -> None:
        why = ""
        try:
            done = subprocess.run(
                words, stdin=subprocess.DEVNULL, env=environment, timeout=PATIENCE, check=False
            )
            if done.returncode:
                why = f"ended with code {done.returncode}; worker.log may tell more"
        except subprocess.TimeoutExpired:
            why = f"took longer than {PATIENCE:.0f} s and was ended"
        except (OSError, ValueError) as error:
            why = f"cannot be run ({getattr(error, 'strerror', None) or error})"
        if why:
            try:
                self.say(Noted(level="warning", message=f"on_end, {words[0]!r}, {why}."))
            except JournalLost:
                return  # the training has ended, and nobody can be told any more


def fill(word: str, told: dict[str, str]) -> str:
    """Braces that name nothing stay as they are."""
    for name, value in told.items():
        word = word.replace(f"{{{name}}}", value)
    return word
