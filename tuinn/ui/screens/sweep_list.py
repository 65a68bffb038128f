"""The sweeps on this machine as lines to choose from, live ones first."""

from rich.text import Text

from tuinn.runs.desk import FolderProblem
from tuinn.sweeps.folder import SweepFolder, all_sweeps
from tuinn.sweeps.follower import SweepFollower
from tuinn.sweeps.words import progress
from tuinn.ui.screens.dialogue import Choose
from tuinn.ui.screens.sweep_screen import STATE_SIGNS
from tuinn.view.words import metric, printable

MOST = 50
WIDTH = 72
"""Cells of a line in a dialogue."""

NEW, RUNS = "new", "runs"
"""Answers that are no sweep's name."""


def sweep_list(live_only: bool = False) -> Choose | None:
    """A dialogue that answers a sweep's name, NEW, or with `live_only` RUNS; None where there are no sweeps.

    Raises FolderProblem.
    """
    sweeps = [one for folder in all_sweeps()[:MOST] if (one := _read(folder, live_only)) is not None]
    if not sweeps:
        return None
    sweeps.sort(key=lambda sweep: not sweep.is_on)
    lines = [(sweep.folder.name, _line(sweep)) for sweep in sweeps]
    if live_only:
        heading = "A sweep goes on" if len(sweeps) == 1 else "Sweeps go on"
        return Choose(
            heading,
            [*lines, (RUNS, Text("Its runs, and others that are on"))],
            "It went on without you. Look at it?",
        )
    return Choose("Sweeps", [(NEW, Text("A new sweep over fields of this draft …")), *lines])


def _read(folder: SweepFolder, live_only: bool) -> SweepFollower | None:
    if live_only and not folder.is_alive():
        return None
    try:
        return SweepFollower(folder, brief=True)
    except (FolderProblem, OSError):
        return None  # damaged, or from a newer version: `tuinn sweep list` names it


def _line(sweep: SweepFollower) -> Text:
    view = sweep.view
    sign, _ = STATE_SIGNS[sweep.state]
    text = Text.assemble(f"{sign} {sweep.state.value:<9}", no_wrap=True)
    text.append(f"{printable(sweep.folder.name):<32.32}", style="bold")
    text.append(f" {progress(view)}", style="dim")
    if view.best is not None:
        text.append(f"  {view.sweep.metric} {metric(view.best.value)}")
    text.truncate(WIDTH, overflow="ellipsis")
    return text
