"""docs/sweeps.md names every kind and every field."""

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from tuinn.runs.commands import Command
from tuinn.runs.events import Event
from tuinn.sweeps.commands import AnyQueueCommand, AnySweepCommand
from tuinn.sweeps.events import FORMAT, AnyQueueEvent, AnySweepEvent

SWEEPS = (Path(__file__).parents[2] / "docs" / "sweeps.md").read_text()
KINDS = {
    kind
    for union in (AnySweepEvent, AnyQueueEvent, AnySweepCommand, AnyQueueCommand)
    for kind in get_args(union)
}


@pytest.mark.parametrize("kind", sorted(KINDS, key=str), ids=lambda kind: kind.__name__)
def test_the_document_has_a_row_for_each_kind_with_each_field(kind: type[Event | Command]) -> None:
    (row,) = re.findall(rf"^\| `{kind.__name__}` \|(.*)$", SWEEPS, re.MULTILINE)
    fields = [field.name for field in msgspec.structs.fields(kind) if field.name != "at"]
    assert [name for name in fields if f"`{name}`" not in row] == []


def test_the_document_names_the_version() -> None:
    assert f"now **{FORMAT}**" in SWEEPS
