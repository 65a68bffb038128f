"""A sweep as lines of text."""

from collections.abc import Sequence
from dataclasses import dataclass

from tuinn.cli.common.options import table
from tuinn.spec.naming import field_label
from tuinn.sweeps.folder import SweepFolder
from tuinn.sweeps.follower import SweepFollower
from tuinn.sweeps.ranges import shown
from tuinn.sweeps.view import SweepView, Trial, epochs_of, progress, tally, values_line
from tuinn.text import format_duration, format_metric, printable


@dataclass(frozen=True)
class DamagedSweep:
    """A sweep folder that can't be read."""

    folder: SweepFolder
    problem: str


def list_text(sweeps: Sequence[SweepFollower | DamagedSweep]) -> str:
    """An aligned table, a sweep a line."""
    head = ("sweep", "state", "dataset", "trials", "best", "")
    return table([head, *map(_list_row, sweeps)], right={3})


def _list_row(sweep: SweepFollower | DamagedSweep) -> tuple[str, ...]:
    name = printable(sweep.folder.name)
    if isinstance(sweep, DamagedSweep):
        return name, "damaged", "", "", "", printable(sweep.problem)
    view, best = sweep.view, sweep.view.best
    value = f"{view.sweep.metric} {format_metric(best.value)}" if best else ""
    last = values_line(view.sweep.base, best.values) if best else view.ended.message if view.ended else ""
    dataset = printable(view.sweep.base.dataset.label)
    return name, sweep.state.value, dataset, f"{view.done}/{view.asked}", value, printable(last)


def as_text(sweep: SweepFollower, trials: bool = True) -> str:
    """How it is, its best trial, what mattered, and a line per trial."""
    view = sweep.view
    parts = [sweep.folder.name, sweep.state.value, progress(view), tally(view)]
    if sweep.is_active and view.seconds_left is not None:
        parts.append(f"{format_duration(view.seconds_left)} left")
    lines = ["  ".join(part for part in parts if part)]
    if view.ended and view.ended.message:
        lines.append(printable(view.ended.message))
    lines += [printable(f"{note.level}: {note.message}") for note in view.notes[-3:]]
    if best := view.best:
        lines.append(
            f"best      trial {best.number}  {view.sweep.metric} {format_metric(best.value)} in epoch {best.best_epoch}  "
            + printable(values_line(view.sweep.base, best.values))
        )
        lines.append(f"          tuinn attach {printable(best.run)}")
    if view.importance:
        shares = "  ".join(
            f"{field_label(view.sweep.base, path)} {share:.0%}"
            for path, share in view.importance.importance.items()
        )
        lines.append(
            f"mattered  {printable(shares)}  ({view.importance.method} over {view.importance.trials} trials)"
        )
    if trials and view.trials:
        lines += ["", trials_table(view)]
    return "\n".join(lines)


def trials_table(view: SweepView) -> str:
    """A line per trial, in the order of their numbers; ★ is the best."""
    paths = [one.path for one in view.sweep.ranges]
    names = [field_label(view.sweep.base, path) for path in paths]
    head = ["", "trial", "state", view.sweep.metric, "epochs", *names, "time", "run"]
    rows = [_cells(view, trial, paths) for trial in view.trials]
    return table([head, *rows], right={1, 3, 4, *range(5, 5 + len(paths))})


def _cells(view: SweepView, trial: Trial, paths: Sequence[str]) -> list[str]:
    return [
        "★" if trial is view.best else "",
        str(trial.number),
        trial.state.value,
        format_metric(trial.value) if trial.value is not None else "",
        epochs_of(trial, view.sweep.base.fit.epochs),
        *(printable(shown(trial.values[path])) if path in trial.values else "" for path in paths),
        format_duration(trial.seconds) if trial.seconds else "",
        printable(trial.run or trial.message),
    ]


def trial_line(view: SweepView, trial: Trial) -> str:
    """One trial that is over."""
    value = (
        f"{view.sweep.metric} {format_metric(trial.value)}"
        if trial.value is not None
        else printable(trial.message)
    )
    best = "  ★" if trial is view.best else ""
    words = f"trial {trial.number}/{view.asked}  {trial.state.value}  {value}"
    return f"{words}  {printable(values_line(view.sweep.base, trial.values))}{best}"
