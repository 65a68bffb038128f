"""Start a runner, for a sweep or for the queue: detached, by name, never by import. It outlives the terminal."""

import subprocess

from tuinn.errors import FolderError, SpecError
from tuinn.programs import own_program
from tuinn.runs.config import read_config
from tuinn.runs.launch import open_log, start_detached
from tuinn.sweeps.cluster import choose, write_choice
from tuinn.sweeps.commands import GoOn, SetParallel, SetTrials
from tuinn.sweeps.folder import QueueFolder, SweepFolder
from tuinn.sweeps.follower import SweepFollower, SweepState, read_queue
from tuinn.sweeps.queue import Queue
from tuinn.sweeps.spec import SweepSpec

RUNNER = own_program("tuinn.runner")


def launch_runner(folder: SweepFolder | QueueFolder, commands_from: int = 0) -> subprocess.Popen[bytes]:
    """Start a runner for this sweep, or for the queue, in a session of its own. Raises FolderError.

    `commands_from`: bytes of a sweep's command file that it ignores. Where a runner is at work already, the new one
    ends at once.
    """
    kind = "queue" if isinstance(folder, QueueFolder) else "sweep"
    words = (kind, str(folder.path), "--commands-from", str(commands_from))
    with open_log(folder.log_file) as log:
        return start_detached((*RUNNER, *words), subprocess.DEVNULL, log)


def start_sweep(sweep: SweepSpec, cluster: str | None = None) -> SweepFolder:
    """Create a sweep's folder and start its runner. Raises FolderError, and SpecError for what is no cluster.

    `cluster`: where its trials are trained, as in `choose`; None: as the configuration says.
    """
    choice = choose(cluster, read_config().cluster)
    folder = SweepFolder.create(sweep)
    write_choice(folder.path, choice)
    launch_runner(folder)
    return folder


def resume_sweep(
    sweep: SweepFollower, trials: int | None = None, parallel: int | None = None, cluster: str | None = None
) -> None:
    """Resume a sweep: ask its runner, or launch one where it has none. Raises FolderError, SpecError.

    `cluster`: where its trials are trained from now on, as in `choose`; None: where they were.
    """
    folder, view = sweep.folder, sweep.view
    commands = [SetTrials(trials=trials)] if trials else []
    more = [SetParallel(parallel=parallel)] if parallel else []
    if trials and view.sweep.sampler == "grid":
        raise SpecError("a grid tries each of its points once: it can't have another number.", "--trials")
    # One that is starting and that nobody works at may have lost its runner already; a second one ends at once.
    if sweep.is_active and (folder.is_alive() or sweep.state is not SweepState.STARTING):
        if cluster is not None:
            raise FolderError(
                f"{folder.name} is in progress where it is. Stop it first: tuinn sweep stop {folder.name}"
            )
        if sweep.state is not SweepState.PAUSED and not commands and not more:
            raise FolderError(f"{folder.name} is already in progress. See it: tuinn sweep show {folder.name}")
        folder.ask(*commands, *more, GoOn())
        return
    if view.sweep.points is not None and view.done >= view.sweep.points:
        raise FolderError(f"{folder.name} has tried all {view.done} combinations of its values.")
    if view.done >= (trials or view.asked):
        hint = f" Ask for more: --trials {2 * view.asked}"
        raise FolderError(f"{folder.name} has tried all its {view.asked} trials.{hint}")
    if cluster is not None:
        write_choice(folder.path, choose(cluster, read_config().cluster))
    offset = folder.commands_size()
    folder.ask(*commands, *more, GoOn())
    launch_runner(folder, offset)


def ensure_runner(folder: QueueFolder, cluster: str | None = None) -> Queue:
    """Start a runner where the queue needs one; call it after a command. Return the queue. Raises FolderError, SpecError.

    `cluster`: where it trains, as in `choose`; None: as the configuration says, else where it did. A runner that is at
    work stays where it is.
    """
    config = read_config().cluster
    choice = choose(cluster, config)
    queue = read_queue(folder)
    alive = folder.is_alive()
    if alive and cluster is not None:
        raise FolderError("The queue is in progress where it is. Stop it first: tuinn queue stop")
    if not alive and (cluster is not None or config.address):
        write_choice(folder.path, choice)
    if not queue.paused and not alive and (queue.waiting or queue.training):
        launch_runner(folder)
    return queue
