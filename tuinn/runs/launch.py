"""Start a worker: detached, by name, never by import. And the standby, a worker that has loaded TensorFlow already."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from tuinn.errors import FolderError
from tuinn.programs import own_program
from tuinn.runs.commands import Quit
from tuinn.runs.folder import RunFolder

WORKER = own_program("tuinn.worker")

RUN_IN_USE = 3
"""Exit code of a worker that finds another one at work in its run folder."""

GPU_FILES = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/kfd", "/dev/dxg")
"""Where the drivers of NVIDIA, AMD and WSL show themselves on Linux."""


def has_gpu_driver() -> bool:
    """True where the device file of a GPU's driver exists. Wakes no driver and takes no memory."""
    return any(Path(file).exists() for file in GPU_FILES)


def launch(folder: RunFolder, *words: str, inherits: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """Start a worker for this run, in a session of its own: it outlives its parent and the terminal.

    `words` are its arguments after the folder; see `python -m tuinn.worker --help`. `inherits`: file descriptors
    that it holds open as long as it lives. Raises FolderError.
    """
    with open_log(folder.log_file) as log:
        return start_detached((*WORKER, "run", str(folder.path), *words), subprocess.DEVNULL, log, inherits)


def resume_run(
    folder: RunFolder,
    epochs: int | None = None,
    standby: "Standby | None" = None,
    inherits: Sequence[int] = (),
    from_best: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a worker that resumes a run that ended or was lost, from its last checkpoint.

    `epochs`: how many it shall have; None: as many as were asked for. `from_best`: from its best epoch instead. A worker that still answers questions about
    the run is asked to leave; the new one waits for that. `inherits` is as for `launch`. Raises FolderError.
    """
    words = ["--resume"] if epochs is None else ["--resume", "--epochs", str(epochs)]
    words += ["--from-best"] if from_best else []
    if folder.is_alive():
        folder.ask(Quit())
    words += ["--commands-from", str(folder.commands_size())]
    return standby.take(folder, *words) if standby else launch(folder, *words, inherits=inherits)


def open_log(path: Path) -> IO[bytes]:
    """Open a log for a process's output. Raises FolderError."""
    try:
        return path.open("ab")
    except OSError as error:
        raise FolderError(f"{path} cannot be written ({error.strerror}).") from None


def start_detached(
    command: tuple[str, ...], stdin: int, log: IO[bytes] | int, inherits: Sequence[int] = ()
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, so that it outlives its parent and the terminal.

    `inherits`: file descriptors that it holds open as long as it lives.
    """
    return subprocess.Popen(
        command,
        stdin=stdin,
        stdout=log,
        stderr=log,
        start_new_session=True,
        pass_fds=inherits,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


class Standby:
    """A worker that imports TensorFlow and then waits for a run. It ends when its parent does."""

    def __init__(self) -> None:
        self.process = start_detached((*WORKER, "standby"), subprocess.PIPE, subprocess.DEVNULL)

    def take(self, folder: RunFolder, *words: str) -> subprocess.Popen[bytes]:
        """Give it the run. Once; where it has died meanwhile, a fresh worker takes its place.

        `words` are as for `launch`.
        """
        pipe = self.process.stdin
        if pipe is None or pipe.closed or self.process.poll() is not None:
            return launch(folder, *words)
        try:
            pipe.write(b"\0".join(os.fsencode(word) for word in (str(folder.path), *words)) + b"\n")
            pipe.close()
        except OSError:
            return launch(folder, *words)
        return self.process

    def dismiss(self) -> None:
        """It is not needed: end of file on its pipe tells it so."""
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()
