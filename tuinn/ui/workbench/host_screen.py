"""A screen that does for its controllers what they ask of a `Host`."""

from collections.abc import Callable, Coroutine
from typing import TypeVar

from textual.screen import Screen
from textual.worker import WorkType

from tuinn.errors import TuinnError
from tuinn.text import printable
from tuinn.ui.widgets.controls import KeyFooter, Severity
from tuinn.ui.workbench.host import show_problem

T = TypeVar("T")


class HostScreen(Screen[None]):
    """Shows messages in its footer and dialogs on top, and does slow work in threads."""

    def __init__(self) -> None:
        super().__init__()
        self.footer = KeyFooter()

    def show_message(
        self,
        words: str,
        severity: Severity = "information",
        seconds: float | None = None,
        until: Callable[[], bool] | None = None,
    ) -> None:
        title = "" if self.is_active else "Workbench"
        self.notify(printable(words), title=title, severity=severity, timeout=seconds, markup=False)
        if until is not None and self.is_active:
            self.footer.clear_once(until)

    def open_dialog(self, dialog: Screen[T], answered: Callable[[T | None], None]) -> None:
        self.app.push_screen(dialog, answered)

    def run_in_thread(
        self, group: str, work: Callable[[], T], done: Callable[[T], None], exclusive: bool = True
    ) -> None:
        def work_then_done() -> None:
            try:
                result = work()
            except TuinnError as problem:
                self.app.call_from_thread(show_problem, self, problem)
            else:
                self.app.call_from_thread(done, result)

        self.run_worker(work_then_done, thread=True, group=group, exclusive=exclusive)

    def run_task(self, group: str, task: Callable[[], Coroutine[None, None, None]]) -> None:
        work: WorkType[None] = task
        self.run_worker(work, group=group, exclusive=True)
