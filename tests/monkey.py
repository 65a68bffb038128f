"""A monkey at the workbench: keys, clicks, pastes and other sizes, all by chance, for a test and for a benchmark.

Nothing is trained: a launched worker is a process that only waits. Nothing is fetched: there is no way to the network.
"""

import asyncio
import random
import subprocess
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from textual import events
from textual.geometry import Size
from textual.pilot import Pilot

from tests.factories import append, epoch, opening, whole_run
from tuinn.runs import launch as run_launch
from tuinn.runs.folder import RunFolder
from tuinn.spec.presets.catalog import default_draft
from tuinn.sweeps import launch as sweep_launch
from tuinn.ui.app import TuinnApp
from tuinn.ui.keys.table import TABLE
from tuinn.ui.terminal.tty import ENDINGS
from tuinn.ui.workbench.screen import Workbench

SIZES = ((80, 24), (120, 40))
OTHER_SIZES = (*SIZES, (60, 16), (40, 10), (200, 60), (1, 1))

NAMED = [
    "up",
    "down",
    "left",
    "right",
    "home",
    "end",
    "pageup",
    "pagedown",
    "enter",
    "escape",
    "space",
    "tab",
]
NAMED += ["shift+tab", "backspace", "delete", "shift+up", "shift+down", "shift+left", "shift+right"]
NAMED += ["ctrl+a", "ctrl+c", "ctrl+v", "ctrl+x", "ctrl+j", "ctrl+u", "ctrl+w", "ctrl+k", "f2", "insert"]
BOUND = sorted({key for keys in TABLE.values() for one in keys for key in one.keys.split(",")})
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.-_/,:=()[]'\"%#é中🙂\t"

PASTES = [
    "layers.Dense(32, activation='relu'),\nlayers.Dropout(0.3)",
    "dense 64 relu",
    "conv2d 8 3 same\nflatten\ndense 10",
    "[/bold] [red]markup",
    "1e999",
    "-1",
    "\x1b[31m\x00",
    "",
    "\n\n\n",
    "x" * 5000,
    "é" * 300,
]

SILENT = 60.0
"""Seconds without an answer after which the app counts as dead. It takes milliseconds."""

DRAWN_EACH = 8
"""Actions that come at once; then the screen is drawn."""

CHECKED_EACH = 40
"""Actions between two looks whether a key is still answered."""


@dataclass
class Found:
    """How a session went."""

    done: int = 0
    """Actions that were answered."""
    problem: str = ""
    """What broke; empty where nothing did."""
    last: deque[str] = field(default_factory=lambda: deque(maxlen=40))
    """The last actions, the newest at the end."""

    def __str__(self) -> str:
        return f"{self.problem or 'all well'} after {self.done} actions, the last: {' '.join(self.last)}"


class CaughtApp(TuinnApp):
    """The app, which can't be left by its keys, but by a signal as any program."""

    def on_mount(self) -> None:  # after that of TuinnApp, which Textual calls by itself
        for ending in ENDINGS:
            asyncio.get_running_loop().remove_signal_handler(ending)

    def exit(self, *_: object, **__: object) -> None:
        """Stay: the monkey presses q often."""


@contextmanager
def no_world(home: Path) -> Iterator[None]:
    """Workers that only wait, at most three at a time; a home of its own; no network and no desktop."""
    started: deque[subprocess.Popen[bytes]] = deque()
    real = run_launch.start_detached

    def start(_: object, stdin: int, log: int, *_more: object) -> subprocess.Popen[bytes]:
        while len(started) > 2:
            _end(started.popleft())
        started.append(real(("tail", "-f", "/dev/null"), stdin, log))
        return started[-1]

    with pytest.MonkeyPatch.context() as patch:
        for module in (run_launch, sweep_launch):
            patch.setattr(module, "start_detached", start)
        for name in ("DISPLAY", "WAYLAND_DISPLAY"):
            patch.delenv(name, raising=False)
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            patch.setenv(name, "http://127.0.0.1:9")
        patch.setenv("TUINN_HOME", str(home))
        patch.setenv("KERAS_HOME", str(home / "keras"))
        patch.setenv("TUINN_STANDBY", "0")
        try:
            yield
        finally:
            for process in started:
                _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def furnish(home: Path) -> list[str]:
    """Put runs and data of several kinds into the home. Return the paths of the data, and some that aren't there."""
    for journal in (whole_run(), [*opening(), *epoch(1, 1.0), *epoch(2, None)], []):
        append(RunFolder.create(default_draft()), *journal)
    data = home / "data"
    for number in range(12):
        for name in ("good", "bad"):
            (data / "texts" / name).mkdir(parents=True, exist_ok=True)
            (data / "texts" / name / f"{number}.txt").write_text(f"a {name} text of number {number}")
    rows = "\n".join(f"{number},{number % 7 / 7},{'ab'[number % 2]}" for number in range(60))
    (data / "table.csv").write_text(f"size,share,kind\n{rows}\n")
    (data / "broken.csv").write_bytes(b"\xff\x00,,\n\n")
    np.savez(data / "arrays.npz", x=np.zeros((40, 8, 8), np.uint8), y=np.arange(40) % 2)
    names = ("texts", "table.csv", "broken.csv", "arrays.npz", "missing")
    return [*(str(data / name) for name in names), "/dev/zero", "~", "/"]


async def play(seed: int, actions: int, size: tuple[int, int], paths: list[str]) -> Found:
    """Let the monkey at a new app, inside `no_world`. The same seed does the same, threads aside."""
    found, app = Found(), CaughtApp()
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            monkey = Monkey(random.Random(seed), app, pilot, paths, found)
            await monkey.play(actions)
    except Exception as error:  # whatever it is, it is what the monkey is for
        found.problem = found.problem or f"{type(error).__name__}: {error}"
        raise AssertionError(f"seed {seed} at {size}: {found}") from error
    return found


class Monkey:
    """Does one action after the other, and looks now and then whether the app still answers."""

    def __init__(
        self, chance: random.Random, app: TuinnApp, pilot: Pilot[None], paths: list[str], found: Found
    ) -> None:
        self.chance = chance
        self.app = app
        self.pilot = pilot
        self.pastes = [*PASTES, *paths]
        self.found = found
        self.home_size = (app.size.width, app.size.height)

    async def play(self, actions: int) -> None:
        """Raises what the app raises, and AssertionError where it is silent or gone."""
        kinds = [self.bound_key, self.named_key, self.letter, self.click, self.drag, self.scroll, self.paste]
        weights = [40, 25, 10, 12, 3, 4, 4]
        for number in range(1, actions + 1):
            if self.chance.random() < 0.01:
                self.resize()
            self.chance.choices(kinds, weights)[0]()
            if number % DRAWN_EACH == 0:
                with self.app.batch_update():  # as on a slow line: drawn once for a bunch of keys
                    await self.answered()
                await self.pilot.pause(0)
            if number % CHECKED_EACH == 0:
                await self.takes_a_key()
            self.found.done = number
        await self.takes_a_key()

    def bound_key(self) -> None:
        self.press(self.chance.choice(BOUND))

    def named_key(self) -> None:
        self.press(self.chance.choice(NAMED))

    def letter(self) -> None:
        for _ in range(self.chance.randint(1, 5)):
            self.press(self.chance.choice(LETTERS))

    def press(self, key: str) -> None:
        self.found.last.append(key)
        self.app.post_message(events.Key(key, key if len(key) == 1 else None))

    def click(self) -> None:
        x, y = self.somewhere()
        for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
            self.mouse(events.MouseDown, x, y)
            self.mouse(events.MouseUp, x, y)

    def drag(self) -> None:
        self.mouse(events.MouseDown, *self.somewhere())
        for _ in range(self.chance.randint(1, 4)):
            self.mouse(events.MouseMove, *self.somewhere())
        if self.chance.random() < 0.8:  # the button may be let go outside the window
            self.mouse(events.MouseUp, *self.somewhere())

    def scroll(self) -> None:
        self.mouse(self.chance.choice((events.MouseScrollUp, events.MouseScrollDown)), *self.somewhere())

    def mouse(self, kind: type[events.MouseEvent], x: int, y: int) -> None:
        self.found.last.append(f"{kind.__name__}({x},{y})")
        self.app.post_message(
            kind(None, x, y, 0, 0, 1, shift=False, meta=False, ctrl=False, screen_x=x, screen_y=y)
        )

    def somewhere(self) -> tuple[int, int]:
        width, height = self.app.size
        return self.chance.randrange(max(width, 1)), self.chance.randrange(max(height, 1))

    def paste(self) -> None:
        text = self.chance.choice(self.pastes)
        self.found.last.append(f"paste({text[:20]!r})")
        self.app.post_message(events.Paste(text))

    def resize(self) -> None:
        self.size_to(*self.chance.choice(OTHER_SIZES))

    def size_to(self, width: int, height: int) -> None:
        self.found.last.append(f"size({width},{height})")
        self.app._driver._size = Size(width, height)  # type: ignore[union-attr]
        self.app.post_message(events.Resize(Size(width, height), Size(width, height)))

    async def answered(self) -> None:
        """Until every key has been obeyed. Raises AssertionError where that never comes."""
        try:
            await asyncio.wait_for(self._obeyed(), SILENT)
        except TimeoutError:
            raise AssertionError("the app does not answer") from None
        assert self.app.is_running, "the app has gone"
        if self.app._exception is not None:
            raise self.app._exception

    async def _obeyed(self) -> None:
        await self.pilot.pause(0)
        while self.app.obeying is not None and not self.app.obeying.done():
            await self.pilot.pause(0)

    async def takes_a_key(self) -> None:
        """Escape leads back to the workbench, and a digit to its pane. Raises AssertionError where it doesn't."""
        if tuple(self.app.size) != self.home_size:
            self.size_to(*self.home_size)
        for _ in range(30):
            await self.answered()
            if isinstance(self.app.screen, Workbench):
                break
            self.press("escape")
        assert isinstance(self.app.screen, Workbench), f"no way back from {self.app.screen}"
        pane = self.chance.randint(1, 5)
        self.press(str(pane))
        await self.answered()
        assert self.app.screen.tabs.shown == pane, f"{pane} shows pane {self.app.screen.tabs.shown}"
