"""Data of one's own that were used lately, in a small file, so that they stand in the list the next time."""

import json
import os
from pathlib import Path

from tuinn.runs.folder import home
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.problem import SpecProblem

MOST = 8
"""Of them that are remembered."""


def recent_file() -> Path:
    """`$TUINN_HOME/recent.json`: a list of dataset tables, the last used first."""
    return home() / "recent.json"


def recent() -> list[DatasetSpec]:
    """The last used first. What can't be read any more is passed over."""
    try:
        told = json.loads(recent_file().read_text())
    except (OSError, ValueError):
        return []
    found: list[DatasetSpec] = []
    for raw in told if isinstance(told, list) else []:
        try:
            dataset = DatasetSpec.of(raw)
        except (SpecProblem, AttributeError, TypeError):
            continue
        if dataset.path:
            found.append(dataset)
    return found[:MOST]


def remember(dataset: DatasetSpec) -> None:
    """Put it first. Where the file can't be written, it is forgotten with this process: no reason to stop anybody."""
    _write([dataset, *(other for other in recent() if other.path != dataset.path)])


def forget(dataset: DatasetSpec) -> None:
    """Take it out of the list. The data stay where they are."""
    _write([other for other in recent() if other.path != dataset.path])


def _write(datasets: list[DatasetSpec]) -> None:
    file = recent_file()
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        aside.write_text(json.dumps([dataset.raw() for dataset in datasets[:MOST]], indent=1) + "\n")
        aside.replace(file)
    except OSError:
        aside.unlink(missing_ok=True)
