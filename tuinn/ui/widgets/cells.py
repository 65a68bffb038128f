"""Foreign text in boxes of cells, and the cells of a table."""

from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from tuinn.spec.dataset import DataFacts
from tuinn.view.words import figure, printable


def boxed(text: str, width: int, centre: bool = False) -> str:
    """Text of exactly `width` cells; what is cut says so. Wide characters are counted as the terminal counts them."""
    long = cell_len(text)
    if long > width:
        return set_cell_size(text, max(width - 1, 0)) + "…" * (width > 0)
    left = (width - long) // 2 if centre else 0
    return " " * left + text + " " * (width - long - left)


def cell_words(facts: DataFacts, at: int, value: Any, width: int) -> str:
    """A cell of a table as people read it: the word of a category, a number, a dash for a gap."""
    column = facts.columns[at] if facts.columns else None
    if column is not None and column.kind == "category":
        return boxed(printable(column.word(float(value))), width)
    return boxed(figure(float(value)), width)


def value_lines(facts: DataFacts, row: Any) -> Text:
    """A row of a table: every column's name and value."""
    names = [printable(facts.feature(at)) for at in range(facts.shape[0])]
    longest = min(max((cell_len(name) for name in names), default=0), 40)
    lines = [f"{boxed(name, longest)}  {cell_words(facts, at, row[at], 24)}" for at, name in enumerate(names)]
    return Text("\n".join(lines), no_wrap=True)
