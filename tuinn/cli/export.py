"""`tuinn export`: a spec or a run as a Keras script of its own."""

from pathlib import Path

import click

from tuinn.cli.exit_codes import WRONG
from tuinn.cli.options import OUT, SETTINGS, put
from tuinn.cli.spec_file import errors_in, explain, facts_of, read_spec
from tuinn.data.catalog import catalog
from tuinn.runs.folder import find_run
from tuinn.spec.keras_export.script import FORMS, Form, export_script
from tuinn.spec.run import RunSpec


@click.command()
@click.argument("word", metavar="SPEC_OR_RUN")
@click.option(
    "--to",
    "form",
    type=click.Choice(FORMS),
    default="script",
    help="Sequential if it can be, functional, or with its loop written out.",
)
@SETTINGS
@OUT
def export(word: str, form: Form, settings: tuple[str, ...], out: Path | None) -> None:
    """Print a run as a Keras script.

    It needs keras and not tuinn. It loads the same data, builds the same network, trains it with the same seed and
    settings, and prints the same losses. Data of your own are read as tuinn prepared them, from its cache.
    """
    spec = _spec(word, settings)
    # What has to be fetched first, the script fetches by itself.
    facts = catalog.info_for(spec.dataset).facts if spec.dataset.name else facts_of(spec)
    if problems := errors_in(spec, facts):
        explain(problems, word)
        raise click.exceptions.Exit(WRONG)
    put(export_script(spec, facts, _data(spec), form), out)


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
