"""Data of one's own that were used lately, in a small file, so that they stand in the list the next time."""

import json
from pathlib import Path

from rich.text import Text
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tuinn.atomic_io import write_whole
from tuinn.data.catalog.catalog import all_datasets
from tuinn.errors import SpecError
from tuinn.runs.folder import home
from tuinn.spec.dataset import DatasetSpec
from tuinn.text import printable

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
        except (SpecError, AttributeError, TypeError):
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
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = json.dumps([dataset.raw() for dataset in datasets[:MOST]], indent=1) + "\n"
        write_whole(file, text.encode(), durable=False)
    except OSError:
        return


WIDTH = 20
"""Cells of a line."""

OPEN = "open"
"""The id of the last line, which asks for a path."""


class DatasetList(OptionList):
    """A line per dataset under three headings; the one in use is marked."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.datasets: dict[str, DatasetSpec] = {}
        """A line's id → what it stands for."""
        self.absent = without_files()
        """Names of what has to be fetched."""

    def fill(self, used: DatasetSpec, under: DatasetSpec | None = None) -> None:
        """Every line anew, with the cursor on `under`, or on the dataset in use."""
        self.datasets = {}
        here = [entry for entry in all_datasets() if entry.name not in self.absent]
        absent = [entry for entry in all_datasets() if entry.name in self.absent]
        own = recent()
        if used.path and used.path not in [dataset.path for dataset in own]:
            own.insert(0, used)
        options = [
            _heading("here"),
            *(self._line(DatasetSpec(entry.name), entry.title, used) for entry in here),
        ]
        if absent:
            options.append(_heading("to be fetched"))
            options += [self._line(DatasetSpec(entry.name), entry.title, used, "↓") for entry in absent]
        options.append(_heading("your own"))
        options += [self._line(dataset, dataset.label, used) for dataset in own]
        options.append(Option(Text("+ o: open a path"), id=OPEN))
        with self.prevent(OptionList.OptionHighlighted):
            self.clear_options()
            self.add_options(options)
        self.put_cursor(under or used)

    def put_cursor(self, dataset: DatasetSpec) -> None:
        """On this dataset, or on the first of all."""
        wanted = next((key for key, known in self.datasets.items() if _same(known, dataset)), None)
        self.highlighted = self.get_option_index(wanted or next(iter(self.datasets)))

    @property
    def dataset(self) -> DatasetSpec | None:
        """The one under the cursor; None on the line that asks for a path."""
        option = self.highlighted_option
        return self.datasets.get(option.id or "") if option else None

    def _line(self, dataset: DatasetSpec, title: str, used: DatasetSpec, sign: str = " ") -> Option:
        key = f"{len(self.datasets)}"
        self.datasets[key] = dataset
        mine = _same(dataset, used)
        text = Text(f"{'●' if mine else sign} {printable(title)}", style="bold" if mine else "", no_wrap=True)
        text.truncate(WIDTH, overflow="ellipsis")
        return Option(text, id=key)


def without_files() -> frozenset[str]:
    """Datasets of which a file isn't there. A few looks at the disk, and no NumPy: the first screen waits for it.

    One that was prepared earlier may do without its files: `absent` tells, which takes longer.
    """
    return frozenset(
        entry.name
        for entry in all_datasets()
        if any(not file.optional and not file.exists() for file in entry.files)
    )


def absent() -> frozenset[str]:
    """Datasets that have to be fetched. Loads NumPy: not for the screen's own thread."""
    from tuinn.data.catalog.availability import is_available

    return frozenset(name for name in without_files() if not is_available(name))


def _same(one: DatasetSpec, other: DatasetSpec) -> bool:
    return (one.name, one.path) == (other.name, other.path)


def _heading(words: str) -> Option:
    return Option(Text(words, style="italic"), disabled=True)
