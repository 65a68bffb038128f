"""A probability per class, as bars. What is predicted and what is true are told apart by signs, not by colour alone."""

from collections.abc import Collection, Sequence

from rich.text import Text

from tuinn.text import format_metric, printable
from tuinn.ui.widgets.cell_lines import CellLines, is_ascii_only
from tuinn.view.bars import bar

PERCENT = 7
"""Cells of a probability in percent."""

AROUND = 5
"""Cells of signs and gaps in a line."""

LEAST_BAR, LEAST_NAME = 4, 16
"""Cells of a bar, and of the name of a class, that other widgets leave to them."""


class ProbBars(CellLines):
    """Bars in class order; where they don't all fit, the likeliest first."""

    DEFAULT_CSS = "ProbBars { width: 1fr; height: 1fr; }"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id)
        self.classes_: Sequence[str] = ()
        self.shares: Sequence[float | None] = ()
        self.chosen: Collection[int] = ()
        self.truth: Collection[int] | None = None

    def show(
        self,
        classes: Sequence[str],
        shares: Sequence[float | None],
        chosen: Collection[int],
        truth: Collection[int] | None,
    ) -> None:
        """`shares` are probabilities, one per class; none yet is fine.

        `chosen`: labels of the classes that are predicted. `truth`: the true labels, None when unknown.
        """
        self.classes_, self.shares, self.chosen, self.truth = classes, shares, chosen, truth
        self._redraw()

    @property
    def least_width(self) -> int:
        """Columns below which names are cut, unless they are long."""
        return min(self._longest, LEAST_NAME) + AROUND + LEAST_BAR + PERCENT

    @property
    def _longest(self) -> int:
        return max(map(len, self.classes_), default=0)

    def on_resize(self) -> None:
        self._redraw()

    def _redraw(self) -> None:
        self.show_text(Text("\n").join(self._line(index) for index in self._shown()))

    def _shown(self) -> list[int]:
        order = list(range(len(self.classes_)))
        if len(order) > self.size.height:
            order.sort(key=lambda index: -_known(self.shares, index))
        return order[: self.size.height]

    def _line(self, index: int) -> Text:
        width = self.size.width
        free = width - PERCENT - AROUND
        # The number is never cut: in a narrow pane first the bar gives way, then the name.
        label = max(min(self._longest, free - max(LEAST_BAR, width // 6)), 3)
        room = max(free - label, 0)
        name = printable(self.classes_[index])
        name = name if len(name) <= label else name[: label - 1] + "…"
        share = self.shares[index] if index < len(self.shares) else None
        chosen, true = index in self.chosen, self.truth is not None and index in self.truth
        colours = self.app.theme_variables
        hue = colours["primary"]
        if chosen:
            hue = colours["success"] if self.truth is None or true else colours["error"]
        elif true and self.shares:
            hue = colours["success"]
        foreground = colours["foreground"]
        line = Text.assemble(("▸" if chosen else " ", hue))
        line.append("✓" if true else " ", style=colours["success"])
        line.append(f" {name:<{label}} ", style=f"bold {foreground}" if chosen else foreground)
        if not self.shares:
            return line
        line.append(bar(share or 0.0, room, is_ascii_only(self.app)), style=hue)
        line.append(f"{_percent(share):>{PERCENT}}")
        return line


def _known(shares: Sequence[float | None], index: int) -> float:
    share = shares[index] if index < len(shares) else None
    return -1.0 if share is None else share


def _percent(share: float | None) -> str:
    return format_metric(None) if share is None else f"{100 * share:.1f} %" if share < 0.9995 else "100 %"
