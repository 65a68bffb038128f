"""Read a lesson from its TOML file. Each fault is one sentence with file and line."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tuinn.atomic_io import read_stored
from tuinn.data.catalog import catalog
from tuinn.errors import SpecError
from tuinn.labs.lessons.lesson import Lesson, Step
from tuinn.labs.places import goals_of, screens
from tuinn.spec.options import did_you_mean
from tuinn.spec.presets.catalog import PRESETS
from tuinn.text import shorten

HEADING = re.compile(r"\s*\[\[\s*steps\s*\]\]")
PLACE = re.compile(
    r"(?P<words>.*?)(?: - at `\$\.?(?:steps\[(?P<step>\d+)\]\.?)?(?P<field>[^`]*)`)?$", re.DOTALL
)
"""A sentence of msgspec, and where in the file it is about."""

UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")
LACKING = re.compile(r"Object missing required field `(.*)`")


def read_lesson(file: Path) -> Lesson:
    """Read and check a lesson. Raises SpecError: one sentence, with the file and where possible the line."""
    try:
        text = read_stored(file).decode()
    except OSError as error:
        raise SpecError(f"{file} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise SpecError(f"{file} is no text in UTF-8. Save it as UTF-8.") from None
    return lesson_of(text, file.name, file.stem)


def lesson_of(text: str, file: str, name: str) -> Lesson:
    """The lesson in this TOML document. Raises SpecError, which says the line of `file`."""
    try:
        raw = tomllib.loads(text)
    except RecursionError:
        raise SpecError(f"{file}: this is not TOML that can be read: it is nested too deep.") from None
    except ValueError as error:
        raise SpecError(f"{file}: this is not TOML: {shorten(str(error), 200)}.") from None
    if "name" in raw:
        raise SpecError(
            f"{file}, line {_line(text, None, 'name')}: name is not a field of a lesson: its file is its name."
        )
    try:
        lesson = msgspec.convert({**raw, "name": name}, Lesson)
    except msgspec.ValidationError as error:
        raise SpecError(_sentence(str(error), text, file)) from None
    for at, field, words in _faults(lesson):
        where = f"step {at + 1}: " if at is not None else ""
        raise SpecError(f"{file}, line {_line(text, at, field)}: {where}{words}")
    return lesson


def _sentence(words: str, text: str, file: str) -> str:
    """What msgspec found, as a sentence with a line."""
    found = PLACE.match(words)
    assert found is not None
    at = int(found["step"]) if found["step"] is not None else None
    field, told = found["field"] or "", found["words"]
    if unknown := UNKNOWN.match(told):
        field = unknown[1]
        fields = Step.__struct_fields__ if at is not None else Lesson.__struct_fields__
        told = f"{shorten(repr(field))} is not a field of a {'step' if at is not None else 'lesson'}. {did_you_mean(field, fields)}"
    elif lacking := LACKING.match(told):
        told, field = f"{lacking[1]} is missing: every {_owner(at, field)} has one.", ""
    else:
        told = f"{field or 'the file'} is not what it should be: {told[:1].lower()}{told[1:]}."
    where = f"step {at + 1}: " if at is not None else ""
    return f"{file}, line {_line(text, at, field.partition('.')[0].partition('[')[0])}: {where}{told}"


def _owner(at: int | None, field: str) -> str:
    if at is not None:
        return "step"
    return "published figure" if field.startswith("figure") else "lesson"


def _faults(lesson: Lesson) -> Iterator[tuple[int | None, str, str]]:
    """Step, counted from 0, or None; field; and what is wrong with it."""
    if not lesson.steps:
        yield None, "title", "a lesson has steps, each written [[steps]]."
    titles = [step.title for step in lesson.steps]
    yield from _names(None, lesson)
    for at, step in enumerate(lesson.steps):
        if step.title in titles[:at]:
            yield (
                at,
                "title",
                f"{shorten(repr(step.title))} is the title of an earlier step; progress is kept by titles.",
            )
        if step.screen not in screens():
            yield (
                at,
                "screen",
                f"there is no screen {shorten(repr(step.screen))}. {did_you_mean(step.screen, screens())}",
            )
        elif step.done not in goals_of(step.screen):
            goals = goals_of(step.screen)
            yield (
                at,
                "done",
                f"done is {shorten(repr(step.done))}, but here it is one of: {', '.join(goals)}.",
            )
        yield from _names(at, step)
        yield from _unfit(at, lesson, step)


def _names(at: int | None, told: Lesson | Step) -> Iterator[tuple[int | None, str, str]]:
    """Datasets and presets that don't exist."""
    known = [info.name for info in catalog.all_datasets()]
    for field in ("dataset", "stand_in"):
        name = getattr(told, field)
        if name and name not in known:
            yield at, field, f"there is no dataset {shorten(repr(name))}. {did_you_mean(name, known)}"
    if told.preset and told.preset not in PRESETS:
        yield (
            at,
            "preset",
            f"there is no preset {shorten(repr(told.preset))}. {did_you_mean(told.preset, PRESETS)}",
        )


def _unfit(at: int, lesson: Lesson, step: Step) -> Iterator[tuple[int | None, str, str]]:
    """Layers and settings that can't be taken."""
    dataset = step.dataset or lesson.dataset
    if dataset and not (step.preset or lesson.preset or step.layers or lesson.layers):
        yield at, "dataset", "a dataset needs a network: a preset or layers, here or above the steps."
        return
    for name in dict.fromkeys((dataset, step.stand_in or lesson.stand_in)):
        try:
            lesson.spec_of(step, name)
        except SpecError as problem:
            field = "settings" if step.settings else "layers"
            yield at, field, f"{problem}"


def _line(text: str, at: int | None, field: str) -> int:
    """The line, counted from 1, in which a field of a step begins; else that of the step, or the first."""
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if HEADING.match(line)]
    first = 0 if at is None else starts[at] if at < len(starts) else 0
    end = next((start for start in starts if start > first), len(lines))
    pattern = (
        re.compile(rf"\s*(\[+\s*)?([\w.]*\.)?[\"']?{re.escape(field)}[\"']?\s*[=.\]]") if field else None
    )
    for number in range(first, end):
        if pattern is not None and pattern.match(lines[number]):
            return number + 1
    return first + 1
