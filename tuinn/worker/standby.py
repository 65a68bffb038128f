"""A worker that has TensorFlow loaded before it knows its run. It ends when its parent does."""

import os

from tuinn.runs.folder import RunFolder


def await_run() -> list[str] | None:
    """Load TensorFlow, then read one line from stdin: a run folder and what to do there, with NULs between.

    None at end of file: the parent is gone.
    """
    from tuinn.worker import warmup

    warmup.warm_up()
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(0, 4096)
        if not piece:
            return None
        line += piece
    return os.fsdecode(line[:-1]).split("\0")


def detach(folder: RunFolder) -> None:
    """From now on stdin is empty, and what anybody prints goes to the run's log. Without a log it is lost."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    try:
        out = os.open(folder.log_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    except OSError:
        out = nowhere
    os.dup2(out, 1)
    os.dup2(out, 2)
