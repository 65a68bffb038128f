"""The body of the dataset viewer: a page of samples, one sample as a tensor, or text to scroll through."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import ContentSwitcher, Static

from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts
from tuinn.text import printable
from tuinn.ui.datasets.sample_detail import SampleDetail, value_lines
from tuinn.ui.datasets.sample_grid import GridSample, SampleGrid
from tuinn.view.tensor import Index, cut, tensor_lines

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tuinn.ui.datasets.viewer_controller import Sample

GRID, DETAIL, WORDS = "viewer-grid", "viewer-detail", "viewer-scroll"


class ViewerBody(ContentSwitcher):
    """Three widgets, one of them shown."""

    def __init__(self, id: str) -> None:
        super().__init__(initial=GRID, id=id)

    def compose(self) -> ComposeResult:
        yield SampleGrid(id=GRID)
        yield SampleDetail(id=DETAIL)
        with VerticalScroll(id=WORDS, can_focus=False):
            yield Static(id="viewer-words", markup=False)

    def show_page(self, page: Sequence[GridSample], facts: DataFacts, selected: int, plain: bool) -> None:
        """Show a page of samples, the selected one marked."""
        self.current = GRID
        self.query_one(SampleGrid).show_page(page, facts, selected, plain)

    def show_words(self, text: Text) -> None:
        """Show text to scroll through."""
        self.current = WORDS
        self.query_one("#viewer-words", Static).update(text)

    def show_sample(
        self,
        sample: "Sample",
        facts: DataFacts,
        heading: Text,
        index: Index,
        channel: int | None,
        plain: bool,
    ) -> "NDArray[np.generic] | None":
        """Show one sample, or the part that `index` cuts out. Return the tensor that is drawn; None where there is none."""
        error = self.app.theme_variables["error"]
        if isinstance(sample, SpecError):
            self.show_words(heading.append(f"\n\n{printable(str(sample))}", error))
        elif isinstance(sample, str):
            lines = f"\nrank 0 · {len(sample.split()):,} words · {len(sample):,} characters\n\n"
            self.show_words(heading.append(lines).append("\n".join(map(printable, sample.splitlines()))))
        elif facts.is_table and not index:
            heading.append("\n" + "\n".join(tensor_lines(sample)) + "\n\n")
            self.show_words(heading.append(value_lines(facts, sample)))
        else:
            try:
                part = cut(sample, index)
            except SpecError as problem:
                self.show_words(heading.append(f"\n\n{problem}", error))
                return None
            self.current = DETAIL
            self.query_one(SampleDetail).show_tensor(part, facts, heading, channel, plain)
            return part
        return None

    def move(self, rows: int, columns: int) -> None:
        """Scroll the words, or move the cursor over the pixels."""
        if self.current == WORDS:
            self.scroll_words(rows)
        else:
            self.query_one(SampleDetail).move(rows, columns)

    def scroll_words(self, by: int) -> None:
        self.query_one(f"#{WORDS}", VerticalScroll).scroll_relative(y=by, animate=False)

    def scroll_to_top(self) -> None:
        self.query_one(f"#{WORDS}", VerticalScroll).scroll_home(animate=False)

    @property
    def across(self) -> int:
        """Samples in a row of the page."""
        return self.query_one(SampleGrid).across
