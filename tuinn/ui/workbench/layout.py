"""How the workbench shares the terminal between its panes: by its size, the focus, and what there is to show."""

from dataclasses import dataclass

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
        LAYERS: layers + 2,
        SUMMARY: layers + 6,
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


class PaneLayout:
    """Applies the layout to the workbench, where it is another one than before."""

    def __init__(self, screen: Widget, dataset: Widget, layers: Widget) -> None:
        self.screen, self.dataset, self.layers = screen, dataset, layers
        self.enlarged = False
        """Whether the pane with the focus stands alone, however much room there is."""
        self.applied: Layout | None = None

    def apply(self, size: tuple[int, int], focused: int, draft: Draft, run: RunFollower | None) -> None:
        """Share a terminal of `size` between the panes; see `lay_out`."""
        layers = len(draft.spec.model.layers)
        layout = lay_out(size, focused, layers, run is not None, self.enlarged)
        if layout == self.applied:
            return
        self.applied = layout
        for name, wanted in layout.classes.items():
            self.screen.set_class(wanted, name)
        self.dataset.styles.height = "1fr" if layout.narrow else layout.dataset_rows
        self.layers.styles.height = "1fr" if layout.narrow else layout.layer_rows


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
