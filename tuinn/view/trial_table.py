"""The table of a sweep's trials: which columns have room, and what stands in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from tuinn.spec.naming import field_label
from tuinn.sweeps.ranges import shown
from tuinn.sweeps.view import SweepView, Trial, TrialState, epochs_of
from tuinn.text import format_duration, format_metric, printable

SIGNS = {
    TrialState.TRAINING: "●",
    TrialState.FINISHED: "✓",
    TrialState.PRUNED: "–",
    TrialState.STOPPED: "■",
    TrialState.FAILED: "✗",
    TrialState.SKIPPED: "·",
    TrialState.HALTED: "◌",
}

NARROWEST = 7
"""Cells of a field's column at least."""


@dataclass(frozen=True)
class TrialColumn:
    """A column of the table."""

    name: str
    """`number`, `state`, `value`, `epochs`, `time`, `run`, or a field's path."""
    head: str
    width: int
    right: bool = True


def columns(view: SweepView, width: int) -> list[TrialColumn]:
    """Those that have room in so many cells: the fields come before epochs and time, as many of them as fit."""
    epochs = f"{view.sweep.base.fit.epochs}"
    number = TrialColumn("number", "#", max(len(str(max(view.asked, len(view.trials)))), 2))
    fixed = [
        number,
        TrialColumn("state", "state", 10, right=False),
        TrialColumn("value", view.sweep.metric, max(len(view.sweep.metric), 8)),
    ]
    late = [
        TrialColumn("epochs", "epochs", max(2 * len(epochs) + 1, 6)),
        TrialColumn("time", "time", 8),
        TrialColumn(
            "run", "run", max((len(trial.run) for trial in view.trials), default=0) or 30, right=False
        ),
    ]
    fields = [
        TrialColumn(one.path, field_label(view.sweep.base, one.path), _width(view, one.path))
        for one in view.sweep.ranges
    ]
    chosen = list(fixed)
    for column in (*fields, *late):
        if sum(one.width + 2 for one in chosen) + column.width <= width:
            chosen.append(column)
    return chosen


def _width(view: SweepView, path: str) -> int:
    values = [len(printable(shown(trial.values[path]))) for trial in view.trials if path in trial.values]
    return min(max(NARROWEST, len(field_label(view.sweep.base, path)), *values, 0), 20)


def head(cells: Sequence[TrialColumn]) -> list[str]:
    """The names of the columns, each as wide as its column."""
    return [_fit(column.head, column) for column in cells]


def row(view: SweepView, trial: Trial, cells: Sequence[TrialColumn]) -> list[str]:
    """One trial, a text per column. Its sign stands before its state: never a colour alone."""
    return [_fit(_cell(view, trial, column.name), column) for column in cells]


def _cell(view: SweepView, trial: Trial, name: str) -> str:
    match name:
        case "number":
            return str(trial.number)
        case "state":
            return f"{SIGNS[trial.state]} {trial.state.value}"
        case "value":
            return format_metric(trial.value) if trial.value is not None else ""
        case "epochs":
            return epochs_of(trial, view.sweep.base.fit.epochs)
        case "run":
            return printable(trial.run)
        case "time":
            return format_duration(trial.seconds) if trial.seconds else ""
        case path:
            return printable(shown(trial.values[path])) if path in trial.values else ""


def _fit(text: str, column: TrialColumn) -> str:
    cut = text if len(text) <= column.width else text[: column.width - 1] + "…"
    return cut.rjust(column.width) if column.right else cut.ljust(column.width)


def best_first(view: SweepView) -> list[Trial]:
    """Trials that count by their value, the best first; then the others by their number."""
    sign = -1 if view.sweep.rises else 1

    def rank(trial: Trial) -> tuple[bool, bool, float, int]:
        return (not trial.counts, trial.value is None, sign * (trial.value or 0.0), trial.number)

    return sorted(view.trials, key=rank)
