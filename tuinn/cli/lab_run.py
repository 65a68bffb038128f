"""`tuinn lab NAME --run`: train what a lesson trains, and print the result beside the published one."""

import json

import click

from tuinn.cli.common.exit_codes import FINISHED, WRONG
from tuinn.cli.common.fetching import fetch_if_wanted
from tuinn.cli.common.follow import Style, follow
from tuinn.cli.common.spec_file import errors_in, explain
from tuinn.cli.predict import as_text, predict_samples
from tuinn.data import loader
from tuinn.data.catalog.availability import availability_of, is_available
from tuinn.data.catalog.catalog import find
from tuinn.errors import SpecError
from tuinn.labs.lessons.lesson import Lesson, Step
from tuinn.labs.lessons.progress import note_run, summary_of, tested_value
from tuinn.labs.places import TRAINED
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import launch
from tuinn.spec.dataset import DatasetSpec
from tuinn.text import format_metric, format_metrics, plural, printable


def reproduce(lesson: Lesson, style: Style | None, on: str, stand_in: bool, fetching: bool) -> int:
    """Train the lesson's network and print its result beside the published one. Returns the exit code.

    `on`: the path of the user's own copy of the data. `stand_in`: train on the smaller dataset where the lesson's own
    isn't here. Raises SpecError, FolderError.
    """
    from tuinn.cli.common.event_printer import event_printer_for

    step = next((step for step in lesson.steps if step.done == TRAINED), None)
    if step is None:
        raise SpecError(f"No step of {lesson.name} trains. `tuinn lab {lesson.name}` opens it.")
    dataset = DatasetSpec.at(on) if on else DatasetSpec(dataset_for(lesson, step, stand_in, fetching))
    spec = lesson.spec_on(step, dataset, loader.describe(dataset).facts)
    if spec is None:
        raise SpecError(f"{lesson.name} names no network. `tuinn presets` lists some.")
    if problems := errors_in(spec):
        explain(problems, lesson.name)
        return WRONG
    folder = RunFolder.create(spec)
    note_run(lesson, step, folder.name)
    code = follow(folder, event_printer_for(folder, style), start=lambda: launch(folder))
    if code == FINISHED and style != "json":
        told(lesson, folder)
    return code


def dataset_for(lesson: Lesson, step: Step, stand_in: bool, fetching: bool) -> str:
    """Return the name of the dataset to train on. Raises SpecError where it isn't here, with what to do."""
    wanted, other = step.dataset or lesson.dataset, step.stand_in or lesson.stand_in
    if not wanted:
        raise SpecError(f"{lesson.name} trains on data of your own. `tuinn lab {lesson.name}` leads there.")
    if fetching:
        fetch_if_wanted(DatasetSpec(wanted), True)
    if is_available(wanted):
        return wanted
    if stand_in and other:
        click.echo(f"{find(wanted).title} is not here: {find(other).title} stands in.")
        return other
    megabytes = max(0.1, availability_of(wanted).missing_bytes / 1e6)
    words = f"{find(wanted).title} is not here. --fetch fetches it ({megabytes:.1f} MB), --on PATH takes a copy of yours"
    nearest = f"; --stand-in trains on {find(other).title}, which comes with tuinn" if other else ""
    raise SpecError(f"{words}{nearest}.")


def told(lesson: Lesson, folder: RunFolder) -> None:
    """Print both results, and what the network says of the lesson's rows."""
    summary = summary_of(folder.name)
    if summary is None:
        return
    epochs = f"after {plural(summary.done, 'epoch')}, {summary.parameters:,} parameters"
    if lesson.figure is None:
        click.echo(f"yours      {format_metrics(summary.tested)}  {epochs}")
    else:
        figure, value = lesson.figure, tested_value(lesson.figure, summary)
        click.echo(
            f"published  {printable(figure.words)} {format_metric(figure.value)}  {printable(figure.source)}"
        )
        click.echo(f"yours      {printable(figure.words)} {format_metric(value)}  {epochs}")
        if figure.note:
            click.echo(printable(figure.note))
    facts = folder.facts()
    if lesson.rows and facts is not None and facts.is_table:
        rows = tuple(json.dumps(row) for row in lesson.rows)
        for prediction in predict_samples(folder, facts, (), rows, ()):
            click.echo(as_text(prediction))
