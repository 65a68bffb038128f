"""`tuinn train`: a run from a spec, in the foreground."""

from pathlib import Path

import click

from tuinn.cli.common.exit_codes import FINISHED, WRONG
from tuinn.cli.common.fetching import fetch_if_wanted
from tuinn.cli.common.follow import Show, Style, follow
from tuinn.cli.common.options import JSON_OR_PLAIN, RUN_OR_NEWEST, SETTINGS, SPEC
from tuinn.cli.common.spec_file import errors_in, explain, read_spec
from tuinn.cli.control import look
from tuinn.cli.submit import Turn
from tuinn.errors import FolderError
from tuinn.runs.commands import AddEpochs, Resume
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import launch, launch_from_checkpoint, resume_run, with_batch_size
from tuinn.runs.state import RunState
from tuinn.spec.presets.catalog import default_draft
from tuinn.spec.run import RunSpec
from tuinn.view.run_view import RunView


@click.command()
@SPEC
@SETTINGS
@JSON_OR_PLAIN
@click.option("--fetch", "fetching", is_flag=True, help="Fetch the dataset first where it isn't here.")
def train(file: Path, settings: tuple[str, ...], style: Style | None, fetching: bool) -> None:
    """Train the network of a spec and follow it.

    Ctrl+C stops, measures and saves; a second Ctrl+C doesn't wait for that. The run continues
    without the terminal: `tuinn attach` opens it.
    """
    spec = read_spec(file, settings)
    fetch_if_wanted(spec.dataset, fetching)
    code = WRONG
    if problems := errors_in(spec):
        explain(problems, str(file))
    else:
        code = train_here(spec, style)
    raise click.exceptions.Exit(code)


def train_default() -> int:
    """What `tuinn` does where there is no terminal. Returns the exit code."""
    click.echo("There is no terminal to open the workbench in, so this trains the default network.")
    return train_here(default_draft(), "plain")


def train_here(spec: RunSpec, style: Style | None) -> int:
    """Create the run, launch its worker and follow it. Returns the exit code. Raises FolderError."""
    from tuinn.cli.common.event_printer import event_printer_for

    folder = RunFolder.create(spec)
    return follow(folder, event_printer_for(folder, style), start=lambda: launch(folder))


@click.command()
@RUN_OR_NEWEST
@click.option("--epochs", type=click.IntRange(1), help="How many epochs the run has in all.")
@click.option("--from-best", is_flag=True, help="From the best epoch, not from the last checkpoint.")
@click.option(
    "--batch-size",
    type=click.IntRange(1),
    help="Go on in a new run with batches of this size, from the last checkpoint: a smaller one takes less memory.",
)
@click.option(
    "--requeue",
    is_flag=True,
    help="In a Slurm job: when its signal before the limit of time has stopped the run, have the job run again.",
)
@JSON_OR_PLAIN
def resume(
    folder: RunFolder,
    epochs: int | None,
    from_best: bool,
    batch_size: int | None,
    requeue: bool,
    style: Style | None,
) -> None:
    """Resume a run, and follow it. Without RUN, the newest.

    A paused run continues at once; one that was stopped, failed or was lost resumes from its last
    checkpoint, in the same folder and the same journal. The exit codes are those of train.
    """
    from tuinn.cli.common.event_printer import event_printer_for

    offset = _size(folder)
    view, state = look(folder)
    # One that is starting and has no worker may have lost it already. Of two workers, only one gets the run.
    active = state.is_active and (folder.is_alive() or state is not RunState.STARTING)
    if batch_size and not active:
        if epochs or from_best:
            raise click.UsageError("--batch-size goes with neither --epochs nor --from-best.")
        made = with_batch_size(folder, batch_size)
        code = follow(made, event_printer_for(made, style), start=lambda: launch_from_checkpoint(made))
        raise click.exceptions.Exit(code)
    if requeue and not active and _has_finished(view, epochs):
        click.echo(f"{folder.name} has trained all its {view.epochs} epochs.")
        raise click.exceptions.Exit(FINISHED)
    _check_resumable(folder, view, state, epochs, active, from_best)
    show: Show = event_printer_for(folder, style, view)
    if active:
        folder.ask(*([AddEpochs(epochs=epochs - view.epochs)] if epochs else []), Resume())
        raise click.exceptions.Exit(follow(folder, show, offset=offset))
    turn = Turn(folder, show)
    code = follow(folder, turn, start=lambda: resume_run(folder, epochs, from_best=from_best), offset=offset)
    raise click.exceptions.Exit(turn.end(code) if requeue else code)


def _has_finished(view: RunView, epochs: int | None) -> bool:
    """Whether the run has trained all its epochs, or as many as are asked for now."""
    done = view.finished[-1].epoch if view.finished else 0
    return view.ended is not None and view.ended.outcome == "finished" and done >= (epochs or view.epochs)


def _check_resumable(
    folder: RunFolder, view: RunView, state: RunState, epochs: int | None, active: bool, from_best: bool
) -> None:
    """Raises FolderError where there is nothing to resume. `active`: a worker trains it."""
    if state is RunState.STALLED:
        raise FolderError(f"{folder.name} is still in progress. {folder.silence()}")
    if active and not view.paused:
        raise FolderError(f"{folder.name} is training already. Follow it: tuinn attach {folder.name}")
    if active and from_best:
        raise FolderError(f"{folder.name} is paused. --from-best is for a run that ended: stop it first.")
    if not from_best and _has_finished(view, epochs):
        done = view.finished[-1].epoch
        raise FolderError(
            f"{folder.name} has trained all its {done} epochs. "
            f"Ask for more: tuinn resume {folder.name} --epochs {2 * done}"
        )


def _size(folder: RunFolder) -> int:
    """Bytes of the journal: what follows them is news."""
    try:
        return folder.events_file.stat().st_size
    except OSError:
        return 0
