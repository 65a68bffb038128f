"""Start a worker: detached, by name, never by import. And the standby, a worker that has loaded TensorFlow already."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from tuinn.atomic_io import open_to_store
from tuinn.errors import FolderError, TuinnError
from tuinn.programs import own_program
from tuinn.runs.commands import Quit
from tuinn.runs.folder import RunFolder
from tuinn.runs.machine.lifetime import lifetime
from tuinn.runs.provenance import COMMAND, command_line
from tuinn.runs.worker_record import read_record
from tuinn.spec.device import listed

WORKER = own_program("tuinn.worker")

RUN_IN_USE = 3
"""Exit code of a worker that finds another one at work in its run folder."""

SAVING_SECONDS = 10.0
"""That a worker gets to save and leave."""


def launch(
    folder: RunFolder,
    *words: str,
    inherits: Sequence[int] = (),
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a worker for this run, in a session of its own: it outlives its parent and the terminal.

    `words` are its arguments after the folder; see `python -m tuinn.worker --help`. `inherits`: file descriptors
    that it holds open as long as it lives. `environment`: variables that it gets besides ours. Raises FolderError.
    """
    check_here(folder)
    with open_log(folder.log_file) as log:
        command = (*WORKER, "run", str(folder.path), *words)
        return start_detached(command, subprocess.DEVNULL, log, inherits, environment)


def check_here(folder: RunFolder) -> None:
    """Raise FolderError where the run is on another machine: its network and its checkpoints are there."""
    if (line := folder.line()) is not None:
        raise FolderError(
            f"{folder.name} is on {line.host}. Do that there: ssh {line.host}, then tuinn attach {folder.name}"
        )


def resume_run(
    folder: RunFolder,
    epochs: int | None = None,
    standby: "Standby | None" = None,
    inherits: Sequence[int] = (),
    from_best: bool = False,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a worker that resumes a run that ended or was lost, from its last checkpoint.

    `epochs`: how many it shall have; None: as many as were asked for. `from_best`: from its best epoch instead. A worker that still answers questions about
    the run is asked to leave; the new one waits for that. `inherits` and `environment` are as for `launch`. Raises FolderError.
    """
    check_here(folder)
    words = ["--resume"] if epochs is None else ["--resume", "--epochs", str(epochs)]
    words += ["--from-best"] if from_best else []
    if folder.is_alive():
        folder.ask(Quit())
        if (record := read_record(folder.path)) is not None and record.unsaved:
            _await_saving(folder)
    words += ["--commands-from", str(folder.commands_size())]
    if standby:
        return standby.take(folder, *words)
    return launch(folder, *words, inherits=inherits, environment=environment)


def with_batch_size(folder: RunFolder, size: int) -> RunFolder:
    """Make a run of the same spec with batches of another size, which begins with the last checkpoint of this one.

    Launch its worker with `launch_from_checkpoint`. Raises FolderError.
    """
    check_here(folder)
    spec = folder.spec()
    made = RunFolder.create(spec.with_fit(batch_size=size))
    for file in (folder.last_checkpoint, folder.best_checkpoint, folder.adapted_file):
        if not file.is_file():
            continue
        copy = made.path / file.relative_to(folder.path)
        try:
            copy.parent.mkdir(mode=0o700, exist_ok=True)
            shutil.copyfile(file, copy)
        except OSError as error:
            raise FolderError(f"{file} cannot be copied to {copy} ({error.strerror}).") from None
    return made


def launch_from_checkpoint(folder: RunFolder, standby: "Standby | None" = None) -> subprocess.Popen[bytes]:
    """Start a worker for a new run that `with_batch_size` has made. Raises FolderError."""
    words = ("--resume", "--commands-from", "0")
    return standby.take(folder, *words) if standby else launch(folder, *words)


def _await_saving(folder: RunFolder) -> None:
    """The worker that is to leave holds a network for which the disk had no room. Raises FolderError."""
    with folder.hold_lock(SAVING_SECONDS) as saved:
        if not saved:
            raise FolderError(
                f"{folder.name} still can't be saved: its disk is full. Its worker keeps the network; "
                "free some space, and it is saved at once."
            )


def open_log(path: Path) -> IO[bytes]:
    """Open a log for a process's output. Raises FolderError."""
    try:
        return open_to_store(path, append=True)
    except OSError as error:
        raise FolderError(f"{path} cannot be written ({error.strerror}).") from None


def start_detached(
    command: tuple[str, ...],
    stdin: int,
    log: IO[bytes] | int,
    inherits: Sequence[int] = (),
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, so that it outlives its parent and the terminal.

    Where logind would end it at the logout, it is started under the user's service manager; it has the same process
    number either way. `inherits`: file descriptors that it holds open as long as it lives; `environment`: variables
    that it gets besides ours.
    """

    def start(words: tuple[str, ...]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            words,
            stdin=stdin,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=inherits,
            env={**os.environ, "PYTHONUNBUFFERED": "1", COMMAND: command_line(), **(environment or {})},
        )

    scope = lifetime().scope
    if not scope:
        return start(command)
    try:
        return start((*scope, "--", *command))
    except OSError:  # the program was there when it was tried
        return start(command)


def divides_processor(folder: RunFolder) -> bool:
    """Whether the run's device is several parts of the processor, which a process that has computed can't divide any more."""
    try:
        kind, numbers = listed(folder.spec().fit.device)
    except TuinnError:
        return False  # the worker says what is wrong with the spec
    return kind == "cpu" and bool(numbers)


class Standby:
    """A worker that imports TensorFlow and then waits for a run. It ends when its parent does."""

    def __init__(self) -> None:
        self.process = start_detached((*WORKER, "standby"), subprocess.PIPE, subprocess.DEVNULL)

    def take(self, folder: RunFolder, *words: str) -> subprocess.Popen[bytes]:
        """Give it the run. Once; where it has died meanwhile, a fresh worker takes its place.

        `words` are as for `launch`.
        """
        pipe = self.process.stdin
        if divides_processor(folder):
            self.dismiss()
            return launch(folder, *words)
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
