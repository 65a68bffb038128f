"""What stands in the middle while one looks at samples: a page of them, one as a tensor, or words to scroll through."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import ContentSwitcher, Static

from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts
from tuinn.text import printable
from tuinn.ui.datasets.sample_detail import SampleDetail
from tuinn.ui.datasets.sample_grid import SampleGrid, Shown
from tuinn.ui.widgets.cell_lines import value_lines
from tuinn.view.tensor import Index, cut, tensor_lines

if TYPE_CHECKING:
    from numpy.typing import NDArray

GRID, TENSOR, WORDS = "look-grid", "look-tensor", "look-scroll"


class ViewerBody(ContentSwitcher):
    """Three widgets, one of them shown."""

    def __init__(self, id: str) -> None:
        super().__init__(initial=GRID, id=id)

    def compose(self) -> ComposeResult:
        yield SampleGrid(id=GRID)
        yield SampleDetail(id=TENSOR)
        with VerticalScroll(id=WORDS, can_focus=False):
            yield Static(id="look-words", markup=False)

    def show_page(self, page: Sequence[Shown], facts: DataFacts, selected: int, plain: bool) -> None:
        """A page of samples, the selected one marked."""
        self.current = GRID
        self.query_one(SampleGrid).show_page(page, facts, selected, plain)

    def show_words(self, text: Text) -> None:
        """Words, from their top."""
        self.current = WORDS
        self.query_one("#look-words", Static).update(text)

    def show_sample(
        self, sample: Any, facts: DataFacts, heading: Text, index: Index, channel: int | None, plain: bool
    ) -> "NDArray[Any] | None":
        """One sample, or the part of it that `index` cuts out. The tensor that is drawn; None where there is none."""
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
            self.current = TENSOR
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
