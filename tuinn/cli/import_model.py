"""`tuinn import`: a saved Keras network as a stack of layers."""

from pathlib import Path

import click

from tuinn.cli.files import OUT, put
from tuinn.cli.summary import as_text
from tuinn.data import catalogue
from tuinn.data.keras_file import read_description
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.keras_config import Imported, read_config
from tuinn.spec.problem import SpecProblem
from tuinn.spec.run import RunSpec
from tuinn.spec.shapes import summarise


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
    except SpecProblem as problem:
        raise problem if problem.path else SpecProblem(str(problem), str(file)) from None
    spec = _spec(found)
    shape = found.input_shape or catalogue.find(spec.dataset.name).facts.shape
    summary = summarise(found.model, shape)
    for note in [
        *found.notes,
        *([f"Layer {summary.misfit[0] + 1}: {summary.misfit[1]}"] if summary.misfit else []),
    ]:
        click.echo(f"note: {note}", err=True)
    if out is None:
        click.echo(as_text(summary, spec.fit))
    else:
        put(spec.toml(), out)


def _spec(found: Imported) -> RunSpec:
    """With the first dataset whose samples have the network's shape; the fit settings that need a choice are auto."""
    spec = RunSpec(model=found.model, fit=found.fit)
    fitting = [entry for entry in catalogue.entries() if entry.facts.shape == found.input_shape]
    if not fitting:
        click.echo("note: No dataset here has samples of this shape; choose one before training.", err=True)
        return spec
    last = summarise(found.model, fitting[0].facts.shape).output
    best = next((entry for entry in fitting if last == (len(entry.facts.classes),)), fitting[0])
    return spec.with_dataset(DatasetSpec(best.name))
