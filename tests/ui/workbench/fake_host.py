"""A host for controllers without an app: it keeps messages and dialogs, and does slow work when told to."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from textual.screen import Screen

from tuinn.errors import TuinnError
from tuinn.view.run_follower import RunFollower

S = TypeVar("S", bound=Screen[Any])


class FakeHost:
    """Stands in for the workbench."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, str]] = []
        """Severity and words."""
        self.until: Callable[[], bool] | None = None
        """Whether what the last message announces has happened."""
        self.dialogs: list[tuple[Screen[Any], Callable[[Any], None]]] = []
        """Those that are open, the topmost last, and who wants the answer."""
        self.threads: list[tuple[str, Callable[[], None]]] = []
        """What threads have to do, in order, each with its group."""
        self.tasks: list[Callable[[], Coroutine[None, None, None]]] = []

    def show_message(
        self,
        words: str,
        severity: str = "information",
        seconds: float | None = None,
        until: Callable[[], bool] | None = None,
    ) -> None:
        self.messages.append((severity, words))
        self.until = until

    def open_dialog(self, dialog: Screen[Any], answered: Callable[[Any], None]) -> None:
        self.dialogs.append((dialog, answered))

    def run_in_thread(
        self, group: str, work: Callable[[], Any], done: Callable[[Any], None], exclusive: bool = True
    ) -> None:
        def work_then_done() -> None:
            try:
                result = work()
            except TuinnError as problem:
                self.show_message(str(problem), "error")
            else:
                done(result)

        if exclusive:  # as Textual does: one that has not begun never does
            self.threads = [thread for thread in self.threads if thread[0] != group]
        self.threads.append((group, work_then_done))

    def run_task(self, group: str, task: Callable[[], Coroutine[None, None, None]]) -> None:
        self.tasks.append(task)

    # ------------------------------------------------------------------------------- what a test does with it

    @property
    def dialog(self) -> Screen[Any]:
        """The topmost dialog."""
        return self.dialogs[-1][0]

    def top(self, kind: type[S]) -> S:
        """The topmost dialog, which is one of this class."""
        dialog = self.dialog
        assert isinstance(dialog, kind)
        return dialog

    def answer(self, answer: Any) -> None:
        """Close the topmost dialog with this answer."""
        _, answered = self.dialogs.pop()
        answered(answer)

    @property
    def work(self) -> list[Callable[[], None]]:
        """What threads have to do, in order."""
        return [work for _, work in self.threads]

    def do_work(self) -> None:
        """Let every thread come to its end."""
        while self.threads:
            self.threads.pop(0)[1]()

    def run_tasks(self) -> None:
        """Let every task come to its end."""
        while self.tasks:
            asyncio.run(self.tasks.pop(0)())

    @property
    def last(self) -> str:
        """The words of the last message."""
        return self.messages[-1][1] if self.messages else ""

    @property
    def problems(self) -> list[str]:
        """The words of all errors."""
        return [words for severity, words in self.messages if severity == "error"]


class FakeTimer:
    """A poll timer that only says whether it runs, and what was asked of it."""

    def __init__(self) -> None:
        self.runs = False
        self.changes: list[str] = []

    def pause(self) -> None:
        self.runs = False
        self.changes.append("pause")

    def resume(self) -> None:
        self.runs = True
        self.changes.append("resume")


class FakeDisplay:
    """Counts what it is told to draw."""

    def __init__(self) -> None:
        self.drawn = 0
        self.shares: list[float] = []
        self.attached: list[RunFollower] = []
        self.ended = 0
        self.waits = False
        self.answered = 0
        self.farewells: list[str] = []

    def show_run(self) -> None:
        self.drawn += 1

    def show_answers(self) -> None:
        self.answered += 1

    def show_reading(self, share: float) -> None:
        self.shares.append(share)

    def run_attached(self, run: RunFollower) -> None:
        self.attached.append(run)

    def training_ended(self) -> None:
        self.ended += 1

    def awaits_answer(self) -> bool:
        return self.waits

    def leave(self, farewell: str = "") -> None:
        self.farewells.append(farewell)
