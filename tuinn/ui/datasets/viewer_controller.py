"""Which samples of a dataset the viewer shows, and what was read of them. Needs no app; `open`, `read` and
`compute_statistics` take long and are meant for a thread."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from tuinn.data.info import DatasetInfo
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec
from tuinn.ui.datasets.viewer_state import ViewerState
from tuinn.view.tensor import Index, channel_names, cut, parse_index

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tuinn.data.explore.statistics import Statistics

    Sample = NDArray[np.generic] | str | SpecError
    """An array, a text, or why the sample can't be read."""


class Mode(IntEnum):
    """What the body of the viewer shows, in the order of its tabs."""

    GRID = 0
    SAMPLE = 1
    STATISTICS = 2
    ABOUT = 3


PAGE_SIZES = (25, 12, 6, 2)
"""Samples of a page, from the usual to the largest pictures."""

CACHED = 200
"""Samples that are kept in memory."""

Key = tuple[str, int]
"""A part, `train` or `test`, and a sample's index in it."""


@dataclass
class ViewerController:
    """Position, order, class, slice and channel, and a cache of samples. Before `open` every step does nothing."""

    dataset: DatasetSpec
    info: DatasetInfo | None = None
    """None until it is known: the first reading finds it out."""
    state: ViewerState | None = None
    """None until the dataset is open."""
    samples: "dict[Key, Sample]" = field(default_factory=dict)
    statistics: "Statistics | None" = None
    mode: Mode = Mode.GRID
    zoom: int = 0
    """Index into PAGE_SIZES."""
    index: Index = ()
    """The part that is cut out of every sample."""
    channel: int | None = None
    """The colour channel that is drawn alone; None: all."""

    # ---------------------------------------------------------------------------------------------- reading

    def open(self) -> ViewerState:
        """Open the dataset and read its labels. Raises SpecError, OSError."""
        from tuinn.data.catalog.decoded_text import with_words
        from tuinn.data.loader import browse, describe

        if self.info is None:
            self.info = describe(self.dataset)
        state = ViewerState(self.info, with_words(self.dataset, browse(self.dataset)))
        state.order  # noqa: B018 - reads the labels
        return state

    @property
    def places(self) -> range:
        """Places of the order that are shown at once."""
        if self.state is None:
            return range(0)
        if self.mode is Mode.GRID:
            return self.state.page(PAGE_SIZES[self.zoom])
        return range(self.state.at, min(self.state.at + 1, self.state.total))

    def missing(self) -> list[Key]:
        """Samples that are shown and not read yet."""
        return [key for key in self._shown() if key not in self.samples]

    def read(self, keys: Sequence[Key]) -> "dict[Key, Sample]":
        """Read these samples; one that can't be read becomes the error that says why."""
        assert self.state is not None
        found: dict[Key, Sample] = {}
        for part, index in keys:
            try:
                found[part, index] = self.state.browser.sample(part, index)
            except SpecError as problem:
                found[part, index] = problem
            except OSError as error:  # the disk went away under the reader
                found[part, index] = SpecError(f"It can’t be read ({error.strerror or error}).")
        return found

    def store(self, found: "dict[Key, Sample]") -> None:
        """Keep these samples; when there are too many, drop those that are not shown."""
        if len(self.samples) > CACHED:
            shown = set(self._shown())
            self.samples = {key: sample for key, sample in self.samples.items() if key in shown}
        self.samples |= found

    def compute_statistics(self) -> None:
        """Count values, classes and words. Raises SpecError, OSError."""
        from tuinn.data.explore.statistics import statistics

        assert self.state is not None
        self.statistics = statistics(self.state.browser)

    def _shown(self) -> list[Key]:
        state = self.state
        return [(state.part, state.index(place)) for place in self.places] if state else []

    # ---------------------------------------------------------------------------------------------- samples

    def sample(self, place: int) -> "Sample":
        """The sample at this place of the order. Raises KeyError for one that is not read."""
        assert self.state is not None
        return self.samples[self.state.part, self.state.index(place)]

    def sliced(self, place: int) -> "Sample":
        """The part of this sample that the slice cuts out; tables and texts stay whole."""
        assert self.state is not None
        sample = self.sample(place)
        if self.index and not isinstance(sample, SpecError | str) and not self.state.info.facts.is_table:
            try:
                return cut(sample, self.index)
            except SpecError as problem:
                return problem
        return sample

    def try_slice(self, text: str) -> "tuple[Index, NDArray[np.generic]]":
        """What this slice would cut out of the current sample. Raises SpecError."""
        assert self.state is not None
        sample = self.sample(self.state.at)
        index = parse_index(text)
        if isinstance(sample, SpecError):
            raise sample
        if isinstance(sample, str):
            raise SpecError("A text has no axes to slice.")
        return index, cut(sample, index)

    @property
    def has_axes(self) -> bool:
        """Whether there is a sample that can be sliced."""
        return self.state is not None and not self.state.facts.is_text and bool(self.state.total)

    # ------------------------------------------------------------------------------------------------ steps

    def step(self, by: int) -> None:
        """Go to the next page, or sample; stay at the ends."""
        if self.state is not None:
            size = PAGE_SIZES[self.zoom] if self.mode is Mode.GRID else 1
            place = self.state.at // size * size + by * size
            if 0 <= place < self.state.total:
                self.state = self.state.to(place)

    def move(self, by: int) -> None:
        """Select another sample, no further than the ends."""
        self._change(lambda state: state.to(state.at + by))

    def go_to_end(self, last: bool) -> None:
        self._change(lambda state: state.to(state.total - 1 if last else 0))

    def next_class(self, by: int) -> None:
        self._change(lambda state: state.next_class(by))

    def shuffle(self) -> None:
        """Another order, by the next seed."""
        self._change(lambda state: state.shuffled(0 if state.seed is None else state.seed + 1))

    def restore_order(self) -> None:
        """The order as stored."""
        self._change(lambda state: state.shuffled(None))

    def other_part(self) -> None:
        self._change(ViewerState.other_part)

    def zoom_by(self, by: int) -> None:
        self.zoom = min(max(self.zoom + by, 0), len(PAGE_SIZES) - 1)

    def next_channel(self) -> bool:
        """The next colour channel, then all again. False where samples have none."""
        channels = len(channel_names(self.state.facts.shape)) if self.state else 0
        if channels:
            following = 0 if self.channel is None else self.channel + 1
            self.channel = following if following < channels else None
        return bool(channels)

    def _change(self, step: Callable[[ViewerState], ViewerState]) -> None:
        if self.state is not None:
            self.state = step(self.state)
