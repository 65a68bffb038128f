"""An exception → a sentence for the user: what went wrong, and what to do next. The traceback goes to worker.log."""

import errno
import re
from itertools import pairwise

from tuinn.errors import FolderError, SpecError, WorkerError

SEE_LOG = "See worker.log in the run folder."


def user_message(error: BaseException, batch: int = 0) -> str:
    """What to write into the journal's RunEnded. Errors of tuinn's own reach the user unchanged.

    `batch`: samples in a step of the training that failed, to suggest a smaller number; 0: unknown.
    """
    match error:
        case WorkerError() | SpecError() | FolderError():
            return str(error)
        case MemoryError():
            return out_of_memory(batch)
        case ImportError():
            return f"TensorFlow cannot be loaded ({first_line(error)}). Install it again: pip install --force-reinstall tensorflow."
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return "The disk of the run folder is full, so the network could not be saved. Free some space and run again."
        case OSError():
            return f"A file could not be read or written: {error}. Check the run folder. {SEE_LOG}"
    # By name, so that a worker that could not load TensorFlow can say so.
    if type(error).__name__ == "ResourceExhaustedError":
        return out_of_memory(batch)
    return f"TensorFlow failed with {type(error).__name__}: {first_line(error)}. {SEE_LOG}"


def out_of_memory(batch: int) -> str:
    """What to change when a step of `batch` samples did not fit into memory."""
    size = f"batch_size {max(1, batch // 2)} instead of {batch}" if batch > 1 else "a smaller batch_size"
    return f"The memory was not enough. Set {size}, or make the widest layer smaller."


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
