"""`tuinn runs`: every run on this machine and how it is."""

import time
from dataclasses import asdict, dataclass, field

import click
import msgspec

from tuinn.cli.options import JSON
from tuinn.cli.table import table
from tuinn.runs.events import BatchEnded, Metrics
from tuinn.runs.folder import FolderProblem, RunFolder, all_runs
from tuinn.runs.state import state_of
from tuinn.view.run_view import RunView
from tuinn.view.words import metrics_line, printable


@dataclass(frozen=True)
class Row:
    """One run of the list."""

    name: str
    state: str
    """A RunState, or `damaged`."""
    when: str
    """When its folder was made: ISO 8601, local time."""
    path: str
    dataset: str = ""
    epochs_done: int = 0
    epochs_asked: int = 0
    metrics: Metrics = field(default_factory=dict)
    """On the test set, else of the last epoch."""
    problem: str = ""
    """What is wrong with a folder that is damaged."""


@click.command()
@JSON
def runs(as_json: bool) -> None:
    """List all runs, newest first."""
    rows = [read(folder) for folder in all_runs()]
    if as_json:
        click.echo(msgspec.json.encode([asdict(row) for row in rows]))
    elif rows:
        click.echo(as_text(rows))
    else:
        click.echo("There are no runs yet. `tuinn train SPEC.toml` makes one.")


def read(folder: RunFolder) -> Row:
    """How this run is. Never raises: a folder that can't be read says so in its row."""
    when = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(time.time() - min(folder.age(), time.time())))
    try:
        spec = folder.spec()
        view = fold(folder)
    except (FolderProblem, OSError) as problem:
        return Row(folder.name, "damaged", when, str(folder.path), problem=str(problem))
    started = view.run != ""
    return Row(
        name=folder.name,
        state=state_of(view.ended, started, folder.is_alive(), folder.age(), folder.is_overdue()),
        when=when,
        path=str(folder.path),
        dataset=spec.dataset.label,
        epochs_done=view.finished[-1].epoch if view.finished else 0,
        epochs_asked=view.epochs or spec.fit.epochs,
        metrics=view.evaluated.metrics if view.evaluated else view.latest,
    )


def fold(folder: RunFolder) -> RunView:
    """The run's view without its curves. Raises OSError."""
    view, reader, before = RunView(), folder.events(), -1
    while before != reader.offset:
        before = reader.offset
        for event in reader.read_bulk():
            if not isinstance(event, BatchEnded):
                view.apply(event)
    return view


def as_text(rows: list[Row]) -> str:
    """An aligned table, a run a line."""
    head = ("run", "state", "dataset", "epochs", "when", "")
    lines = [
        (
            printable(row.name),
            row.state,
            printable(row.dataset),
            f"{row.epochs_done}/{row.epochs_asked}" if row.epochs_asked else "",
            row.when.replace("T", " "),
            printable(row.problem) or metrics_line(row.metrics),
        )
        for row in rows
    ]
    return table([head, *lines], right={3})
