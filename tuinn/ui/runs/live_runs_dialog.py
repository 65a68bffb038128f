"""Dialogs about runs in progress: attach to one at the start, keep or stop one when quitting."""

from rich.text import Text

from tuinn.errors import FolderError
from tuinn.runs.folder import RunFolder, all_runs
from tuinn.runs.listing import ListedRun, Listing, titles_of
from tuinn.runs.machine.batch_job import is_waiting
from tuinn.runs.state import STARTING_SECONDS
from tuinn.text import format_metric, printable
from tuinn.ui.dialogs.dialog import Choose
from tuinn.ui.runs.run_table import sign_of
from tuinn.view.run_columns import shown_state
from tuinn.view.run_follower import RunFollower
from tuinn.view.run_table import title_cell

WIDTH = 72
"""Cells of a line in a dialog."""


def live_runs_dialog() -> Choose | None:
    """A dialog that answers a run's name; None when no run is active. Only journals of active runs are read.

    Raises FolderError.
    """
    listing = Listing()
    near = [folder for folder in all_runs() if folder.is_alive() or _is_starting(folder)]
    runs = [run for run in (listing.look(folder)[0] for folder in near) if run.is_active]
    if not runs:
        return None
    heading = "A run is in progress" if len(runs) == 1 else "Runs are in progress"
    titles = titles_of([run.folder for run in runs])
    lines = [(run.name, _line(run, title)) for run, title in zip(runs, titles, strict=True)]
    return Choose(heading, lines, "It kept running without a screen. Attach to it?")


def _is_starting(folder: RunFolder) -> bool:
    """Whether a worker may be about to begin; a batch job that waits is nothing to attach to."""
    return folder.age() < STARTING_SECONDS and not is_waiting(folder.path)


def _line(run: ListedRun, title: str) -> Text:
    sign, _ = sign_of(run)
    text = Text.assemble(f"{sign} {shown_state(run):<9}", (title_cell(title, 34), "bold"), no_wrap=True)
    text.append(f"{f'{run.summary.done}/{run.epochs}':>9} ", style="dim")
    if run.summary.score:
        name, value = run.summary.score
        text.append(f" {name.removeprefix('val_')} {format_metric(value)}")
    text.truncate(WIDTH, overflow="ellipsis")
    return text


def quit_dialog(run: RunFollower) -> Choose:
    """Answers `keep`, `stop` or `stay`."""
    try:
        (title,) = titles_of([run.folder])
    except FolderError:  # the folder went away meanwhile
        title = run.folder.name
    # How far it is, the first line of the screen tells; here it would stand still.
    words = printable(title)
    return Choose(
        "Quit while a run is in progress?",
        [
            ("keep", Text("Quit and keep it running; the next tuinn offers to attach")),
            ("stop", Text("Quit, stop it and save what there is; it can be resumed")),
            ("stay", Text("Stay")),
        ],
        words,
    )
