"""docs/journal.md names every kind and every field."""

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from tuinn.runs.commands import AnyCommand, Command
from tuinn.runs.events import FORMAT, AnyEvent, Event

JOURNAL = (Path(__file__).parents[2] / "docs" / "journal.md").read_text()


@pytest.mark.parametrize("kind", [*get_args(AnyEvent), *get_args(AnyCommand)], ids=lambda kind: kind.__name__)
def test_the_journal_s_document_has_a_row_for_each_kind_with_each_field(kind: type[Event | Command]) -> None:
    (row,) = re.findall(rf"^\| `{kind.__name__}` \|(.*)$", JOURNAL, re.MULTILINE)
    fields = [field.name for field in msgspec.structs.fields(kind) if field.name != "at"]
    assert [name for name in fields if f"`{name}`" not in row] == []


def test_the_journal_s_document_names_the_version() -> None:
    assert f"now **{FORMAT}**" in JOURNAL
