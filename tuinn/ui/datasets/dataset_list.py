"""The list of datasets: those on disk, those to be fetched, and the user's own."""

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tuinn.data.catalog.catalog import all_datasets
from tuinn.spec.dataset import DatasetSpec
from tuinn.text import printable
from tuinn.ui.datasets.recent_datasets import recent
from tuinn.ui.widgets.controls import OPTION_KEYS, PagedOptions

WIDTH = 20
"""Cells of a line."""

OPEN = "open"
"""The id of the last line, which opens the path dialog."""


class DatasetList(PagedOptions):
    """A line per dataset under three headings; the one of the draft is marked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *OPTION_KEYS,
        Binding("enter", "select", "Use", tooltip="use the dataset under the cursor; then r trains on it"),
    ]

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.datasets: dict[str, DatasetSpec] = {}
        """A line's id → its dataset."""
        self.titles: dict[str, str] = {}
        self.absent = without_files()
        """Names of datasets that have to be downloaded."""

    def on_click(self, event: events.Click) -> None:
        """One click puts the cursor there; two do what Enter does."""
        place = event.style.meta.get("option")
        if event.chain == 1 and isinstance(place, int) and not self.get_option_at_index(place).disabled:
            event.prevent_default()
            self.highlighted = place

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """A title may be cut: its whole is shown beside the pointer."""
        place = event.style.meta.get("option")
        option = self.get_option_at_index(place) if isinstance(place, int) else None
        dataset = self.datasets.get(option.id or "") if option else None
        self.tooltip = (
            (printable(dataset.path) or self.titles[option.id or ""]) if option and dataset else None
        )

    def fill(self, used: DatasetSpec, under: DatasetSpec | None = None) -> None:
        """Fill the list; the cursor goes to `under`, or to the dataset in use."""
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
        """Put the cursor on this dataset, or on the first one."""
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
        self.titles[key] = printable(title)
        in_use = _same(dataset, used)
        text = Text(
            f"{'●' if in_use else sign} {printable(title)}", style="bold" if in_use else "", no_wrap=True
        )
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
