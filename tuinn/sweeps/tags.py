"""A trial is an ordinary run; its title and its tag say which."""

from tuinn.runs.about import TAG, TITLE, change_about
from tuinn.runs.folder import RunFolder
from tuinn.sweeps.spec import Values
from tuinn.sweeps.words import values_line


def tag_of(sweep: str) -> str:
    """The tag of all runs of this sweep: `sweep-31d8`, by the end of its folder's name."""
    return f"sweep-{sweep.rpartition('-')[2] or sweep}".replace(",", "")[:TAG]


def tag_trial(run: RunFolder, sweep: str, number: int, values: Values) -> None:
    """Raises FolderProblem where the run's folder can't be written."""
    title = f"{tag_of(sweep).removeprefix('sweep-')} trial {number}: {values_line(values)}"
    change_about(run, title=title if len(title) <= TITLE else title[: TITLE - 1] + "…", tags=(tag_of(sweep),))
