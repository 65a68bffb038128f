"""`tuinn import`: Keras code, or a saved Keras network, as a stack of layers."""

import json
import re
from dataclasses import replace
from pathlib import Path

import click

from tuinn.cli.common.options import JSON, OUT, put
from tuinn.cli.import_code import import_code, is_code
from tuinn.cli.summary import as_text
from tuinn.data import loader
from tuinn.data.catalog import catalog
from tuinn.errors import FolderError, SpecError
from tuinn.runs.folder import find_run
from tuinn.runs.jobs import CodeRun, JobFailed, RunCode, run_job
from tuinn.spec.advice.frozen_trunk import frozen_trunk
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.keras_import.training.settings import fit_with
from tuinn.spec.layers.catalog import Shape
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.run import RunSpec
from tuinn.spec.saved_network.config import ImportedModel, read_config
from tuinn.spec.saved_network.files import read_description
from tuinn.spec.saved_network.keras_file import read_spec_note
from tuinn.spec.saved_network.saved_stack import file_of, read_saved_stack


def _shape(_context: click.Context, _parameter: click.Parameter, word: str | None) -> Shape | None:
    """`28,28,1` or `28x28x1`."""
    if word is None:
        return None
    sizes = re.fullmatch(r"\s*\(?\s*(\d{1,9}(?:\s*[,x×]\s*\d{1,9})*)\s*,?\s*\)?\s*", word)
    found = tuple(int(size) for size in re.split(r"[,x×]", sizes[1])) if sizes else ()
    if not found or 0 in found or len(found) > 8:
        raise SpecError("is a shape of one sample, such as 28,28,1 or 784.", "--input-shape")
    return found


@click.command("import")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--input-shape",
    "shape",
    metavar="SIZES",
    callback=_shape,
    help="One sample, such as 28,28,1, where the code doesn't say it.",
)
@click.option(
    "--run",
    "function",
    metavar="FUNCTION",
    help="Run FILE.py in a process of its own, and take the network that this function of it gives.",
)
@click.option(
    "--trunk-for",
    "data",
    metavar="NAME_OR_PATH",
    help="Of a saved network: its first layers with their weights, frozen, and a new last layer for this dataset.",
)
@JSON
@OUT
def import_model(
    file: Path,
    shape: Shape | None,
    function: str | None,
    data: str | None,
    as_json: bool,
    out: Path | None,
) -> None:
    """Show Keras code, or a saved Keras network, as a stack of layers.

    FILE.py, a notebook (.ipynb) or - for stdin is code: it is read and, without --run, never run. A report says what of it is
    changed, left out and taken over; a line of the network that can't be read is refused. MODEL.keras is a saved
    network, as are .h5 and SavedModels of Keras 2, or FILE a run, which has one; its weights are taken over with --trunk-for. With -o it becomes a spec that
    can be edited and trained.
    """
    if function is not None:
        _show(_run(file, function), out)
        return
    if is_code(file):
        import_code(file, shape, as_json, out)
        return
    if as_json or shape is not None:
        raise SpecError("--json and --input-shape are for code; a saved network has its shape.", str(file))
    file = _network_file(file)
    if data is not None:
        _show_trunk(file, data, out)
        return
    try:
        found = read_config(read_description(file))
    except SpecError as problem:
        raise problem if problem.path else SpecError(str(problem), str(file)) from None
    _show(found, out, _exported_spec(file))


def _exported_spec(file: Path) -> RunSpec | None:
    """The spec in a file that tuinn exported; None in any other."""
    text = read_spec_note(file)
    try:
        return RunSpec.from_toml(text) if text else None
    except SpecError:
        return None  # of a newer tuinn


def _network_file(word: Path) -> Path:
    """A file, or that of a run, by its folder or as other commands take a run."""
    if word.exists() or word.suffix:
        return file_of(str(word))
    try:
        return find_run(str(word)).model_file
    except FolderError:
        return word  # of which is said that there is no such file


def _show_trunk(file: Path, data: str, out: Path | None) -> None:
    """A spec whose first layers are this network's. Raises SpecError."""
    from tuinn.cli.predict_files import dataset_at

    dataset = dataset_at(data)
    facts = loader.describe(dataset).facts
    trunk = frozen_trunk(read_saved_stack(str(file)), RunSpec(dataset), facts)
    for note in trunk.notes:
        click.echo(f"note: {note}", err=True)
    if out is None:
        click.echo(as_text(summarize(trunk.spec.model, facts.input_shape, facts.is_text), trunk.spec.fit))
    else:
        put(trunk.spec.toml(), out)


def _run(file: Path, function: str) -> ImportedModel:
    """What the function gives, with everything that the file does beside it. Raises SpecError or FolderError."""
    if file.suffix.lower() != ".py" or not file.is_file():
        raise SpecError("is no file that can be run. Give a file whose name ends in .py.", str(file))
    for answer in run_job(RunCode(file=str(file.resolve()), function=function)):
        if isinstance(answer, JobFailed):
            raise SpecError(answer.message, str(file))
        if isinstance(answer, CodeRun):
            return read_config(json.loads(answer.config))
    raise SpecError("gave no network.", str(file))


def _show(found: ImportedModel, out: Path | None, spec: RunSpec | None = None) -> None:
    """The stack, or a spec of it. `spec`: the one that the network was trained by, where the file has it."""
    if spec is not None:
        found = replace(found, model=spec.model, notes=[], taken=["the whole spec, as tuinn exported it"])
    spec = spec or _spec(found)
    shape = found.input_shape or catalog.find(spec.dataset.name).facts.shape
    summary = summarize(found.model, shape)
    for words in found.taken:
        click.echo(f"taken over: {words}", err=True)
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
    spec = RunSpec(model=found.model)
    fitting = [entry for entry in catalog.all_datasets() if entry.facts.shape == found.input_shape]
    if not fitting:
        click.echo("note: No dataset here has samples of this shape; choose one before training.", err=True)
        return spec.replace_fit(found.fit)
    last = summarize(found.model, fitting[0].facts.shape).output
    best = next((entry for entry in fitting if last == (len(entry.facts.classes),)), fitting[0])
    spec = spec.with_dataset(DatasetSpec(best.name))
    learned = round(best.facts.train * (1 - spec.dataset.validation))
    return spec.replace_fit(fit_with(spec.fit, found.settings, found.decay, learned))
