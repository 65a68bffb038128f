"""Runs that went on without a screen, as lines to choose from."""

from rich.text import Text

from tuinn.runs.folder import all_runs
from tuinn.runs.listing import ListedRun, Listing
from tuinn.runs.state import STARTING_SECONDS
from tuinn.text import format_metric
from tuinn.ui.dialogs.dialog import Choose
from tuinn.ui.runs.run_table import sign_of
from tuinn.view.run_follower import RunFollower
from tuinn.view.run_table import shown_state, title_cell

WIDTH = 72
"""Cells of a line in a dialogue."""


def live_runs_dialog() -> Choose | None:
    """A dialogue that answers a run's name; None when none is on. Only journals of live runs are read.

    Raises FolderError.
    """
    listing = Listing()
    near = [folder for folder in all_runs() if folder.is_alive() or folder.age() < STARTING_SECONDS]
    runs = [run for run in (listing.look(folder)[0] for folder in near) if run.is_active]
    if not runs:
        return None
    heading = "A run goes on" if len(runs) == 1 else "Runs go on"
    lines = [(run.name, _line(run)) for run in runs]
    return Choose(heading, lines, "It went on without you. Attach to it?")


def _line(run: ListedRun) -> Text:
    sign, _ = sign_of(run)
    text = Text.assemble(f"{sign} {shown_state(run):<9}", (title_cell(run.title, 34), "bold"), no_wrap=True)
    text.append(f"{f'{run.summary.done}/{run.epochs}':>9} ", style="dim")
    if run.summary.score:
        name, value = run.summary.score
        text.append(f" {name.removeprefix('val_')} {format_metric(value)}")
    text.truncate(WIDTH, overflow="ellipsis")
    return text


def quit_dialog(run: RunFollower) -> Choose:
    """Answers `keep`, `stop` or `stay`."""
    view = run.view
    where = f"in epoch {view.epoch} of {view.epochs}" if view.epoch else view.phase.value
    words = f"{run.folder.name}: {where}."
    return Choose(
        "Leave while a run is on?",
        [
            ("keep", Text("Leave, keep it running; the next tuinn offers to attach")),
            ("stop", Text("Leave, stop it and save what there is")),
            ("stay", Text("Stay")),
        ],
        words,
    )
