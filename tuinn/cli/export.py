"""`tuinn export`: a spec or a run as a Keras script, or a run's network as a file for other programs."""

from pathlib import Path
from typing import get_args

import click
import msgspec

from tuinn.cli.common.exit_codes import FAILED, FINISHED, WRONG
from tuinn.cli.common.options import JSON, OUT, SETTINGS, put
from tuinn.cli.common.spec_file import errors_in, explain, facts_of, read_spec
from tuinn.data.catalog import catalog
from tuinn.errors import FolderError, SpecError
from tuinn.runs.folder import RunFolder, find_run
from tuinn.runs.jobs import (
    Export,
    Exported,
    JobFailed,
    JobNote,
    JobProgress,
    check_target,
    network_of,
    run_job,
)
from tuinn.spec.keras_export.formats import FILE_FORMATS, FileFormat, file_format, limits, refusal
from tuinn.spec.keras_export.script import FORMS, Form, export_script
from tuinn.spec.run import RunSpec
from tuinn.text import printable
from tuinn.view.reports.export_text import disagreement, lines


@click.command()
@click.argument("word", metavar="SPEC_OR_RUN")
@click.option(
    "--to",
    "form",
    type=click.Choice([*FORMS, *(row.name for row in FILE_FORMATS)]),
    default="script",
    help="A Keras script: Sequential if it can be, functional, or with its loop written out. Or the trained network.",
)
@SETTINGS
@OUT
@JSON
def export(word: str, form: str, settings: tuple[str, ...], out: Path | None, as_json: bool) -> None:
    """Print a run as a Keras script, or write its network.

    The script needs keras and not tuinn. It loads the same data, builds the same network, trains it with the same seed and
    settings, and prints the same losses. Data of your own are read as tuinn prepared them, from its cache.

    A network is opened in its new format and compared with the one in Keras, over 64 test samples.
    """
    if form not in FORMS:
        if settings:
            raise SpecError("changes a script; a trained network is as it is.", "--set")
        raise click.exceptions.Exit(_export_network(find_run(word), file_format(form), out, as_json))
    if as_json:
        raise SpecError("is for a trained network; a script is printed as it is.", "--json")
    spec = _spec(word, settings)
    # What has to be fetched first, the script fetches by itself.
    facts = catalog.info_for(spec.dataset).facts if spec.dataset.name else facts_of(spec)
    if problems := errors_in(spec, facts):
        explain(problems, word)
        raise click.exceptions.Exit(WRONG)
    put(export_script(spec, facts, _data(spec), _form(form)), out)


def _form(word: str) -> Form:
    assert word in get_args(Form)
    return word  # type: ignore[return-value]  # checked above


def _export_network(folder: RunFolder, row: FileFormat, out: Path | None, as_json: bool) -> int:
    """Write it, say how it compares, and return the exit code. Raises SpecError or FolderError."""
    target = (out or Path(f"{folder.name}{row.ending}")).absolute()
    check_target(row, target)
    model, facts = folder.spec().model, folder.facts()
    if why := refusal(row, model, facts):
        raise SpecError(why)
    for sentence in limits(row, model, facts):
        click.echo(f"note: {sentence}", err=True)
    for answer in run_job(Export(network=network_of(folder.path), to=row.name, out=str(target))):
        match answer:
            case JobFailed(message=message):
                raise FolderError(message)
            case JobNote(message=message):
                click.echo(f"note: {printable(message)}", err=True)
            case JobProgress(what=what) if not as_json:
                click.echo(f"{what} …", err=True)
            case Exported():
                return _report(answer, as_json)
            case _:
                pass
    return FAILED


def _report(answer: Exported, as_json: bool) -> int:
    if as_json:
        click.echo(msgspec.json.encode({**msgspec.to_builtins(answer), "agrees": answer.agrees}))
    else:
        for line in lines(answer):
            click.echo(line)
    if problem := disagreement(answer):
        click.echo(f"tuinn: {problem}", err=True)
        return FAILED
    return FINISHED


def _data(spec: RunSpec) -> str:
    """Where the script finds its samples. Raises SpecError."""
    if spec.dataset.name:
        return str(catalog.BUNDLED_FOLDER.resolve() / f"{spec.dataset.name}.npz")
    from tuinn.data import loader

    return str(loader.cached_folder(spec.dataset).resolve())


def _spec(word: str, settings: tuple[str, ...]) -> RunSpec:
    """Of a file where there is one of this name, else of a run. Raises SpecError or FolderError."""
    file = Path(word)
    if file.is_file() or file.suffix == ".toml":
        return read_spec(file, settings)
    spec = find_run(word).spec()
    for setting in settings:
        path, _, value = setting.partition("=")
        spec = spec.with_setting(path.strip(), value)
    return spec
