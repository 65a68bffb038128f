"""What the user has done of the lessons: `$TUINN_HOME/labs.json`."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec

from tuinn.atomic_io import write_whole
from tuinn.errors import FolderError
from tuinn.labs.lessons.lesson import Figure, Lesson, Step
from tuinn.labs.places import TRAINED
from tuinn.runs.folder import RunFolder, home, runs_folder
from tuinn.runs.journal import read_struct
from tuinn.runs.summary import RunSummary


class LessonProgress(msgspec.Struct):
    """Of one lesson, by the titles of its steps."""

    done: list[str] = []
    runs: dict[str, str] = {}
    """Step → the last run that was started from it."""


class Progress(msgspec.Struct):
    """Of all lessons, by their names."""

    lessons: dict[str, LessonProgress] = {}

    def of(self, lesson: Lesson) -> LessonProgress:
        """Return what was done of this lesson."""
        return self.lessons.get(lesson.name, LessonProgress())


@dataclass(frozen=True)
class Result:
    """What the run of a lesson came to."""

    run: str
    value: float | None
    """Of the metric of the published figure; None while there is none."""
    epochs: int
    is_finished: bool


def progress_file() -> Path:
    """Where it is kept."""
    return home() / "labs.json"


def read_progress() -> Progress:
    """What was done so far; nothing where the file is missing or can't be read."""
    try:
        return read_struct(progress_file(), Progress)
    except (OSError, ValueError):
        return Progress()


def mark_done(lesson: Lesson, step: Step) -> bool:
    """Note that the step was done; return whether that is news. Raises FolderError."""
    return set_done(lesson, step, True)


def set_done(lesson: Lesson, step: Step, done: bool) -> bool:
    """Note whether the step was done; return whether that is news. Raises FolderError."""
    progress = read_progress()
    told = progress.lessons.setdefault(lesson.name, LessonProgress())
    news = done != (step.title in told.done)
    if done and news:
        told.done.append(step.title)
    elif not done:
        news = told.runs.pop(step.title, None) is not None or news
        told.done = [title for title in told.done if title != step.title]
    if news:
        _write(progress)
    return news


def note_run(lesson: Lesson, step: Step, run: str) -> None:
    """Note that this run was started from the step. Raises FolderError."""
    progress = read_progress()
    progress.lessons.setdefault(lesson.name, LessonProgress()).runs[step.title] = run
    _write(progress)


def _write(progress: Progress) -> None:
    try:
        progress_file().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(
            progress_file(), msgspec.json.format(msgspec.json.encode(progress)) + b"\n", durable=False
        )
    except OSError as error:
        raise FolderError(
            f"What you have done of the labs cannot be kept: {progress_file()}: {error.strerror}."
        ) from None


def steps_done(lesson: Lesson, progress: Progress) -> list[bool]:
    """Whether each step was done. One that trains is, once its run has finished, whoever watched."""
    told = progress.of(lesson)
    return [step.title in told.done or _has_trained(step, told) for step in lesson.steps]


def _has_trained(step: Step, told: LessonProgress) -> bool:
    if step.done != TRAINED or step.title not in told.runs:
        return False
    summary = summary_of(told.runs[step.title])
    return summary is not None and summary.outcome == "finished"


def run_of(lesson: Lesson, progress: Progress) -> str:
    """Return the name of the newest run that was started from the lesson and is still there; else nothing."""
    found = [run for run in progress.of(lesson).runs.values() if (runs_folder() / run).is_dir()]
    return max(found, default="")


def result_of(lesson: Lesson, progress: Progress) -> Result | None:
    """What the lesson's newest run came to; None where there is none."""
    run = run_of(lesson, progress)
    summary = summary_of(run) if run else None
    if summary is None:
        return None
    value = tested_value(lesson.figure, summary) if lesson.figure else None
    return Result(run, value, summary.done, summary.outcome == "finished")


def tested_value(figure: Figure, summary: RunSummary) -> float | None:
    """The value over the test set that the figure is compared with; None where it was not measured."""
    return summary.tested.get(figure.metric)


def summary_of(run: str) -> RunSummary | None:
    """A run folded to a line; None where it can't be read."""
    file = RunFolder(runs_folder() / run).events_file
    try:
        return _summary(file, file.stat().st_size)
    except OSError:
        return None


@lru_cache(maxsize=32)
def _summary(journal: Path, size: int) -> RunSummary:
    """Read a journal that has so many bytes: the hub asks for it at every key. Raises OSError."""
    del size
    reader, summary = RunFolder(journal.parent).events(), RunSummary()
    while events := reader.read_without_reports():
        for event in events:
            summary.apply(event)
    return summary
