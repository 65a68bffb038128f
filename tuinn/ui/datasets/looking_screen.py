"""A screen that reads samples in threads, so that keys are answered meanwhile."""

from typing import Any

from rich.text import Text
from textual import work
from textual.screen import Screen

from tuinn.data.info import DatasetInfo
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec
from tuinn.text import printable
from tuinn.ui.datasets.viewer_state import ViewerState

KEPT = 200
"""Samples that stay in memory while one leafs."""


class LookingScreen(Screen[None]):
    """Subclasses say which places are wanted, and draw once all of these are read."""

    def __init__(self, dataset: DatasetSpec, entry: DatasetInfo) -> None:
        super().__init__()
        self.dataset = dataset
        self.entry = entry
        self.looking: ViewerState | None = None
        """None while the dataset is opened."""
        self.samples: dict[tuple[str, int], Any] = {}
        """(part, index) → the sample, or the SpecError that kept it from being read."""

    def places(self, looking: ViewerState) -> range:
        """Those that are shown at once."""
        raise NotImplementedError

    def draw(self) -> None:
        """Everything that is shown is read."""
        raise NotImplementedError

    def refuse(self, problem: str) -> None:
        """The dataset can't be opened."""
        raise NotImplementedError

    def show_figures(self, text: Text) -> None:
        """The statistics are there."""
        raise NotImplementedError

    @work(thread=True, exclusive=True, group="look-open")
    def open_dataset(self) -> None:
        from tuinn.data.catalog.decoded_text import with_words
        from tuinn.data.loader import browse

        try:
            looking = ViewerState(self.entry, with_words(self.dataset, browse(self.dataset)))
            looking.order  # noqa: B018 - labels are read here, not on the screen's time
        except (SpecError, OSError) as problem:
            self.app.call_from_thread(self.refuse, printable(str(problem)))
            return
        self.app.call_from_thread(self.go, looking)

    def go(self, looking: ViewerState) -> None:
        """Stand there: draw what is read already, and read what is not."""
        self.looking = looking
        missing = [key for key in self._wanted(looking) if key not in self.samples]
        if missing:
            self._read(looking, missing)
        else:
            self.draw()

    def sample(self, place: int) -> Any:
        """What is at this place of the order: an array, a text, or why it can't be read."""
        assert self.looking is not None
        return self.samples.get((self.looking.part, self.looking.index(place)))

    def _wanted(self, looking: ViewerState) -> list[tuple[str, int]]:
        return [(looking.part, looking.index(place)) for place in self.places(looking)]

    @work(thread=True, exclusive=True, group="look-read")
    def _read(self, looking: ViewerState, keys: list[tuple[str, int]]) -> None:
        found: dict[tuple[str, int], Any] = {}
        for part, index in keys:
            try:
                found[part, index] = looking.browser.sample(part, index)
            except SpecError as problem:
                found[part, index] = problem
            except OSError as error:  # the disk went away under the reader
                found[part, index] = SpecError(f"It can't be read ({error.strerror or error}).")
        self.app.call_from_thread(self._take, found)

    def _take(self, found: dict[tuple[str, int], Any]) -> None:
        if self.looking is None:
            return
        if len(self.samples) > KEPT:
            wanted = set(self._wanted(self.looking))
            self.samples = {key: sample for key, sample in self.samples.items() if key in wanted}
        self.samples.update(found)
        if all(key in self.samples for key in self._wanted(self.looking)):
            self.draw()

    @work(thread=True, exclusive=True, group="look-figures")
    def count(self, looking: ViewerState, width: int, hue: str, ascii_only: bool) -> None:
        """Work out the statistics, as lines of `width` cells."""
        from tuinn.data.explore.statistics import statistics
        from tuinn.ui.datasets.facts_text import figures_text

        try:
            text = figures_text(statistics(looking.browser), looking.facts, width, ascii_only, hue)
        except (SpecError, OSError) as problem:
            text = Text(printable(str(problem)))
        self.app.call_from_thread(self.show_figures, text)
