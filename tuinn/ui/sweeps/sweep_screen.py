"""One sweep, live: its trials as a table, the best one, what mattered, and the trials as lines across their fields."""

from typing import Any, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from tuinn.errors import FolderError, SpecError
from tuinn.sweeps.commands import AnySweepCommand, Hold, SetParallel, StopAll
from tuinn.sweeps.follower import SweepFollower, SweepState
from tuinn.sweeps.launch import resume_sweep
from tuinn.sweeps.spec import TRIALS
from tuinn.sweeps.view import Trial, TrialState, label, progress, tally, values_line
from tuinn.text import format_duration, format_metric, plural, printable
from tuinn.ui.dialogs.form import Form
from tuinn.ui.dialogs.help import Help
from tuinn.ui.keys import bindings_for
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.ui.widgets.controls import KeyFooter
from tuinn.ui.widgets.virtual_list import VirtualList
from tuinn.view.bars import bar
from tuinn.view.parallel_coordinates import ROLES, chart
from tuinn.view.trial_table import TrialColumn, best_first, columns, head, row

POLLS_PER_SECOND = 2

SHORT = 20
"""Rows of the terminal below which the charts give way to the table."""

STATE_SIGNS = {
    SweepState.STARTING: ("◌", "accent"),
    SweepState.RUNNING: ("●", "accent"),
    SweepState.PAUSED: ("◌", "warning"),
    SweepState.FINISHED: ("✓", "success"),
    SweepState.STOPPED: ("■", "warning"),
    SweepState.FAILED: ("✗", "error"),
    SweepState.LOST: ("✗", "error"),
}
HUES = {
    TrialState.TRAINING: "accent",
    TrialState.FINISHED: "success",
    TrialState.STOPPED: "warning",
    TrialState.FAILED: "error",
}
ROLE_HUES = {
    "axis": "chart-axis",
    "label": "chart-axis",
    "other": "curve-6",
    "chosen": "curve-train",
    "best": "accent",
}

Answer = tuple[str, str]
"""`attach` or `draft`, and a run's name."""


class TrialRows(VirtualList):
    """As all rows; the footer says what Enter does."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "Attach")]


class SweepScreen(Screen[Answer | None]):
    """Answers a trial's run to attach to, or to make a draft from. The sweep lives elsewhere and outlives it."""

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
            self._tell(FolderError(f"{self.sweep.reader.path} cannot be read ({problem.strerror})."))

    # ---------------------------------------------------------------------------------------------- drawing

    @property
    def current(self) -> Trial | None:
        """The trial under the cursor."""
        at = self.query_one(VirtualList).at
        return self.trials[at] if at < len(self.trials) else None

    def show_sweep(self) -> None:
        """Draw the sweep as it is now. The cursor stays on its trial."""
        chosen = self.current.number if self.current else 0
        view = self.sweep.view
        self.trials = best_first(view) if self.best_on_top else list(view.trials)
        at = next((at for at, trial in enumerate(self.trials) if trial.number == chosen), 0)
        rows = self.query_one(VirtualList)
        cells = columns(view, max(rows.width - 2, 10))
        self.query_one("#sweep-head", CellLines).show_text(Text("  " + "  ".join(head(cells)), style="dim"))
        rows.show(len(self.trials), lambda place, _width: self._row(self.trials[place], cells), at)
        self.query_one("#sweep-status", CellLines).show_text(self._status)
        self.query_one("#sweep-best", CellLines).show_text(self._best())
        self.query_one("#sweep-bars", CellLines).show_text(self._bars)
        self.query_one("#sweep-mattered").border_title = self._bars_title()
        self._show_chosen()

    @on(VirtualList.Moved)
    def _show_chosen(self) -> None:
        """What follows from the cursor alone."""
        self.query_one("#sweep-detail", CellLines).show_text(self._detail())
        self.query_one("#sweep-lines", CellLines).show_text(self._lines)

    def _status(self, width: int) -> Text:
        view, state = self.sweep.view, self.sweep.state
        sign, hue = STATE_SIGNS[state]
        words = state.value
        if state is SweepState.PAUSED and view.training:
            words = "pausing"
        right = Text(f"{sign} {words}", style=self.app.theme_variables[hue])
        if self.sweep.is_active and view.seconds_left is not None:
            right.append(f" · {format_duration(view.seconds_left)} left", style="dim")
        left = Text.assemble(("tuinn ", f"bold {self.app.theme_variables['accent']}"), no_wrap=True)
        left.append(f" {progress(view)}", style="bold")
        name = f"{view.sweep.base.dataset.label} {self.sweep.folder.name.rpartition('-')[2]}"
        parts = [tally(view), printable(name), f"{view.parallel} at a time" if view.parallel > 1 else ""]
        left.append("".join(f" · {part}" for part in parts if part), style="dim")
        left.truncate(max(width - right.cell_len - 1, 1), overflow="ellipsis")
        return Text.assemble(left, " " * max(width - left.cell_len - right.cell_len, 1), right)

    def _best(self) -> Text:
        view = self.sweep.view
        best = view.best
        if best is None:
            if view.ended is not None and view.ended.message:
                return Text(printable(view.ended.message), style=self.app.theme_variables["error"])
            return Text("No trial is through yet.", style="dim")
        text = Text.assemble(("★ ", self.app.theme_variables["accent"]), (f"trial {best.number}", "bold"))
        text.append(f"  {view.sweep.metric} {format_metric(best.value)}", style="bold")
        text.append(f" in epoch {best.best_epoch}  ", style="dim")
        return text.append(printable(values_line(best.values)))

    def _row(self, trial: Trial, cells: list[TrialColumn]) -> Text:
        colours = self.app.theme_variables
        text = Text.assemble(
            ("★ " if trial is self.sweep.view.best else "  ", colours["accent"]), no_wrap=True
        )
        given_up = trial.state in (TrialState.PRUNED, TrialState.SKIPPED, TrialState.HALTED)
        for column, cell in zip(cells, row(self.sweep.view, trial, cells), strict=True):
            hue = HUES.get(trial.state) if column.name == "state" else None
            style = colours[hue] if hue else "dim" if given_up else "bold" if column.name == "value" else ""
            text.append(cell + "  ", style=style)
        return text

    def _detail(self) -> Text:
        trial = self.current
        if trial is None:
            words = "TensorFlow starts; the first trial is on its way." if self.sweep.is_active else ""
            return Text(words, style="dim")
        words = trial.message or f"run {trial.run}"
        return Text(printable(f"trial {trial.number}: {words}"), style="dim")

    def _bars_title(self) -> str:
        weighed = self.sweep.view.importance
        return f"What mattered · {weighed.method}" if weighed else "What mattered"

    def _bars(self, width: int) -> Text:
        view = self.sweep.view
        if len(view.sweep.ranges) < 2:
            return Text("One field: nothing to weigh.", style="dim")
        if view.importance is None:
            return Text("Weighed once four\ntrials are through.", style="dim")
        colours, lines = self.app.theme_variables, []
        name = min(max(len(label(path)) for path in view.importance.importance), max(width - 12, 4))
        for path, share in view.importance.importance.items():
            word = label(path)
            line = Text((word if len(word) <= name else word[: name - 1] + "…").ljust(name) + " ")
            line.append(bar(share, max(width - name - 6, 1), self._ascii), style=colours["curve-train"])
            lines.append(line.append(f" {share:>4.0%}", style="bold"))
        lines.append(Text(f"over {plural(view.importance.trials, 'trial')}", style="dim"))
        return Text("\n").join(lines)

    def _lines(self, width: int) -> Text:
        height = self.query_one("#sweep-lines").size.height
        chosen = self.current.number if self.current else 0
        rows = chart(self.sweep.view, width, height, chosen, self._ascii)
        if not rows:
            some = any(trial.value is not None for trial in self.sweep.view.trials)
            words = "No room for so many axes." if some else "CellLines come with the first epochs."
            return Text(words if some or self.sweep.is_active else "", style="dim")
        colours = {role: self.app.theme_variables[ROLE_HUES[role]] for role in ROLES}
        return Text("\n").join(
            Text.assemble(*((piece, colours[role]) for piece, role in line)) for line in rows
        )

    @property
    def _ascii(self) -> bool:
        return bool(getattr(self.app, "ascii_only", False))

    # ---------------------------------------------------------------------------------------------- actions

    @on(VirtualList.Chosen)
    def action_attach(self) -> None:
        self._leave_with("attach", self.current)

    def action_draft(self) -> None:
        self._leave_with("draft", self.current)

    def action_best(self) -> None:
        if self.sweep.view.best is None:
            self.notify("No trial is through yet.", markup=False)
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
            self._ask(Hold(), "No further trial begins; space goes on.")

    def action_stop(self) -> None:
        self._ask(StopAll(), "Stopping, with the trials in hand. r goes on with them.")

    def action_parallel(self, by: int) -> None:
        wanted = self.sweep.view.parallel + by
        if wanted >= 1:
            self._ask(SetParallel(parallel=wanted), f"{wanted} at a time from the next trial on.")

    def _ask(self, command: AnySweepCommand, words: str) -> None:
        if not self.sweep.is_active:
            self.notify(f"It is {self.sweep.state.value}. r goes on with it.", markup=False)
            return
        try:
            self.sweep.folder.ask(command)
            self.notify(words, markup=False)
        except FolderError as problem:
            self._tell(problem)

    def action_resume(self) -> None:
        self._take_up()

    def _take_up(self, trials: int | None = None) -> None:
        try:
            resume_sweep(self.sweep, trials)
            self.notify("Going on.", markup=False)
        except (FolderError, SpecError) as problem:
            self._tell(problem)

    def action_trials(self) -> None:
        def kept(values: dict[str, Any] | None) -> None:
            if values is not None:
                self._take_up(values["trials"])

        self.app.push_screen(
            Form("How many trials in all", [TRIALS], {"trials": self.sweep.view.asked}), kept
        )

    def _tell(self, problem: Exception) -> None:
        self.notify(printable(str(problem)), severity="error", timeout=10, markup=False)

    def action_close(self) -> None:
        self.dismiss(None)

    def action_help(self) -> None:
        self.app.push_screen(Help("sweep"))
