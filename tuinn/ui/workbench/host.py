"""What the controllers of the workbench ask of the screen that owns them."""

from collections.abc import Callable, Coroutine
from typing import Protocol, TypeVar

from textual.screen import Screen

from tuinn.ui.widgets.controls import Severity

T = TypeVar("T")


class Host(Protocol):
    """Messages, dialogs, and work off the event loop. The workbench is one; tests have a plain one."""

    def show_message(
        self,
        words: str,
        severity: Severity = "information",
        seconds: float | None = None,
        until: Callable[[], bool] | None = None,
    ) -> None:
        """Show a message for so long, or until what it announces has happened. The words are no markup."""

    def open_dialog(self, dialog: Screen[T], answered: Callable[[T | None], None]) -> None:
        """Put a dialog on top; `answered` gets its answer, or None where it was left with Escape."""

    def run_in_thread(
        self, group: str, work: Callable[[], T], done: Callable[[T], None], exclusive: bool = True
    ) -> None:
        """Do slow work in a thread, then call `done` with its result on the event loop.

        A `TuinnError` of `work` is shown as a message. `exclusive`: newer work of the same group replaces it.
        """

    def run_task(self, group: str, task: Callable[[], Coroutine[None, None, None]]) -> None:
        """Run a coroutine function on the event loop; a newer one of the same group replaces it."""


def show_problem(host: Host, problem: Exception, seconds: float | None = None) -> None:
    """Show what went wrong."""
    host.show_message(str(problem), "error", seconds)
