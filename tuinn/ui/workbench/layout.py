"""How the workbench shares the terminal between its panes: by its size, the focus, and what there is to show."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from textual import events
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget

from tuinn.view.draft import Draft
from tuinn.view.run_follower import RunFollower

SMALLEST = (60, 16)
"""Columns and rows below which nothing would be whole."""

ROOMY = (110, 34)
"""From here on all five panes are shown at once; below, one at a time."""

WIDE = 160
"""Columns from which charts and predictions have a column each."""

DATASET, LAYERS, SUMMARY, CHARTS, PREDICT = range(1, 6)
"""The panes by the key that shows them."""

FOCUSED = {DATASET: "#dataset-list", LAYERS: "#layers-list", SUMMARY: "#summary-rows"}
"""What gets the focus of a pane that takes no keys itself."""

AROUND = 3
"""Rows of the first line, the advice and the footer."""

LEAST = {DATASET: 5, LAYERS: 5, SUMMARY: 8}
"""Rows of a pane, its border included, of which little is shown."""

STEP = 4
"""Rows by which the panes of the stack grow, so that not every layer that is added moves all the others."""

DATASET_ROWS = 18
"""Rows of the dataset pane with its whole list; more are used for pictures."""


@dataclass(frozen=True)
class Layout:
    """What the screen looks like: a class of the style sheet for each flag, and rows for the panes on the left."""

    too_small: bool
    narrow: bool
    """One pane at a time."""
    wide: bool
    watching: bool
    """A run is watched: the charts have two thirds."""
    dataset_rows: int
    layer_rows: int

    @property
    def classes(self) -> dict[str, bool]:
        """Each class of the screen, and whether it has it."""
        return {
            "-too-small": self.too_small,
            "-narrow": self.narrow,
            "-wide": self.wide,
            "-watching": self.watching,
        }


def lay_out(size: tuple[int, int], focused: int, layers: int, has_run: bool, enlarged: bool) -> Layout:
    """Share a terminal of `size` (columns, rows) between the panes, of which number `focused` has the focus.

    `layers`: how many the stack has. `enlarged`: the user wants the focused pane alone.
    """
    width, height = size
    watching = has_run and focused in (CHARTS, PREDICT)
    # What each pane needs to show all it has: a row per layer, and what stands around them.
    wanted = {
        DATASET: LEAST[DATASET] if watching else DATASET_ROWS,
        LAYERS: _in_steps(layers + 2),
        SUMMARY: _in_steps(layers + 6),
    }
    order = [focused, LAYERS, SUMMARY, DATASET] if focused in wanted else [LAYERS, SUMMARY, DATASET]
    rows = _share(height - AROUND, wanted, order)
    return Layout(
        too_small=width < SMALLEST[0] or height < SMALLEST[1],
        narrow=enlarged or width < ROOMY[0] or height < ROOMY[1],
        wide=width >= WIDE,
        watching=watching,
        dataset_rows=rows[DATASET],
        layer_rows=rows[LAYERS],
    )


@dataclass(frozen=True)
class Divider:
    """A border that can be dragged."""

    moves: str
    """The id of the pane or the column that becomes larger or smaller."""
    upright: bool
    """Its width changes; else its height."""
    towards: int = 1
    """1: it grows to the right or downwards; -1: the other way."""


class PaneColumns(Horizontal):
    """The panes in two columns. The borders between them can be dragged."""

    @dataclass
    class Dragged(Message):
        """The user wants this pane or column so wide or so high."""

        moves: str
        cells: int

    def __init__(self, panes: Sequence[Widget], id: str) -> None:
        """`panes`: the five, by their number."""
        self.panes = panes
        self.left = Vertical(*panes[:SUMMARY], id="left", classes="side")
        self.right = Vertical(*panes[SUMMARY:], id="right", classes="side")
        super().__init__(self.left, self.right, id=id)
        self.held: Divider | None = None
        """Under the pointer since its button went down."""

    def show_pane(self, number: int) -> None:
        """Of panes that are shown one at a time, show this."""
        for at, pane in enumerate(self.panes, start=1):
            pane.set_class(at == number, "-shown")
        self.left.set_class(number <= SUMMARY, "-shown")
        self.right.set_class(number > SUMMARY, "-shown")

    def focus_pane(self, number: int) -> None:
        pane = self.panes[number - 1]
        (pane if pane.can_focus else pane.query_one(FOCUSED[number])).focus()

    def number_of(self, widget: Widget | None) -> int | None:
        """The number of the pane that the widget is in."""
        inside = widget.ancestors_with_self if widget is not None else ()
        return next((at for at, pane in enumerate(self.panes, start=1) if pane in inside), None)

    def divider_at(self, x: int, y: int) -> Divider | None:
        """The border at this cell of the terminal, where there is one between two panes."""
        if self.left.region and self.right.region and x in (self.left.region.right - 1, self.right.region.x):
            return Divider("left", upright=True)
        for upper, lower in (*pairwise(self.left.children), *pairwise(self.right.children)):
            one, other = upper.region, lower.region
            if not (one and other):
                continue
            if other.x > one.x and x in (one.right - 1, other.x):
                return Divider(str(lower.id), upright=True, towards=-1)
            if other.x == one.x and one.x <= x < one.right and y in (one.bottom - 1, other.y):
                last = lower is self.right.children[-1]
                return Divider(str((lower if last else upper).id), upright=False, towards=-1 if last else 1)
        return None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self.held = self.divider_at(event.screen_x, event.screen_y) if event.button == 1 else None
        if self.held is not None:
            self.screen.clear_selection()  # Textual has begun to select text here

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.held is None or event.button != 1:
            return
        region = self.query_one(f"#{self.held.moves}").region
        if self.held.upright:
            cells = event.screen_x - region.x + 1 if self.held.towards > 0 else region.right - event.screen_x
        else:
            cells = event.screen_y - region.y + 1 if self.held.towards > 0 else region.bottom - event.screen_y
        self.post_message(self.Dragged(self.held.moves, cells))

    def on_mouse_up(self) -> None:
        self.held = None


NARROWEST, LOWEST = 24, 4
"""Columns and rows that a pane keeps, however far a border is dragged."""


class PaneLayout:
    """Applies the layout to the workbench, where it is another one than before."""

    def __init__(self, screen: Widget, dataset: Widget, layers: Widget) -> None:
        self.screen, self.dataset, self.layers = screen, dataset, layers
        self.enlarged = False
        """Whether the pane with the focus stands alone, however much room there is."""
        self.applied: Layout | None = None
        self.size = (0, 0)
        self.dragged: dict[str, int] = {}
        """Columns or rows that the user has given to panes, by their ids, in a terminal of this size."""

    def drag(self, moves: str, cells: int) -> None:
        """Give this pane or column so many cells, until the terminal has another size."""
        width, height = self.size
        upright = moves == "left" or (moves == "predict" and width >= WIDE)
        least, room = (NARROWEST, width) if upright else (LOWEST, height - AROUND)
        self.dragged[moves] = max(least, min(cells, room - least))
        self.applied = None

    def apply(self, size: tuple[int, int], focused: int, draft: Draft, run: RunFollower | None) -> None:
        """Share a terminal of `size` between the panes; see `lay_out`."""
        if size != self.size:
            self.size, self.dragged = size, {}
        layers = len(draft.spec.model.layers)
        layout = lay_out(size, focused, layers, run is not None, self.enlarged)
        if layout == self.applied:
            return
        self.applied = layout
        for name, wanted in layout.classes.items():
            self.screen.set_class(wanted, name)
        dragged = {} if layout.narrow else self.dragged
        dataset, layers_rows = (
            dragged.get("dataset", layout.dataset_rows),
            dragged.get("layers", layout.layer_rows),
        )
        self.dataset.styles.height = "1fr" if layout.narrow else dataset
        self.layers.styles.height = "1fr" if layout.narrow else layers_rows
        self._set_cells("left", "width", dragged.get("left"))
        self._set_cells("right", "width", "1fr" if "left" in dragged else None)
        self._set_cells("predict", "width" if layout.wide else "height", dragged.get("predict"))

    def _set_cells(self, id: str, rule: str, cells: int | str | None) -> None:
        """Give a pane a width or a height; None: the one of the style sheet."""
        styles = self.screen.query_one(f"#{id}").styles
        if cells is not None:
            setattr(styles, rule, cells)
        elif styles.inline.has_rule(rule):
            styles.inline.clear_rule(rule)


def _in_steps(rows: int) -> int:
    """The next multiple of STEP."""
    return rows + -rows % STEP


def _share(room: int, wanted: dict[int, int], order: list[int]) -> dict[int, int]:
    """Give every pane its least, then each in this order what it wants, then what is left to the dataset."""
    rows = dict(LEAST)
    for pane in order:
        left = room - sum(rows.values())
        rows[pane] += max(0, min(wanted[pane] - rows[pane], left))
    rows[DATASET] += max(0, room - sum(rows.values()))  # which has pictures to show
    return rows


def too_small_words(size: tuple[int, int]) -> str:
    """Say how large a terminal must be; shown in one that isn't."""
    return f"{size[0]}×{size[1]} is too small for tuinn.\nIt needs {SMALLEST[0]}×{SMALLEST[1]}."
