"""A spec file → a draft that can be trained, or the sentences that say why not."""

from pathlib import Path

import click

from tuinn.data import loader
from tuinn.errors import SpecError
from tuinn.spec.advice.advise import Problem, advise
from tuinn.spec.dataset import DataFacts
from tuinn.spec.run import RunSpec

MOST_BYTES = 4_000_000
"""A thousand layers with every option take a tenth of it."""


def read_spec(file: Path, settings: tuple[str, ...]) -> RunSpec:
    """The spec in this file, with each `FIELD=VALUE` of the command line set. Raises SpecError."""
    try:
        spec = RunSpec.from_toml(_text(file))
    except SpecError as problem:
        raise SpecError(str(problem), str(file)) from None
    for setting in settings:
        path, equals, value = setting.partition("=")
        if not equals:
            raise SpecError("a setting is written FIELD=VALUE, such as fit.epochs=3.", f"--set {setting}")
        try:
            spec = spec.with_setting(path.strip(), value)
        except SpecError as problem:
            raise SpecError(str(problem), "--set") from None
    return spec


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
        text = data.decode()
    except OSError as error:
        raise SpecError(f"cannot be read ({error.strerror}). Give the path of a spec in TOML.") from None
    except UnicodeDecodeError:
        raise SpecError("is not text in UTF-8. Give the path of a spec in TOML.") from None
    if len(data) > MOST_BYTES:
        raise SpecError(f"is larger than {MOST_BYTES:,} bytes. Give the path of a spec in TOML.")
    return text


def facts_of(spec: RunSpec) -> DataFacts:
    """What can be known of the draft's dataset. Raises SpecError for a name that nobody knows, or a path that can't be used."""
    return loader.describe(spec.dataset).facts


def errors_in(spec: RunSpec, facts: DataFacts | None = None) -> list[Problem]:
    """What keeps the draft from being trained. Warnings go to stderr. Raises SpecError."""
    problems = advise(spec, facts or facts_of(spec))
    for problem in problems:
        if problem.severity == "warning":
            click.echo(f"warning: {problem}{_fix(problem, ' Fix: ')}", err=True)
    return [problem for problem in problems if problem.severity == "error"]


def explain(problems: list[Problem], where: str) -> None:
    """Each problem on stderr as `SPEC.toml: layer 3: …`, and what would put it right on a line of its own."""
    for problem in problems:
        fix = _fix(problem, "\n  fix: ")
        click.echo(f"{where}: {problem}{fix}", err=True)


def _fix(problem: Problem, before: str) -> str:
    return f"{before}{problem.fixes[0].label}" if problem.fixes else ""
