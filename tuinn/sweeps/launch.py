"""Start a conductor: detached, by name, never by import. As it is with workers, it outlives the terminal."""

import os
import subprocess
import sys

from tuinn.runs.folder import FolderProblem
from tuinn.sweeps.folder import Desk, QueueFolder

CONDUCTOR = (sys.executable, "-m", "tuinn.conductor")


def conduct(desk: Desk, commands_from: int = 0) -> subprocess.Popen[bytes]:
    """A conductor for this sweep, or for the queue, in a session of its own. Raises FolderProblem.

    `commands_from`: bytes of a sweep's command file that are none of its business. Where a conductor is at work
    already, the new one leaves without a word.
    """
    kind = "queue" if isinstance(desk, QueueFolder) else "sweep"
    words = (kind, str(desk.path), "--commands-from", str(commands_from))
    try:
        log = desk.log_file.open("ab")
    except OSError as error:
        raise FolderProblem(f"{desk.log_file} cannot be written ({error.strerror}).") from None
    with log:
        return subprocess.Popen(
            (*CONDUCTOR, *words),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
