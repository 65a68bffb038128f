"""`tuinn datasets`: list, fetch and show datasets, and empty the cache."""

import click
import msgspec

from tuinn.cli.common.options import JSON, table
from tuinn.data.catalog import availability
from tuinn.data.catalog.catalog import all_datasets
from tuinn.data.info import DatasetInfo, datasets_folder
from tuinn.spec.layers.catalog import format_shape
from tuinn.text import format_bytes, format_count

STATES = {"bundled": "bundled", "here": "here", "absent": "to fetch"}


@click.group(invoke_without_command=True)
@JSON
@click.pass_context
def datasets(ctx: click.Context, as_json: bool) -> None:
    """List the datasets, fetch them, look at them."""
    if ctx.invoked_subcommand is not None:
        return
    found = all_datasets()
    if as_json:
        click.echo(msgspec.json.encode([as_raw(info) for info in found]))
        return
    head = ("name", "what", "sample", "train", "test", "size", "")
    click.echo(table([head, *map(_row, found)], right={3, 4, 5}))
    click.echo(f"\nKeras' folder: {datasets_folder()}\n{_cached()}")


def as_raw(entry: DatasetInfo) -> dict[str, object]:
    """All that the catalogue says of a dataset, for JSON. Shapes are without the batch axis."""
    found, facts = availability.availability_of(entry.name), entry.facts
    files = [
        {"name": file.name, "url": file.url, "bytes": file.bytes, "path": str(file.path())}
        for file in entry.files
    ]
    return {
        "name": entry.name,
        "title": entry.title,
        "about": entry.description,
        "state": found.state,
        "task": str(facts.task),
        "shape": facts.shape,
        "dtype": facts.dtype,
        "low": facts.low,
        "high": facts.high,
        "classes": facts.classes,
        "features": facts.features,
        "target": facts.target,
        "train": facts.train,
        "test": facts.test,
        "bytes": found.bytes,
        "licence": entry.licence,
        "publisher": entry.publisher,
        "source": entry.source,
        "folder": str(found.folder),
        "files": files,
        "missing": [file.name for file in found.missing],
    }


def _row(info: DatasetInfo) -> tuple[str, ...]:
    facts, found = info.facts, availability.availability_of(info.name)
    what = f"{len(facts.classes)} classes" if facts.classes else "regression"
    numbers = (format_count(facts.train), format_count(facts.test), format_bytes(found.bytes))
    return info.name, what, format_shape(facts.shape), *numbers, STATES[found.state]


def _cached() -> str:
    from tuinn.data import cache

    return f"Prepared samples: {format_bytes(cache.cache_size())} in {cache.cache_folder()}; `tuinn datasets empty` frees them."


@datasets.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option(
    "--replace", is_flag=True, help="Rename a file of yours that isn't the published one, to NAME.old."
)
def fetch(names: tuple[str, ...], replace: bool) -> None:
    """Fetch datasets into Keras' folder, and prepare their samples.

    A fetch that was interrupted continues where it ended.
    """
    from tuinn.cli.common.fetching import fetch_here

    for name in names:
        fetch_here(name, replace)


@datasets.command()
@click.argument("word", metavar="NAME_OR_PATH")
@JSON
def show(word: str, as_json: bool) -> None:
    """Show a dataset: what it is, how many of each class, a few samples.

    NAME is one of the list; a folder or a file of your own is given by its path.
    """
    from tuinn.cli.dataset_show import show_dataset

    show_dataset(word, as_json)


@datasets.command()
def empty() -> None:
    """Free what prepared samples take; they are read again when they are wanted.

    Files that were fetched stay.
    """
    from tuinn.data import cache

    click.echo(f"{format_bytes(cache.empty_cache())} freed in {cache.cache_folder()}.")
