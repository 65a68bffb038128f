"""`tuinn import`: a saved Keras network as a stack of layers."""

from pathlib import Path

import click

from tuinn.cli.options import OUT, put
from tuinn.cli.summary import as_text
from tuinn.data.catalog import catalog
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.keras_import.saved_config import ImportedModel, read_config
from tuinn.spec.keras_import.saved_file import read_description
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.run import RunSpec


@click.command("import")
@click.argument("file", metavar="MODEL.keras", type=click.Path(path_type=Path))
@OUT
def import_model(file: Path, out: Path | None) -> None:
    """Show a saved Keras network as a stack of layers.

    With -o it becomes a spec that can be edited and trained; the weights are not taken over. Layers that tuinn
    doesn't know are named.
    """
    try:
        found = read_config(read_description(file))
    except SpecError as problem:
        raise problem if problem.path else SpecError(str(problem), str(file)) from None
    spec = _spec(found)
    shape = found.input_shape or catalog.find(spec.dataset.name).facts.shape
    summary = summarize(found.model, shape)
    for note in [
        *found.notes,
        *([f"Layer {summary.mismatch[0] + 1}: {summary.mismatch[1]}"] if summary.mismatch else []),
    ]:
        click.echo(f"note: {note}", err=True)
    if out is None:
        click.echo(as_text(summary, spec.fit))
    else:
        put(spec.toml(), out)


def _spec(found: ImportedModel) -> RunSpec:
    """With the first dataset whose samples have the network's shape; the fit settings that need a choice are auto."""
    spec = RunSpec(model=found.model, fit=found.fit)
    fitting = [entry for entry in catalog.all_datasets() if entry.facts.shape == found.input_shape]
    if not fitting:
        click.echo("note: No dataset here has samples of this shape; choose one before training.", err=True)
        return spec
    last = summarize(found.model, fitting[0].facts.shape).output
    best = next((entry for entry in fitting if last == (len(entry.facts.classes),)), fitting[0])
    return spec.with_dataset(DatasetSpec(best.name))
