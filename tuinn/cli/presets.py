"""`tuinn presets`: the ready runs, or one of them as a spec."""

import click
import msgspec

from tuinn.cli.common.options import JSON, table
from tuinn.data import loader
from tuinn.data.catalog import catalog
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.options import did_you_mean
from tuinn.spec.presets.catalog import (
    PRESETS,
    describe_preset,
    make_preset,
    preset_for_dataset,
    suited_preset,
)
from tuinn.spec.run import RunSpec
from tuinn.text import format_count, shorten


@click.command()
@click.argument("name", required=False)
@click.option(
    "--for", "data", metavar="NAME_OR_PATH", help="With head, input and scaling made to fit this dataset."
)
@click.option(
    "--labels",
    metavar="SOURCE",
    default="",
    help="Where pictures have their classes from: labels.csv, 'name:(cat|dog)'.",
)
@click.option(
    "--target", metavar="COLUMN", help="The column of a table to predict, or several: a,b. With --for PATH."
)
@JSON
def presets(name: str | None, data: str | None, labels: str, target: str | None, as_json: bool) -> None:
    """List the ready runs, or print one as a spec.

    `tuinn presets iris-lab > iris.toml` makes a spec to begin with; `tuinn presets --for flowers/` makes one for data of
    your own, with the preset that suits them, `tuinn presets residual-cnn --for flowers/` with that one; `--target price`
    says what to predict in a table.
    """
    if name is not None and name not in PRESETS:
        raise SpecError(f"{shorten(repr(name))} is not a preset. {did_you_mean(name, PRESETS)}")
    if target and not data:
        raise SpecError("goes with --for PATH, of which it names a column.", "--target")
    if name is not None or data:
        spec = _fitted(name, data, labels, target or "") if data else PRESETS[name or ""]()
        click.echo(msgspec.json.encode(spec.raw()) if as_json else spec.toml(), nl=as_json)
        return
    rows = [_row(one) for one in PRESETS]
    if as_json:
        keys = ("name", "dataset", "parameters", "about")
        click.echo(msgspec.json.encode([dict(zip(keys, row, strict=True)) for row in rows]))
    else:
        head = ("preset", "dataset", "parameters", "what it is")
        lines = [(preset, dataset, format_count(total), words) for preset, dataset, total, words in rows]
        click.echo(table([head, *lines], right={2}))


def _fitted(name: str | None, data: str, labels: str, target: str) -> RunSpec:
    """The preset for another dataset, of the catalogue or of the user's own; the one suited to it without a name.

    Raises SpecError.
    """
    known = {entry.name for entry in catalog.all_datasets()}
    if target and data in known:
        raise SpecError(f"names a column of a table of your own; {data} has its target.", "--target")
    own = {"target": target, "label_source": labels}
    dataset = DatasetSpec(data) if data in known else DatasetSpec.at(data, **own)
    if name is None and (made := preset_for_dataset(dataset.name)):
        return made
    facts = loader.describe(dataset).facts
    return make_preset(name or suited_preset(facts), dataset, facts)


def _row(name: str) -> tuple[str, str, int, str]:
    """Name, dataset, number of parameters, and what the preset is."""
    spec = PRESETS[name]()
    found = summarize(spec.model, catalog.find(spec.dataset.name).facts.input_shape)
    return name, spec.dataset.name, found.total, describe_preset(name)
