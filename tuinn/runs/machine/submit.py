"""A run as a Slurm job: the script that trains it turn by turn, and how it is submitted."""

import os
import re
import shlex
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from tuinn.atomic_io import write_whole
from tuinn.errors import FolderError, SpecError
from tuinn.programs import answer_of, own_program
from tuinn.runs.folder import RunFolder, home
from tuinn.runs.machine.batch_job import SCRIPT, BatchJob, write_job

SUBMIT_SECONDS = 60.0
"""That sbatch gets: a busy Slurm takes long, and nobody knows whether a job was taken that was given up on."""

LOG = "slurm.log"
"""File name of the job's output, in the run folder."""

MOST_WARNING = 65_535
"""Seconds before the end at which Slurm can send a signal, at most."""

WORD = r"[A-Za-z0-9][A-Za-z0-9_.,:+=/@-]*"
"""What a partition, an account or a number of GPUs may look like."""

FORMS = {
    "partition": (WORD, "the name of a partition, such as gpu"),
    "time": (r"\d+|\d+:\d+|\d+:\d+:\d+|\d+-\d+(:\d+){0,2}", "minutes, H:M:S or D-H:M:S, such as 4:00:00"),
    "gpus": (WORD, "a number, or a kind and a number, such as 1 or a100:1"),
    "memory": (r"\d+[KMGT]?", "a number with K, M, G or T, such as 16G"),
    "account": (WORD, "the name of an account"),
}
"""What is asked of Slurm → its form, and how that is described."""

OPTIONS = {"partition": "partition", "time": "time", "gpus": "gpus", "memory": "mem", "account": "account"}
"""What is asked of Slurm → the option of sbatch."""


@dataclass(frozen=True)
class Wanted:
    """What is asked of Slurm; what is empty is left to it."""

    partition: str = ""
    time: str = ""
    """The limit of one turn."""
    gpus: str = ""
    cpus: int = 0
    memory: str = ""
    account: str = ""
    warning: int = 120
    """Seconds before the end of a turn at which the run stops and saves."""
    more: tuple[str, ...] = ()
    """Other options of sbatch, such as `--qos=long`, a word each."""

    def check(self) -> None:
        """Raises SpecError where something has another form than Slurm takes."""
        for name, (form, words) in FORMS.items():
            value = getattr(self, name)
            if value and not re.fullmatch(form, value):
                raise SpecError(f"{value!r} is not understood. Give {words}.", f"--{name}")
        for option in self.more:
            if not re.fullmatch(r"--?[A-Za-z][^\n]*", option):
                raise SpecError(
                    f"{option!r} is no option. Write it as one word, such as --qos=long.", "--sbatch"
                )
        seconds = _limit_seconds(self.time)
        if seconds is not None and seconds < 2 * self.warning:
            raise SpecError(
                f"{self.time} is too short for a signal {self.warning} s before its end. "
                f"Ask for {2 * self.warning} s or more, or give a smaller --warning.",
                "--time",
            )

    def options(self) -> list[str]:
        """The words for sbatch."""
        words = [f"--signal=B:USR1@{self.warning}", "--requeue", "--open-mode=append"]
        words += [f"--{option}={value}" for name, option in OPTIONS.items() if (value := getattr(self, name))]
        words += [f"--cpus-per-task={self.cpus}"] if self.cpus else []
        return [*words, *self.more]


def _limit_seconds(text: str) -> int | None:
    """Seconds of a limit of time as Slurm reads it; None where there is none."""
    if not text:
        return None
    days, dash, rest = text.rpartition("-")
    parts = [int(part) for part in rest.split(":")]
    if dash:  # days, hours, minutes, seconds
        hours, minutes, seconds = (*parts, 0, 0)[:3]
        return ((int(days) * 24 + hours) * 60 + minutes) * 60 + seconds
    if len(parts) == 1:
        return parts[0] * 60
    hours, minutes, seconds = (0, *parts)[-3:]
    return (hours * 60 + minutes) * 60 + seconds


def script_of(folder: Path, wanted: Wanted) -> str:
    """The script of the job that trains the run in this folder, a turn each time it is run."""
    lines = "\n".join(f"#SBATCH {_quoted(option)}" for option in wanted.options())
    command = shlex.join(own_program("tuinn", "resume", str(folder.absolute()), "--requeue", "--plain"))
    return f"""#!/bin/bash
#SBATCH --job-name=tuinn-{re.sub(r"[^A-Za-z0-9]", "", folder.name[-4:])}
{lines}
#
# Written by `tuinn submit`. It trains one run: from the beginning, or from its last checkpoint. {wanted.warning} seconds before
# the limit of time Slurm sends SIGUSR1; the run stops and saves, and the job asks to be run again.

export TUINN_HOME={shlex.quote(str(home().absolute()))}
exec {command}
"""


def _quoted(option: str) -> str:
    """An option as sbatch reads it in a script: blanks and quotes between double quotes."""
    if re.fullmatch(r"[^\s\"'\\#]+", option):
        return option
    return '"' + re.sub(r'(["\\])', r"\\\1", option) + '"'


def submit(folder: RunFolder, wanted: Wanted) -> BatchJob:
    """Write the script into the run folder and give it to Slurm. Raises FolderError; then no job has been made,
    unless it says otherwise.
    """
    script = folder.path / SCRIPT
    try:
        write_whole(script, script_of(folder.path, wanted).encode())
        script.chmod(0o700)
    except OSError as error:
        raise FolderError(f"{script} cannot be written ({error.strerror}).") from None
    log = str(folder.path / LOG).replace("%", "%%")  # of Slurm's own, %j is the number of the job
    told = answer_of(
        ("sbatch", "--parsable", f"--output={log}", f"--chdir={Path.cwd()}", str(script)), SUBMIT_SECONDS
    )
    if told.code is None and not told.problem:
        raise FolderError(
            f"sbatch gave no answer within {SUBMIT_SECONDS:.0f} s. Whether {folder.name} was submitted, `squeue --me` tells."
        )
    if told.code != 0:
        why = told.problem.removeprefix("sbatch: ").removeprefix("error: ") or f"exit code {told.code}"
        discard(folder)
        raise FolderError(f"Slurm did not take the job: {why.rstrip('.')}. Nothing was submitted.")
    found = re.search(r"^(\d+)(;\S+)?$", told.out.strip(), re.MULTILINE)
    if found is None:
        raise FolderError(
            f"sbatch gave no number of a job. Whether {folder.name} was submitted, `squeue --me` tells."
        )
    job = BatchJob(found.group(1), time.time())
    try:
        write_job(folder.path, job)
    except OSError as error:
        raise FolderError(
            f"Job {job.number} was submitted, but {folder.path} cannot be written ({error.strerror}). "
            f"Cancel it: scancel {job.number}"
        ) from None
    return job


def discard(folder: RunFolder) -> None:
    """Remove a run that was made for a job that there isn't."""
    shutil.rmtree(folder.path, ignore_errors=True)


def missing_program() -> str:
    """Why nothing can be submitted from here; empty where sbatch is there."""
    if shutil.which("sbatch", path=os.environ.get("PATH")):
        return ""
    return "There is no `sbatch` here: log in to a machine of the cluster from which jobs are submitted."
