"""The columns of the table of runs: what stands in each, and by what it is sorted. Pure."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tuinn.runs.events import Metrics
from tuinn.runs.listing import ListedRun
from tuinn.runs.summary import watched_metric
from tuinn.spec.training.metrics import higher_is_better
from tuinn.text import format_bytes, format_duration, format_metric, format_short_count
from tuinn.view.bars import curve

Sizes = dict[str, int]
"""Bytes on disk by a run's name; what isn't known yet is missing."""


@dataclass(frozen=True)
class RunColumn:
    """A column: what stands in it, and by what it is sorted. None sorts last, whichever way."""

    name: str
    """As it stands in the head, and as `--sort` takes it."""
    width: int
    """Cells; what is longer is cut."""
    text: Callable[[ListedRun, Sizes], str]
    key: Callable[[ListedRun, Sizes], Any]
    falls: bool = False
    """Sorted with the largest first."""
    right: bool = False
    head: str = ""
    """What stands in the head instead of the name."""


def shown_state(run: ListedRun) -> str:
    """The state in a word for a person: a pause is told apart, and who answers questions has ended all the same."""
    if run.is_queued:
        return "queued"
    if run.is_active and run.summary.paused:
        return "paused"
    return run.summary.outcome or run.state_word


def _best(run: ListedRun) -> str:
    if run.summary.score is None:
        return ""
    name, value = run.summary.score
    return f"{format_metric(value)} {name.removeprefix('val_')}"


def _when(run: ListedRun) -> str:
    if not run.made:
        return ""
    made = time.localtime(run.made)
    this_year = made.tm_year == time.localtime().tm_year
    return time.strftime("%d %b %H:%M" if this_year else "%Y-%m-%d", made)


def _number(metrics: Metrics, name: str) -> str:
    """A metric in six characters or so; `nan` where it was not finite, nothing where there is none."""
    value = metrics.get(name)
    return format_metric(value) if value is not None else "nan" if name in metrics else ""


def _last(run: ListedRun) -> str:
    return _number(run.summary.latest, watched_metric(run.summary.latest))


def _tested(run: ListedRun) -> str:
    return _number(run.summary.tested, watched_metric(run.summary.latest).removeprefix("val_"))


def best_number(run: ListedRun) -> str:
    """The best value of the metric that the run is judged by, without its name."""
    return _number(dict([run.summary.score]), run.summary.score[0]) if run.summary.score else ""


def _judged(run: ListedRun, value: float | None) -> tuple[str, float] | None:
    """By metric, and within one the better first."""
    name = run.summary.score[0] if run.summary.score else ""
    if value is None:
        return None
    return name.removeprefix("val_"), -value if higher_is_better(name) else value


def _job_number(run: ListedRun) -> int | None:
    return int(run.job.number) if run.job and run.job.number.isdigit() else None


def node_text(run: ListedRun) -> str:
    """Where the run's job runs, or why it waits."""
    status = run.job_status
    return (status.node or status.reason) if status else ""


def _left(run: ListedRun) -> float | None:
    return run.job_status.left if run.job_status else None


def left_text(run: ListedRun) -> str:
    """Until the limit of time of the run's job."""
    left = _left(run)
    return "" if left is None else format_duration(left)


JOB_COLUMNS = ("job", "node", "left")
"""Which have something to say of runs that Slurm trains."""

COLUMNS: tuple[RunColumn, ...] = (
    RunColumn("state", 8, lambda run, _: shown_state(run), lambda run, _: shown_state(run)),
    RunColumn("run", 30, lambda run, _: run.title, lambda run, _: run.title.lower()),
    RunColumn("dataset", 12, lambda run, _: run.known.dataset, lambda run, _: run.known.dataset or None),
    RunColumn("network", 20, lambda run, _: run.known.network, lambda run, _: run.known.network or None),
    RunColumn(
        "best",
        15,
        lambda run, _: _best(run),
        lambda run, _: _judged(run, run.summary.score[1] if run.summary.score else None),
    ),
    RunColumn(
        "curve", 8, lambda run, _: curve(run.summary.curve, 8), lambda run, _: run.summary.done or None
    ),
    RunColumn(
        "last",
        7,
        lambda run, _: _last(run),
        lambda run, _: _judged(run, run.summary.last_score),
        right=True,
    ),
    RunColumn(
        "test",
        7,
        lambda run, _: _tested(run),
        lambda run, _: _judged(run, run.summary.test_score),
        right=True,
    ),
    RunColumn(
        "epochs",
        9,
        lambda run, _: f"{run.summary.done}/{run.epochs}" if run.epochs else "",
        lambda run, _: run.summary.done,
        falls=True,
        right=True,
    ),
    RunColumn(
        "time",
        9,
        lambda run, _: format_duration(run.summary.clock.seconds) if run.summary.clock.seconds else "",
        lambda run, _: run.summary.clock.seconds or None,
        falls=True,
        right=True,
    ),
    RunColumn("when", 12, lambda run, _: _when(run), lambda run, _: run.made, falls=True),
    RunColumn(
        "size",
        8,
        lambda run, sizes: format_bytes(sizes[run.name]) if run.name in sizes else "",
        lambda run, sizes: sizes.get(run.name),
        falls=True,
        right=True,
    ),
    RunColumn(
        "params",
        7,
        lambda run, _: format_short_count(run.summary.parameters) if run.summary.parameters else "",
        lambda run, _: run.summary.parameters or None,
        falls=True,
        right=True,
    ),
    RunColumn(
        "job", 9, lambda run, _: run.job.number if run.job else "", lambda run, _: _job_number(run), True
    ),
    RunColumn("node", 12, lambda run, _: node_text(run), lambda run, _: node_text(run) or None),
    RunColumn("left", 9, lambda run, _: left_text(run), lambda run, _: _left(run), right=True),
    RunColumn("device", 12, lambda run, _: run.summary.device, lambda run, _: run.summary.device or None),
    RunColumn(
        "tags",
        16,
        lambda run, _: " ".join(f"#{tag}" for tag in run.annotations.tags),
        lambda run, _: run.annotations.tags or None,
    ),
    RunColumn(
        "note", 30, lambda run, _: run.annotations.note, lambda run, _: run.annotations.note.lower() or None
    ),
)

HELP = {
    "state": "running, finished, stopped, failed, lost",
    "run": "title",
    "dataset": "what it learns from",
    "network": "its layers that have a size",
    "best": "the metric it is judged by, in its best epoch",
    "curve": "that metric over the epochs, from its own lowest to its highest value",
    "last": "that metric in the last epoch",
    "test": "that metric on the test set",
    "epochs": "done, and asked for",
    "time": "trained, without pauses",
    "when": "it was made",
    "size": "of its folder on disk",
    "params": "weights of the network",
    "job": "of Slurm, that trains it",
    "node": "where that job runs, or why it waits",
    "left": "until that job's limit of time",
    "device": "it was trained on",
    "tags": "of yours",
    "note": "of yours",
}
"""What stands in each column, for the list that columns are chosen from."""

BY_NAME = {column.name: column for column in COLUMNS}

BARE_BEST = replace(BY_NAME["best"], width=8, text=lambda run, _: best_number(run), right=True)
"""Where all runs are judged by the same metric, which then is named once."""
