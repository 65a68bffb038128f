"""`tuinn attach`: open the workbench on a run; without a terminal, follow it."""

import click

from tuinn.cli.follow import follow
from tuinn.cli.options import RUN_OR_NEWEST
from tuinn.cli.terminal import has_terminal
from tuinn.runs.folder import RunFolder


@click.command()
@RUN_OR_NEWEST
def attach(folder: RunFolder) -> None:
    """Open the workbench on a run. Without RUN, the newest."""
    if has_terminal():
        from tuinn.ui.app import open_ui

        code = open_ui(run=folder)
    else:
        from tuinn.cli.event_printer import event_printer_for

        folder.spec()
        code = follow(folder, event_printer_for(folder, "plain"))
    raise click.exceptions.Exit(code)
