"""`tuinn runs compare`: how runs ended, side by side, and where their specs differ."""

from collections.abc import Sequence

import click
import msgspec

from tuinn.cli.options import JSON, RUNS
from tuinn.cli.steer import look
from tuinn.cli.table import table
from tuinn.runs.about import read_about
from tuinn.runs.folder import RunFolder
from tuinn.view.compare import Row, differences, last_values, results
from tuinn.view.words import printable


@click.command()
@RUNS
@JSON
def compare(folders: tuple[RunFolder, ...], as_json: bool) -> None:
    """Compare two runs or more: results, with a star at the best, and settings that differ."""
    if len(folders) < 2:
        raise click.UsageError("It takes two different runs to compare.")
    views = [look(folder)[0] for folder in folders]
    ended = [*results(views), *last_values(views)]
    unlike = differences([folder.spec() for folder in folders])
    if as_json:
        told = {
            "runs": [folder.name for folder in folders],
            "results": {row.name: row.values for row in ended},
            "differences": {row.name: row.values for row in unlike},
        }
        click.echo(msgspec.json.encode(told))
        return
    titles = tuple(read_about(folder).title or folder.name for folder in folders)
    rows = [Row("", titles), *ended, *(unlike or [Row("their specs are the same", ("",) * len(folders))])]
    click.echo(table([_cells(row) for row in rows], right=range(1, len(folders) + 1)))


def _cells(row: Row) -> Sequence[str]:
    # A star or a blank, so that the digits stand under one another.
    marks = ["*" if at in row.best else " " if row.best else "" for at in range(len(row.values))]
    return [row.name, *(printable(value) + mark for value, mark in zip(row.values, marks, strict=True))]
