"""The rows of the hub: lessons, the steps of those that are unfolded, and the lab pages."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tuinn.labs.lessons.lesson import Lesson
from tuinn.labs.lessons.progress import Progress, steps_done
from tuinn.labs.places import PAGES


@dataclass(frozen=True)
class Row:
    """A lesson, a step of one, a lab page, or a heading."""

    lesson: Lesson | None = None
    at: int | None = None
    """The step, counted from 0."""
    page: str = ""
    heading: str = ""


@dataclass(frozen=True)
class LessonList:
    """All lessons with what was done of them."""

    lessons: tuple[Lesson, ...]
    done: dict[str, list[bool]]
    """Name of a lesson → whether each step was done."""

    @classmethod
    def of(cls, lessons: tuple[Lesson, ...], progress: Progress) -> "LessonList":
        """Read which steps were done; a run may have finished meanwhile."""
        return cls(lessons, {lesson.name: steps_done(lesson, progress) for lesson in lessons})

    def is_done(self, lesson: Lesson, at: int) -> bool:
        """Whether this step was done; `at`: counted from 0."""
        return self.done[lesson.name][at]

    def next_step(self, lesson: Lesson, at: int = 0) -> int:
        """Return the first step that is not done from `at` on, counted from 0, then from the first one on; 0 where all are."""
        done = self.done[lesson.name]
        order = [*range(at, len(done)), *range(at)]
        return next((step for step in order if not done[step]), 0)

    def current(self) -> Lesson | None:
        """Return the lesson that is begun and not finished; else the first one that isn't finished."""
        open_ones = [lesson for lesson in self.lessons if not all(self.done[lesson.name])]
        begun = [lesson for lesson in open_ones if any(self.done[lesson.name])]
        return next(iter([*begun, *open_ones, *self.lessons]), None)

    def count(self) -> tuple[int, int]:
        """Steps that were done, and all."""
        every = [step for steps in self.done.values() for step in steps]
        return sum(every), len(every)


def rows(told: LessonList, unfolded: Collection[str], words: Sequence[str] = ()) -> list[Row]:
    """Every row in its order. `words`: only what has all of them, in a lesson, a step or a page; steps found are shown."""
    found: list[Row] = []
    for lesson in told.lessons:
        steps = [at for at in range(len(lesson.steps)) if _has(step_text(lesson, at), words)]
        whole = _has(lesson_text(lesson), words)
        if whole or steps:
            found.append(Row(lesson))
        if lesson.name in unfolded or (words and not whole):
            shown = steps if words and not whole else range(len(lesson.steps))
            found += [Row(lesson, at) for at in shown]
    pages = [name for name, page in PAGES.items() if _has(f"{name} {page.title} {page.about}", words)]
    if pages:
        found += [Row(heading="Lab pages"), *(Row(page=name) for name in pages)]
    return found


def lesson_text(lesson: Lesson) -> str:
    """What a search for a lesson looks at."""
    return " ".join([lesson.name, lesson.title, lesson.about, lesson.learn, lesson.dataset, *lesson.words])


def step_text(lesson: Lesson, at: int) -> str:
    """What a search for a step looks at."""
    step = lesson.steps[at]
    return " ".join([step.title, step.do, step.look, step.screen])


def _has(text: str, words: Sequence[str]) -> bool:
    return all(word in text.casefold() for word in words)
