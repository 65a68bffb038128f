"""`tuinn predict`: what a network says of pictures, rows and texts."""

import csv
import json
import sys
from pathlib import Path

import click
import msgspec
from msgspec import UNSET, UnsetType, structs

from tuinn.cli.common.exit_codes import FAILED, FINISHED
from tuinn.cli.common.inference_client import ask
from tuinn.cli.common.options import JSON, LIKE, PIXELS
from tuinn.cli.common.spec_file import facts_of
from tuinn.cli.predict_files import is_network_file, network_from, predict_all, told
from tuinn.errors import SpecError
from tuinn.runs.commands import Predict, PredictSamples, new_request
from tuinn.runs.decision import Decision, read_decision
from tuinn.runs.events import PictureAnswered, SamplesAnswered
from tuinn.runs.folder import RunFolder, find_run
from tuinn.runs.jobs import SamplePredicted, SavedNetwork, network_of
from tuinn.spec.dataset import ARRAY_FILES, DataFacts, DatasetSpec, Task
from tuinn.spec.training.outputs import class_probabilities, predicted_classes
from tuinn.text import format_number, join_names, printable, shorten
from tuinn.view.bars import bar

Row = dict[str, str]


MOST_LISTED = 10_000
"""Samples of an array that are listed without --out."""

MOST_CLASSES = 5
"""Lines per sample; `--json` has them all."""


class Prediction(msgspec.Struct):
    """What the network predicts for one sample, as `--json` prints it. What does not apply is left out."""

    file: str | UnsetType = UNSET
    row: Row | UnsetType = UNSET
    text: str | UnsetType = UNSET
    number: int | UnsetType = UNSET
    """Of the row or text among those given, from 1."""
    value: float | UnsetType | None = UNSET
    """Of a regression, in the target's own unit; None: not finite."""
    values: dict[str, float | None] | UnsetType = UNSET
    """Of a regression with several targets, by target."""
    label: str | UnsetType | None = UNSET
    """The likeliest class, or all labels above one half; None: nothing is finite."""
    probabilities: dict[str, float | None] | UnsetType = UNSET
    """By class, in the order of the classes."""
    decided: str | UnsetType = UNSET
    """The thresholds that are kept with the run, in words; left out where they are all 0.5."""
    steps: tuple[str, ...] | UnsetType = UNSET
    """How a picture was prepared."""
    problem: str | UnsetType = UNSET
    """Why there is no prediction, in one sentence."""


@click.command()
@click.argument("word", metavar="RUN_OR_FILE")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--row", "rows", multiple=True, metavar="COLUMN=VALUE,…", help="A row of a table, or as JSON.")
@click.option("--text", "texts", multiple=True, help="A text.")
@click.option(
    "--out",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a new CSV: a line per sample, also for folders and very many files.",
)
@LIKE
@PIXELS
@JSON
def predict(
    word: str,
    files: tuple[Path, ...],
    rows: tuple[str, ...],
    texts: tuple[str, ...],
    out: Path | None,
    like: str,
    pixels: str,
    as_json: bool,
) -> None:
    """Predict what pictures, rows, texts or arrays are.

    A FILE is a picture, a CSV of raw rows, a text, or an array of samples (.npy, .npz); with --out also a folder of them. A picture is prepared as the training
    data was: grey or colour, size, ground, range. A number is predicted in the target's own unit.

    RUN_OR_FILE is a run or a saved network, MODEL.keras, which needs no run.
    """
    if is_network_file(word) or out is not None or any(map(is_array_file, files)):
        samples: tuple[Row | str, ...] = (*map(row_of, rows), *texts)
        network = (
            network_from(word, like, pixels) if is_network_file(word) else network_of(find_run(word).path)
        )
        raise click.exceptions.Exit(_predict_by_job(network, files, samples, out, as_json))
    if like or pixels:
        raise SpecError("is for a MODEL.keras; a run knows its data.", "--like" if like else "--pixels")
    folder = find_run(word)
    facts = folder.facts() or facts_of(folder.spec())
    if facts.window:
        samples = (*map(row_of, rows), *texts)
        raise click.exceptions.Exit(_predict_by_job(network_of(folder.path), files, samples, out, as_json))
    if facts.is_image and (folders := [file for file in files if file.is_dir()]):
        raise SpecError("is a folder. Give --out FILE for a CSV of predictions.", str(folders[0]))
    if facts.is_text or facts.is_table:
        predictions = predict_samples(folder, facts, files, rows, texts)
    elif rows or texts:
        what = "--row" if rows else "--text"
        raise SpecError("is for tables and texts, and this network takes pictures. Give files.", what)
    else:
        predictions = predict_pictures(folder, facts, files)
    raise click.exceptions.Exit(_print(predictions, as_json))


def is_array_file(file: Path) -> bool:
    return file.suffix.lower() in ARRAY_FILES


def _print(predictions: list[Prediction], as_json: bool) -> int:
    """As text or as JSON; problems go to stderr. Return the exit code."""
    problems = [_problem_of(one) for one in predictions if one.problem]
    for problem in problems:
        click.echo(f"tuinn: {problem}", err=True)
    if as_json:
        click.echo(msgspec.json.encode(predictions))
    else:
        for one in predictions:
            if not one.problem:
                click.echo(as_text(one))
    return FAILED if problems else FINISHED


def _predict_by_job(
    network: SavedNetwork,
    files: tuple[Path, ...],
    samples: tuple[Row | str, ...],
    out: Path | None,
    as_json: bool,
) -> int:
    """Have a process of its own predict them, and return the exit code. Raises TuinnError."""
    if not (files or samples):
        raise SpecError("give something to ask about: files, --row or --text.", "tuinn predict")
    if out is None:
        for file in filter(is_array_file, files):
            _check_listed(file)
    facts, answers, ending = predict_all(network, files, samples, out)
    if out is None:
        given = {str(file.expanduser().absolute()): str(file) for file in files}
        code = _print([_named(one, samples, facts, given) for one in answers], as_json)
        if ending.problems > sum(bool(one.problem) for one in answers):  # a whole file could not be read
            click.echo(f"tuinn: {printable(ending.first_problem)}", err=True)
            return FAILED
        return code
    if as_json:
        click.echo(msgspec.json.encode(ending))
    else:
        told(ending)
    return FAILED if ending.problems else FINISHED


def _check_listed(file: Path) -> None:
    """Raises SpecError for more samples than are listed one below the other."""
    from tuinn.data.arrays.file_access import stored_arrays

    if file.is_file() and (count := max((one.count for one in stored_arrays(file)), default=0)) > MOST_LISTED:
        raise SpecError(f"has {count:,} samples. Give --out FILE for a CSV of predictions.", str(file))


def _named(
    one: SamplePredicted, samples: tuple[Row | str, ...], facts: DataFacts, files: dict[str, str]
) -> Prediction:
    """An answer as `--json` prints it. `files`: their names as they were given, by their absolute paths."""
    prediction = Prediction(number=one.row or UNSET, steps=one.steps or UNSET)
    if one.file:
        prediction.file = files.get(one.file, one.file)
    elif isinstance(given := samples[one.row - 1], str):
        prediction.text = given
    else:
        prediction.row = given
    if one.problem:
        prediction.problem = one.problem
        return prediction
    return name_outputs(prediction, one.outputs, facts)


def predict_pictures(folder: RunFolder, facts: DataFacts, files: tuple[Path, ...]) -> list[Prediction]:
    """What the network says of each, as objects. Raises SpecError where there is none to ask about."""
    if not files:
        raise SpecError("name a picture to ask about.", "FILE")
    questions = {new_request(): file for file in files}
    answers = ask(
        folder,
        [Predict(request=request, file=str(file.absolute())) for request, file in questions.items()],
    )
    decision = read_decision(folder)
    return [
        prediction_of(answer, str(file), facts, decision)
        for request, file in questions.items()
        if isinstance(answer := answers[request], PictureAnswered)
    ]


def predict_samples(
    folder: RunFolder,
    facts: DataFacts,
    files: tuple[Path, ...],
    rows: tuple[str, ...],
    texts: tuple[str, ...],
) -> list[Prediction]:
    """What the network says of each row or text, as objects. Raises SpecError where one can't be asked about."""
    samples: list[Row | str] = [*map(row_of, rows), *texts]
    for file in files:
        samples += samples_in(file, facts, folder.spec().dataset)
    if not samples:
        what = "--text" if facts.is_text else "--row, or a CSV"
        raise SpecError(f"give something to ask about, with {what}.", "tuinn predict")
    if facts.columns and (left := left_out(samples, facts)):
        click.echo(
            f"warning: no value for {printable(join_names(left))}: a number counts as its mean, a word as any other.",
            err=True,
        )
    request = new_request()
    answer = ask(folder, [PredictSamples(request=request, samples=tuple(samples))])[request]
    assert isinstance(answer, SamplesAnswered)
    if answer.problem:
        raise SpecError(answer.problem)
    decision = read_decision(folder)
    return [
        name_outputs(
            Prediction(text=sample, number=at)
            if isinstance(sample, str)
            else Prediction(row=sample, number=at),
            outputs,
            facts,
            decision,
        )
        for at, (sample, outputs) in enumerate(zip(samples, answer.outputs, strict=True), start=1)
    ]


NO_DECISION = Decision()
"""Every threshold is the usual one."""


def prediction_of(
    answer: PictureAnswered, file: str, facts: DataFacts, decision: Decision = NO_DECISION
) -> Prediction:
    """Return the worker's answer about a picture with its classes by name."""
    if answer.problem:
        return Prediction(file=file, problem=answer.problem)
    return name_outputs(Prediction(file=file, steps=answer.steps), answer.outputs, facts, decision)


def name_outputs(
    prediction: Prediction,
    outputs: tuple[float | None, ...],
    facts: DataFacts,
    decision: Decision = NO_DECISION,
) -> Prediction:
    """Fill in the value of a regression, else the probability of each class, and the label as it was decided for the run."""
    if facts.task is Task.REGRESSION:
        if facts.target_names:
            return structs.replace(prediction, values=dict(zip(facts.target_names, outputs, strict=True)))
        return structs.replace(prediction, value=outputs[0])
    probabilities = dict(zip(facts.classes, class_probabilities(outputs, facts), strict=True))
    chosen = predicted_classes(outputs, facts, decision.of(facts))
    label = None if chosen is None else ", ".join(facts.classes[at] for at in chosen)
    decided = decision.words(facts) or UNSET
    return structs.replace(prediction, label=label, probabilities=probabilities, decided=decided)


def _problem_of(prediction: Prediction) -> str:
    """The problem in one sentence that names the file, as most problems do by themselves."""
    file, problem = Path(prediction.file or ""), prediction.problem or ""
    return printable(problem if file.name in problem else f"{file}: {problem}")


def as_text(prediction: Prediction) -> str:
    """The label, how a picture was prepared, and a bar per class, likeliest first."""
    name = printable(_name(prediction))
    prepared = f"  prepared: {printable(', '.join(prediction.steps))}" if prediction.steps else ""
    if prediction.values is not UNSET:
        numbers = prediction.values
        width = max(len(printable(target)) for target in numbers)
        lines = (f"  {printable(target):<{width}}  {_value(value)}" for target, value in numbers.items())
        return "\n".join(filter(None, (name, prepared, *lines)))
    if prediction.value is not UNSET:
        return "\n".join(filter(None, (f"{name}  {_value(prediction.value)}", prepared)))
    if not prediction.label and prediction.label != "":
        return f"{name}  The network's outputs are not finite: it diverged in training. Train it again."
    probabilities = prediction.probabilities or {}
    best = probabilities.get(prediction.label)
    head = f"{name}  {printable(prediction.label) or 'no label'}" + (
        f"  {best:.1%}" if best is not None else ""
    )
    decided = (
        f"  decided: {printable(prediction.decided)}, as kept with the run" if prediction.decided else ""
    )
    plain = "utf" not in (sys.stdout.encoding or "").lower()
    likeliest = sorted(probabilities.items(), key=lambda item: -(item[1] or 0.0))[:MOST_CLASSES]
    width = max(len(printable(label)) for label, _ in likeliest)
    bars = [
        f"  {printable(label):<{width}}  {chance or 0:6.1%}  {bar(chance or 0, 30, plain)}".rstrip()
        for label, chance in likeliest
    ]
    return "\n".join(filter(None, (head, prepared, decided, *bars)))


def _value(value: float | None) -> str:
    return "not finite" if value is None else format_number(value)


def _name(prediction: Prediction) -> str:
    """What a prediction is about, in few words."""
    if prediction.file:
        return f"{prediction.file} row {prediction.number}" if prediction.number else prediction.file
    if prediction.text is not UNSET:
        return shorten(" ".join(prediction.text.split()), 40)
    return f"row {prediction.number}"


def row_of(words: str) -> Row:
    """`a=1,b=red`; a pair with a comma in it stands in quotes: `"a=1,5",b=red`. Or a JSON object. Raises SpecError."""
    if words.lstrip().startswith("{"):
        try:
            found = json.loads(words)
        except (ValueError, RecursionError) as error:
            raise SpecError(f"is not JSON ({error}).", "--row") from None
        return {str(name): "" if value is None else str(value) for name, value in found.items()}
    row: Row = {}
    try:
        cells = next(csv.reader([words], skipinitialspace=True), [])
    except csv.Error as error:
        raise SpecError(f"is no row ({error}).", "--row") from None
    for cell in cells:
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
        from tuinn.data.text.source import is_text_table, read_text, unlabeled_texts

        return unlabeled_texts(file) if is_text_table(file) else [read_text(file)]
    from tuinn.data.tables.csv_dialect import all_rows, detect_dialect
    from tuinn.data.tables.preprocess import columns_without_target
    from tuinn.data.tables.table_file import is_table_file, unpacked

    if not is_table_file(file):
        raise SpecError("is no table. Give a CSV file.", str(file))
    file = unpacked(file)
    header = dataset.header if dataset.path else "auto"
    form = detect_dialect(DatasetSpec.at(str(file), header=header), file)
    known = {facts.feature(at) for at in range(facts.shape[0])}
    names = columns_without_target(form.names, facts)
    if not known & set(names):
        raise SpecError(f"has no column that this network knows, such as {facts.feature(0)}.", str(file))
    with form.text(file) as opened:
        rows = [row for row in all_rows(opened, form.separator) if any(cell.strip() for cell in row)]
    return [
        {name: cell for name, cell in zip(names, row, strict=False) if name in known}
        for row in rows[form.header :]
    ]


def left_out(samples: list[Row | str], facts: DataFacts) -> list[str]:
    """Columns that some row says nothing of."""
    rows = [row for row in samples if not isinstance(row, str)]
    return [name for name in facts.features if any(name not in row for row in rows)]
