"""All lessons there are: those that come with tuinn, and those in `$TUINN_HOME/lessons`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tuinn.errors import SpecError
from tuinn.labs.lessons.lesson import Lesson
from tuinn.labs.lessons.reader import read_lesson
from tuinn.labs.places import PAGES
from tuinn.runs.folder import home
from tuinn.spec.options import did_you_mean

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Library:
    """Lessons in the order in which they are shown, and what is wrong with files that hold none."""

    lessons: tuple[Lesson, ...]
    problems: tuple[str, ...] = ()

    def find(self, name: str) -> Lesson:
        """Return the lesson of this name. Raises SpecError that suggests the nearest one."""
        table = {lesson.name: lesson for lesson in self.lessons}
        if name not in table:
            raise SpecError(f"There is no lab {name!r}. {did_you_mean(name, [*table, *PAGES])}")
        return table[name]


def library() -> Library:
    """Read every lesson. A file that can't be read is told of, and left out."""
    lessons, problems = [], []
    for file in [*_files(HERE), *_files(home() / "lessons")]:
        try:
            lessons.append(read_lesson(file))
        except SpecError as problem:
            problems.append(str(problem))
    unique = {lesson.name: lesson for lesson in lessons}  # the user's own takes the place of one of ours
    return Library(tuple(sorted(unique.values(), key=lambda lesson: lesson.order)), tuple(problems))


def _files(folder: Path) -> Sequence[Path]:
    return sorted(folder.glob("*.toml"))
