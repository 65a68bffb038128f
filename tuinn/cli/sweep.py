"""`tuinn sweep`: many trainings of one draft, each with other values of some fields; which was best, and what mattered."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import msgspec

from tuinn.cli.common.exit_codes import FAILED, FINISHED, STOPPED, WRONG, leave_pipe, leave_terminal
from tuinn.cli.common.follow import catch_hangup, say_when_runs_end
from tuinn.cli.common.options import CLUSTER, JSON, SETTINGS, SPEC
from tuinn.cli.common.spec_file import errors_in, explain, read_spec
from tuinn.cli.common.sweep_text import DamagedSweep, as_text, list_text, trial_line
from tuinn.errors import FolderError
from tuinn.programs import JOB_SIGNALS, SignalInbox
from tuinn.sweeps.commands import Hold, StopAll
from tuinn.sweeps.events import TrialEnded, TrialSkipped
from tuinn.sweeps.folder import SweepFolder, all_sweeps, find_sweep
from tuinn.sweeps.follower import SweepFollower, SweepState
from tuinn.sweeps.launch import resume_sweep, start_sweep
from tuinn.sweeps.ranges import SWITCHES
from tuinn.sweeps.spec import MOST_POINTS, PRUNER, SAMPLER, SweepSpec
from tuinn.sweeps.trial_checks import TrialProblem, trial_problems

LOOK = 0.1
"""Seconds between two looks at the journal."""


@click.group()
def sweep() -> None:
    """Try many values of some fields and see which did best.

    Each trial is an ordinary run. A sweep continues without a terminal. SWEEP is a sweep's name, the start or end of
    it, its folder, or "last".
    """


def _find(_context: click.Context, _parameter: click.Parameter, word: str | None) -> SweepFolder:
    return find_sweep(word)


SWEEP = click.argument("folder", metavar="[SWEEP]", required=False, callback=_find)
FOLLOW = click.option(
    "--follow", is_flag=True, help="Stay and print a line per trial. Ctrl+C leaves the sweep alone."
)


@sweep.command()
@SPEC
@SETTINGS
@click.option(
    "--over",
    "overs",
    multiple=True,
    metavar="FIELD=RANGE",
    help="A field and what to try of it: LOW..HIGH, LOW..HIGH/STEP, log:LOW..HIGH, or A,B,C. May be given more than once.",
)
@click.option(
    "--trials", type=click.IntRange(1, MOST_POINTS), help="How many; a grid has as many as it has points."
)
@click.option("--parallel", type=click.IntRange(1, 64), default=1, help="How many at a time. Default: 1.")
@click.option("--metric", help="What is to improve. Default: val_loss.")
@click.option("--sampler", type=click.Choice(SAMPLER.choices), default="auto", help="Default: auto.")
@click.option("--pruner", type=click.Choice(PRUNER.choices), default="median", help="Default: median.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=7, help="Default: 7.")
@CLUSTER
@FOLLOW
@JSON
def start(
    file: Path,
    settings: tuple[str, ...],
    overs: tuple[str, ...],
    cluster: str | None,
    follow: bool,
    as_json: bool,
    **wanted: Any,
) -> None:
    """Start a sweep over fields of a spec.

    \b
    tuinn sweep start lab.toml --over fit.learning_rate=log:1e-4..1e-1 --over 'layers[3].units=32,64,128'
    """
    base = read_spec(file, settings)
    plan = SweepSpec.of(base, overs, **wanted)
    if (problems := errors_in(base)) and not _may_be_mended(plan):
        explain(problems, str(file))
        raise click.exceptions.Exit(WRONG)
    skipped = trial_problems(plan)
    _warn(plan, skipped)
    say_when_runs_end()
    folder = start_sweep(plan, cluster)
    if as_json and not follow:
        report = {
            "sweep": folder.name,
            "path": str(folder.path),
            "trials": plan.trials,
            "sampler": plan.sampler,
        }
        click.echo(msgspec.json.encode({**report, "misfits": [asdict(one) for one in skipped]}))
    elif not as_json:
        click.echo(f"{folder.name}  {plan.trials} trials  {plan.sampler}  {plan.metric}")
        click.echo(f"next  tuinn sweep show {folder.name}")
    if follow:
        raise click.exceptions.Exit(_follow(folder, as_json))


def _may_be_mended(plan: SweepSpec) -> bool:
    """A draft with errors can be swept over where a field that is swept may put it right."""
    return any(one.path.startswith(("layers", "dataset")) or one.path in SWITCHES for one in plan.ranges)


def _warn(plan: SweepSpec, skipped: list[TrialProblem]) -> None:
    for problem in skipped[:5]:
        click.echo(f"warning: can't be trained, and is skipped: {problem}", err=True)
    if len(skipped) > 5:
        click.echo(f"warning: and {len(skipped) - 5} more that can't be trained.", err=True)
    if any(one.path in ("fit.seed", "dataset.validation") for one in plan.ranges):
        click.echo("warning: trials that differ in seed or validation are judged by other samples.", err=True)


@sweep.command("list")
@JSON
def list_(as_json: bool) -> None:
    """List all sweeps, newest first."""
    sweeps = [_read(folder) for folder in all_sweeps()]
    if as_json:
        click.echo(msgspec.json.encode([_row(sweep) for sweep in sweeps]))
    elif sweeps:
        click.echo(list_text(sweeps))
    else:
        click.echo("There are no sweeps yet. `tuinn sweep start SPEC.toml --over FIELD=RANGE` makes one.")


def _read(folder: SweepFolder) -> SweepFollower | DamagedSweep:
    try:
        return SweepFollower(folder, brief=True)
    except (FolderError, OSError) as error:
        return DamagedSweep(folder, str(error))


def _row(sweep: SweepFollower | DamagedSweep) -> dict[str, object]:
    """A sweep for JSON; one that can't be read has its name, path and problem."""
    if isinstance(sweep, SweepFollower):
        return as_raw(sweep)
    folder = sweep.folder
    return {"name": folder.name, "state": "damaged", "path": str(folder.path), "problem": sweep.problem}


def as_raw(sweep: SweepFollower) -> dict[str, object]:
    """A sweep without its trials, for JSON."""
    view, plan = sweep.view, sweep.view.sweep
    return {
        "name": sweep.folder.name,
        "state": sweep.state,
        "path": str(sweep.folder.path),
        "dataset": plan.base.dataset.label,
        "over": {one.path: one.text for one in plan.ranges},
        "metric": plan.metric,
        "sampler": plan.sampler,
        "pruner": plan.pruner,
        "seed": plan.seed,
        "parallel": view.parallel,
        "trials_asked": view.asked,
        "trials_done": view.done,
        "seconds_left": view.seconds_left if sweep.is_active else None,
        "best": asdict(view.best) if view.best else None,
        "importance": view.importance.importance if view.importance else {},
        "importance_by": view.importance.method if view.importance else "",
        "problem": view.ended.message if view.ended else "",
    }


@sweep.command()
@SWEEP
@FOLLOW
@JSON
def show(folder: SweepFolder, follow: bool, as_json: bool) -> None:
    """Show a sweep: its trials, the best, what mattered. Without SWEEP, the newest."""
    if follow:
        raise click.exceptions.Exit(_follow(folder, as_json, in_job=False))
    sweep = SweepFollower(folder)
    if as_json:
        click.echo(msgspec.json.encode({**as_raw(sweep), "trials": [asdict(t) for t in sweep.view.trials]}))
    else:
        click.echo(as_text(sweep))


def _follow(folder: SweepFolder, as_json: bool, in_job: bool = True) -> int:
    """A line per trial that is over, or the journal as it stands, until the sweep is over. Returns the exit code.

    `in_job`: the runner ends with this process's job, so that a signal by which that is told to end is meant for it too.
    """
    sweep, reader = SweepFollower(folder), folder.events()
    inbox, hangup, passed_on = SignalInbox(), SignalInbox(), ""
    inbox.catch(JOB_SIGNALS if in_job else ())
    catch_hangup(hangup)
    try:
        while not hangup.first:
            if inbox.first != passed_on:
                passed_on = inbox.first
                folder.ask(StopAll(signal=passed_on))
            sweep.poll()
            active = sweep.is_active
            for event in reader.read_all():
                if as_json:
                    click.echo(msgspec.json.encode(event))
                elif isinstance(event, TrialEnded | TrialSkipped):
                    click.echo(trial_line(sweep.view, sweep.view.of(event.number)))
            if not active:
                return _verdict(sweep, as_json)
            time.sleep(LOOK)
    except BrokenPipeError:
        return leave_pipe()
    except OSError:
        if not hangup.first:
            raise
    except KeyboardInterrupt:
        click.echo(f"{folder.name} continues. Stop it: tuinn sweep stop {folder.name}", err=True)
        return STOPPED
    return leave_terminal(f"{folder.name} continues. See it: tuinn sweep show {folder.name}")


def _verdict(sweep: SweepFollower, as_json: bool) -> int:
    name, message = sweep.folder.name, sweep.view.ended.message if sweep.view.ended else ""
    if sweep.state is SweepState.FINISHED:
        if not as_json:
            click.echo(as_text(sweep, trials=False))
        return FINISHED
    if sweep.state is SweepState.STOPPED:
        click.echo(f"{name} was stopped. Resume it: tuinn sweep resume {name}", err=True)
        return STOPPED
    why = message or f"The runner of {name} ended without saying why. Resume it: tuinn sweep resume {name}"
    click.echo(f"tuinn: {why}\nIts log: {sweep.folder.log_file}", err=True)
    return FAILED


@sweep.command()
@SWEEP
def stop(folder: SweepFolder) -> None:
    """Stop a sweep and its current trials. `tuinn sweep resume` resumes both."""
    _check_on(folder)
    folder.ask(StopAll())
    click.echo(f"{folder.name} stops. Resume it: tuinn sweep resume {folder.name}")


@sweep.command()
@SWEEP
def pause(folder: SweepFolder) -> None:
    """Start no further trial; the current ones finish. `tuinn sweep resume` continues."""
    _check_on(folder)
    folder.ask(Hold())
    click.echo(f"{folder.name} starts no further trial. Resume it: tuinn sweep resume {folder.name}")


def _check_on(folder: SweepFolder) -> None:
    sweep = SweepFollower(folder)
    if not sweep.is_active:
        raise FolderError(
            f"{folder.name} is not running: it is {sweep.state}. Resume it: tuinn sweep resume {folder.name}"
        )


@sweep.command()
@SWEEP
@click.option("--trials", type=click.IntRange(1, MOST_POINTS), help="How many the sweep shall have in all.")
@click.option("--parallel", type=click.IntRange(1, 64), help="How many at a time from now on.")
@CLUSTER
@FOLLOW
@JSON
def resume(
    folder: SweepFolder,
    trials: int | None,
    parallel: int | None,
    cluster: str | None,
    follow: bool,
    as_json: bool,
) -> None:
    """Resume a sweep that was paused, stopped or lost. Trials that ended are kept."""
    sweep = SweepFollower(folder)
    say_when_runs_end()
    resume_sweep(sweep, trials, parallel, cluster)
    if not as_json:
        click.echo(f"{folder.name} resumes.")
    if follow:
        raise click.exceptions.Exit(_follow_resumed(folder, as_json, sweep.is_active))


def _follow_resumed(folder: SweepFolder, as_json: bool, was_on: bool) -> int:
    """The runner needs a moment for its first event: until then the journal still has the old ending."""
    deadline = time.monotonic() + 30
    while not was_on and not SweepFollower(folder).is_active and time.monotonic() < deadline:
        time.sleep(LOOK)
    return _follow(folder, as_json)
