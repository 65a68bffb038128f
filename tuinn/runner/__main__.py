"""`python -m tuinn.runner`: conduct a sweep, or the queue, until it is through."""

import argparse
import signal
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from tuinn.errors import FolderError
from tuinn.sweeps.events import SweepEnded
from tuinn.sweeps.folder import QueueFolder, SweepFolder

if TYPE_CHECKING:
    from tuinn.runner.sweep_runner import SweepRunner

DONE, FAILED = 0, 1


def main() -> int:
    """Parse the arguments and do it. Returns the exit code. A terminal that goes away is nothing to a conductor."""
    told = arguments().parse_args()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if told.kind == "queue":
        return conduct_queue(QueueFolder(told.folder))
    return conduct_sweep(SweepFolder(told.folder), told.commands_from)


def conduct_sweep(folder: SweepFolder, offset: int) -> int:
    """Where another conductor has this sweep, that one goes on with it."""
    from tuinn.runner.sweep_runner import SweepRunner

    with folder.hold_lock() as mine:
        if not mine:
            return DONE
        try:
            sweeping = SweepRunner(folder, offset)
        except FolderError as problem:
            return log(str(problem))
        try:
            sweeping.conduct()
        except Exception as error:
            traceback.print_exc()
            known = isinstance(error, FolderError | OSError)
            why = str(error) if known else f"The conductor broke: {error!r}. Its log: {folder.log_file}"
            return end(sweeping, why)
    return DONE


def end(sweeping: "SweepRunner", why: str) -> int:
    """Say why it is over; where the journal can't be written, the log has to do, and the sweep counts as lost."""
    try:
        sweeping.say(SweepEnded(outcome="failed", message=why))
    except OSError as error:
        return log(f"{sweeping.folder.events_file} cannot be written ({error.strerror}). {why}")
    return FAILED


def conduct_queue(folder: QueueFolder) -> int:
    """Until nothing is queued. Whoever adds looks whether we live after having asked, hence the second look."""
    from tuinn.runner.queue_runner import QueueRunner

    news = True
    while news:
        with folder.hold_lock() as mine:
            if not mine:
                return DONE
            queueing = QueueRunner(folder)
            queueing.conduct()
        news = queueing.has_news()
    return DONE


def log(message: str) -> int:
    """Tell stderr, which is conductor.log."""
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
