"""An exception → a sentence for the user: what went wrong, and what to do next. The traceback goes to worker.log."""

import errno
import os
import re
from itertools import pairwise
from pathlib import Path

from tuinn.errors import FolderError, SpecError, WorkerError
from tuinn.runs.worker_record import why_not_written

SEE_LOG = "See worker.log in the run folder."


def user_message(error: BaseException, batch: int = 0, folder: Path = Path()) -> str:
    """What to write into the journal's RunEnded. Errors of tuinn's own reach the user unchanged.

    `batch`: samples in a step of the training that failed, to suggest a smaller number; 0: unknown. `folder`: the run's.
    """
    match error:
        case WorkerError() | SpecError() | FolderError():
            return str(error)
        case MemoryError():
            return out_of_memory(batch, folder)
        case ImportError(name=str(name)) if name.partition(".")[0] == "tuinn":
            return f"tuinn cannot be loaded ({first_line(error)}): it was updated while the run started. Start it again, or install tuinn again."
        case ImportError():
            return f"TensorFlow cannot be loaded ({first_line(error)}). Install it again: pip install --force-reinstall tensorflow."
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            why, remedy = why_not_written(error, folder)
            return f"The disk of the run folder is full ({why}), so the network could not be saved. {remedy} Then resume the run."
        case OSError(errno=errno.EFBIG):
            _, remedy = why_not_written(error, folder)
            return f"A file of the run folder may not become as large as it has to ({first_line(error)}). {remedy} Then resume the run."
        case OSError():
            _, remedy = why_not_written(error, folder)
            return f"A file of the run folder could not be read or written: {error}. {remedy} {SEE_LOG}"
    # By name, so that a worker that could not load TensorFlow can say so.
    if type(error).__name__ == "ResourceExhaustedError":
        return out_of_memory(batch, folder)
    return f"TensorFlow failed with {type(error).__name__}: {first_line(error)}. {SEE_LOG}"


def fills_disk(error: BaseException) -> bool:
    """Whether it says that the disk is full: the system, TensorFlow and ONNX say it in the same words."""
    return os.strerror(errno.ENOSPC) in str(error)


def out_of_memory(batch: int, folder: Path = Path()) -> str:
    """What to change when a step of `batch` samples did not fit into memory."""
    half = max(1, batch // 2)
    size = f"batch_size {half} instead of {batch}" if batch > 1 else "a smaller batch_size"
    again = f" A new run goes on from the checkpoint: tuinn resume {folder.name} --batch-size {half}"
    return f"The memory was not enough. Set {size}, or make the widest layer smaller.{again if batch > 1 and folder.name else ''}"


def first_line(error: BaseException, most: int = 200) -> str:
    """The line of the exception that says what is wrong, shortened, without its full stop."""
    # Keras writes the cause of a layer's exception in bold.
    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    lines = [line.strip() for line in plain.splitlines() if line.strip()] or [type(error).__name__]
    line = lines[0]
    if line.startswith("Graph execution error"):
        # TensorFlow first lists where the node was made; the cause stands just above its name.
        line = next((above for above, below in pairwise(lines) if below.startswith("[[{{node")), line)
    elif line.startswith("Exception encountered when calling") and len(lines) > 1:
        line = f"{line.removeprefix('Exception encountered when calling ').rstrip('.')}: {lines[1]}"
    line = line if len(line) <= most else line[: most - 1] + "…"
    return line.rstrip(".:")
