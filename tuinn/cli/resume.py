"""`tuinn resume`: go on with a run that is paused, was stopped, failed, or was lost."""

import click

from tuinn.cli.follow import Style, follow
from tuinn.cli.options import JSON_OR_PLAIN, RUN_OR_NEWEST
from tuinn.cli.steer import look
from tuinn.runs.commands import AddEpochs, Resume
from tuinn.runs.desk import FolderProblem
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import take_up
from tuinn.runs.state import RunState


@click.command()
@RUN_OR_NEWEST
@click.option("--epochs", type=click.IntRange(1), help="How many the run shall have in all.")
@JSON_OR_PLAIN
def resume(folder: RunFolder, epochs: int | None, style: Style | None) -> None:
    """Go on with a run, and follow it. Without RUN, the newest.

    One that is paused goes on at once; one that was stopped, failed or was lost is taken up from its last
    checkpoint, in the same folder and the same journal. The exit codes are those of train.
    """
    from tuinn.cli.show import shower

    offset = _size(folder)
    view, state = look(folder)
    on = state in (RunState.STARTING, RunState.RUNNING, RunState.STALLED)
    if on and not view.paused:
        raise FolderProblem(f"{folder.name} is training already. Follow it: tuinn attach {folder.name}")
    done = view.finished[-1].epoch if view.finished else 0
    if view.ended and view.ended.outcome == "finished" and done >= (epochs or view.epochs):
        raise FolderProblem(
            f"{folder.name} has trained all its {done} epochs. "
            f"Ask for more: tuinn resume {folder.name} --epochs {2 * done}"
        )
    show = shower(folder, style, view)
    if on:
        folder.ask(*([AddEpochs(epochs=epochs - view.epochs)] if epochs else []), Resume())
        code = follow(folder, show, offset=offset)
    else:
        code = follow(folder, show, start=lambda: take_up(folder, epochs), offset=offset)
    raise click.exceptions.Exit(code)


def _size(folder: RunFolder) -> int:
    """Bytes of the journal: what follows them is news."""
    try:
        return folder.events_file.stat().st_size
    except OSError:
        return 0
