"""Arguments and options that several verbs share."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import click

from tuinn.errors import SpecError
from tuinn.runs.folder import RunFolder, find_run


def _find(_context: click.Context, _parameter: click.Parameter, word: str | None) -> RunFolder:
    return find_run(word)


RUN = click.argument("folder", metavar="RUN", callback=_find)


def _find_all(
    _context: click.Context, _parameter: click.Parameter, words: tuple[str, ...]
) -> tuple[RunFolder, ...]:
    return tuple(dict.fromkeys(find_run(word) for word in words))


RUNS = click.argument("folders", metavar="RUN...", nargs=-1, required=True, callback=_find_all)

RUN_OR_NEWEST = click.argument("folder", metavar="[RUN]", required=False, callback=_find)

SPEC = click.argument("file", metavar="SPEC.toml", type=click.Path(path_type=Path))

SETTINGS = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Set a field, such as fit.epochs=3 or layers[2].units=64. May be given more than once.",
)

CLUSTER = click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Train on a Dask cluster: its scheduler, such as tcp://box:8786, or `here`. Default: as in config.toml.",
)

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def JSON_OR_PLAIN(command: Any) -> Any:  # noqa: N802 - used as the options above are
    """`--json` or `--plain`, as `style`; None for neither."""
    plain = click.option("--plain", "style", flag_value="plain", help="Print a line per epoch.")
    events = click.option(
        "--json", "style", flag_value="json", help="Print the journal: a JSON object per event."
    )
    return events(plain(command))


LIKE = click.option(
    "--like",
    default="",
    metavar="DATASET",
    help="Of a MODEL.keras: what it was trained on, by a name or a path: its classes, and how pictures are prepared.",
)
PIXELS = click.option(
    "--pixels",
    default="",
    metavar="LOW,HIGH",
    help="Of a MODEL.keras: what black and white are to it, such as 0,1.",
)

OUT = click.option(
    "-o",
    "out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to this new file instead of stdout.",
)


def put(text: str, out: Path | None) -> None:
    """Raises SpecError where the file is there already or cannot be written."""
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        with out.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise SpecError("is there already. Give another name, or remove it.", str(out)) from None
    except OSError as error:
        raise SpecError(f"cannot be written ({error.strerror}).", str(out)) from None
    click.echo(f"wrote {out}", err=True)


def table(rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> str:
    """Columns two spaces apart. `right`: the columns, counted from 0, that are aligned to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if at in right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
