"""Which trials of a sweep can be trained: each is checked as any draft is."""

from dataclasses import dataclass
from itertools import islice

from tuinn.data import loader
from tuinn.errors import SpecError
from tuinn.spec.advice.advise import advise
from tuinn.spec.dataset import DataFacts
from tuinn.spec.run import RunSpec
from tuinn.sweeps.ranges import shown
from tuinn.sweeps.spec import SweepSpec, Values


@dataclass(frozen=True)
class TrialProblem:
    """Values that can't be trained, and why."""

    values: Values
    why: str

    def __str__(self) -> str:
        return f"{words(self.values)}: {self.why}"


def words(values: Values) -> str:
    """`fit.learning_rate=0.003 layers[3].units=64`."""
    return " ".join(f"{path}={shown(value)}" for path, value in values.items())


def facts_of(spec: RunSpec) -> DataFacts:
    """Raises SpecError for a dataset that nobody knows, or that can't be used."""
    return loader.describe(spec.dataset).facts


def trial_problem(sweep: SweepSpec, values: Values) -> str:
    """Why these values can't be trained; empty when they can."""
    try:
        spec = sweep.spec_of(values)
        problems = advise(spec, facts_of(spec))
    except SpecError as problem:
        return str(problem)
    return next((str(problem) for problem in problems if problem.severity == "error"), "")


def trial_problems(sweep: SweepSpec, most: int | None = None) -> list[TrialProblem]:
    """Of a grid every point that can't be trained; else every corner of the ranges that can't.

    `most`: look at so many only. Raises SpecError where none of them can.
    """
    corners = list(islice(sweep.corners(), most))
    found = [TrialProblem(values, why) for values in corners if (why := trial_problem(sweep, values))]
    if len(found) == len(corners):
        raise SpecError(f"No trial of this sweep can be trained. {found[0]}")
    return found
