"""`tuinn predict`: what a run's network says of pictures, rows and texts."""

import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from tuinn.cli import own_samples
from tuinn.cli.asking import ask
from tuinn.cli.draft import facts_of
from tuinn.cli.options import JSON, RUN
from tuinn.cli.verbs import FAILED
from tuinn.data.names import listed
from tuinn.runs.commands import Predict, PredictSamples, new_request
from tuinn.runs.events import PictureAnswered, SamplesAnswered
from tuinn.runs.folder import RunFolder
from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.options import shorten
from tuinn.spec.problem import SpecProblem
from tuinn.view.bars import bar
from tuinn.view.words import figure, printable

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
        raise SpecProblem("is for tables and texts, and this network takes pictures. Give files.", what)
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
    """What the network says of each, as objects. Raises SpecProblem where there is none to ask about."""
    if not files:
        raise SpecProblem("name a picture to ask about.", "FILE")
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
    """What the network says of each row or text, as objects. Raises SpecProblem where one can't be asked about."""
    samples: list[own_samples.Row | str] = [*map(own_samples.row_of, rows), *texts]
    for file in files:
        samples += own_samples.samples_in(file, facts, folder.spec().dataset)
    if not samples:
        what = "--text" if facts.is_text else "--row, or a CSV"
        raise SpecProblem(f"give something to ask about, with {what}.", "tuinn predict")
    if facts.columns and (left := own_samples.left_out(samples, facts)):
        click.echo(
            f"warning: no value for {printable(listed(left))}: a number counts as its mean, a word as any other.",
            err=True,
        )
    request = new_request()
    answer = ask(folder, [PredictSamples(request=request, samples=tuple(samples))])[request]
    assert isinstance(answer, SamplesAnswered)
    if answer.problem:
        raise SpecProblem(answer.problem)
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
        return f"{name}  The network’s outputs are not finite: it diverged in training. Train it again."
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
