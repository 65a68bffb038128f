"""`tuinn evaluate`: how good a network is, on a part of its run's data or on others."""

from pathlib import Path
from typing import get_args

import click
import msgspec

from tuinn.cli.common.exit_codes import FAILED, FINISHED
from tuinn.cli.common.inference_client import ask
from tuinn.cli.common.options import JSON, LIKE, PIXELS, put
from tuinn.cli.predict_files import is_network_file, network_from, report_on
from tuinn.errors import FolderError, SpecError
from tuinn.runs.commands import Evaluate, MakeReport, Part, Question, new_request
from tuinn.runs.events import Evaluated, Reported
from tuinn.runs.folder import RunFolder, find_run
from tuinn.runs.jobs import network_of
from tuinn.runs.report import Report
from tuinn.text import format_metrics, plural, printable
from tuinn.view.reports import report_text

PARTS: tuple[Part, ...] = get_args(Part)


@click.command()
@click.argument("word", metavar="RUN_OR_FILE")
@click.option(
    "--on",
    "where",
    default="test",
    metavar="PART_OR_DATASET",
    help="test, validation or training; or other data, by a name or a path. Default: test.",
)
@LIKE
@PIXELS
@click.option(
    "--markdown",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the report as Markdown.",
)
@JSON
def evaluate(word: str, where: str, like: str, pixels: str, markdown: Path | None, as_json: bool) -> None:
    """Measure a network: its loss and metrics, and a report.

    The report has scores as scikit-learn defines them, each with an interval that holds 95 % of its
    values over bootstrap samples, and beside it what simpler models reach; and scores for each class.

    RUN_OR_FILE is a run or, with --on DATASET, a saved network, MODEL.keras.
    """
    if is_network_file(word) or where not in PARTS:
        raise click.exceptions.Exit(_evaluate_by_job(word, where, like, pixels, markdown, as_json))
    folder, part = find_run(word), _part(where)
    folder.spec()
    questions: list[Question] = [Evaluate(request=new_request())] if part == "test" else []
    questions.append(MakeReport(request=new_request(), part=part))
    answers = ask(folder, questions)
    *measured, told = (answers[question.request] for question in questions)
    assert isinstance(told, Reported)
    report = report_of(folder, told)
    metrics = {
        name: value
        for answer in measured
        if isinstance(answer, Evaluated)
        for name, value in answer.metrics.items()
    }
    counts = [answer.samples for answer in (*measured, report) if isinstance(answer, Evaluated | Report)]
    samples = counts[0] if counts else 0
    if markdown is not None and report is not None:
        put(report_text.markdown(report), markdown)
    if as_json:
        click.echo(
            msgspec.json.encode(
                {"run": folder.name, "metrics": metrics, "samples": samples, "report": report}
            )
        )
    else:
        click.echo("  ".join(filter(None, (part, format_metrics(metrics), plural(samples, "sample")))))
        for line in report_text.lines(report) if report else [printable(told.problem)]:
            click.echo(line)
    raise click.exceptions.Exit(FINISHED if report else FAILED)


def _part(word: str) -> Part:
    (part,) = (one for one in PARTS if one == word)
    return part


def _evaluate_by_job(
    word: str, where: str, like: str, pixels: str, markdown: Path | None, as_json: bool
) -> int:
    """Have a process of its own judge the network on other data, and return the exit code. Raises TuinnError."""
    if where in PARTS:
        raise SpecError("a MODEL.keras has no data of its own. Give a dataset's name, or a path.", "--on")
    network = network_from(word, like, pixels) if is_network_file(word) else network_of(find_run(word).path)
    report = report_on(network, where)
    if markdown is not None:
        put(report_text.markdown(report), markdown)
    if as_json:
        click.echo(msgspec.json.encode({"network": word, "samples": report.samples, "report": report}))
    else:
        for line in report_text.lines(report):
            click.echo(line)
    return FINISHED


def report_of(folder: RunFolder, answer: Reported) -> Report | None:
    """The report that was made; None where the answer has a problem instead. Raises FolderError where it can't be read."""
    if not answer.file:
        return None
    try:
        return Report.read(folder.path / answer.file)
    except (OSError, ValueError) as problem:
        raise FolderError(f"The report {folder.path / answer.file} cannot be read ({problem}).") from None
