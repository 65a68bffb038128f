"""`tuinn runs`: every run on this machine and how it is; and the verbs that keep it in order."""

import csv
import shlex
import shutil
import sys
import time
from collections.abc import Sequence
from io import StringIO

import click
import msgspec

from tuinn.cli.common.options import JSON, RUN, RUNS, table
from tuinn.cli.control import look
from tuinn.cli.remote import there
from tuinn.runs.annotations import change_annotations, read_annotations
from tuinn.runs.folder import RunFolder, all_runs
from tuinn.runs.listing import ListedRun, Listing, titles_of
from tuinn.runs.maintenance import (
    bytes_below,
    empty_trash,
    find_trashed,
    move_to_trash,
    prunable,
    prune,
    restore,
    trash_folder,
)
from tuinn.runs.provenance import provenance_lines, read_provenance
from tuinn.text import format_bytes, format_metrics, plural, printable
from tuinn.view.run_columns import BY_NAME, COLUMNS, JOB_COLUMNS, RunColumn, Sizes, shown_state
from tuinn.view.run_comparison import Row, differences, last_values, results, starless, without_stars
from tuinn.view.run_table import COMMAND_LINE, cell, columns_for, gap_for, matches, sort_runs, unused


@click.group(invoke_without_command=True)
@JSON
@click.option(
    "--filter", "words", default="", metavar="WORDS", help="Only runs with all these words; #tag, -not."
)
@click.option(
    "--sort",
    "by",
    default="when",
    type=click.Choice([*BY_NAME]),
    metavar="COLUMN",
    help=f"{', '.join(BY_NAME)}.",
)
@click.option("--reverse", is_flag=True, help="The other way round.")
@click.option(
    "--csv", "as_csv", is_flag=True, help="Print CSV: settings, results and provenance of every run."
)
@click.option("--trash", "in_trash", is_flag=True, help="What lies in the trash instead.")
@click.option(
    "--on", "host", default="", metavar="HOST", help="Those of another machine, as ssh knows it: user@box."
)
@click.pass_context
def runs(
    ctx: click.Context,
    as_json: bool,
    words: str,
    by: str,
    reverse: bool,
    as_csv: bool,
    in_trash: bool,
    host: str,
) -> None:
    """List all runs, live ones first, and keep them in order."""
    if ctx.invoked_subcommand is not None:
        return
    if host:
        flags = {"--json": as_json, "--csv": as_csv, "--reverse": reverse, "--trash": in_trash}
        options = [name for name, is_on in flags.items() if is_on]
        done = there(host, shlex.join(["runs", "--sort", by, "--filter", words, *options]))
        click.echo(done.stdout, nl=False)
        raise click.exceptions.Exit(done.returncode)
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude one another.")
    listing = Listing(trash_folder() if in_trash else None)
    every = listing.refresh()
    if listing.has_jobs and not in_trash:
        listing.ask_slurm()
        every = listing.refresh()
    some = [run for run in every if matches(run, words)]
    wide = as_json or by == "size" or not (as_csv or sys.stdout.isatty())
    sizes = {run.name: bytes_below(run.folder.path) for run in some} if wide else {}
    rows = sort_runs(some, by, reverse, sizes)
    if as_json:
        click.echo(msgspec.json.encode([as_raw(run, sizes) for run in rows]))
    elif as_csv:
        click.echo(to_csv(rows), nl=False)
    elif rows:
        click.echo(as_text(rows, sizes, shutil.get_terminal_size().columns if sys.stdout.isatty() else None))
    elif every:
        click.echo(f"None of the {plural(len(every), 'run')} has '{words}'.")
    else:
        click.echo(
            "The trash is empty." if in_trash else "There are no runs yet. `tuinn train SPEC.toml` makes one."
        )


def as_raw(run: ListedRun, sizes: Sizes) -> dict[str, object]:
    """What is known of a run, for JSON."""
    summary, best = run.summary, run.summary.best
    return {
        "name": run.name,
        "state": run.state_word,
        "when": time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(run.made)),
        "path": str(run.folder.path),
        "title": run.annotations.title,
        "copy_of": run.copy_of,
        "note": run.annotations.note,
        "tags": run.annotations.tags,
        "dataset": run.known.dataset,
        "network": run.known.network,
        "parameters": summary.parameters,
        "device": summary.device,
        "epochs_done": summary.done,
        "epochs_asked": run.epochs,
        "seconds": round(summary.clock.seconds, 3),
        "metrics": summary.tested or summary.latest,
        "best": {"epoch": best.epoch, "metrics": best.metrics} if best else None,
        "size": sizes.get(run.name),
        "job": as_raw_job(run),
        "problem": run.known.problem,
        "death": run.death,
        "silence": run.silence,
    }


def as_raw_job(run: ListedRun) -> dict[str, object] | None:
    """The run's job in Slurm, for JSON; None where it has none."""
    if run.job is None:
        return None
    status = run.job_status
    queued = {"state": status.state, "node": status.node, "seconds_left": status.left} if status else {}
    return {"number": run.job.number, **queued, "reason": status.reason if status else ""}


def as_text(rows: Sequence[ListedRun], sizes: Sizes, width: int | None) -> str:
    """An aligned table, a run a line by its name; of a terminal's width, or as wide as it is."""
    if width is None:
        without = {*JOB_COLUMNS} & unused(rows)
        shown = [column for column in COLUMNS if column.name not in without]
        head = [*(column.name for column in shown), "title", ""]
        lines = [
            [
                *(printable(_text(run, column.name, sizes)) for column in shown),
                printable(run.title),
                printable(run.trouble),
            ]
            for run in rows
        ]
        return table([head, *lines], right={at for at, column in enumerate(shown) if column.right})
    room = min(max(len(run.title) for run in rows), max(24, width // 4))
    title = RunColumn("title", room, lambda run, _: run.title, lambda run, _: run.title)
    name = min(max(len(run.name) for run in rows), width // 2)
    columns = columns_for(width, name, unused(rows), [title], importance=COMMAND_LINE)
    report = [[cell(column.name, wide, column.right) for column, wide in columns]]
    report += [
        [cell(_text(run, column.name, sizes), wide, column.right) for column, wide in columns] for run in rows
    ]
    gap = " " * gap_for(width)
    return "\n".join(gap.join(line).rstrip() for line in report)


def _text(run: ListedRun, column: str, sizes: Sizes) -> str:
    """On the command line a run goes by its name, which can be typed."""
    return (
        run.name if column == "run" else run.title if column == "title" else BY_NAME[column].text(run, sizes)
    )


def to_csv(rows: Sequence[ListedRun]) -> str:
    """A line per run, under a head: what it is, its results, its settings, where it came from.

    `best`, `last` and `test` are of the `metric`; then each metric by its own name, as in `best val_loss`, and each
    setting by what people call it.
    """
    records = [_record(run) for run in rows]
    # What every run has stands first; metrics and settings follow in the order in which they turn up.
    names = dict.fromkeys(name for part in range(4) for record in records for name in record[part])
    file = StringIO()
    writer = csv.DictWriter(file, list(names), restval="", lineterminator="\n")
    if rows:
        writer.writeheader()
    for record in records:
        writer.writerow({name: value for part in record for name, value in part.items()})
    return file.getvalue()


def _record(run: ListedRun) -> tuple[dict[str, object], ...]:
    """Facts, metrics, settings and provenance of a run, by the names of their columns."""
    summary, best, provenance = run.summary, run.summary.best, read_provenance(run.folder.path)
    facts: dict[str, object] = {
        "id": run.name,
        "title": run.title,
        "state": shown_state(run),
        "when": time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(run.made)),
        "dataset": run.known.dataset,
        "network": run.known.network,
        "parameters": summary.parameters or None,
        "trained on": summary.device,
        "epochs done": summary.done,
        "seconds": round(summary.clock.seconds, 3),
        "metric": summary.score[0].removeprefix("val_") if summary.score else "",
        "best": summary.score[1] if summary.score else None,
        "best epoch": best.epoch if best else None,
        "last": summary.last_score,
        "test": summary.test_score,
        "tags": " ".join(run.annotations.tags),
        "note": run.annotations.note,
    }
    parts = {"best": best.metrics if best else {}, "last": summary.latest, "test": summary.tested}
    metrics: dict[str, object] = {
        f"{part} {name}": value for part, values in parts.items() for name, value in values.items()
    }
    origin: dict[str, object] = {
        "command": provenance.command,
        "started in": provenance.folder,
        "host": provenance.host,
        "git commit": provenance.commit,
        "git changed": "" if provenance.dirty is None else "yes" if provenance.dirty else "no",
        **{f"{name} version": number for name, number in provenance.versions.items()},
    }
    return facts, metrics, dict(run.settings), origin


@runs.command()
@RUN
@JSON
def show(folder: RunFolder, as_json: bool) -> None:
    """Show a run: results, settings, and where it came from."""
    listing = Listing(folder.path.parent)
    run = next((one for one in listing.refresh() if one.name == folder.name), listing.look(folder)[0])
    provenance = read_provenance(folder.path)
    if as_json:
        raw = {**as_raw(run, {folder.name: bytes_below(folder.path)}), "settings": run.settings}
        click.echo(msgspec.json.encode({**raw, "provenance": provenance}))
        return
    summary, best = run.summary, run.summary.best
    lines = [
        ("title", run.title),
        ("run", run.name),
        ("state", f"{shown_state(run)}, {summary.done} of {plural(run.epochs, 'epoch')}"),
        ("trouble", summary.message if summary.outcome == "failed" else run.trouble),
        ("best", f"{format_metrics(best.metrics)}  in epoch {best.epoch}" if best else ""),
        ("last", format_metrics(summary.latest)),
        ("test", format_metrics(summary.tested)),
        ("network", run.known.network),
        ("device", summary.device),
        ("tags", " ".join(f"#{tag}" for tag in run.annotations.tags)),
        ("note", run.annotations.note),
        ("", ""),
        *provenance_lines(provenance),
        ("folder", str(folder.path)),
        ("", ""),
        *run.settings.items(),
    ]
    shown = [(name, printable(text)) for name, text in lines if text or not name]
    width = max(len(name) for name, _ in shown)
    click.echo("\n".join(f"{name:<{width}}  {text}".rstrip() for name, text in shown))


# ------------------------------------------------------------------------------------------- what a person says


@runs.command()
@RUN
@click.argument("text", nargs=-1)
def note(folder: RunFolder, text: tuple[str, ...]) -> None:
    """Write a note on a run; without TEXT, read it."""
    about = change_annotations(folder, note=" ".join(text)) if text else read_annotations(folder)
    click.echo(f"{folder.name}: {printable(about.note) or 'no note'}")


@runs.command()
@RUN
@click.argument("tags", nargs=-1, metavar="TAG...")
@click.option("--remove", multiple=True, metavar="TAG", help="Take a tag away. May be given more than once.")
def tag(folder: RunFolder, tags: tuple[str, ...], remove: tuple[str, ...]) -> None:
    """Add tags to a run, or take some away; without TAG, read them."""
    about = read_annotations(folder)
    if tags or remove:
        away = {word.removeprefix("#") for word in remove}
        kept = tuple(word for word in about.tags if word not in away)
        about = change_annotations(folder, tags=(*kept, *tags))
    click.echo(f"{folder.name}: {' '.join('#' + printable(word) for word in about.tags) or 'no tags'}")


@runs.command()
@RUN
@click.argument("title", nargs=-1)
def rename(folder: RunFolder, title: tuple[str, ...]) -> None:
    """Give a run a title, or take it away; its folder keeps its name."""
    about = change_annotations(folder, title=" ".join(title))
    click.echo(f"{folder.name}: {printable(about.title) or 'no title'}")


@runs.command()
@RUN
def path(folder: RunFolder) -> None:
    """Print a run's folder, as in: cd "$(tuinn runs path last)"."""
    click.echo(folder.path)


# ----------------------------------------------------------------------------------------------------- the house


@runs.command()
@RUNS
def trash(folders: tuple[RunFolder, ...]) -> None:
    """Move runs to the trash. `tuinn runs restore` brings them back."""
    for folder in folders:
        move_to_trash(folder)
        click.echo(f"{folder.name} is in the trash. Back: tuinn runs restore {folder.name}")


@runs.command("restore")
@click.argument("words", metavar="RUN...", nargs=-1, required=True)
def restore_(words: tuple[str, ...]) -> None:
    """Bring runs back out of the trash. "last" is the one that was last put there."""
    for word in words:
        folder = find_trashed(word)
        restore(folder)
        click.echo(f"{folder.name} is back.")


@runs.command()
@click.option("--yes", is_flag=True, help="Don't ask.")
def empty(yes: bool) -> None:
    """Remove what is in the trash for good."""
    there = all_runs(trash_folder())
    if not there:
        click.echo("The trash is empty.")
        return
    if not yes:
        click.confirm(f"Remove {plural(len(there), 'run')} for good?", abort=True)
    click.echo(f"{plural(len(there), 'run')} removed, {format_bytes(empty_trash())} freed.")


@runs.command("prune")
@RUNS
@click.option("--all", "every", is_flag=True, help="The last checkpoint too: no resuming any more.")
@click.option("--dry-run", is_flag=True, help="Only say what would be freed.")
def prune_(folders: tuple[RunFolder, ...], every: bool, dry_run: bool) -> None:
    """Remove checkpoints, all but the last. The trained network and the curves stay."""
    for folder in folders:
        if dry_run:
            freed = sum(file.stat().st_size for file in prunable(folder, keep_last=not every))
            click.echo(f"{folder.name}: {format_bytes(freed)} would be freed")
        else:
            click.echo(f"{folder.name}: {format_bytes(prune(folder, keep_last=not every))} freed")


@click.command()
@RUNS
@JSON
def compare(folders: tuple[RunFolder, ...], as_json: bool) -> None:
    """Compare two runs or more: results, with a star at the best, and settings that differ."""
    if len(folders) < 2:
        raise click.UsageError("It takes two different runs to compare.")
    views = [look(folder)[0] for folder in folders]
    specs = [folder.spec() for folder in folders]
    which, why = starless(views, specs)
    ended = without_stars([*results(views), *last_values(views)], which)
    unlike = differences(specs)
    if as_json:
        report = {
            "runs": [folder.name for folder in folders],
            "results": {row.name: row.values for row in ended},
            "differences": {row.path: row.values for row in unlike},
        }
        click.echo(msgspec.json.encode(report))
        return
    titles = tuple(titles_of(folders))
    rows = [Row("", titles), *ended, *(unlike or [Row("their specs are the same", ("",) * len(folders))])]
    click.echo(table([_cells(row) for row in rows], right=range(1, len(folders) + 1)))
    if why:
        click.echo(f"\n{why}")


def _cells(row: Row) -> Sequence[str]:
    # A star or a blank, so that the digits stand under one another.
    marks = ["*" if at in row.best else " " if row.best else "" for at in range(len(row.values))]
    return [row.name, *(printable(value) + mark for value, mark in zip(row.values, marks, strict=True))]


runs.add_command(compare)
