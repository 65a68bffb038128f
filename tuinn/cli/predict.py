"""`tuinn predict`: what a run's network says of pictures, rows and texts."""

import csv
import json
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from tuinn.cli.exit_codes import FAILED
from tuinn.cli.inference_client import ask
from tuinn.cli.options import JSON, RUN
from tuinn.cli.spec_file import facts_of
from tuinn.errors import SpecError
from tuinn.runs.commands import Predict, PredictSamples, new_request
from tuinn.runs.events import PictureAnswered, SamplesAnswered
from tuinn.runs.folder import RunFolder
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task
from tuinn.text import figure, listed, printable, shorten
from tuinn.view.bars import bar

MOST_CLASSES = 5
"""Lines per sample; `--json` has them all."""


@click.command()
@RUN
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--row", "rows", multiple=True, metavar="COLUMN=VALUE,…", help="A row of a table, or as JSON.")
@click.option("--text", "texts", multiple=True, help="A text.")
@JSON
def predict(
    folder: RunFolder, files: tuple[Path, ...], rows: tuple[str, ...], texts: tuple[str, ...], as_json: bool
) -> None:
    """Say what pictures, rows or texts are.

    The network of RUN is asked. A FILE is a picture, a CSV of raw rows, or a text. A picture is prepared as the training
    data was: grey or colour, size, ground, range. A number is predicted in the target's own unit.
    """
    facts = folder.facts() or facts_of(folder.spec())
    if facts.is_text or facts.features:
        told = about_samples(folder, facts, files, rows, texts)
    elif rows or texts:
        what = "--row" if rows else "--text"
        raise SpecError("is for tables and texts, and this network takes pictures. Give files.", what)
    else:
        told = about_pictures(folder, facts, files)
    failed = [one for one in told if "problem" in one]
    for one in failed:
        click.echo(f"tuinn: {_blame(one)}", err=True)
    if as_json:
        click.echo(msgspec.json.encode(told))
    else:
        for one in told:
            if "problem" not in one:
                click.echo(as_text(one))
    raise click.exceptions.Exit(FAILED if failed else 0)


def about_pictures(folder: RunFolder, facts: DataFacts, files: tuple[Path, ...]) -> list[dict[str, Any]]:
    """What the network says of each, as objects. Raises SpecError where there is none to ask about."""
    if not files:
        raise SpecError("name a picture to ask about.", "FILE")
    questions = {new_request(): file for file in files}
    answers = ask(
        folder,
        [Predict(request=request, file=str(file.absolute())) for request, file in questions.items()],
    )
    return [
        as_object(answer, str(file), facts)
        for request, file in questions.items()
        if isinstance(answer := answers[request], PictureAnswered)
    ]


def about_samples(
    folder: RunFolder,
    facts: DataFacts,
    files: tuple[Path, ...],
    rows: tuple[str, ...],
    texts: tuple[str, ...],
) -> list[dict[str, Any]]:
    """What the network says of each row or text, as objects. Raises SpecError where one can't be asked about."""
    samples: list[Row | str] = [*map(row_of, rows), *texts]
    for file in files:
        samples += samples_in(file, facts, folder.spec().dataset)
    if not samples:
        what = "--text" if facts.is_text else "--row, or a CSV"
        raise SpecError(f"give something to ask about, with {what}.", "tuinn predict")
    if facts.columns and (left := left_out(samples, facts)):
        click.echo(
            f"warning: no value for {printable(listed(left))}: a number counts as its mean, a word as any other.",
            err=True,
        )
    request = new_request()
    answer = ask(folder, [PredictSamples(request=request, samples=tuple(samples))])[request]
    assert isinstance(answer, SamplesAnswered)
    if answer.problem:
        raise SpecError(answer.problem)
    kind = "text" if facts.is_text else "row"
    return [
        {kind: sample, "number": at, **said(outputs, facts)}
        for at, (sample, outputs) in enumerate(zip(samples, answer.outputs, strict=True), start=1)
    ]


def as_object(answer: PictureAnswered, file: str, facts: DataFacts) -> dict[str, Any]:
    """The answer with its classes by name; a `problem` where there is none, a `value` for a regression."""
    if answer.problem:
        return {"file": file, "problem": answer.problem}
    return {"file": file, **said(answer.outputs, facts), "steps": answer.steps}


def said(outputs: tuple[float | None, ...], facts: DataFacts) -> dict[str, Any]:
    """Outputs of one sample by the names of the classes, and the best of them; the `value` of a regression."""
    if facts.task is Task.REGRESSION:
        return {"value": outputs[0]}
    if facts.task is Task.BINARY and len(outputs) == 1:
        second = outputs[0]
        outputs = (None if second is None else 1 - second, second)
    chances = dict(zip(facts.classes, outputs, strict=True))
    return {"label": _label(chances, facts), "probabilities": chances}


def _blame(picture: dict[str, Any]) -> str:
    """The problem in one sentence that names the file, as most problems do by themselves."""
    file, problem = Path(picture["file"]), picture["problem"]
    return printable(problem if file.name in problem else f"{file}: {problem}")


def _label(chances: dict[str, float | None], facts: DataFacts) -> str | None:
    """The likeliest class; for several labels, all that are more likely than not. None: nothing is finite."""
    finite = {name: chance for name, chance in chances.items() if chance is not None}
    if not finite:
        return None
    if facts.task is Task.LABELS:
        return ", ".join(name for name, chance in finite.items() if chance > 0.5)
    return max(finite, key=finite.__getitem__)


def as_text(picture: dict[str, Any]) -> str:
    """The label, how a picture was prepared, and a bar per class, likeliest first."""
    name = printable(_name(picture))
    prepared = f"  prepared: {printable(', '.join(picture['steps']))}" if picture.get("steps") else ""
    if "value" in picture:
        return "\n".join(filter(None, (f"{name}  {_value(picture['value'])}", prepared)))
    chances = sorted(picture["probabilities"].items(), key=lambda item: -(item[1] or 0.0))[:MOST_CLASSES]
    if picture["label"] is None:
        return f"{name}  The network's outputs are not finite: it diverged in training. Train it again."
    best = picture["probabilities"].get(picture["label"])
    head = f"{name}  {printable(picture['label'])}" + (f"  {best:.1%}" if best is not None else "")
    plain = "utf" not in (sys.stdout.encoding or "").lower()
    width = max(len(printable(label)) for label, _ in chances)
    bars = [
        f"  {printable(label):<{width}}  {chance or 0:6.1%}  {bar(chance or 0, 30, plain)}".rstrip()
        for label, chance in chances
    ]
    return "\n".join(filter(None, (head, prepared, *bars)))


def _value(value: float | None) -> str:
    return "not finite" if value is None else figure(value)


def _name(told: dict[str, Any]) -> str:
    """What an answer is about, in few words."""
    if "file" in told:
        return str(told["file"])
    if "text" in told:
        return shorten(" ".join(told["text"].split()), 40)
    return f"row {told['number']}"


Row = dict[str, str]
TABLES = (".csv", ".tsv", ".tab", ".data", ".dat", ".txt")


def row_of(words: str) -> Row:
    """`a=1,b=red`; a pair with a comma in it stands in quotes: `"a=1,5",b=red`. Or a JSON object. Raises SpecError."""
    if words.lstrip().startswith("{"):
        try:
            found = json.loads(words)
        except ValueError as error:
            raise SpecError(f"is not JSON ({error}).", "--row") from None
        return {str(name): "" if value is None else str(value) for name, value in found.items()}
    row: Row = {}
    for cell in next(csv.reader([words], skipinitialspace=True), []):
        name, equals, value = cell.partition("=")
        if not equals:
            raise SpecError(
                f"a row is written COLUMN=VALUE,COLUMN=VALUE, and {shorten(cell)} has no '='.", "--row"
            )
        row[name.strip()] = value.strip()
    return row


def samples_in(file: Path, facts: DataFacts, dataset: DatasetSpec) -> list[Row] | list[str]:
    """The rows of a CSV, or its texts; or the one text of a text file. Columns that the network doesn't know are passed over.

    Raises SpecError.
    """
    if facts.is_text:
        from tuinn.data.text.source import read_text, unlabeled_texts

        return unlabeled_texts(file) if file.suffix.lower() in (".csv", ".tsv") else [read_text(file)]
    if file.suffix.lower() not in TABLES:
        raise SpecError("is no table. Give a CSV file.", str(file))
    from tuinn.data.tables.csv_dialect import detect_dialect, parse_rows

    header = dataset.header if dataset.path else "auto"
    form = detect_dialect(DatasetSpec.at(str(file), header=header), file)
    known = set(facts.features)
    if not known & set(form.names):
        raise SpecError(f"has no column that this network knows, such as {facts.features[0]}.", str(file))
    with form.text(file) as opened:
        rows = [row for row in parse_rows(opened, form.separator) if any(cell.strip() for cell in row)]
    return [
        {name: cell for name, cell in zip(form.names, row, strict=False) if name in known}
        for row in rows[form.header :]
    ]


def left_out(samples: list[Row | str], facts: DataFacts) -> list[str]:
    """Columns that some row says nothing of."""
    rows = [row for row in samples if not isinstance(row, str)]
    return [name for name in facts.features if any(name not in row for row in rows)]
