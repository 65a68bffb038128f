"""Text that a verb makes: to a file that isn't there yet, else to stdout."""

from pathlib import Path

import click

from tuinn.spec.problem import SpecProblem

OUT = click.option(
    "-o",
    "out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to this new file instead of stdout.",
)


def put(text: str, out: Path | None) -> None:
    """Raises SpecProblem where the file is there already or cannot be written."""
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        with out.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise SpecProblem("is there already. Give another name, or remove it.", str(out)) from None
    except OSError as error:
        raise SpecProblem(f"cannot be written ({error.strerror}).", str(out)) from None
    click.echo(f"wrote {out}", err=True)
