"""The runs on this machine, live ones first, as lines to choose from."""

from rich.text import Text

from tuinn.runs.folder import FolderProblem, RunFolder, all_runs
from tuinn.runs.state import RunState
from tuinn.ui.follower import Follower
from tuinn.ui.screens.dialogue import Choose
from tuinn.ui.widgets.status import SIGNS
from tuinn.view.words import metric, printable

MOST = 50
WIDTH = 72
"""Cells of a line in a dialogue."""


def run_list(live_only: bool = False, heading: str = "Runs") -> Choose | None:
    """A dialogue that answers a run's name; None when there is nothing to choose. Raises FolderProblem."""
    runs = [run for folder in all_runs()[:MOST] if (run := _read(folder, live_only)) is not None]
    if not runs:
        return None
    runs.sort(key=lambda run: not run.is_on)
    words = "It went on without you. Attach to it?" if live_only else ""
    if live_only:
        heading = "A run goes on" if len(runs) == 1 else "Runs go on"
    return Choose(heading, [(run.folder.name, _line(run)) for run in runs], words)


def _read(folder: RunFolder, live_only: bool) -> Follower | None:
    if live_only and not folder.is_alive() and folder.age() > 60:
        return None
    try:
        run = Follower(folder)
    except FolderProblem:
        return None  # half-written, or from a newer version: `tuinn runs` names it
    run.catch_up()
    return run if run.is_on or not live_only else None


def _line(run: Follower) -> Text:
    view = run.view
    sign, _ = SIGNS[run.state]
    state = view.ended.outcome if view.ended else run.state.value
    if view.ended:
        sign, _ = SIGNS[RunState(view.ended.outcome)]
    text = Text.assemble(f"{sign} {state:<9}", (f"{printable(run.folder.name):<40}", "bold"), no_wrap=True)
    text.append(f"{f'{view.epoch}/{view.epochs}':>9} ", style="dim")
    latest = view.evaluated.metrics if view.evaluated else view.latest
    name = next((name for name in latest if name != "loss"), "loss")
    if name in latest:
        text.append(f" {name} {metric(latest[name])}")
    text.truncate(WIDTH, overflow="ellipsis")
    return text
