"""`tuinn submit`: a run as a Slurm job that stops before its limit of time and goes on in its next turn."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import msgspec

from tuinn.cli.common.exit_codes import STOPPED, WRONG
from tuinn.cli.common.fetching import fetch_if_wanted
from tuinn.cli.common.follow import Show
from tuinn.cli.common.options import JSON, SETTINGS, SPEC
from tuinn.cli.common.spec_file import errors_in, explain, read_spec
from tuinn.errors import FolderError
from tuinn.programs import BATCH_SIGNALS
from tuinn.runs.events import AnyEvent, BatchEnded, EpochEnded, RunEnded
from tuinn.runs.folder import RunFolder, runs_folder
from tuinn.runs.machine import slurm
from tuinn.runs.machine.batch_job import SCRIPT
from tuinn.runs.machine.submit import LOG, MOST_WARNING, Wanted, missing_program, script_of
from tuinn.runs.machine.submit import submit as submit_run
from tuinn.runs.process_folder import new_name


@click.command()
@SPEC
@SETTINGS
@click.option("--partition", default="", metavar="NAME", help="Where Slurm runs it, such as gpu.")
@click.option("--time", default="", metavar="TIME", help="The limit of one turn, such as 4:00:00.")
@click.option("--gpus", default="", metavar="GPUS", help="A number, or a kind and a number: a100:1.")
@click.option("--cpus", type=click.IntRange(0), default=0, help="Processor cores.")
@click.option("--memory", default="", metavar="MEMORY", help="Such as 16G.")
@click.option("--account", default="", metavar="NAME", help="Who pays.")
@click.option(
    "--warning",
    type=click.IntRange(10, MOST_WARNING),
    default=120,
    show_default=True,
    help="Seconds before the limit of time at which the run stops and saves.",
)
@click.option(
    "--sbatch",
    "more",
    multiple=True,
    metavar="OPTION",
    help="Another option of sbatch as one word, such as --qos=long. May be given more than once.",
)
@click.option("--fetch", "fetching", is_flag=True, help="Fetch the dataset first where it isn't here.")
@click.option("--dry-run", is_flag=True, help="Print the script, and submit nothing.")
@JSON
def submit(
    file: Path, settings: tuple[str, ...], fetching: bool, dry_run: bool, as_json: bool, **wanted: Any
) -> None:
    """Have Slurm train the network of a spec.

    Before the limit of time the run stops and saves, the job is run again, and the run goes on exactly where it stopped.
    `tuinn runs` shows job, node and time left; `tuinn attach` follows it; `tuinn stop` stops it, or cancels its job.
    """
    spec = read_spec(file, settings)
    asked = Wanted(**wanted)
    asked.check()
    if dry_run:
        click.echo(script_of(runs_folder() / new_name(spec.dataset.label), asked), nl=False)
        return
    if problem := missing_program():
        raise FolderError(problem)
    fetch_if_wanted(spec.dataset, fetching)
    if problems := errors_in(spec):
        explain(problems, str(file))
        raise click.exceptions.Exit(WRONG)
    folder = RunFolder.create(spec)
    job = submit_run(folder, asked)
    if as_json:
        report = {"run": folder.name, "path": str(folder.path), "job": job.number}
        click.echo(msgspec.json.encode({**report, "script": str(folder.path / SCRIPT)}))
        return
    click.echo(f"{folder.name}  Slurm job {job.number}")
    click.echo(f"its output  {folder.path / LOG}")
    click.echo(f"next  tuinn runs, tuinn attach {folder.name}")


@dataclass
class Turn:
    """One turn of a job: shows events, and remembers how far the run came."""

    folder: RunFolder
    show: Show
    trained: bool = False
    """A batch was learned in this turn."""
    ended: RunEnded | None = None

    def __call__(self, event: AnyEvent) -> None:
        self.trained |= isinstance(event, BatchEnded | EpochEnded)
        if isinstance(event, RunEnded):
            self.ended = event
        self.show(event)

    def end(self, code: int) -> int:
        """Ask for the next turn where Slurm's warning has stopped the run. Returns the exit code; `code`: so far."""
        if code != STOPPED or self.ended is None or self.ended.signal not in BATCH_SIGNALS:
            return code
        job, script = slurm.own_job(), self.folder.path / SCRIPT
        again = f"Go on: tuinn resume {self.folder.name}"
        if not job:
            click.echo(f"tuinn: There is no Slurm job to run again here. {again}", err=True)
        elif not self.trained:
            # It would be so for ever.
            click.echo(
                f"tuinn: Job {job} is not run again: this turn was too short to train at all. "
                f"Submit it with a higher --time: sbatch --time=H:M:S {script}",
                err=True,
            )
        elif problem := slurm.requeue(job):
            click.echo(f"tuinn: Slurm does not run job {job} again: {problem.rstrip('.')}. {again}", err=True)
        else:
            click.echo(f"Slurm runs job {job} again; {self.folder.name} goes on in its next turn.")
        return code
