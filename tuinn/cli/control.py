"""`tuinn attach` opens the workbench on a run, or follows it; `stop`, `pause` and `set` tell a training what to do.

The latter return at once; the run's journal says what came of it.
"""

import click

from tuinn.cli.common.follow import follow, lost_words
from tuinn.cli.common.options import RUN
from tuinn.cli.common.terminal import has_terminal, open_workbench
from tuinn.errors import FolderError, SpecError
from tuinn.runs.commands import AddEpochs, AnyCommand, Pause, SetPatience, SetRate, Stop, StopAfterEpoch
from tuinn.runs.folder import RunFolder, find_run
from tuinn.runs.machine import slurm
from tuinn.runs.machine.batch_job import mark_over, read_job
from tuinn.runs.remote.address import address_of
from tuinn.runs.state import RunState, state_of
from tuinn.view.run_view import RunView


@click.command()
@click.argument("word", metavar="[RUN]", required=False)
def attach(word: str | None) -> None:
    """Open the workbench on a run. Without RUN, the newest.

    user@box:RUN is one on another machine: the screen is here, the run stays there; user@box: is the newest there.
    """
    if (address := address_of(word or "")) is None:
        raise click.exceptions.Exit(look_at(find_run(word)))
    from tuinn.runs.remote.mirror import Mirror

    mirror = Mirror(address)
    folder = mirror.open()
    try:
        code = look_at(folder)
    finally:
        if not mirror.close():
            click.echo(
                f"tuinn: The line to {address.host} is broken: what you asked last has not arrived there.",
                err=True,
            )
    raise click.exceptions.Exit(code)


def look_at(folder: RunFolder) -> int:
    """Open the workbench on it; without a terminal, print what happens until it has ended. Returns the exit code."""
    if has_terminal():
        return open_workbench(run=folder)
    from tuinn.cli.common.event_printer import event_printer_for

    folder.spec()
    return follow(folder, event_printer_for(folder, "plain"))


@click.command()
@RUN
@click.option("--after-epoch", is_flag=True, help="Finish the current epoch first.")
@click.option("--best", is_flag=True, help="Keep the weights of the best epoch, not the last ones.")
def stop(folder: RunFolder, after_epoch: bool, best: bool) -> None:
    """Stop a run.

    It is evaluated and saved; `tuinn resume` resumes it. The Slurm job of a run that waits for its turn is cancelled.
    """
    if after_epoch and best:
        raise click.UsageError("--after-epoch and --best don't go together.")
    if cancel_job(folder):
        return
    check_training(folder)
    folder.ask(StopAfterEpoch() if after_epoch else Stop(best=best))
    click.echo(f"{folder.name} stops{' after this epoch' if after_epoch else ''}.")


def cancel_job(folder: RunFolder) -> bool:
    """Cancel the Slurm job of a run that waits for its turn. False where there is nothing to cancel. Raises FolderError."""
    job = read_job(folder.path)
    if job is None or job.is_over or folder.is_alive():
        return False
    waiting = (slurm.ask_queue() or {}).get(job.number)
    if waiting is None or not waiting.is_waiting:
        return False
    if problem := slurm.cancel(job.number):
        raise FolderError(f"Slurm job {job.number} of {folder.name} can't be cancelled: {problem}")
    mark_over(folder.path, job)
    click.echo(
        f"{folder.name}: its Slurm job {job.number} is cancelled. Train it here: tuinn resume {folder.name}"
    )
    return True


@click.command()
@RUN
def pause(folder: RunFolder) -> None:
    """Pause a run after the current batch. `tuinn resume` resumes it."""
    check_training(folder)
    folder.ask(Pause())
    click.echo(f"{folder.name} pauses. Resume it: tuinn resume {folder.name}")


@click.command("set")
@RUN
@click.argument("settings", metavar="FIELD=VALUE...", nargs=-1, required=True)
def set_(folder: RunFolder, settings: tuple[str, ...]) -> None:
    """Change the learning rate, epochs or patience of a run in progress.

    learning_rate=0.0003, epochs=20, patience=5, early_stopping_patience=5: the names are those of [fit].
    Where no rate falls on a plateau, patience is early stopping's; 0 switches that off.
    """
    wanted = [command_of(setting) for setting in settings]
    view = check_training(folder)
    asked: list[AnyCommand] = [
        AddEpochs(epochs=one - view.epochs) if isinstance(one, int) else one for one in wanted
    ]
    folder.ask(*asked)
    click.echo(f"{folder.name}: {', '.join(settings)}")


def command_of(setting: str) -> SetRate | SetPatience | int:
    """Return the command for one setting; for epochs the number in all. Raises SpecError."""
    name, _, value = setting.partition("=")
    try:
        if name == "learning_rate" and 0 < float(value) < float("inf"):
            return SetRate(learning_rate=float(value))
        if name == "epochs" and int(value) > 0:
            return int(value)
        if name in ("patience", "early_stopping_patience") and int(value) >= 0:
            return SetPatience(patience=int(value), setting=name)  # type: ignore[arg-type]
    except ValueError:
        pass
    raise SpecError(
        f"{setting!r} can't be changed while a run trains. Use learning_rate=NUMBER above 0, epochs=NUMBER from 1, "
        "or patience=NUMBER from 0."
    )


def check_training(folder: RunFolder) -> RunView:
    """The run's view, without its curves. Raises FolderError where nobody trains it, or its worker can't answer."""
    view, state = look(folder)
    if state is RunState.LOST:
        raise FolderError(lost_words(folder))
    if state is RunState.STALLED:
        raise FolderError(f"{folder.name} can't do that now. {folder.silence()}")
    if not state.is_active:
        ended = view.ended.outcome if view.ended else state
        raise FolderError(
            f"{folder.name} isn't training: it is {ended}. Resume it: tuinn resume {folder.name}"
        )
    return view


def look(folder: RunFolder) -> tuple[RunView, RunState]:
    """How this run is. Raises FolderError."""
    folder.spec()
    try:
        view = fold(folder)
    except OSError as error:
        raise FolderError(f"{folder.events_file} cannot be read ({error.strerror}).") from None
    return view, state_of(view.ended, view.run != "", folder.is_alive(), folder.age(), folder.is_overdue())


def fold(folder: RunFolder) -> RunView:
    """The run's view without its curves of batches. Raises OSError."""
    view, reader = RunView(), folder.events()
    while events := reader.read_without_reports():
        for event in events:
            view.apply(event)
    return view
