"""How samples are shown that one looks at closely: a page of them, one large, all in numbers."""

from rich.text import Text
from textual.app import ComposeResult

from tuinn.data.info import DatasetInfo
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec
from tuinn.text import printable
from tuinn.ui.datasets.facts_text import facts_text
from tuinn.ui.datasets.looking_screen import LookingScreen
from tuinn.ui.datasets.sample_grid import Shown
from tuinn.ui.datasets.viewer_body import ViewerBody
from tuinn.ui.datasets.viewer_state import ViewerState, place_words
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.ui.widgets.controls import KeyFooter, TextField, tabs_text
from tuinn.view.tensor import Index, cut, index_words, plane_of, shape_words

MODES = ("Grid", "One", "Numbers", "About")
GRID, ONE, NUMBERS, ABOUT = range(4)
PAGES = (25, 12, 6, 2)
"""Samples of a page, from the usual to the largest."""


class LookView(LookingScreen):
    """Subclasses change `looking` and the way it is drawn, then call `go` or `draw`."""

    CSS_PATH = "viewer.tcss"
    AUTO_FOCUS = ""

    def __init__(self, dataset: DatasetSpec, entry: DatasetInfo) -> None:
        super().__init__(dataset, entry)
        self.mode = GRID
        self.enlarged = 0
        """Index into PAGES."""
        self.index: Index = ()
        """The part that is cut out of every sample."""
        self.channel: int | None = None
        self.plain = False
        self.figures: Text | None = None

    def compose(self) -> ComposeResult:
        yield CellLines(id="look-head")
        yield CellLines(id="look-tabs")
        yield ViewerBody(id="look-body")
        yield CellLines(id="look-foot")
        yield TextField(
            placeholder="[7:-7, 7:-7] cuts the edges off, [..., 0] is the first channel", id="look-slice"
        )
        yield KeyFooter()

    def on_mount(self) -> None:
        self.plain = self.app.no_color or self._ascii_only
        self.query_one("#look-slice").display = False
        self.say("reading…")
        self.draw_head()
        self.open_dataset()

    def on_resize(self) -> None:
        self.figures = None  # its lines are as long as the screen was wide
        if self.mode == NUMBERS:
            self.draw()

    @property
    def _ascii_only(self) -> bool:
        return bool(getattr(self.app, "ascii_only", False))

    # --------------------------------------------------------------------------------------------- drawing

    def places(self, looking: ViewerState) -> range:
        if self.mode == GRID:
            return looking.page(PAGES[self.enlarged])
        return range(looking.at, min(looking.at + 1, looking.total))

    def refuse(self, problem: str) -> None:
        self.query_one(ViewerBody).show_words(Text(problem, style=self.app.theme_variables["error"]))
        self.say("Esc goes back")

    def show_figures(self, text: Text) -> None:
        self.figures = text
        if self.mode == NUMBERS:
            self.draw()

    def draw(self) -> None:
        looking = self.looking
        if looking is None:
            return
        self.draw_head()
        body = self.query_one(ViewerBody)
        if self.mode == ABOUT:
            body.show_words(
                facts_text(self.entry, None, self.size.width - 4, self.app.theme_variables, full=True)
            )
            self.say("↑↓ scrolls")
        elif self.mode == NUMBERS:
            self._draw_figures(looking, body)
        elif not looking.total:
            words = "There are no such samples. t shows the other part, c another class."
            body.show_words(Text(words, style="dim"))
            self.say("")
        elif self.mode == GRID:
            page = looking.page(PAGES[self.enlarged])
            shown = [self._shown(looking, place) for place in page]
            body.show_page(shown, looking.facts, looking.at - page.start, self.plain)
            zoom = "" if self.enlarged == len(PAGES) - 1 else " · + larger"
            self.say(f"{place_words(looking, page)}{zoom} · Enter opens")
        else:
            self._draw_one(looking, body)

    def draw_head(self) -> None:
        accent = self.app.theme_variables["accent"]
        head = Text.assemble(
            (printable(self.entry.title), f"bold {accent}"), no_wrap=True, overflow="ellipsis"
        )
        if self.looking is not None:
            head.append(f"  {self.looking.words()}", style="dim")
        self.query_one("#look-head", CellLines).show_text(head)
        self.query_one("#look-tabs", CellLines).show_text(tabs_text(MODES, self.mode, accent))

    def _shown(self, looking: ViewerState, place: int) -> Shown:
        sample = self.sample(place)
        if self.index and not isinstance(sample, SpecError | str) and not looking.facts.is_table:
            try:
                sample = cut(sample, self.index)
            except SpecError as problem:
                sample = problem
        return Shown(looking.index(place) + 1, looking.label(place), sample)

    def _draw_one(self, looking: ViewerState, body: ViewerBody) -> None:
        number = looking.index(looking.at) + 1
        heading = Text.assemble(
            (looking.label(looking.at), "bold"), (f"  #{number} of {looking.part}", "dim")
        )
        sample = self.sample(looking.at)
        part = body.show_sample(sample, looking.facts, heading, self.index, self.channel, self.plain)
        words = "" if part is None else "s cuts a part out · "
        if part is not None and self.index:
            drawn = plane_of(part)[1]
            words = (
                f"x{index_words(self.index)} → {shape_words(part.shape)} · "
                + f"drawn: {drawn} · " * bool(drawn)
            )
        self.say(f"{words}n p other samples")

    def _draw_figures(self, looking: ViewerState, body: ViewerBody) -> None:
        if self.figures is None:
            body.show_words(Text("counting…", style="dim"))
            self.count(looking, self.size.width - 4, self.app.theme_variables["secondary"], self._ascii_only)
        else:
            body.show_words(self.figures)
        self.say("↑↓ scrolls")

    def say(self, words: str, colour: str = "") -> None:
        style = self.app.theme_variables[colour] if colour else "dim"
        self.query_one("#look-foot", CellLines).show_text(
            Text(words, style, no_wrap=True, overflow="ellipsis")
        )
