"""The copy of a run's folder here: how it grows, and what of it is sent to a machine."""

import os
from pathlib import Path

from tuinn.atomic_io import open_to_store
from tuinn.runner.cluster import files
from tuinn.runner.cluster.line import Line
from tuinn.runs.folder import RunFolder

TRANSFER_SECONDS = 60.0
"""That a part of a file gets on its way, beside what every call gets."""

CHECKPOINTED = b'{"kind":"Checkpointed"'


def files_to_send(run: RunFolder, begun: bool, offset: int) -> list[Path]:
    """Return what a machine needs of this folder to go on with the run. `offset`: bytes of its journal."""
    kept = (run.facts_file, run.adapted_file, run.last_checkpoint, run.best_checkpoint) if begun else ()
    # The journal last: where it is whole, all is there.
    return [file for file in (*kept, *([run.events_file] if offset else [])) if file.is_file()]


async def send_file(cluster: Line, address: str, file: Path, name: str) -> None:
    """Send a file to its place below the TUINN_HOME of a machine, a part at a time. Raises OSError, FolderError, Unreachable."""
    offset = 0
    with file.open("rb") as opened:
        size = os.fstat(opened.fileno()).st_size
        while True:
            data = opened.read(files.CHUNK)
            last = offset + len(data) >= size or not data
            await cluster.call(address, files.put, name, offset, data, last, seconds=TRANSFER_SECONDS)
            offset += len(data)
            if last:
                return


def append(file: Path, data: bytes) -> None:
    """Add to the end of a file. Raises OSError."""
    with open_to_store(file, append=True) as opened:
        opened.write(data)


def whole_lines(file: Path) -> int:
    """Cut a line off that a runner had not written whole, and return the bytes that stay. Raises OSError."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return 0
    size = data.rfind(b"\n") + 1
    if size < len(data):
        os.truncate(file, size)
    return size


def forget_checkpoints(run: RunFolder) -> None:
    """Blank the lines of the journal that tell of checkpoints which are gone with their machine. Raises OSError.

    Else a worker would look for them; nobody who has read them before is led astray by blanks.
    """
    if run.last_checkpoint.is_file() or not run.events_file.is_file():
        return
    lines = run.events_file.read_bytes().splitlines(keepends=True)
    blanked = [b" " * (len(line) - 1) + b"\n" if line.startswith(CHECKPOINTED) else line for line in lines]
    with run.events_file.open("r+b") as file:
        file.write(b"".join(blanked))
