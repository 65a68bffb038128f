"""`tuinn queue`: drafts that are trained one after the other, or so many at a time on each device."""

from dataclasses import asdict
from pathlib import Path

import click
import msgspec

from tuinn.cli.common.exit_codes import WRONG
from tuinn.cli.common.follow import say_when_runs_end
from tuinn.cli.common.options import CLUSTER, JSON, SETTINGS, table
from tuinn.cli.common.spec_file import errors_in, explain, read_spec
from tuinn.errors import FolderError, SpecError
from tuinn.spec.run import RunSpec
from tuinn.sweeps.commands import GoOn, Hold, Move, Remove, SetParallel, StopAll
from tuinn.sweeps.folder import QueueFolder
from tuinn.sweeps.follower import entry_state, read_queue
from tuinn.sweeps.launch import ensure_runner
from tuinn.sweeps.queue import Queue, QueueEntry, add_command
from tuinn.text import plural, printable


@click.group()
def queue() -> None:
    """Train drafts one after the other. The queue continues without a terminal.

    ENTRY is the word that `tuinn queue list` shows for a draft.
    """


@queue.command()
@click.argument("files", metavar="SPEC.toml...", nargs=-1, required=True, type=click.Path(path_type=Path))
@SETTINGS
@click.option("--hold", is_flag=True, help="Only queue them; `tuinn queue start` begins.")
@JSON
def add(files: tuple[Path, ...], settings: tuple[str, ...], hold: bool, as_json: bool) -> None:
    """Queue one draft or several, and begin."""
    drafts = [(file, read_spec(file, settings)) for file in files]
    wrong = [(file, problems) for file, spec in drafts if (problems := errors_in(spec))]
    for file, problems in wrong:
        explain(problems, str(file))
    if wrong:
        raise click.exceptions.Exit(WRONG)
    folder = QueueFolder.here()
    commands = [add_command(spec) for _, spec in drafts]
    folder.ask(*commands, *([Hold()] if hold else []))
    say_when_runs_end()
    now = ensure_runner(folder)
    if as_json:
        click.echo(msgspec.json.encode([command.entry for command in commands]))
    else:
        click.echo(f"queued {' '.join(command.entry for command in commands)}")
        if now.paused:
            click.echo("The queue is held. Begin: tuinn queue start")


@queue.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that are over, too.")
@JSON
def list_(everything: bool, as_json: bool) -> None:
    """List what trains and what waits, in the order in which it will begin."""
    folder = QueueFolder.here()
    now = read_queue(folder)
    entries = [entry for entry in now.entries if everything or not entry.outcome]
    alive = folder.is_alive()
    if as_json:
        report = {
            "held": now.paused,
            "parallel": now.parallel,
            "conducted": alive,
            "entries": [
                {**asdict(entry), "state": entry_state(entry, alive), "dataset": _dataset(entry)}
                for entry in entries
            ],
        }
        click.echo(msgspec.json.encode(report))
        return
    click.echo(_words(now, alive))
    if entries:
        head = ("entry", "state", "dataset", "run", "")
        rows = [
            (
                entry.entry,
                entry_state(entry, alive),
                printable(_dataset(entry)),
                printable(entry.run),
                printable(entry.message),
            )
            for entry in entries
        ]
        click.echo(table([head, *rows]))


def _words(now: Queue, alive: bool) -> str:
    if not now.waiting and not now.training:
        return "Nothing is queued. `tuinn queue add SPEC.toml` queues a draft."
    halted = sum(entry_state(entry, alive) == "halted" for entry in now.training)
    begun = f"{len(now.training) - halted} in training, {f'{halted} halted, ' if halted else ''}"
    words = f"{begun}{plural(len(now.waiting), 'draft')} waiting, {now.parallel} at a time"
    if now.paused:
        return f"{words}; held. Begin: tuinn queue start"
    if alive:
        return words
    why = f"{printable(now.left)}\n" if now.left else ""
    return f"{why}{words}; nobody conducts it. Resume it: tuinn queue start"


def _dataset(entry: QueueEntry) -> str:
    try:
        return RunSpec.from_toml(entry.spec).dataset.label
    except SpecError:
        return "damaged"


@queue.command()
@click.argument("words", metavar="ENTRY...", nargs=-1, required=True)
def remove(words: tuple[str, ...]) -> None:
    """Take drafts out that have not begun."""
    folder = QueueFolder.here()
    now = read_queue(folder)
    entries = [_waiting(now, word) for word in words]
    folder.ask(*(Remove(entry=entry.entry) for entry in entries))
    click.echo(f"removed {' '.join(words)}")


@queue.command()
@click.argument("word", metavar="ENTRY")
@click.argument("place", type=click.IntRange(1))
def move(word: str, place: int) -> None:
    """Put a draft that waits at another PLACE, counted from 1."""
    folder = QueueFolder.here()
    entry = _waiting(read_queue(folder), word)
    folder.ask(Move(entry=entry.entry, place=place))
    click.echo(f"{word} is number {min(place, len(read_queue(folder).waiting))}")


def _waiting(now: Queue, word: str) -> QueueEntry:
    """Raises FolderError."""
    entry = now.find(word)
    if entry is None or entry.outcome:
        raise FolderError(f"'{printable(word)}' isn't queued. `tuinn queue list` has the entries.")
    if not entry.waits:
        raise FolderError(f"{word} trains already. Stop it: tuinn stop {entry.run}")
    return entry


@queue.command()
@click.option(
    "--at-once", type=click.IntRange(1, 64), help="So many at a time on each device. Default: as before."
)
@CLUSTER
def start(at_once: int | None, cluster: str | None) -> None:
    """Start the queue, also after a pause or a stop."""
    folder = QueueFolder.here()
    folder.ask(*([SetParallel(parallel=at_once)] if at_once else []), GoOn())
    say_when_runs_end()
    now = ensure_runner(folder, cluster)
    click.echo(_words(now, alive=True))


@queue.command()
def pause() -> None:
    """Begin nothing further; what is in training trains on."""
    folder = QueueFolder.here()
    folder.ask(Hold())
    click.echo(_words(read_queue(folder), folder.is_alive()))


@queue.command()
def stop() -> None:
    """Stop what is in training, and begin nothing further."""
    folder = QueueFolder.here()
    folder.ask(StopAll() if folder.is_alive() else Hold())
    click.echo(_words(read_queue(folder), folder.is_alive()))
