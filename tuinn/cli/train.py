"""`tuinn train`: a run from a spec, in the foreground."""

from pathlib import Path

import click

from tuinn.cli.draft import errors_in, explain, read_draft
from tuinn.cli.fetching import fetch_if_wanted
from tuinn.cli.follow import Style, follow
from tuinn.cli.options import JSON_OR_PLAIN, SETTINGS, SPEC
from tuinn.cli.verbs import WRONG
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import launch
from tuinn.spec.presets import default_draft
from tuinn.spec.run import RunSpec


@click.command()
@SPEC
@SETTINGS
@JSON_OR_PLAIN
@click.option("--fetch", "fetching", is_flag=True, help="Fetch the dataset first where it isn't here.")
def train(file: Path, settings: tuple[str, ...], style: Style | None, fetching: bool) -> None:
    """Train the network of a spec and follow it.

    Ctrl+C stops, measures and saves; a second Ctrl+C doesn't wait for that. When the terminal goes away the run
    goes on: `tuinn attach` finds it.
    """
    spec = read_draft(file, settings)
    fetch_if_wanted(spec.dataset, fetching)
    code = WRONG
    if problems := errors_in(spec):
        explain(problems, str(file))
    else:
        code = train_here(spec, style)
    raise click.exceptions.Exit(code)


def train_default() -> int:
    """What `tuinn` does where there is no terminal. Returns the exit code."""
    click.echo("There is no terminal to open the workbench in, so this trains the default network.")
    return train_here(default_draft(), "plain")


def train_here(spec: RunSpec, style: Style | None) -> int:
    """Create the run, launch its worker and follow it. Returns the exit code. Raises FolderProblem."""
    from tuinn.cli.show import shower

    folder = RunFolder.create(spec)
    return follow(folder, shower(folder, style), start=lambda: launch(folder))
