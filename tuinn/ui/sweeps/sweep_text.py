"""What the sweep screen says, as text: status, best trial, a trial's line, importance of fields, parallel coordinates."""

from collections.abc import Mapping
from dataclasses import dataclass

from rich.text import Text

from tuinn.spec.naming import field_label
from tuinn.sweeps.follower import SweepFollower, SweepState
from tuinn.sweeps.view import Trial, TrialState, progress, tally, values_line
from tuinn.text import format_duration, format_metric, plural, printable
from tuinn.view.bars import bar
from tuinn.view.parallel_coordinates import ROLES, chart
from tuinn.view.trial_table import TrialColumn
from tuinn.view.trial_table import row as trial_cells

STATE_SIGNS = {
    SweepState.STARTING: ("◌", "accent"),
    SweepState.RUNNING: ("●", "accent"),
    SweepState.PAUSED: ("◌", "warning"),
    SweepState.FINISHED: ("✓", "success"),
    SweepState.STOPPED: ("■", "warning"),
    SweepState.FAILED: ("✗", "error"),
    SweepState.LOST: ("✗", "error"),
}
"""A sign for each state of a sweep, and the theme's variable for its colour."""

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


@dataclass(frozen=True)
class SweepText:
    """Drawn from a sweep as it is now."""

    sweep: SweepFollower
    colours: Mapping[str, str]
    """The theme's variables."""
    ascii_only: bool

    def status(self, width: int) -> Text:
        """The first line: how far the sweep is, and its state."""
        view, state = self.sweep.view, self.sweep.state
        sign, hue = STATE_SIGNS[state]
        words = state.value
        if state is SweepState.PAUSED and view.training:
            words = "pausing"
        right = Text(f"{sign} {words}", style=self.colours[hue])
        if self.sweep.is_active and view.seconds_left is not None:
            right.append(f" · {format_duration(view.seconds_left)} left", style="dim")
        left = Text.assemble(("tuinn ", f"bold {self.colours['accent']}"), no_wrap=True)
        left.append(f" {progress(view)}", style="bold")
        name = f"{view.sweep.base.dataset.label} {self.sweep.folder.name.rpartition('-')[2]}"
        parts = [tally(view), printable(name), f"{view.parallel} at a time" if view.parallel > 1 else ""]
        left.append("".join(f" · {part}" for part in parts if part), style="dim")
        left.truncate(max(width - right.cell_len - 1, 1), overflow="ellipsis")
        return Text.assemble(left, " " * max(width - left.cell_len - right.cell_len, 1), right)

    def best(self) -> Text:
        """The best trial, its value and its fields."""
        view = self.sweep.view
        best = view.best
        if best is None:
            if view.ended is not None and view.ended.message:
                return Text(printable(view.ended.message), style=self.colours["error"])
            return Text("No trial has finished yet.", style="dim")
        text = Text.assemble(("★ ", self.colours["accent"]), (f"trial {best.number}", "bold"))
        text.append(f"  {view.sweep.metric} {format_metric(best.value)}", style="bold")
        text.append(f" in epoch {best.best_epoch}  ", style="dim")
        return text.append(printable(values_line(view.sweep.base, best.values)))

    def row(self, trial: Trial, cells: list[TrialColumn]) -> Text:
        """The line of a trial in the table."""
        colours = self.colours
        text = Text.assemble(
            ("★ " if trial is self.sweep.view.best else "  ", colours["accent"]), no_wrap=True
        )
        given_up = trial.state in (TrialState.PRUNED, TrialState.SKIPPED, TrialState.HALTED)
        for column, cell in zip(cells, trial_cells(self.sweep.view, trial, cells), strict=True):
            hue = HUES.get(trial.state) if column.name == "state" else None
            style = colours[hue] if hue else "dim" if given_up else "bold" if column.name == "value" else ""
            text.append(cell + "  ", style=style)
        return text

    def detail(self, trial: Trial | None) -> Text:
        """What became of the trial under the cursor."""
        if trial is None:
            words = "TensorFlow starts; the first trial follows." if self.sweep.is_active else ""
            return Text(words, style="dim")
        words = trial.message or f"run {trial.run}"
        return Text(printable(f"trial {trial.number}: {words}"), style="dim")

    def importance_title(self) -> str:
        found = self.sweep.view.importance
        return f"What mattered · {found.method}" if found else "What mattered"

    def importance(self, width: int) -> Text:
        """A bar for each field: how much of the differences between trials it explains."""
        view = self.sweep.view
        if len(view.sweep.ranges) < 2:
            return Text("One field: nothing to compare.", style="dim")
        if view.importance is None:
            return Text("Computed once four\ntrials have finished.", style="dim")
        colours, lines = self.colours, []
        shares = {field_label(view.sweep.base, path): s for path, s in view.importance.importance.items()}
        name = min(max(map(len, shares)), max(width - 12, 4))
        for word, share in shares.items():
            line = Text((word if len(word) <= name else word[: name - 1] + "…").ljust(name) + " ")
            line.append(bar(share, max(width - name - 6, 1), self.ascii_only), style=colours["curve-train"])
            lines.append(line.append(f" {share:>4.0%}", style="bold"))
        lines.append(Text(f"over {plural(view.importance.trials, 'trial')}", style="dim"))
        return Text("\n").join(lines)

    def parallel(self, width: int, height: int, chosen: int) -> Text:
        """The trials as lines across their fields; that with the number `chosen` stands out."""
        rows = chart(self.sweep.view, width, height, chosen, self.ascii_only)
        if not rows:
            some = any(trial.value is not None for trial in self.sweep.view.trials)
            words = "No room for so many axes." if some else "Lines appear with the first epochs."
            return Text(words if some or self.sweep.is_active else "", style="dim")
        colours = {role: self.colours[ROLE_HUES[role]] for role in ROLES}
        return Text("\n").join(
            Text.assemble(*((piece, colours[role]) for piece, role in line)) for line in rows
        )
