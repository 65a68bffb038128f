"""What all lab pages share: a first line, the step that one came for, help, and the way back."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from tuinn.errors import TuinnError
from tuinn.labs.lessons.lesson import Lesson, Step
from tuinn.labs.lessons.progress import mark_done
from tuinn.labs.places import OPENED, PAGES
from tuinn.text import printable
from tuinn.ui.dialogs.dialog import AnswersOnce
from tuinn.ui.keys.table import bindings_for
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.ui.widgets.controls import KeyFooter

STEP_ROWS = 4
"""Of the step that one came for, at most."""


@dataclass(frozen=True)
class PageStep:
    """The step of a lesson for which a page was opened."""

    lesson: Lesson
    at: int
    """Counted from 0."""

    @property
    def step(self) -> Step:
        return self.lesson.steps[self.at]


def page_bindings(page: str) -> list[BindingType]:
    """The keys of a page by the table, and those that leave the app."""
    return [*bindings_for(f"lab_{page}"), Binding("ctrl+q,f10", "app.quit", show=False)]


def set_title(widget: Widget, title: str) -> None:
    """Write this into the upper edge of the frame. To set the same title again would draw the whole widget again."""
    if widget.border_title != title:
        widget.border_title = title


class LabPage(AnswersOnce[None]):
    """A lab. A page says its name, its widgets in `body`, and draws itself in `draw`; it calls `reached` for its goals."""

    CSS_PATH: ClassVar[str | PurePath | list[str | PurePath] | None] = "labs.tcss"
    AUTO_FOCUS = ""
    page = ""
    """Its name in PAGES."""

    def __init__(self, for_step: PageStep | None = None) -> None:
        super().__init__()
        self.for_step = for_step

    def compose(self) -> ComposeResult:
        yield CellLines(id="lab-head")
        yield CellLines(id="lab-step")
        yield from self.body()
        yield KeyFooter()

    def body(self) -> ComposeResult:
        """The widgets between the first lines and the keys."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw everything as it is now."""
        raise NotImplementedError

    def right_words(self) -> Text:
        """What stands at the right of the first line: the number that the lab is about."""
        return Text()

    def on_mount(self) -> None:
        self.query_one("#lab-step").display = self.for_step is not None
        self.reached(OPENED)
        self.call_after_refresh(self.draw_all)

    def on_resize(self) -> None:
        self.call_after_refresh(self.draw_all)

    def draw_all(self) -> None:
        """Draw the first lines and what the page draws."""
        if self.is_attached:
            self.draw_head()
            self.draw()

    def draw_head(self) -> None:
        """Draw the first line, and the step."""
        self.query_one("#lab-head", CellLines).show_text(self._head)
        if self.for_step is not None:
            line, words = self.query_one("#lab-step", CellLines), self._step_words(self.for_step)
            line.styles.height = min(len(words.wrap(self.app.console, max(line.size.width, 1))), STEP_ROWS)
            line.show_text(words, wrap=True)

    def _head(self, width: int) -> Text:
        left = Text.assemble(("tuinn ", f"bold {self.app.theme_variables['accent']}"))
        left.append(f" Lab: {PAGES[self.page].title}")
        right = self.right_words()
        return Text.assemble(left, " " * max(width - left.cell_len - right.cell_len, 1), right)

    def _step_words(self, told: PageStep) -> Text:
        step, accent = told.step, self.app.theme_variables["accent"]
        words = Text.assemble((f"Step {told.at + 1} of {len(told.lesson.steps)} ", f"bold {accent}"))
        words.append(f"{printable(step.do)} ")
        return words.append(f"Look for: {printable(step.look)}", "italic")

    def reached(self, goal: str) -> None:
        """Mark the step done, where this is what it asks for."""
        if self.for_step is None or self.for_step.step.done != goal:
            return
        try:
            news = mark_done(self.for_step.lesson, self.for_step.step)
        except TuinnError as problem:
            self.notify(printable(str(problem)), severity="error", markup=False)
            return
        if news and goal != OPENED:
            self.notify("✓ The step is done. Esc leads back to the lesson.", markup=False)

    def action_help(self) -> None:
        from tuinn.ui.dialogs.help import Help

        self.app.push_screen(Help(f"lab_{self.page}", "labs"))

    def action_back(self) -> None:
        self.dismiss()
