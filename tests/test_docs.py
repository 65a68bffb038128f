"""The documentation says what the code does: tables, links, examples, and the commands that stand in several files."""

import re
import shlex
import sys
import tomllib
from pathlib import Path

import click
import msgspec
import pytest

from tools import check, docs, links, messages, screens, tables
from tools.docs import ROOT
from tools.tables import PROGRAM
from tuinn.data.catalog.catalog import all_datasets
from tuinn.labs.lessons.reader import lesson_of
from tuinn.runs.config import Config
from tuinn.spec.presets.catalog import PRESETS
from tuinn.spec.run import RunSpec
from tuinn.ui.keys import table as keys

GUIDE = sorted((ROOT / "docs" / "guide").glob("*.md"))
PAGES = {str(page.relative_to(ROOT)): page.read_text() for page in links.pages(ROOT)}


def blocks(language: str) -> list[str]:
    """The fenced blocks of this language in README, CONTRIBUTING and guide."""
    texts = [text for name, text in PAGES.items() if "/" not in name or name.startswith("docs/guide/")]
    return [block for text in texts for block in re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)]


# ------------------------------------------------------------------------------------- the pages as they are


def test_the_documentation_is_current_and_its_links_lead_somewhere() -> None:
    assert list(docs.problems(ROOT)) == []


def test_each_generated_table_stands_on_one_page() -> None:
    found = [name for text in PAGES.values() for _, name, _ in docs.REGION.findall(text)]
    assert sorted(found) == sorted(tables.GENERATORS)


def test_the_pictures_are_those_that_the_command_makes() -> None:
    names = [scene.name for scene in screens.SCENES]
    assert sorted(names) == sorted(file.stem for file in (ROOT / "docs" / "screens").iterdir())
    shown = {
        Path(target).stem for text in PAGES.values() for target in re.findall(r"screens/(\w+)\.svg", text)
    }
    assert shown <= set(names)


def test_the_index_of_the_guide_names_every_page() -> None:
    index = (ROOT / "docs" / "guide" / "README.md").read_text()
    assert [page.name for page in GUIDE if page.name != "README.md" and f"({page.name})" not in index] == []


def test_the_guide_names_every_dataset_and_every_preset() -> None:
    datasets, building = PAGES["docs/guide/datasets.md"], PAGES["docs/guide/building.md"]
    assert [info.name for info in all_datasets() if f"| `{info.name}` |" not in datasets] == []
    assert [name for name in PRESETS if f"| `{name}` |" not in building] == []


def test_the_command_of_ci_stands_in_the_readme_word_for_word() -> None:
    command = (ROOT / ".ci" / "run").read_text().splitlines()[-1]
    assert f"\n```sh\n{command}\n```\n" in PAGES["README.md"]
    assert "run: .ci/run\n" in (ROOT / ".github" / "workflows" / "ci.yml").read_text()


def test_the_hooks_are_the_steps_of_the_check() -> None:
    hooks = re.findall(r"entry: (.*)", (ROOT / ".pre-commit-config.yaml").read_text())
    steps = check.steps(fast=False, words=[]).values()
    assert [shlex.split(hook)[1:] for hook in hooks] == [command[1:] for command in steps]
    assert [Path(shlex.split(hook)[0]).name for hook in hooks] == [
        "python" if command[0] == sys.executable else Path(command[0]).name for command in steps
    ]


@pytest.mark.parametrize("text", [block for block in blocks("toml") if "[[layers]]" in block])
def test_an_example_of_a_spec_can_be_read(text: str) -> None:
    assert RunSpec.from_toml(text).model.layers


LESSONS = [block for block in blocks("toml") if "[[steps]]" in block]


@pytest.mark.parametrize("text", LESSONS)
def test_an_example_of_a_lesson_can_be_followed(text: str) -> None:
    assert lesson_of(text, "labs.md", "example").steps


@pytest.mark.parametrize(
    "text", [block for block in blocks("toml") if "[[layers]]" not in block and block not in LESSONS]
)
def test_an_example_of_a_configuration_can_be_read(text: str) -> None:
    assert msgspec.convert(tomllib.loads(text), Config).end_command


def calls() -> list[str]:
    """Every call of `tuinn` in the examples for the shell, without what comes before and after it."""
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    parts = [part.strip() for line in lines for part in re.split(r"[;|]|&&|\$\(|\)", line.partition(" #")[0])]
    return [part for part in parts if re.match(r"(\.venv/bin/)?tuinn( |$)", part)]


@pytest.mark.parametrize("line", sorted(set(calls())))
def test_an_example_names_commands_and_options_that_there_are(line: str) -> None:
    command: click.Command = PROGRAM
    context = click.Context(command, info_name="tuinn")
    words = shlex.split(line.partition(" > ")[0])[1:]
    while isinstance(command, click.Group) and words and (below := command.get_command(context, words[0])):
        command, words = below, words[1:]
        context = click.Context(command, info_name=command.name, parent=context)
    assert not isinstance(command, click.Group) or not words or words[0].startswith("-")
    known = {name for parameter in command.params for name in parameter.opts} | {"--help", "-h"}
    assert [word for word in words if word.startswith("-") and word not in known] == []


def test_the_code_in_contributing_stands_in_the_files_that_it_is_said_to_be_from() -> None:
    text = PAGES["CONTRIBUTING.md"]
    found = re.findall(r"\]\(([\w/]+\.py)\)[^\]]*?```python\n(.*?)```", text, re.DOTALL)
    assert len(found) == text.count("```python")
    missing = [
        (file, line)
        for file, code in found
        for line in code.splitlines()
        if line.strip() and line.strip() not in (ROOT / file).read_text()
    ]
    assert missing == []


# ------------------------------------------------------------------------------------------------- the tool


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a README and a page whose table of keys is not current."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text("# Short\n")
    (tmp_path / "docs" / "keys.md").write_text(
        "# Keys\n\n<!-- generated: keys -->\nold\n<!-- end -->\n\nLast.\n"
    )
    return tmp_path


def test_a_stale_page_fails_the_check_and_is_written_anew(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert docs.main(["--check"], project) == 1
    assert "docs/keys.md is not current" in capsys.readouterr().out
    assert docs.main([], project) == 0
    text = (project / "docs" / "keys.md").read_text()
    assert "| `Ctrl+Z` `u` |" in text
    assert "\nold\n" not in text
    assert text.endswith("<!-- end -->\n\nLast.\n")
    assert docs.main(["--check"], project) == 0


def test_a_long_readme_fails_the_check(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    docs.main([], project)
    (project / "README.md").write_text("word " * (docs.MOST_WORDS + 1))
    assert docs.main(["--check"], project) == 1
    assert f"README.md has {docs.MOST_WORDS + 1} words" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("see [it](other.md)", []),
        ("see [it](other.md#a-heading-with-code)", []),
        ("see [it](other.md#a-heading-with-code-1)", []),
        ("see [it](#here)", []),
        ("see [it](https://example.org/gone.md)", []),
        ("`[it](gone.md)`\n```\n[it](gone.md)\n```", []),
        ("see [it](gone.md)", ["page.md:3: there is no file gone.md."]),
        ("![a picture](gone.png)", ["page.md:3: there is no file gone.png."]),
        ("[![a](gone.png)](other.md)", ["page.md:3: there is no file gone.png."]),
        ("see [it](other.md#a-heading-with-code-2)", ["page.md:3: other.md has no heading #a-heading-with-code-2."]),
        ("see [it](#there)", ["page.md:3: page.md has no heading #there."]),
        ("see [it](other.md#not-one)", ["page.md:3: other.md has no heading #not-one."]),
    ],
)  # fmt: skip
def test_a_link_must_lead_to_a_file_and_a_heading(tmp_path: Path, text: str, said: list[str]) -> None:
    (tmp_path / "page.md").write_text(f"# Here\n\n{text}\n")
    heading = "## A heading, with `code`!\n\n"
    (tmp_path / "other.md").write_text(f"# Other\n\n```sh\n# not one\n```\n\n{heading}{heading}")
    assert list(links.broken(tmp_path)) == said


@pytest.mark.parametrize(
    ("name", "shown"),
    [("r", "r"), ("S", "S"), ("ctrl+z", "Ctrl+Z"), ("f5", "F5"), ("shift+up", "Shift+Up"), ("question_mark", "?")],
)  # fmt: skip
def test_a_key_is_shown_as_it_is_printed(name: str, shown: str) -> None:
    assert keys.printed(name) == shown


def test_a_key_that_nobody_named_is_no_riddle_for_the_reader() -> None:
    with pytest.raises(KeyError, match="no row for the key circumflex_accent"):
        keys.printed("circumflex_accent")


SOURCE = '''
"""A module that nobody shows."""
import click

HELP = "shown in a form"
PATTERN = re.compile("no words here")
STYLE = "Pane { height: 1fr; width: 2; }"

def annotated(value: "Some kind of type") -> None:
    """Nor this docstring."""
    if not value:
        raise SpecError(f"{value} is empty. " + "Give " + name(value) + ".")
    self.notify("Stopped.", severity="error")
    why = f"{plural(2, 'row')} can't be read"
    click.echo(f"{why if value else 'all is well'}")
    problems.append(Finding("Too few samples."))

@click.command()
@click.option("--all", help="The others, too.")
def prune() -> None:
    """Remove checkpoints."""
'''


def test_messages_are_found_wherever_they_stand() -> None:
    assert list(messages.in_source(SOURCE)) == [
        (5, "text", "shown in a form"),
        (12, "raise", "{value} is empty. Give {name(value)}."),
        (13, "notify", "Stopped."),
        (14, "text", "{plural(2, 'row')} can't be read"),
        (15, "echo", "all is well"),
        (16, "raise", "Too few samples."),
        (20, "help", "Remove checkpoints."),
        (19, "help", "The others, too."),
    ]


def test_messages_are_listed_with_their_places(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "tuinn" / "cli").mkdir(parents=True)
    (project / "tuinn" / "cli" / "prune.py").write_text(SOURCE)
    assert docs.main(["--messages"], project) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 8
    assert lines[1] == "tuinn/cli/prune.py:12: raise: {value} is empty. Give {name(value)}."


def test_the_messages_of_the_command_line_are_found() -> None:
    found = messages.in_folder(ROOT / "tuinn" / "cli", ROOT)
    assert {message.way for message in found} >= {"raise", "echo", "help"}
    assert "Show what a bug report needs." in [message.text.splitlines()[0] for message in found]
