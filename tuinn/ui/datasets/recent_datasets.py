"""The user's own datasets that were used last, kept in a small file for the next session."""

import json
from pathlib import Path

from tuinn.atomic_io import read_stored, write_whole
from tuinn.errors import SpecError
from tuinn.runs.folder import home
from tuinn.spec.dataset import DatasetSpec

RECENT = 8
"""Datasets that are remembered."""


def recent_file() -> Path:
    """`$TUINN_HOME/recent.json`: a list of dataset tables, the last used first."""
    return home() / "recent.json"


def recent() -> list[DatasetSpec]:
    """The last used first. Entries that can't be read are left out."""
    try:
        raws = json.loads(read_stored(recent_file()))
    except (OSError, ValueError, RecursionError):
        return []
    found: list[DatasetSpec] = []
    for raw in raws if isinstance(raws, list) else []:
        try:
            dataset = DatasetSpec.of(raw)
        except (SpecError, AttributeError, TypeError):
            continue
        if dataset.path:
            found.append(dataset)
    return found[:RECENT]


def remember(dataset: DatasetSpec) -> None:
    """Put it first. A file that can't be written is ignored: nothing is lost but a shortcut."""
    _write([dataset, *(other for other in recent() if other.path != dataset.path)])


def forget(dataset: DatasetSpec) -> None:
    """Take it out of the list. The data stay on disk."""
    _write([other for other in recent() if other.path != dataset.path])


def _write(datasets: list[DatasetSpec]) -> None:
    file = recent_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = json.dumps([dataset.raw() for dataset in datasets[:RECENT]], indent=1) + "\n"
        write_whole(file, text.encode(), durable=False)
    except OSError:
        return
