"""Slurm, by its own programs: the job around this process, and jobs of this user."""

import os
import re
import time
from collections.abc import Mapping
from datetime import datetime

from tuinn.programs import answer_of
from tuinn.text import format_duration


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
    at, left = datetime.fromtimestamp(end), end - time.time()
    day = "" if at.date() == datetime.now().date() else f"{at:%d %b} "
    return f"Runs end with Slurm job {job}: at {day}{at:%H:%M}, in {format_duration(max(left, 0))}."


def _end_of(job: str, seconds: float) -> float | None:
    """When this job ends by its limit of time, in seconds since 1970; None: nobody says."""
    told = answer_of(("squeue", "-h", "-j", job, "-o", "%e"), seconds).lines()
    if not told:
        shown = answer_of(("scontrol", "show", "job", job), seconds)
        told = re.findall(r"\bEndTime=(\S+)", shown.out) if shown.code == 0 else []
    try:
        return datetime.fromisoformat(told[0]).timestamp()
    except (IndexError, ValueError, OverflowError, OSError):
        pass
    stamp = os.environ.get("SLURM_JOB_END_TIME", "")
    return float(stamp) if stamp.isascii() and stamp.isdigit() else None
