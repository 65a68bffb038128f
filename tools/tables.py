"""The tables of the guide that are made from the code: keys, commands, settings and layers, as Markdown."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import click

from tools.links import slug
from tuinn.cli.main import tuinn
from tuinn.labs.lessons.lesson import Step, keys_to
from tuinn.labs.lessons.library import HERE as LESSONS
from tuinn.labs.lessons.reader import read_lesson
from tuinn.labs.places import PAGES, WORKBENCH, goals_of
from tuinn.spec.dataset import DATASET_OPTIONS
from tuinn.spec.fit import CONDITIONAL_OPTIONS, FIT_OPTIONS
from tuinn.spec.layers.catalog import CATALOG
from tuinn.spec.options import REQUIRED, Option
from tuinn.spec.training import losses, metrics, optimizers, schedules
from tuinn.spec.weights import WEIGHTS_OPTIONS
from tuinn.ui.dialogs.glossary import WORDS
from tuinn.ui.keys.key import Key
from tuinn.ui.keys.table import TABLE, TITLES, printed

PROGRAM: click.Group = tuinn
"""Holds every command, and imports each when it is asked for."""

ELSEWHERE = {
    "optimizer": "[an optimizer](#optimizers)",
    "schedule": "[a schedule](#schedules-of-the-learning-rate)",
    "loss": "`auto`, or [a loss](#losses)",
    "metrics": "a list of [metrics](#metrics)",
    "monitor": "`loss` or [a metric](#metrics), also with `val_` before it",
}
"""Setting → what it may be, where that is a table of its own."""


def keys() -> str:
    """A heading and a table of keys for each screen and pane."""
    if TABLE.keys() != TITLES.keys():
        different = ", ".join(sorted(TABLE.keys() ^ TITLES.keys()))
        raise KeyError(f"TITLES and TABLE in tuinn.ui.keys.table differ in: {different}.")
    return "\n\n".join(
        f"## {title}\n\n" + table(("key", "what it does"), (row(key) for key in TABLE[where]))
        for where, title in TITLES.items()
    )


def row(key: Key) -> tuple[str, str]:
    """The keys as they are printed, and the help as a sentence without its full stop."""
    return " ".join(f"`{printed(name)}`" for name in key.keys.split(",")), sentence(key.help)


def meanings() -> str:
    """A row for each key: what it does, and where, in a word each."""
    places: dict[str, dict[str, list[str]]] = {}
    for where, title in TITLES.items():
        for key in TABLE[where]:
            for name in key.keys.split(","):
                places.setdefault(printed(name), {}).setdefault(key.label, []).append(title)
    rows = (
        (f"`{name}`", "; ".join(f"{label} ({', '.join(titles)})" for label, titles in labels.items()))
        for name, labels in sorted(places.items(), key=lambda row: (len(row[0]), row[0].casefold(), row[0]))
    )
    return table(("key", "what it does, and where"), rows)


def glossary() -> str:
    """A row for each word."""
    return table(("word", "what it means"), WORDS)


def commands() -> str:
    """All commands in a table, then a section for each with its usage, help and options."""
    found = list(walk(PROGRAM, click.Context(PROGRAM, info_name="tuinn")))[1:]
    overview = table(
        ("command", "what it does"),
        ((f"[`{name}`](#{slug(name)})", first_sentence(command)) for name, command in found),
    )
    return "\n\n".join([overview, *(section(name, command) for name, command in found)])


def walk(command: click.Command, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    """The command with its whole name, then all commands below it, in the order of the program's own help."""
    yield context.command_path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from walk(below, click.Context(below, info_name=name, parent=context))


def section(name: str, command: click.Command) -> str:
    """What `tuinn NAME --help` says, as a part of a page."""
    options = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
    usage = [name, *(["[OPTIONS]"] if options else []), *map(placeholder, command.params)]
    if isinstance(command, click.Group):
        usage.append("[COMMAND]" if command.invoke_without_command else "COMMAND")
    parts = [f"### {name}", "```text\n" + " ".join(filter(None, usage)) + "\n```", *paragraphs(command)]
    if options:
        parts.append(table(("option", "what it does"), map(option_row, options)))
    return "\n\n".join(parts)


def placeholder(parameter: click.Parameter) -> str:
    """An argument in a line of usage, such as `RUN...`; empty for an option."""
    if isinstance(parameter, click.Option):
        return ""
    if parameter.metavar:
        return parameter.metavar
    name = (parameter.name or "").upper()
    return (name if parameter.required else f"[{name}]") + "..." * (parameter.nargs != 1)


def option_row(option: click.Option) -> tuple[str, str]:
    """`--trials N` and its help, with the numbers that are allowed."""
    names = [*option.opts, *option.secondary_opts]
    if not option.is_flag:
        names[-1] += f" {option.metavar or kind(option.type)}"
    told = [option.help or ""]
    if isinstance(option.type, click.IntRange):
        told.append(f"From {option.type.min}" + (f" to {option.type.max}." if option.type.max else "."))
    return ", ".join(f"`{name}`" for name in names), " ".join(told)


def kind(of: Any) -> str:
    """What stands for a value of a type of click's: its choices, N for a number, or the name of its type."""
    if isinstance(of, click.Choice):
        return "|".join(map(str, of.choices))
    return "N" if isinstance(of, click.IntRange) else of.name.upper()


def paragraphs(command: click.Command) -> Iterator[str]:
    """The help in paragraphs; one that begins with click's \\b keeps its lines."""
    for paragraph in (command.help or "").split("\n\n"):
        text = paragraph.strip()
        if text.startswith("\b"):
            yield "```sh\n" + "\n".join(line.strip() for line in text.splitlines()[1:]) + "\n```"
        elif text:
            yield " ".join(text.split())


def first_sentence(command: click.Command) -> str:
    """The first sentence of the help, without its full stop."""
    first = next(paragraphs(command), "")
    return re.split(r"\.(?:\s|$)", first)[0]


def table(head: Sequence[str], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def settings() -> str:
    """Every setting of `[dataset]`, `[weights]` and `[fit]`, and what there is to choose from."""
    common = [option for option in FIT_OPTIONS if option not in CONDITIONAL_OPTIONS]
    parts = [
        ("The dataset", option_table(DATASET_OPTIONS)),
        ("First weights", option_table(WEIGHTS_OPTIONS)),
        ("The training", option_table(common)),
        ("Optimizers", own_table("optimizer", optimizers.OPTIMIZERS)),
        ("Schedules of the learning rate", own_table("schedule", schedules.SCHEDULES)),
        ("Settings of optimizers and schedules", option_table(CONDITIONAL_OPTIONS, default=False)),
        ("Losses", choice_table("loss", losses.LOSSES)),
        ("Metrics", choice_table("metric", metrics.METRICS)),
    ]
    return "\n\n".join(f"## {title}\n\n{rows}" for title, rows in parts)


def option_table(options: Iterable[Option], default: bool = True) -> str:
    """Name, what it is, what it may be, and the default of each, where it has one of its own."""
    head = ("setting", "what it is", "what it may be", *(["default"] if default else []))
    rows = (
        (
            f"`{option.name}`",
            sentence(option.help),
            ELSEWHERE.get(option.name, option.allowed),
            *([shown(option)] if default else []),
        )
        for option in options
    )
    return table(head, rows)


def shown(option: Option) -> str:
    """The default as it is typed."""
    if option.default is REQUIRED:
        return "must be given"
    return f"`{text}`" if (text := option.show(option.default)) else ""


def own_table(head: str, rows: Iterable[Any]) -> str:
    """Optimizers or schedules: what each is, and the settings of its own with their defaults."""
    return table(
        (head, "what it is", "settings of its own"),
        ((f"`{row.name}`", sentence(row.help), ", ".join(map(with_default, row.options))) for row in rows),
    )


def with_default(option: Option) -> str:
    """`units`, or `padding` (`valid`) where it may be left out."""
    text = "" if option.default is REQUIRED else option.show(option.default)
    return f"`{option.name}`" + (f" (`{text}`)" if text else "")


def choice_table(head: str, rows: Iterable[Any]) -> str:
    """Losses or metrics: what each is, and the tasks that it fits."""
    return table(
        (head, "what it is", "for"),
        (
            (f"`{row.name}`", sentence(row.help), ", ".join(task.name.lower() for task in row.tasks))
            for row in rows
        ),
    )


def layers() -> str:
    """Every layer type by group, with the options that are changed often."""
    groups = dict.fromkeys(kind.group for kind in CATALOG)
    return "\n\n".join(
        f"## {group.capitalize()}\n\n"
        + table(
            ("layer", "what it does", "options"),
            (
                (
                    f"`{kind.name}`",
                    sentence(kind.help),
                    ", ".join(with_default(option) for option in kind.options if not option.advanced),
                )
                for kind in CATALOG
                if kind.group == group
            ),
        )
        for group in groups
    )


def lessons() -> str:
    """A heading and a table of steps for each lesson that comes with tuinn."""
    parts = []
    found = (read_lesson(file) for file in LESSONS.glob("*.toml"))
    for lesson in sorted(found, key=lambda one: (one.order, one.name)):
        steps = (
            (f"{at} {one.title}", place_words(one.screen), keys_words(one))
            for at, one in enumerate(lesson.steps, 1)
        )
        figure = f" Published: {lesson.figure.words} {lesson.figure.value}." if lesson.figure else ""
        about = f"`tuinn lab {lesson.name}`: {lesson.about}.{figure}"
        parts.append(f"### {lesson.title}\n\n{about}\n\n" + table(("step", "screen", "keys"), steps))
    return "\n\n".join(parts)


def places() -> str:
    """A row for each screen that a step may lead to."""
    rows = [
        (f"`{name}`", place_words(name), f"`{place.keys}`", words(goals_of(name)))
        for name, place in WORKBENCH.items()
    ]
    rows += [(f"`{name}`", place_words(name), "`0`", words(goals_of(name))) for name in PAGES]
    return table(("`screen`", "what it is", "keys", "`done`"), rows)


def place_words(screen: str) -> str:
    """What a screen is, by its name in a lesson."""
    return f"lab page: {PAGES[screen].title}" if screen in PAGES else WORKBENCH[screen].words


def keys_words(step: Step) -> str:
    return " ".join(f"`{key}`" for key in keys_to(step).split())


def words(names: Iterable[str]) -> str:
    return " ".join(f"`{name}`" for name in names)


GENERATORS: dict[str, Callable[[], str]] = {
    "glossary": glossary,
    "keys": keys,
    "meanings": meanings,
    "commands": commands,
    "settings": settings,
    "layers": layers,
    "lessons": lessons,
    "places": places,
}
"""Name of a generated part → what writes it."""
