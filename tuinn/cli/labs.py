"""`tuinn labs` lists lessons and checks a file with one; `tuinn lab` opens the workbench at a lesson or a lab page."""

from pathlib import Path

import click
import msgspec

from tuinn.cli.common.follow import Style
from tuinn.cli.common.options import JSON, JSON_OR_PLAIN, table
from tuinn.cli.common.terminal import has_terminal, open_workbench
from tuinn.errors import SpecError
from tuinn.labs.lessons.lesson import keys_to
from tuinn.labs.lessons.library import library
from tuinn.labs.lessons.progress import read_progress, steps_done
from tuinn.labs.lessons.reader import read_lesson
from tuinn.labs.places import PAGES
from tuinn.text import format_metric, plural, printable


@click.group(invoke_without_command=True)
@JSON
@click.pass_context
def labs(ctx: click.Context, as_json: bool) -> None:
    """List lessons and lab pages, with what you have done.

    `tuinn lab NAME` opens one. Lessons of your own are TOML files in the folder `lessons` of TUINN_HOME.
    """
    if ctx.invoked_subcommand is not None:
        return
    found, progress = library(), read_progress()
    done = {lesson.name: sum(steps_done(lesson, progress)) for lesson in found.lessons}
    if as_json:
        lessons = [
            {
                "name": one.name,
                "title": one.title,
                "about": one.about,
                "steps": len(one.steps),
                "done": done[one.name],
            }
            for one in found.lessons
        ]
        pages = [{"name": name, "title": page.title, "about": page.about} for name, page in PAGES.items()]
        click.echo(msgspec.json.encode({"lessons": lessons, "pages": pages}))
    else:
        rows = [
            (one.name, printable(one.title), f"{done[one.name]} of {len(one.steps)}", printable(one.about))
            for one in found.lessons
        ]
        rows += [(name, page.title, "", page.about) for name, page in PAGES.items()]
        click.echo(table([("lab", "title", "done", "what it is"), *rows]))
    for problem in found.problems:
        click.echo(f"tuinn: {printable(problem)}", err=True)


@labs.command()
@click.argument("file", metavar="LESSON.toml", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Check a file with a lesson, and print its steps with the keys that lead to them.

    What is wrong is one sentence, with the line.
    """
    lesson = read_lesson(file)
    click.echo(
        f"{printable(lesson.title)}: {plural(len(lesson.steps), 'step')}, all of which lead somewhere."
    )
    if lesson.figure is not None:
        click.echo(f"published: {printable(lesson.figure.words)} {format_metric(lesson.figure.value)}")
    rows = [
        (str(at), printable(step.title), keys_to(step), step.screen)
        for at, step in enumerate(lesson.steps, 1)
    ]
    click.echo(table([("step", "title", "keys", "screen"), *rows], right={0}))


@click.command()
@click.argument("name", metavar="NAME")
@click.option(
    "--run", "running", is_flag=True, help="Train what the lesson trains, and compare with its figure."
)
@click.option(
    "--on", default="", metavar="PATH", help="With --run: a copy of the data of your own, such as mnist.npz."
)
@click.option(
    "--stand-in", is_flag=True, help="With --run: a smaller dataset where the lesson's own isn't here."
)
@click.option(
    "--fetch", "fetching", is_flag=True, help="With --run: fetch the dataset first where it isn't here."
)
@JSON_OR_PLAIN
def lab(name: str, running: bool, on: str, stand_in: bool, fetching: bool, style: Style | None) -> None:
    """Open a lesson or a lab page, or train what a lesson does.

    `tuinn labs` lists their names.
    """
    if (on or stand_in or fetching or style) and not running:
        raise click.UsageError("--on, --stand-in, --fetch, --json and --plain go with --run.")
    if running:
        from tuinn.cli.lab_run import reproduce

        raise click.exceptions.Exit(reproduce(library().find(name), style, on, stand_in, fetching))
    if name not in PAGES:
        library().find(name)
    if not has_terminal():
        raise SpecError("A lab needs a terminal. `tuinn labs` lists them without one, --run trains.")
    raise click.exceptions.Exit(open_workbench(lab=name))
