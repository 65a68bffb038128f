"""Screens that are killed at random moments of their lives, on a run that goes on: for a test and for a benchmark."""

import random
import signal
import subprocess
import sys
import termios
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.terminal import Terminal
from tuinn.runs.commands import AnyCommand, Stop
from tuinn.runs.events import EpochEnded
from tuinn.runs.folder import RunFolder
from tuinn.spec.presets.catalog import default_draft

ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"
"""Into the alternate screen, and out of it."""

ENDINGS = (signal.SIGKILL, signal.SIGHUP, signal.SIGTERM)
KEYS = " 4lz\x1b+-g53"
"""Pressed while a screen lives, so that it dies in the middle of something."""


@dataclass
class Found:
    """What was left after all the kills."""

    alive: bool = False
    """The worker still trains."""
    epochs: list[int] = field(default_factory=list)
    torn: int = 0
    """Lines of the journal or of the commands that are not whole."""
    commands: list[AnyCommand] = field(default_factory=list)
    unrestored: list[str] = field(default_factory=list)
    """Signals after which the terminal was not as before."""
    drawn: int = 0
    """Screens that had drawn something when they were killed."""


def kill_screens(kills: int, seed: int, most: float, root: Path) -> Found:
    """Open a screen on one run `kills` times, and end each at a random moment. `TUINN_HOME` says where the run is.

    `most`: the longest life of a screen, as a multiple of the time that the first one needs to draw.
    """
    chance, found = random.Random(seed), Found()
    folder = RunFolder.create(default_draft())
    worker = subprocess.Popen([sys.executable, "-m", "tests.fake_worker", str(folder.path)], cwd=root)
    try:
        while not folder.is_alive():
            time.sleep(0.01)
        longest = most * _seconds_to_draw(folder)
        for turn in range(kills):
            _one_screen(folder, ENDINGS[turn % len(ENDINGS)], chance, longest, found)
        found.alive = worker.poll() is None and folder.is_alive()
        folder.ask(Stop())
        worker.wait(30)
    finally:
        worker.kill()
        worker.wait()
    journal, asked = folder.events(), folder.commands()
    found.epochs = [event.epoch for event in journal.read_all() if isinstance(event, EpochEnded)]
    found.commands = asked.read_all()
    found.torn = journal.skipped + asked.skipped
    return found


def _attach(folder: RunFolder) -> Terminal:
    return Terminal((sys.executable, "-m", "tuinn", "attach", folder.name), (80, 24), {"TUINN_STANDBY": "0"})


def _seconds_to_draw(folder: RunFolder) -> float:
    """How long a screen needs from its start until it draws, here and now."""
    began = time.perf_counter()
    with _attach(folder) as terminal:
        while ENTER not in terminal.everything and terminal.ended is None:
            terminal.pump(0.05)
        seconds = time.perf_counter() - began
        terminal.signal(signal.SIGTERM)
        terminal.pump(20)
    return seconds


def _one_screen(
    folder: RunFolder, ending: signal.Signals, chance: random.Random, most: float, found: Found
) -> None:
    with _attach(folder) as terminal:
        before = termios.tcgetattr(terminal.fd)[:4]
        end = time.perf_counter() + chance.uniform(0.0, most)
        while terminal.ended is None and (left := end - time.perf_counter()) > 0:
            terminal.pump(min(left, 0.1))
            if ENTER in terminal.everything:
                terminal.press(chance.choice(KEYS))
        drawn = ENTER in terminal.everything
        found.drawn += drawn
        if terminal.ended is None:
            terminal.signal(ending)
            terminal.pump(20)
        if ending is not signal.SIGKILL and drawn:
            entered = terminal.everything.rindex(ENTER)
            left_it = LEAVE in terminal.everything[entered:]
            if not left_it or termios.tcgetattr(terminal.fd)[:4] != before:
                found.unrestored.append(ending.name)
