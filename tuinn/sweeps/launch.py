"""Start a conductor: detached, by name, never by import. As it is with workers, it outlives the terminal."""

import os
import subprocess
import sys

from tuinn.errors import FolderError, SpecError
from tuinn.sweeps.commands import GoOn, SetParallel, SetTrials
from tuinn.sweeps.folder import QueueFolder, SweepFolder
from tuinn.sweeps.follower import SweepFollower, SweepState, read_queue
from tuinn.sweeps.queue import Queue
from tuinn.sweeps.spec import SweepSpec

CONDUCTOR = (sys.executable, "-m", "tuinn.runner")


def conduct(desk: SweepFolder | QueueFolder, commands_from: int = 0) -> subprocess.Popen[bytes]:
    """A conductor for this sweep, or for the queue, in a session of its own. Raises FolderError.

    `commands_from`: bytes of a sweep's command file that are none of its business. Where a conductor is at work
    already, the new one leaves without a word.
    """
    kind = "queue" if isinstance(desk, QueueFolder) else "sweep"
    words = (kind, str(desk.path), "--commands-from", str(commands_from))
    try:
        log = desk.log_file.open("ab")
    except OSError as error:
        raise FolderError(f"{desk.log_file} cannot be written ({error.strerror}).") from None
    with log:
        return subprocess.Popen(
            (*CONDUCTOR, *words),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )


def start_sweep(sweep: SweepSpec) -> SweepFolder:
    """A new sweep and its conductor. Raises FolderError."""
    folder = SweepFolder.create(sweep)
    conduct(folder)
    return folder


def take_up(sweep: SweepFollower, trials: int | None = None, parallel: int | None = None) -> None:
    """Go on with a sweep: tell its conductor, or launch one where it has none. Raises FolderError, SpecError."""
    folder, view = sweep.folder, sweep.view
    wishes = [SetTrials(trials=trials)] if trials else []
    more = [SetParallel(parallel=parallel)] if parallel else []
    if trials and view.sweep.sampler == "grid":
        raise SpecError("a grid tries each of its points once: it can't have another number.", "--trials")
    if sweep.is_on:
        if sweep.state is not SweepState.PAUSED and not wishes and not more:
            raise FolderError(f"{folder.name} is going on already. See it: tuinn sweep show {folder.name}")
        folder.ask(*wishes, *more, GoOn())
        return
    if view.done >= (trials or view.asked):
        hint = "" if view.sweep.sampler == "grid" else f" Ask for more: --trials {2 * view.asked}"
        raise FolderError(f"{folder.name} has tried all its {view.asked} trials.{hint}")
    try:
        offset = folder.commands_file.stat().st_size
    except OSError:
        offset = 0
    folder.ask(*wishes, *more, GoOn())
    conduct(folder, offset)


def wake(folder: QueueFolder) -> Queue:
    """See that somebody conducts the queue, where it isn't held. Call it after having asked. Raises FolderError."""
    now = look(folder)
    if not now.held and not folder.is_alive() and (now.waiting or now.training):
        conduct(folder)
    return now


def look(folder: QueueFolder) -> Queue:
    """The queue as it is now. Raises FolderError."""
    try:
        return read_queue(folder)
    except OSError as error:
        raise FolderError(f"{folder.path} cannot be read ({error.strerror}).") from None
