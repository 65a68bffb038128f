"""One batch after another: what an update made of a weight, beside the code that a script from scratch has for it."""

from collections.abc import Callable

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.geometry import Size

from tuinn.errors import FolderError
from tuinn.runs.commands import AnyCommand, Pause, Resume, StepBatch, Stop
from tuinn.runs.events import BatchStepped
from tuinn.spec.dataset import DataFacts
from tuinn.text import printable
from tuinn.ui.dialogs.dialog import AnswersOnce
from tuinn.ui.keys.table import bindings_for
from tuinn.ui.widgets.cell_lines import CellLines, is_ascii_only
from tuinn.ui.widgets.controls import KeyFooter
from tuinn.ui.widgets.picture import redraw_with_theme
from tuinn.view.batch_step import Quantity, arithmetic, kept_numbers, line_of, moved, other_array, quantities
from tuinn.view.run_follower import RunFollower

LOOKS_PER_SECOND = 8

TITLE = 15
"""Cells of a row's name."""

FRAMED = 9
"""Lines of the box of numbers: six of them, the arithmetic, and the frame. What the optimizer keeps comes on top."""


class BatchScreen(AnswersOnce[None]):
    """Draws what the run's journal tells, which the workbench below reads; its keys are commands to the worker."""

    CSS_PATH = "batch_screen.tcss"
    AUTO_FOCUS = ""
    BINDINGS = [*bindings_for("batches"), Binding("ctrl+q,f10", "app.quit", show=False)]

    def __init__(self, run: RunFollower, facts: DataFacts, start_beside: Callable[[], bool]) -> None:
        """`start_beside` trains the same with Keras' own step and draws its curves under this run's; False: it can't."""
        from tuinn.spec.keras_export.script import step_lines  # the first screen does without it

        super().__init__()
        self.run, self.start_beside = run, start_beside
        self.code = step_lines(run.spec, facts)
        self.row = 1
        """The quantity whose line of code is marked."""
        self.look = StepBatch()
        """Which number of which weight is told after the next batch; empty: the one with the largest gradient."""
        self._drawn: object = None

    def compose(self) -> ComposeResult:
        yield CellLines(id="batch-head")
        yield CellLines(id="batch-numbers")
        yield CellLines(id="batch-code")
        yield KeyFooter()

    def on_mount(self) -> None:
        code = self.query_one("#batch-code", CellLines)
        code.border_title, code.border_subtitle = "the step as code", "tuinn export --to from-scratch"
        self.query_one("#batch-numbers").styles.height = FRAMED + kept_numbers(self.run.spec.fit)
        self.set_interval(1 / LOOKS_PER_SECOND, self.draw_news)
        redraw_with_theme(self, self.draw)
        if self.told is None and self.run.is_active and not self.run.view.paused:
            self._ask(Pause())
        self.call_after_refresh(self.draw)

    def on_resize(self, _: Size | None = None) -> None:
        self.call_after_refresh(self.draw)

    @property
    def told(self) -> BatchStepped | None:
        """The last update that was told, while the run has not gone on since."""
        view, told = self.run.view, self.run.view.stepped
        if told is None:
            return None
        begun = told.epoch == view.epoch - 1 and not view.step
        return told if begun or (told.epoch, told.step) == (view.epoch, view.step) else None

    # ----------------------------------------------------------------------------------------------- drawing

    def draw_news(self) -> None:
        """Draw what the journal has told since."""
        view = self.run.view
        news = (view.stepped, view.epoch, view.step, view.phase, self.run.state)
        if news != self._drawn:
            self._drawn = news
            self.draw()

    def draw(self) -> None:
        """As it is now."""
        if not self.is_attached:
            return
        self.query_one("#batch-head", CellLines).show_text(self._head)
        numbers, code = self.query_one("#batch-numbers", CellLines), self.query_one("#batch-code", CellLines)
        title = "one update" if self.told is None else f"update {self.told.updates:,}"
        if numbers.border_title != title:
            numbers.border_title = title
        numbers.show_text(self._numbers, wrap=self.told is None)
        code.show_text(lambda width: self._code(width, code.size.height))

    def _head(self, width: int) -> Text:
        view, theme = self.run.view, self.app.theme_variables
        left = Text.assemble(("tuinn ", f"bold {theme['accent']}"), " Batch by batch")
        told = view.phase_words if self.run.is_active else self.run.state.value
        where = f" · epoch {view.epoch} of {view.epochs}" if view.epoch else ""
        right = Text(f"{told}{where}", "bold")
        return Text.assemble(left, " " * max(width - left.cell_len - right.cell_len, 1), right)

    @property
    def rows(self) -> list[Quantity]:
        return quantities(self.told, self.run.view.steps) if self.told is not None else []

    def _numbers(self, width: int) -> Text:
        told, theme = self.told, self.app.theme_variables
        if told is None:
            return self._waiting()
        text, sign = Text(), ">" if is_ascii_only(self.app) else "▸"
        for at, one in enumerate(self.rows):
            here = at == self.row
            line = Text.assemble((f"{sign} " if here else "  ", theme["accent"]))
            line.append(one.title.ljust(TITLE), "bold" if here else "dim")
            line.append(one.value, "bold").append("  " * bool(one.about)).append(one.about, "dim")
            line.truncate(width, overflow="ellipsis")
            text.append_text(line).append("\n")
        return text.append(f"  {arithmetic(told, self.run.spec.fit)}", theme["primary"])

    def _waiting(self) -> Text:
        run, accent = self.run, self.app.theme_variables["accent"]
        if not run.is_active:
            return Text(
                "The run has ended. Esc, then r trains the draft anew, and B takes its batches one by one."
            )
        if not run.view.paused:
            return Text(f"{run.view.phase_words}… g or Space pauses the run after this batch.")
        return Text.assemble(
            "The run waits between two batches. ",
            ("g", f"bold {accent}"),
            " trains on the next one: then its loss, a weight, its gradient and the new weight stand here, and below the line "
            "of code that made each of them. ",
            ("Space", f"bold {accent}"),
            " lets the run go on.",
        )

    def _code(self, width: int, height: int) -> Text:
        """The lines round the one that made the number under the cursor, which is marked."""
        rows, theme = self.rows, self.app.theme_variables
        marked = line_of(self.code, rows[min(self.row, len(rows) - 1)].name) if rows else -1
        top = max(0, min(marked - height // 2, len(self.code) - height))
        text, sign = Text(), ">" if is_ascii_only(self.app) else "▸"
        for at in range(top, len(self.code)):
            here = at == marked
            line = Text.assemble((f"{sign} " if here else "  ", f"bold {theme['accent']}"))
            line.append(self.code[at], f"bold {theme['accent']}" if here else "")
            text.append_text(line).append("\n")
        return text

    # ------------------------------------------------------------------------------------------------- keys

    def _ask(self, command: AnyCommand) -> None:
        try:
            self.run.ask(command)
        except FolderError as problem:
            self.notify(printable(str(problem)), severity="error", markup=False)

    def _is_on(self) -> bool:
        if not self.run.is_active:
            self.notify("The run has ended: Esc, then r trains the draft anew.", markup=False)
        return self.run.is_active

    def action_step(self, batches: int) -> None:
        """Train on so many batches; a run that trains pauses first."""
        if self._is_on():
            self._ask(replace_batches(self.look, batches) if self.run.view.paused else Pause())

    def action_pause(self) -> None:
        """Let the run go on, or pause it."""
        if self._is_on():
            self._ask(Resume() if self.run.view.paused else Pause())

    def action_move(self, by: int) -> None:
        """Mark the line of code of another number."""
        self.row = max(0, min(self.row + by, len(self.rows) - 1)) if self.rows else 1
        self.draw()

    def action_place(self, by: int) -> None:
        """Show another number of the array."""
        self._look_at(lambda told: moved(told, by))

    def action_array(self, by: int) -> None:
        """Show another array of weights, where its gradient is largest."""
        self._look_at(lambda told: other_array(told, by))

    def action_largest(self) -> None:
        """Show the number with the largest gradient of all."""
        self._look_at(lambda _: StepBatch(batches=0))

    def _look_at(self, choose: Callable[[BatchStepped], StepBatch]) -> None:
        if self.told is None or not self.run.view.paused:
            self.notify("g trains on a batch first; then another weight can be looked at.", markup=False)
            return
        self.look = choose(self.told)
        if self._is_on():
            self._ask(self.look)

    def action_beside(self) -> None:
        """Train the same with Keras' own step, on the same seed."""
        if self.start_beside():
            words = "Keras' own step trains the same now: its curves lie under these, and C in the charts shows both."
            self.notify(words, markup=False)

    def action_stop(self) -> None:
        """End the run here."""
        if self._is_on():
            self._ask(Stop())

    def action_copy(self) -> None:
        """Copy the code."""
        self.app.copy_to_clipboard("\n".join(self.code) + "\n")
        self.notify("Copied the step as code.", markup=False)

    def action_help(self) -> None:
        from tuinn.ui.dialogs.help import Help

        self.app.push_screen(Help("batches", "workbench"))

    def action_back(self) -> None:
        self.dismiss()


def replace_batches(look: StepBatch, batches: int) -> StepBatch:
    """The same weight, after so many batches."""
    return StepBatch(batches=batches, weight=look.weight, index=look.index)
