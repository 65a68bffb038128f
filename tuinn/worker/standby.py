"""A worker that has loaded TensorFlow before it knows its run. It ends when its parent does."""

import os

from tuinn.runs.folder import RunFolder


def wait_for_run() -> list[str] | None:
    """Load TensorFlow, then read one line from stdin: the arguments of `run`, a run folder first, with NULs between.

    None at end of file: the parent is gone.
    """
    from tuinn.worker import warmup

    warmup.warm_up()
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(0, 4096)
        if not part:
            return None
        line += part
    return os.fsdecode(line[:-1]).split("\0")


def detach(folder: RunFolder) -> None:
    """Make stdin empty and send stdout and stderr to the run's log. Without a log, output is lost."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    try:
        out = os.open(folder.log_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, 0o600)
    except OSError:
        out = null
    os.dup2(out, 1)
    os.dup2(out, 2)
