"""Pilots for the workbench. No test here starts TensorFlow: a worker is a file, or a process that does nothing."""

import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import pytest
from textual import events
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import OptionList
from textual.worker import WorkerCancelled

from tuinn.runs import launch
from tuinn.runs.folder import RunFolder
from tuinn.spec.run import RunSpec
from tuinn.ui.app import TuinnApp
from tuinn.ui.workbench.screen import Workbench

ROOMY, NARROW = (120, 40), (80, 24)


S = TypeVar("S", bound=Screen[Any])


class Bench:
    """A workbench under test."""

    def __init__(self, app: TuinnApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> Workbench:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, Workbench))

    def top(self, kind: type[S]) -> S:
        """The screen on top, which is one of this class."""
        screen = self.app.screen
        assert isinstance(screen, kind)
        return screen

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def type(self, text: str) -> None:
        await self.press(*(" " if letter == " " else letter for letter in text))

    async def choose(self, label: str) -> None:
        """Choose the line of the open list dialog that begins with these words."""
        lines = self.app.screen.query_one(OptionList)
        labels = [str(option.prompt) for option in lines.options]
        (wanted,) = [at for at, text in enumerate(labels) if text.startswith(label)]
        while lines.highlighted != wanted:
            await self.press("down")
        await self.press("enter")

    async def paste(self, text: str) -> None:
        """As a terminal does with what is dropped on it."""
        assert self.app.screen.focused is not None
        self.app.screen.focused.post_message(events.Paste(text))
        await self.settle()

    async def settle(self) -> None:
        """Until threads have drawn and messages are dealt with."""
        for _ in range(2):
            with suppress(WorkerCancelled):  # a newer drawing took the place of an older one
                await self.app.workers.wait_for_complete()
            await self.pilot.pause()

    async def tick(self) -> None:
        """What the timer does four times a second."""
        self.screen.runs.drawn_at = 0.0  # long ago: the next redraw is due
        self.screen.runs.poll()
        await self.settle()

    def text(self) -> str:
        """The screen as characters, a line each."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    def words(self) -> str:
        """The screen as one line, however it was wrapped."""
        return " ".join(self.text().split())


Opener = Callable[..., AbstractAsyncContextManager[Bench]]


@pytest.fixture
def bench() -> Opener:
    """Open a workbench of a size, on a draft or on a run."""

    @asynccontextmanager
    async def opened(
        size: tuple[int, int] = ROOMY, draft: RunSpec | None = None, run: RunFolder | None = None
    ) -> AsyncIterator[Bench]:
        app = TuinnApp(draft, run)
        async with app.run_test(size=size, notifications=True) as pilot:
            here = Bench(app, pilot)
            await here.settle()
            yield here

    return opened


@pytest.fixture(autouse=True)
def own_keras(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees what the user has fetched."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras" / "datasets"


@pytest.fixture(autouse=True)
def idle_worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[bytes]]]:
    """A launched worker is a process that only waits; all of them end with the test."""
    started: list[subprocess.Popen[bytes]] = []
    real = launch.start_detached

    def start(command: tuple[str, ...], stdin: int, log: object, *_more: object) -> subprocess.Popen[bytes]:
        process = real(("tail", "-f", "/dev/null"), stdin, log)  # type: ignore[arg-type]
        started.append(process)
        return process

    monkeypatch.setattr(launch, "start_detached", start)
    yield started
    for process in started:
        process.kill()
        process.wait()
