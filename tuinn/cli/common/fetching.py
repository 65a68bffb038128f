"""Fetch a dataset in the foreground: a line that moves on a terminal, one line per file elsewhere."""

import signal
import sys
from types import FrameType

import click

from tuinn.cli.common.exit_codes import STOPPED
from tuinn.data.catalog import availability
from tuinn.data.catalog.catalog import find
from tuinn.data.catalog.download import DownloadProgress
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec
from tuinn.text import format_bytes, format_count, plural


def fetch_here(name: str, replace: bool = False) -> None:
    """Fetch and prepare it, and say so on stderr. Raises SpecError; exits with 130 on Ctrl+C."""
    from tuinn.data import loader
    from tuinn.data.catalog.fetch import fetch

    entry, line = find(name), Line()
    try:
        with Interrupt() as interrupt:
            fetch(name, line.tell, interrupt.came, replace)
            if interrupt.came():
                raise KeyboardInterrupt
        line.end()
        arrays = loader.load(DatasetSpec(name))
    except KeyboardInterrupt:
        line.end()
        click.echo(f"Stopped. What was fetched is kept: `tuinn datasets fetch {name}` continues.", err=True)
        raise click.exceptions.Exit(STOPPED) from None
    except SpecError:
        line.end()
        raise
    folder = availability.availability_of(name).folder
    told = f"{format_count(len(arrays.x_train))} training and {format_count(len(arrays.x_test))} test samples"
    click.echo(f"{entry.title} is here: {told}, in {folder}.", err=True)


def fetch_if_wanted(dataset: DatasetSpec, asked: bool) -> None:
    """Before a training: fetch a dataset that isn't here, where `--fetch` asks for it or the user says yes.

    Does nothing otherwise: what is missing is then one of the draft's problems. Raises as `fetch_here`.
    """
    if not dataset.name or availability.is_available(dataset.name):
        return
    entry, missing = find(dataset.name), availability.availability_of(dataset.name).missing
    if not asked and sys.stdin.isatty() and sys.stderr.isatty():
        what = f"{plural(len(missing), 'file')}, {format_bytes(sum(file.bytes for file in missing))}"
        asked = click.confirm(f"{entry.title} is not here. Fetch it ({what})?", default=True, err=True)
    if asked:
        fetch_here(dataset.name)


class Interrupt:
    """Ctrl+C raises KeyboardInterrupt, and is remembered: a library may be in the middle of something that swallows it."""

    def __init__(self) -> None:
        self.pressed = False

    def __enter__(self) -> "Interrupt":
        self.before = signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self.before)

    def _press(self, _number: int, _frame: FrameType | None) -> None:
        self.pressed = True
        raise KeyboardInterrupt

    def came(self) -> bool:
        """Whether it was pressed."""
        return self.pressed


class Line:
    """Progress on stderr."""

    def __init__(self) -> None:
        self.moves = sys.stderr.isatty()
        self.name = ""
        self.width = 0

    def tell(self, progress: DownloadProgress) -> None:
        """Another look at how far it is."""
        if self.moves:
            text = progress.words
            click.echo("\r" + text.ljust(self.width), nl=False, err=True)
            self.width = len(text)
        elif progress.name != self.name:
            click.echo(f"fetching {progress.name}, {format_bytes(progress.total)}", err=True)
        self.name = progress.name

    def end(self) -> None:
        """Leave the line that moved."""
        if self.moves and self.width:
            click.echo(err=True)
        self.width = 0
