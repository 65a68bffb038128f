"""From which probability on a class is predicted, as the user decided it for a run. A file that no worker writes."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from tuinn.atomic_io import folder_locked
from tuinn.errors import FolderError
from tuinn.runs.folder import RunFolder
from tuinn.runs.journal import read_struct
from tuinn.spec.dataset import DataFacts, Task
from tuinn.text import join_names

USUAL = 0.5
"""The threshold of a class that nobody has decided about."""


class Decision(msgspec.Struct, frozen=True):
    """The content of `decision.json`."""

    thresholds: dict[str, float] = {}
    """By the name of the class or label; what is missing has the usual one."""

    def of(self, facts: DataFacts) -> tuple[float, ...]:
        """Of two classes the second one's threshold, of several labels each one's; empty where all are usual, or there is
        nothing to decide."""
        names = decided_classes(facts)
        found = tuple(self.thresholds.get(name, USUAL) for name in names)
        return () if all(value == USUAL for value in found) else found

    def words(self, facts: DataFacts) -> str:
        """Which classes have a threshold of their own, and which; empty where none has."""
        names = decided_classes(facts)
        return threshold_words({name: self.thresholds.get(name, USUAL) for name in names})


def threshold_words(thresholds: Mapping[str, float]) -> str:
    """`malignant from 0.35 on`: those that aren't the usual one; empty where all are."""
    moved = [f"{name} from {value:.2f} on" for name, value in thresholds.items() if value != USUAL]
    return join_names(moved)


def decided_classes(facts: DataFacts) -> tuple[str, ...]:
    """Those that have a threshold."""
    if facts.task is Task.LABELS:
        return facts.classes
    return facts.classes[1:] if facts.task is not Task.REGRESSION and len(facts.classes) == 2 else ()


def decision_file(folder: RunFolder) -> Path:
    return folder.path / "decision.json"


def read_decision(folder: RunFolder) -> Decision:
    """Return what was decided; nothing where the file is missing or damaged."""
    try:
        return _read(decision_file(folder))
    except (OSError, ValueError):
        return Decision()


def keep_threshold(folder: RunFolder, name: str, threshold: float) -> Decision:
    """Keep a class's threshold with the run, whole or not at all. Raises FolderError."""
    file = decision_file(folder)
    try:
        with folder_locked(folder.path):
            thresholds = {**_read(file).thresholds, name: threshold}
            decision = Decision({key: value for key, value in thresholds.items() if value != USUAL})
            folder.write_whole(file, msgspec.json.format(msgspec.json.encode(decision)) + b"\n")
    except ValueError as error:
        raise FolderError(f"{file} is damaged ({error}). Mend it or remove it.") from None
    except OSError as error:
        raise FolderError(f"{file} cannot be written ({error.strerror}).") from None
    return decision


def _read(file: Path) -> Decision:
    try:
        return read_struct(file, Decision)
    except FileNotFoundError:
        return Decision()
