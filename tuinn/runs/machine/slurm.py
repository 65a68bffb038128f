"""Slurm, by its own programs: the job around this process, the jobs of this user in the queue, cancel and requeue."""

import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

import msgspec

from tuinn.atomic_io import write_whole
from tuinn.programs import Answer, answer_of
from tuinn.runs.journal import read_struct
from tuinn.text import format_duration

ASK_SECONDS = 10.0
"""That Slurm gets to answer; a busy one takes a while."""

KEPT_SECONDS = 30.0
"""That an answer about the queue is used again: Slurm's administrators ask not to be asked often."""

WAITING = (
    "PENDING",
    "CONFIGURING",
    "REQUEUED",
    "REQUEUE_HOLD",
    "REQUEUE_FED",
    "RESV_DEL_HOLD",
    "SPECIAL_EXIT",
)
"""States of a job that has not begun, or not again."""


class JobStatus(msgspec.Struct, frozen=True):
    """A job in the queue."""

    state: str
    """As Slurm says: PENDING, RUNNING, COMPLETING, …."""
    node: str = ""
    """On which it runs; empty: on none yet."""
    left: float | None = None
    """Seconds until its limit of time when Slurm was asked; None: it has no limit, or hasn't begun."""
    reason: str = ""
    """Why it waits, in a word of Slurm's."""

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING


class _Queue(msgspec.Struct):
    """The answer that is kept in the cache."""

    asked: float
    """Seconds since 1970."""
    jobs: dict[str, JobStatus] | None = None
    """By their numbers; None: Slurm gave no answer."""


_asking = Lock()


def queue(cache: Path, now: float | None = None) -> dict[str, JobStatus] | None:
    """This user's jobs in the queue, as Slurm told within the last 30 seconds; None: it gave no answer.

    May take ten seconds: for a thread. `cache`: the file that keeps the answer for other processes; `now`: seconds since
    1970.
    """
    now = time.time() if now is None else now
    with _asking:
        try:
            kept = read_struct(cache, _Queue)
            if 0 <= now - kept.asked < KEPT_SECONDS:
                return kept.jobs
        except (OSError, ValueError):
            pass
        found = _Queue(now, ask_queue())
        try:
            cache.parent.mkdir(parents=True, exist_ok=True)
            write_whole(cache, msgspec.json.encode(found), durable=False)
        except OSError:
            pass  # it is asked again
        return found.jobs


def ask_queue() -> dict[str, JobStatus] | None:
    """This user's jobs in the queue, by their numbers; None where Slurm is missing, hangs or fails."""
    told = answer_of(
        ("squeue", "--noheader", f"--user={os.getuid()}", "--format=%i|%T|%N|%L|%r"), ASK_SECONDS
    )
    if told.code != 0:
        return None
    jobs = {}
    for line in told.lines():
        fields = line.split("|")
        if len(fields) == 5 and re.fullmatch(r"\d+", fields[0]) and re.fullmatch(r"[A-Z_]+", fields[1]):
            number, state, node, left, reason = fields
            reason = "" if reason == "None" else reason
            jobs[number] = JobStatus(state, node, seconds_of(left) if state == "RUNNING" else None, reason)
    return jobs


def seconds_of(text: str) -> float | None:
    """Seconds of `2-03:04:05`, `3:04:05` or `04:05`, as squeue writes them; None for UNLIMITED and the like."""
    found = re.fullmatch(r"(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)", text.strip())
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


def cancel(number: str) -> str:
    """Take this job out of the queue. Return why it could not be, in a few words; empty: it is out."""
    return _problem("scancel", answer_of(("scancel", number), ASK_SECONDS))


def requeue(number: str) -> str:
    """Have this job run again from its beginning. Slurm ends it at once. Return why it could not be; empty: it will."""
    return _problem("scontrol", answer_of(("scontrol", "requeue", number), ASK_SECONDS))


def _problem(program: str, told: Answer) -> str:
    if told.code == 0:
        return ""
    if told.problem:
        return told.problem
    return (
        f"{program} gives no answer" if told.code is None else f"{program} ended with exit code {told.code}"
    )


# --------------------------------------------------------------------------------------- the job around this process


def own_job(environment: Mapping[str, str] = os.environ) -> str:
    """The number of the Slurm job that this process is in; empty: in none."""
    return environment.get("SLURM_JOB_ID", "").strip()


def own_job_words(seconds: float) -> str:
    """That runs end with the job that this process is in, and when; empty where it is in none.

    `seconds`: that Slurm gets to answer.
    """
    job = own_job()
    if not job:
        return ""
    end = _end_of(job, seconds)
    if end is None:
        return f"Runs end with Slurm job {job}."
    from datetime import datetime

    at, left = datetime.fromtimestamp(end), end - time.time()
    day = "" if at.date() == datetime.now().date() else f"{at:%d %b} "
    return f"Runs end with Slurm job {job}: at {day}{at:%H:%M}, in {format_duration(max(left, 0))}."


def _end_of(job: str, seconds: float) -> float | None:
    """When this job ends by its limit of time, in seconds since 1970; None: nobody says."""
    told = answer_of(("squeue", "-h", "-j", job, "-o", "%e"), seconds).lines()
    if not told:
        shown = answer_of(("scontrol", "show", "job", job), seconds)
        told = re.findall(r"\bEndTime=(\S+)", shown.out) if shown.code == 0 else []
    from datetime import datetime

    try:
        return datetime.fromisoformat(told[0]).timestamp()
    except (IndexError, ValueError, OverflowError, OSError):
        pass
    stamp = os.environ.get("SLURM_JOB_END_TIME", "")
    return float(stamp) if stamp.isascii() and stamp.isdigit() else None
