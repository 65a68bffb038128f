"""`tuinn predict`: what a run's network says of pictures."""

import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from tuinn.cli.asking import ask
from tuinn.cli.draft import facts_of
from tuinn.cli.options import JSON, RUN
from tuinn.cli.verbs import FAILED
from tuinn.runs.commands import Predict, new_request
from tuinn.runs.events import PictureAnswered
from tuinn.runs.folder import RunFolder
from tuinn.spec.dataset import DataFacts, Task
from tuinn.view.bars import bar
from tuinn.view.words import metric, printable

MOST_CLASSES = 5
"""Lines per picture; `--json` has them all."""


@click.command()
@RUN
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@JSON
def predict(folder: RunFolder, files: tuple[Path, ...], as_json: bool) -> None:
    """Say what pictures show.

    The network of RUN is asked. A picture is prepared as the training data was: grey or colour, size, ground, range.
    """
    facts = folder.facts() or facts_of(folder.spec())
    questions = {new_request(): file for file in files}
    answers = ask(
        folder,
        [Predict(request=request, file=str(file.absolute())) for request, file in questions.items()],
    )
    told = [
        as_object(answer, str(file), facts)
        for request, file in questions.items()
        if isinstance(answer := answers[request], PictureAnswered)
    ]
    failed = [picture for picture in told if "problem" in picture]
    for picture in failed:
        click.echo(f"tuinn: {_blame(picture)}", err=True)
    if as_json:
        click.echo(msgspec.json.encode(told))
    else:
        for picture in told:
            if "problem" not in picture:
                click.echo(as_text(picture))
    raise click.exceptions.Exit(FAILED if failed else 0)


def as_object(answer: PictureAnswered, file: str, facts: DataFacts) -> dict[str, Any]:
    """The answer with its classes by name; a `problem` where there is none, a `value` for a regression."""
    if answer.problem:
        return {"file": file, "problem": answer.problem}
    if facts.task is Task.REGRESSION:
        return {"file": file, "value": answer.outputs[0], "steps": answer.steps}
    outputs = answer.outputs
    if facts.task is Task.BINARY and len(outputs) == 1:
        second = outputs[0]
        outputs = (None if second is None else 1 - second, second)
    chances = dict(zip(facts.classes, outputs, strict=True))
    return {"file": file, "label": _label(chances, facts), "probabilities": chances, "steps": answer.steps}


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
    """The label, how the picture was prepared, and a bar per class, likeliest first."""
    name = printable(picture["file"])
    prepared = f"  prepared: {printable(', '.join(picture['steps']))}" if picture["steps"] else ""
    if "value" in picture:
        return "\n".join(filter(None, (f"{name}  {metric(picture['value'])}", prepared)))
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
