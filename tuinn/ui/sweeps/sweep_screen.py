"""The screen of one sweep, which follows its journal: a table of trials, the best one, and what mattered."""

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from tuinn.errors import FolderError, SpecError
from tuinn.spec.options import Value
from tuinn.sweeps.commands import AnySweepCommand, Hold, SetParallel, StopAll
from tuinn.sweeps.follower import SweepFollower, SweepState
from tuinn.sweeps.launch import resume_sweep
from tuinn.sweeps.spec import TRIALS
from tuinn.sweeps.view import Trial
from tuinn.text import printable
from tuinn.ui.dialogs.dialog import AnswersOnce
from tuinn.ui.dialogs.form import Form
from tuinn.ui.dialogs.help import Help
from tuinn.ui.keys.table import bindings_for
from tuinn.ui.sweeps.sweep_text import SweepText
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.ui.widgets.controls import KeyFooter
from tuinn.ui.widgets.virtual_list import VirtualList
from tuinn.view.trial_table import best_first, columns, head

POLLS_PER_SECOND = 2

SHORT = 20
"""Rows of the terminal below which the charts give way to the table."""

Answer = tuple[str, str]
"""`attach` or `draft`, and a run's name."""


class TrialRows(VirtualList):
    """As all rows; the footer says what Enter does."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "Attach")]


class SweepScreen(AnswersOnce[Answer | None]):
    """Answers a trial's run to attach to, or to make a draft from. The sweep is a process of its own and goes on without it."""

    CSS_PATH = "sweep_screen.tcss"
    BINDINGS = bindings_for("sweep")

    def __init__(self, sweep: SweepFollower) -> None:
        super().__init__()
        self.sweep = sweep
        self.best_on_top = False
        self.trials: list[Trial] = []
        """In the order of the table."""

    def compose(self) -> ComposeResult:
        yield CellLines(id="sweep-status")
        yield CellLines(id="sweep-best")
        with Vertical(id="sweep-trials", classes="pane"):
            yield CellLines(id="sweep-head")
            yield TrialRows(id="sweep-rows")
            yield CellLines(id="sweep-detail")
        with Horizontal(id="sweep-charts"):
            with Vertical(id="sweep-mattered", classes="pane"):
                yield CellLines(id="sweep-bars")
            with Vertical(id="sweep-parallel", classes="pane"):
                yield CellLines(id="sweep-lines")
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one("#sweep-trials").border_title = "Trials"
        self.query_one("#sweep-parallel").border_title = "Parallel"
        self.query_one(VirtualList).focus()
        self.show_sweep()
        self.set_interval(1 / POLLS_PER_SECOND, self._tick)

    def on_resize(self) -> None:
        self.set_class(self.app.size.height < SHORT, "-short")
        self.call_after_refresh(self.show_sweep)

    def _tick(self) -> None:
        try:
            if self.sweep.poll():
                self.show_sweep()
        except OSError as problem:
            self._show_problem(FolderError(f"{self.sweep.reader.path} cannot be read ({problem.strerror})."))

    # ---------------------------------------------------------------------------------------------- drawing

    @property
    def current(self) -> Trial | None:
        """The trial under the cursor."""
        at = self.query_one(VirtualList).at
        return self.trials[at] if at < len(self.trials) else None

    @property
    def text(self) -> SweepText:
        """The words for the sweep as it is now."""
        return SweepText(self.sweep, self.app.theme_variables, bool(getattr(self.app, "ascii_only", False)))

    def show_sweep(self) -> None:
        """Draw the sweep as it is now. The cursor stays on its trial."""
        chosen = self.current.number if self.current else 0
        view, text = self.sweep.view, self.text
        self.trials = best_first(view) if self.best_on_top else list(view.trials)
        at = next((at for at, trial in enumerate(self.trials) if trial.number == chosen), 0)
        rows = self.query_one(VirtualList)
        cells = columns(view, max(rows.width - 2, 10))
        self.query_one("#sweep-head", CellLines).show_text(Text("  " + "  ".join(head(cells)), style="dim"))
        rows.show(len(self.trials), lambda place, _width: text.row(self.trials[place], cells), at)
        self.query_one("#sweep-status", CellLines).show_text(text.status)
        self.query_one("#sweep-best", CellLines).show_text(text.best())
        self.query_one("#sweep-bars", CellLines).show_text(text.importance)
        self.query_one("#sweep-mattered").border_title = text.importance_title()
        self._show_chosen()

    @on(VirtualList.Moved)
    def _show_chosen(self) -> None:
        """What follows from the cursor alone."""
        text, trial = self.text, self.current
        self.query_one("#sweep-detail", CellLines).show_text(text.detail(trial))
        lines = self.query_one("#sweep-lines", CellLines)
        number = trial.number if trial else 0
        lines.show_text(lambda width: text.parallel(width, lines.size.height, number))

    # ---------------------------------------------------------------------------------------------- actions

    @on(VirtualList.Chosen)
    def action_attach(self) -> None:
        self._leave_with("attach", self.current)

    def action_draft(self) -> None:
        self._leave_with("draft", self.current)

    def action_best(self) -> None:
        if self.sweep.view.best is None:
            self.notify("No trial has finished yet.", markup=False)
        else:
            self._leave_with("draft", self.sweep.view.best)

    def _leave_with(self, what: str, trial: Trial | None) -> None:
        if trial is None or not trial.run:
            self.notify(
                "This trial has no run: it was skipped." if trial else "There is no trial yet.", markup=False
            )
        else:
            self.dismiss((what, trial.run))

    def action_order(self) -> None:
        self.best_on_top = not self.best_on_top
        self.show_sweep()

    def action_pause(self) -> None:
        if self.sweep.state is SweepState.PAUSED:
            self.action_resume()
        else:
            self._ask(Hold(), "No further trial starts. Space continues.")

    def action_stop(self) -> None:
        self._ask(StopAll(), "Stopping the sweep and its running trials. r resumes them.")

    def action_parallel(self, by: int) -> None:
        wanted = self.sweep.view.parallel + by
        if wanted >= 1:
            self._ask(SetParallel(parallel=wanted), f"{wanted} at a time from the next trial on.")

    def _ask(self, command: AnySweepCommand, words: str) -> None:
        if not self.sweep.is_active:
            self.notify(f"The sweep is {self.sweep.state.value}. r resumes it.", markup=False)
            return
        try:
            self.sweep.folder.ask(command)
            self.notify(words, markup=False)
        except FolderError as problem:
            self._show_problem(problem)

    def action_resume(self) -> None:
        self._resume()

    def _resume(self, trials: int | None = None) -> None:
        try:
            resume_sweep(self.sweep, trials)
            self.notify("Resuming the sweep.", markup=False)
        except (FolderError, SpecError) as problem:
            self._show_problem(problem)

    def action_trials(self) -> None:
        def kept(values: dict[str, Value] | None) -> None:
            if values is not None and isinstance(trials := values["trials"], int):
                self._resume(trials)

        self.app.push_screen(Form("Number of trials", [TRIALS], {"trials": self.sweep.view.asked}), kept)

    def _show_problem(self, problem: Exception) -> None:
        self.notify(printable(str(problem)), severity="error", timeout=10, markup=False)

    def action_close(self) -> None:
        self.dismiss(None)

    def action_help(self) -> None:
        self.app.push_screen(Help("sweep"))
