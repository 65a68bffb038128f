"""`python -m tuinn.runner`: run the trials of a sweep, or the queue, until all have ended."""

import argparse
import signal
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from tuinn.programs import SignalInbox

if TYPE_CHECKING:
    from tuinn.runner.place import Place
    from tuinn.runner.sweep_runner import SweepRunner
    from tuinn.sweeps.folder import QueueFolder, SweepFolder

DONE, FAILED = 0, 1


def main() -> int:
    """Parse the arguments and do it. Returns the exit code. A terminal that goes away does not end the runner."""
    args = arguments().parse_args()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signals = SignalInbox()
    signals.catch()
    # Slow to import, so that a signal would kill the runner before it is caught.
    from tuinn.sweeps.folder import QueueFolder, SweepFolder

    if args.kind == "queue":
        return run_queue(QueueFolder(args.folder), signals)
    return run_sweep(SweepFolder(args.folder), args.commands_from, signals)


def run_sweep(folder: "SweepFolder", offset: int, signals: SignalInbox | None = None) -> int:
    """Run a sweep; where another runner has it already, return at once."""
    from tuinn.errors import FolderError
    from tuinn.runner.sweep_runner import SweepRunner

    with folder.hold_lock() as mine:
        if not mine:
            return DONE
        try:
            runner = SweepRunner(folder, offset, signals=signals)
        except FolderError as problem:
            return log(str(problem))
        try:
            runner.place = place_of(folder)
            runner.run()
        except Exception as error:
            traceback.print_exc()
            known = isinstance(error, FolderError | OSError)
            why = str(error) if known else f"The runner failed: {error!r}. Its log: {folder.log_file}"
            return end(runner, why)
        finally:
            runner.place.close()
    return DONE


def place_of(folder: "SweepFolder | QueueFolder") -> "Place":
    """Where the runs of this sweep, or of the queue, are trained. Raises FolderError where a cluster can't be reached."""
    from tuinn.runner.place import HERE
    from tuinn.sweeps.cluster import read_choice

    choice = read_choice(folder.path)
    if choice is None:
        return HERE
    from tuinn.runner.cluster.connection import Cluster

    return Cluster(choice)


def end(runner: "SweepRunner", why: str) -> int:
    """Say why it is over; where the journal can't be written, the log has to do, and the sweep counts as lost."""
    from tuinn.sweeps.events import SweepEnded

    try:
        runner.record(SweepEnded(outcome="failed", message=why))
    except OSError as error:
        return log(f"{runner.folder.events_file} cannot be written ({error.strerror}). {why}")
    return FAILED


def run_queue(folder: "QueueFolder", signals: SignalInbox | None = None) -> int:
    """Run the queue until nothing is left in it. Whoever adds an entry checks whether a runner lives, hence the second look."""
    from tuinn.errors import FolderError
    from tuinn.runner.queue_runner import QueueRunner
    from tuinn.sweeps.events import QueueLeft

    news = True
    while news:
        with folder.hold_lock() as mine:
            if not mine:
                return DONE
            runner = QueueRunner(folder, signals=signals)
            try:
                runner.place = place_of(folder)
                runner.run()
            except FolderError as problem:
                runner.record(QueueLeft(message=str(problem)))
                return FAILED
            finally:
                runner.place.close()
        news = runner.has_news()
    return DONE


def log(message: str) -> int:
    """Write to stderr, which is conductor.log."""
    sys.stderr.write(message + "\n")
    return FAILED


def arguments() -> argparse.ArgumentParser:
    """The command line, for `--help`."""
    parser = argparse.ArgumentParser("python -m tuinn.runner", description=__doc__)
    parser.add_argument("kind", choices=("sweep", "queue"))
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--commands-from", type=int, default=0, metavar="OFFSET", help="heed commands after this many bytes"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
