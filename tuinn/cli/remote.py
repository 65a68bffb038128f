"""Runs on other machines: the line to one, and a draft that is put there."""

import subprocess
import sys
from pathlib import Path

import click

from tuinn.cli.common.exit_codes import FAILED, WRONG
from tuinn.cli.common.options import SETTINGS, SPEC
from tuinn.cli.common.spec_file import errors_in, explain, read_spec
from tuinn.errors import FolderError, SpecError
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import launch
from tuinn.runs.remote.address import Address, checked_host
from tuinn.runs.remote.ssh_line import NO_SUCH_COMMAND, SSH_FAILED, no_ssh, why_no_line
from tuinn.spec.run import RunSpec


@click.command(hidden=True)
@click.option(
    "--start", "starts", is_flag=True, help="Start a run of the spec on standard input, and print its name."
)
def relay(starts: bool) -> None:
    """Serve the line to another machine, which `tuinn attach HOST:RUN` opens there."""
    if not starts:
        from tuinn.runs.remote.relay import Relay

        Relay(sys.stdin.buffer, sys.stdout.buffer).serve()
        return
    try:
        spec = RunSpec.from_toml(sys.stdin.buffer.read().decode())
    except UnicodeDecodeError:
        raise SpecError("is not text in UTF-8.", "the spec") from None
    if problems := errors_in(spec):
        explain(problems, "the spec")
        raise click.exceptions.Exit(WRONG)
    folder = RunFolder.create(spec)
    launch(folder)
    click.echo(folder.name)


@click.command()
@click.argument("host", metavar="HOST")
@SPEC
@SETTINGS
def start(host: str, file: Path, settings: tuple[str, ...]) -> None:
    """Train the network of a spec on another machine.

    HOST is what ssh knows: user@box, or a name from ~/.ssh/config. Its tuinn checks the spec, with the data that are there.
    """
    spec = read_spec(file, settings)
    done = there(host, "relay --start", spec.toml())
    name = (done.stdout.split() or [""])[-1]  # after what a shell may say at the login
    if done.returncode or not name:
        raise click.exceptions.Exit(done.returncode or FAILED)
    click.echo(f"{name} trains on {host}. Follow it: tuinn attach {host}:{name}")


def there(host: str, command: str, given: str = "") -> "subprocess.CompletedProcess[str]":
    """Run this command of tuinn on another machine. What it says of problems goes to stderr. Raises FolderError without a line."""
    address = Address(checked_host(host))
    try:
        done = subprocess.run(
            address.ssh(command), input=given, stdout=subprocess.PIPE, text=True, check=False
        )
    except OSError as error:
        raise FolderError(no_ssh(error)) from None
    if done.returncode in (NO_SUCH_COMMAND, SSH_FAILED):
        raise FolderError(why_no_line(host, done.returncode, ""))
    return done
