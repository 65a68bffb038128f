"""The batch job that trains a run, in `job.json` of its folder."""

from contextlib import suppress
from pathlib import Path

import msgspec

from tuinn.atomic_io import write_whole
from tuinn.runs.journal import read_struct

FILE = "job.json"

SCRIPT = "job.sh"
"""File name of the script that was submitted, in the run folder."""


class BatchJob(msgspec.Struct, frozen=True):
    """The content of `job.json`."""

    number: str
    """As Slurm counts; it stays the same when the job is run again."""
    submitted: float = 0.0
    """Seconds since 1970."""
    is_over: bool = False
    """It left the queue, or was cancelled, and no worker had begun."""


def read_job(folder: Path) -> BatchJob | None:
    """The batch job of the run in this folder; None where it has none, or the file is damaged."""
    try:
        return read_struct(folder / FILE, BatchJob)
    except (OSError, ValueError):
        return None


def write_job(folder: Path, job: BatchJob) -> None:
    """Write it whole or not at all. Raises OSError."""
    write_whole(folder / FILE, msgspec.json.encode(job) + b"\n")


def mark_over(folder: Path, job: BatchJob) -> None:
    """Nobody will train this run any more. A disk that refuses costs that it is found out again."""
    with suppress(OSError):
        write_job(folder, msgspec.structs.replace(job, is_over=True))


def is_waiting(folder: Path) -> bool:
    """Whether this run has a batch job that may still begin."""
    job = read_job(folder)
    return job is not None and not job.is_over
