"""`python -m tuinn.worker`: train one run, answer questions about one, wait for one, do a job, or try a card."""

import argparse
import atexit
import faulthandler
import os
import signal
import sys
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# Off by default on CPUs without AVX512-VNNI; up to twice as fast for convolutions, no slower for the rest.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
# Number the cards by their slots, as nvidia-smi does.
os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
os.environ["KERAS_BACKEND"] = "tensorflow"

from tuinn.atomic_io import temporary_folder
from tuinn.programs import SignalInbox

SIGNALS = SignalInbox()


def catch_signals() -> None:
    """Those that stop a run are kept for it; a terminal that goes away does not end it; a crash is named in the log."""
    faulthandler.enable()
    SIGNALS.catch()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


TEMPORARY = "tuinn-worker-"
"""What the name of a worker's folder for temporary files begins with."""


def keep_temporary_files_together() -> None:
    """In a folder that is removed at the end, or by the next worker: TensorFlow leaves files behind when it is killed."""
    stack = ExitStack()
    # Registered before TensorFlow registers the removal of its files, and so done after it.
    atexit.register(stack.close)
    with suppress(OSError):
        folder = stack.enter_context(temporary_folder(Path(tempfile.gettempdir()), TEMPORARY))
        tempfile.tempdir = str(folder)


def main() -> int:
    """Parse the arguments and do what they ask. Returns the exit code."""
    keep_temporary_files_together()
    options = arguments().parse_args()
    if options.verb == "job":
        from tuinn.worker.jobs import program

        return program.main()
    if options.verb == "epochs":
        from tuinn.worker.jobs import epochs

        return epochs.main()
    if options.verb == "card-steps":
        from tuinn.worker import card_steps

        return card_steps.main(options.card)
    if options.verb == "run":
        catch_signals()
    # Slow to import, so that a signal at the start of a job would kill the worker before it is caught.
    from tuinn.runs.folder import RunFolder
    from tuinn.worker import session, standby

    if options.verb == "standby":
        words = standby.wait_for_run()
        if words is None:
            return session.DONE
        options = arguments().parse_args(["run", *words])
        standby.detach(RunFolder(options.folder))
        catch_signals()
    task = session.Task(
        options.serve, options.resume, options.epochs, options.from_best, options.commands_from
    )
    return session.run(options.folder, task, SIGNALS)


def arguments() -> argparse.ArgumentParser:
    """The parser of the command line."""
    parser = argparse.ArgumentParser("python -m tuinn.worker", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run", help="train the run in this folder, then answer questions about it")
    run.add_argument("folder", type=Path, help="a run folder with a spec.toml")
    run.add_argument(
        "--serve", action="store_true", help="don't train: answer questions about a run that ended"
    )
    run.add_argument(
        "--resume", action="store_true", help="resume a run that ended or was lost, from its last checkpoint"
    )
    run.add_argument(
        "--from-best", action="store_true", help="with --resume: from the checkpoint of the best epoch"
    )
    run.add_argument("--epochs", type=int, help="with --resume: how many epochs the run shall have")
    run.add_argument(
        "--commands-from", type=int, metavar="OFFSET", help="read commands after this many bytes"
    )
    verbs.add_parser("job", help="do with a saved network what the JSON on stdin says, and answer on stdout")
    verbs.add_parser("epochs", help="train the epochs of a benchmark that stdin asks for")
    steps = verbs.add_parser("card-steps", help="compute a little on a card, to see whether it works")
    steps.add_argument("card", help="its number as TensorFlow counts, or cpu")
    verbs.add_parser("standby", help="load TensorFlow, then train the run whose folder comes on stdin")
    return parser


if __name__ == "__main__":
    sys.exit(main())
