"""The group of commands, what `tuinn` alone does, and the one place where an error becomes a sentence and an exit code."""

import importlib
import sys
from typing import Any

import click

from tuinn import __version__
from tuinn.cli.common.exit_codes import FAILED, STOPPED, leave_pipe
from tuinn.cli.common.terminal import has_terminal, open_workbench
from tuinn.errors import TuinnError
from tuinn.text import printable_lines

COMMANDS = {
    "train": "train",
    "submit": "submit",
    "summary": "summary",
    "attach": "control",
    "start": "remote",
    "relay": "remote",
    "stop": "control",
    "pause": "control",
    "resume": "train",
    "set": "control",
    "runs": "runs",
    "sweep": "sweep",
    "queue": "queue",
    "predict": "predict",
    "evaluate": "evaluate",
    "export": "export",
    "import": "import_model",
    "presets": "presets",
    "datasets": "datasets",
    "labs": "labs",
    "lab": "labs",
    "bench": "bench",
    "doctor": "doctor",
}
"""Command → module of tuinn.cli that holds a function of its name, or of that in FUNCTIONS."""


FUNCTIONS = {"set": "set_", "import": "import_model"}
"""Commands whose function has another name."""


class CommandGroup(click.Group):
    """Import a command's module when it is asked for, and turn errors into one sentence and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(
            importlib.import_module(f"tuinn.cli.{COMMANDS[cmd_name]}"), FUNCTIONS.get(cmd_name, cmd_name)
        )
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()  # here a full disk still gets its sentence; at exit it would be Python's own
            return result
        except TuinnError as error:
            click.echo(f"tuinn: {printable_lines(str(error))}", err=True)
            code = error.exit_code
        except BrokenPipeError:
            code = leave_pipe()
        except OSError as error:
            # Most files have a sentence of their own; what has no name is our own output, as on a full disk.
            what = f"{error.filename} cannot be used" if error.filename else "The output could not be written"
            click.echo(f"tuinn: {printable_lines(f'{what}: {error.strerror}.')}", err=True)
            if not error.filename:
                leave_pipe()
            code = FAILED
        except KeyboardInterrupt:
            code = STOPPED
        raise click.exceptions.Exit(code)


@click.group(
    cls=CommandGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 finished, 1 failed, 2 the spec or the command is wrong, 130 stopped.",
)
@click.version_option(__version__, prog_name="tuinn")
@click.pass_context
def tuinn(ctx: click.Context) -> None:
    """Train Keras networks in the terminal.

    Without a command it opens the workbench; where there is no terminal, it trains the default network and prints
    a line per epoch. RUN is a run's name, the start or end of it, its folder, or "last".
    """
    if ctx.invoked_subcommand is not None:
        return
    if has_terminal():
        ctx.exit(open_workbench())
    from tuinn.cli.train import train_default

    ctx.exit(train_default())
