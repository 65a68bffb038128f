"""The front door of the labs: lessons with their steps on the left, what a step is about on the right."""

from dataclasses import dataclass
from typing import Literal

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from tuinn.data.catalog.availability import is_available
from tuinn.data.catalog.catalog import find
from tuinn.errors import FolderError
from tuinn.labs.lessons.lesson import Lesson, keys_to
from tuinn.labs.lessons.library import Library, library
from tuinn.labs.lessons.progress import Progress, read_progress, result_of, set_done
from tuinn.labs.places import PAGES, TRAINED, WORKBENCH
from tuinn.text import format_metric, plural, printable
from tuinn.ui.dialogs.dialog import AnswersOnce
from tuinn.ui.dialogs.help import Help, WordsHelp
from tuinn.ui.keys.table import bindings_for
from tuinn.ui.labs.hub_rows import LessonList, Row, rows
from tuinn.ui.labs.page import PageStep
from tuinn.ui.labs.registry import make_page
from tuinn.ui.widgets.cell_lines import CellLines, is_ascii_only
from tuinn.ui.widgets.controls import KeyFooter, TextField
from tuinn.ui.widgets.picture import redraw_with_theme
from tuinn.ui.widgets.virtual_list import VirtualList

WORDS = "Enter takes the step's data, network, settings, and goes there; 0 leads back."


@dataclass(frozen=True)
class StepChosen:
    """The answer of the hub: a step that leads to the workbench."""

    lesson: Lesson
    at: int
    """Counted from 0."""
    runs: bool = False
    """The step trains, and is to do so at once."""


Answer = StepChosen | Literal["end"]
"""A step to go to; or no lesson is followed any more."""


class LabsHub(AnswersOnce[Answer | None]):
    """Answers where to go; None where the user goes back. Lab pages open on top of it."""

    CSS_PATH = "labs.tcss"
    BINDINGS = [*bindings_for("labs"), Binding("ctrl+q,f10", "app.quit", show=False)]

    def __init__(self, lesson: str = "", lessons: Library | None = None, at: int = 0) -> None:
        """`lesson`: the name of the one that is unfolded at first; `at`: the step that the user is at, counted from 0."""
        super().__init__()
        self.library = lessons or library()
        self.progress: Progress = read_progress()
        self.told = LessonList.of(self.library.lessons, self.progress)
        first = next((one for one in self.library.lessons if one.name == lesson), None) or self.told.current()
        self.unfolded = {first.name} if first else set()
        self.rows: list[Row] = []
        self.first = Row(first, self.told.next_step(first, at)) if first else Row()

    def compose(self) -> ComposeResult:
        yield CellLines(id="lab-head")
        with Horizontal(id="hub-body"):
            with Vertical(id="hub-list-box") as box:
                box.border_title = "Lessons"
                yield TextField(placeholder="words that a lesson or a step must have", id="hub-filter")
                yield VirtualList(id="hub-list")
            yield CellLines(id="hub-detail")
        yield CellLines(id="hub-words")
        yield KeyFooter()

    def on_mount(self) -> None:
        self.field.display = False
        self.list.focus()
        redraw_with_theme(self, self.draw)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.show_rows(self.first)
        for problem in self.library.problems:
            self.notify(printable(problem), severity="warning", markup=False)

    def on_resize(self) -> None:
        self.call_after_refresh(self.draw)

    def on_screen_resume(self) -> None:
        """A lab page may have marked a step: the cursor goes on to the next one."""
        row, before = self.row if self.rows else Row(), self.told
        self._read_progress()
        if row.lesson is not None and row.at is not None:
            was_done, is_done = (told.is_done(row.lesson, row.at) for told in (before, self.told))
            if is_done and not was_done:
                row = Row(row.lesson, self.told.next_step(row.lesson, row.at))
        if self.rows:
            self.call_after_refresh(self.show_rows, row)

    def _read_progress(self) -> None:
        self.progress = read_progress()
        self.told = LessonList.of(self.library.lessons, self.progress)

    @property
    def list(self) -> VirtualList:
        return self.query_one("#hub-list", VirtualList)

    @property
    def field(self) -> TextField:
        return self.query_one("#hub-filter", TextField)

    @property
    def row(self) -> Row:
        """The one under the cursor."""
        return self.rows[self.list.at] if self.list.at < len(self.rows) else Row()

    # ----------------------------------------------------------------------------------------------- drawing

    def show_rows(self, at: Row) -> None:
        """Make the rows anew, with the cursor on this one where it is among them."""
        self.rows = rows(self.told, self.unfolded, self.field.value.casefold().split())
        self.list.at = self.rows.index(at) if at in self.rows else 0
        self.draw()

    def draw(self) -> None:
        """Everything as it is now."""
        if not self.is_attached:
            return
        headings = [at for at, row in enumerate(self.rows) if row.heading]
        self.list.show(len(self.rows), self._line, headings=headings)
        self.query_one("#lab-head", CellLines).show_text(self._head)
        self.query_one("#hub-words", CellLines).show_text(Text(WORDS), wrap=True)
        self.draw_detail()

    def _head(self, width: int) -> Text:
        done, count = self.told.count()
        left = Text.assemble(("tuinn ", f"bold {self.app.theme_variables['accent']}"), " Labs")
        right = Text(f"{plural(len(self.told.lessons), 'lesson')} · {done} of {count} steps", "dim")
        return Text.assemble(left, " " * max(width - left.cell_len - right.cell_len, 1), right)

    def _line(self, at: int, width: int) -> Text:
        row, plain = self.rows[at], is_ascii_only(self.app)
        if row.heading:
            return Text(row.heading, "dim")
        if row.lesson is None:
            return Text(f"  {PAGES[row.page].title}")
        done = self.told.done[row.lesson.name]
        if row.at is None:
            sign = (
                ("v " if plain else "▾ ") if row.lesson.name in self.unfolded else ("> " if plain else "▸ ")
            )
            text, right = Text(f"{sign}{printable(row.lesson.title)}", "bold"), f"{sum(done)} of {len(done)}"
        else:
            step, tick = row.lesson.steps[row.at], "x" if plain else "✓"
            text = Text.assemble(f"  {tick if done[row.at] else ' '} {row.at + 1} {printable(step.title)}")
            right = "" if step.screen in PAGES else keys_to(step)
        text.truncate(max(width - len(right) - 1, 1), overflow="ellipsis")
        return text.append(" " * max(width - text.cell_len - len(right), 1)).append(right, "dim")

    def draw_detail(self) -> None:
        """The right side, about the row under the cursor."""
        detail, row = self.query_one("#hub-detail", CellLines), self.row
        if row.lesson is None:
            page = PAGES.get(row.page)
            detail.border_title = page.title if page else ""
            detail.show_text(Text(page.about if page else "Nothing here has these words."), wrap=True)
            return
        detail.border_title = printable(row.lesson.title)
        detail.show_text(
            self._step_words(row) if row.at is not None else self._lesson_words(row.lesson), wrap=True
        )

    def _lesson_words(self, lesson: Lesson) -> Text:
        text = Text.assemble((f"{printable(lesson.about)}\n\n", "bold"), f"{printable(lesson.learn)}\n")
        text.append_text(self._data(lesson)).append_text(self._figures(lesson))
        if lesson.words:  # last: a small terminal has no room for them
            text.append("words  ", self._accent).append(printable(" · ".join(lesson.words)) + "\n")
        return text

    def _step_words(self, row: Row) -> Text:
        assert row.lesson is not None
        assert row.at is not None
        step = row.lesson.steps[row.at]
        where = (
            PAGES[step.screen].title
            if step.screen in PAGES
            else f"{WORKBENCH[step.screen].words}, {keys_to(step)}"
        )
        text = Text.assemble((f"{printable(step.title)}\n\n", "bold"), f"{printable(step.do)}\n")
        text.append("\nlook for  ", self._accent).append(f"{printable(step.look)}\n")
        text.append("leads to  ", self._accent).append(f"{where}\n")
        text.append_text(self._data(row.lesson))
        return text.append_text(self._figures(row.lesson, with_source=False))

    @property
    def _accent(self) -> str:
        return self.app.theme_variables["accent"]

    def _figures(self, lesson: Lesson, with_source: bool = True) -> Text:
        """The published figure, and one's own."""
        if lesson.figure is None:
            return Text()
        figure, result = lesson.figure, result_of(lesson, self.progress)
        yours = "not yet"
        if result is not None:
            epochs = plural(result.epochs, "epoch")
            yours = (
                f"{format_metric(result.value)}, {epochs}"
                if result.value is not None
                else f"no test yet, {epochs}"
            )
        text = Text.assemble(
            ("\npublished  ", self._accent), f"{printable(figure.words)}: {format_metric(figure.value)}"
        )
        text.append("\nyours      ", self._accent).append(f"{yours}\n")
        if with_source:
            text.append(printable(f"{figure.source} {figure.note}".strip()) + "\n", "dim")
        return text

    def _data(self, lesson: Lesson) -> Text:
        """The dataset, and what stands in for it."""
        if not lesson.dataset:
            return Text()
        title = find(lesson.dataset).title
        text = Text.assemble(("\ndata  ", self._accent))
        if is_available(lesson.dataset):
            return text.append(f"{title}\n")
        text.append(f"{title} is not here (g in pane 1 fetches it).")
        return text.append(f" {find(lesson.stand_in).title} is used instead.\n" if lesson.stand_in else "\n")

    # ------------------------------------------------------------------------------------------------- keys

    @on(VirtualList.Moved)
    def _moved(self) -> None:
        self.draw_detail()

    @on(VirtualList.Chosen)
    def _chosen(self) -> None:
        self.action_choose()

    def action_choose(self) -> None:
        row = self.row
        if row.lesson is None:
            if row.page:
                self.app.push_screen(make_page(row.page))
        elif row.at is None:
            self.action_unfold(row.lesson.name not in self.unfolded)
        elif (screen := row.lesson.steps[row.at].screen) in PAGES:
            self.app.push_screen(make_page(screen, PageStep(row.lesson, row.at)))
        else:
            self.dismiss(StepChosen(row.lesson, row.at))

    def action_run(self) -> None:
        lesson = self.row.lesson
        if lesson is None:
            return
        at = next((at for at, step in enumerate(lesson.steps) if step.done == TRAINED), None)
        if at is None:
            self.notify("No step of this lesson trains a network in the workbench.", markup=False)
        else:
            self.dismiss(StepChosen(lesson, at, runs=True))

    def action_unfold(self, wanted: bool) -> None:
        lesson = self.row.lesson
        if lesson is None or (lesson.name in self.unfolded) == wanted:
            return
        (self.unfolded.add if wanted else self.unfolded.discard)(lesson.name)
        self.show_rows(Row(lesson, self.told.next_step(lesson)) if wanted else Row(lesson))

    def action_mark(self) -> None:
        row = self.row
        if row.lesson is None or row.at is None:
            return
        try:
            set_done(row.lesson, row.lesson.steps[row.at], not self.told.is_done(row.lesson, row.at))
        except FolderError as problem:
            self.notify(printable(str(problem)), severity="error", markup=False)
        self._read_progress()
        self.draw()

    def action_end(self) -> None:
        self.dismiss("end")

    def action_filter(self) -> None:
        self.field.display = True
        self.field.focus()

    @on(Input.Changed, "#hub-filter")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.show_rows(self.row)

    @on(Input.Submitted, "#hub-filter")
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.list.focus()

    def action_words(self) -> None:
        lesson = self.row.lesson
        if lesson is not None:
            self.app.push_screen(WordsHelp(lesson.words))

    def action_help(self) -> None:
        self.app.push_screen(Help("labs"))

    def action_back(self) -> None:
        if not self.field.display:
            self.dismiss()
            return
        self.field.value = ""
        self.field.display = False
        self.list.focus()
