"""A dataset's statistics as lines: bars of the classes, histograms, columns of a table, commonest words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from tuinn.spec.dataset import DataFacts
from tuinn.ui.widgets.cells import boxed
from tuinn.view.bars import line
from tuinn.view.histogram import columns
from tuinn.view.words import count, figure, plural, printable

if TYPE_CHECKING:
    from tuinn.data.spread import Spread
    from tuinn.data.statistics import ColumnStatistics, Statistics
    from tuinn.data.text_statistics import TextStatistics

NAME = 20
"""Cells for a name."""

MEASURES = "r: Pearson's correlation · eta: correlation ratio · V: Cramér's V"


def figures_text(found: "Statistics", facts: DataFacts, width: int, ascii_only: bool, hue: str) -> Text:
    """Everything that is known, top down; `hue` is the colour of bars."""
    text = Text(no_wrap=True)
    if found.columns:
        _columns(text, found.columns, width, ascii_only, hue)
    if found.target is not None:
        _heading(text, f"target{': ' + printable(facts.target) if facts.target else ''}")
        _spread(text, found.target, width, ascii_only, hue)
    if found.counts:
        _heading(text, "samples per class: train, test")
        _counts(text, found, facts, width, ascii_only, hue)
    if found.values is not None:
        log = found.values.is_peaked
        scale = ", counted on a log scale" if log else ""
        _heading(text, f"values of {plural(found.looked, 'sample')}{scale}")
        _spread(text, found.values, width, ascii_only, hue, log)
    if found.texts is not None:
        _texts(text, found.texts, width, ascii_only, hue)
    if found.looked < facts.train:
        text.append(f"\nfrom {count(found.looked)} of {plural(facts.train, 'training sample')}", "dim")
    return text


def _heading(text: Text, words: str) -> None:
    text.append("\n" * bool(text) + words + "\n", style="bold")


def _counts(
    text: Text, found: "Statistics", facts: DataFacts, width: int, ascii_only: bool, hue: str
) -> None:
    most = max(found.counts, default=0) or 1
    room = max(min(width, 110) - NAME - 18, 4)
    for name, train, test in zip(facts.classes, found.counts, found.test_counts, strict=True):
        text.append(boxed(printable(name), NAME))
        text.append(" " + line(train / most, room, ascii_only), style=hue)
        text.append(f" {count(train):>8} {count(test):>7}\n")


def _spread(text: Text, spread: "Spread", width: int, ascii_only: bool, hue: str, log: bool = False) -> None:
    if not spread.bins:
        text.append("no finite value\n")
        return
    wide = min(len(spread.bins) * max(min(width, 96) // len(spread.bins), 1), width)
    text.append("\n".join(columns(spread.bins, 6, wide, ascii_only, log)) + "\n", style=hue)
    low, high = figure(spread.low), figure(spread.high)
    text.append(f"{low}{high:>{max(wide - len(low), 1)}}\n", style="dim")
    gaps = f" · {count(spread.missing)} missing" if spread.missing else ""
    text.append(f"mean {figure(spread.mean)} · standard deviation {figure(spread.deviation)}{gaps}\n")


def _columns(text: Text, found: Sequence["ColumnStatistics"], width: int, ascii_only: bool, hue: str) -> None:
    graph = 12
    name = min(max(width - 60, 12), max(len(column.name) for column in found) + 1, 40)
    head = f"{'column':<{name}} {'type':<8} {'missing':>7} {'min':>9} {'mean':>9} {'max':>9} "
    text.append(f"{head}{'link':>10} \n", style="dim")
    for column in found:
        spread = column.spread
        text.append(boxed(printable(column.name), name), style="bold")
        text.append(f" {column.kind:<8} {count(spread.missing):>7} ")
        if column.kind == "category":
            words = ", ".join(f"{printable(word)} {count(n)}" for word, n in column.words)
            text.append(boxed(words, 29))
        else:
            text.append(f"{_short(spread.low)} {_short(spread.mean)} {_short(spread.high)}")
        link = "" if column.link is None else f"{column.measure} {column.link:.2f}"
        text.append(f" {link:>10} ")
        if width >= name + 60 + graph:
            text.append(_graph(spread, graph, ascii_only), style=hue)
        text.append("\n")
        if width < name + 60 + graph:
            text.append(
                " " * (name + 1) + _graph(spread, min(2 * graph, width - name - 1), ascii_only) + "\n",
                style=hue,
            )
    text.append(f"link: how it goes with the target. {MEASURES}\n", style="dim")


def _graph(spread: "Spread", width: int, ascii_only: bool) -> str:
    return columns(spread.bins, 1, width, ascii_only)[0]


def _short(value: float) -> str:
    return f"{figure(value):>9}"


def _texts(text: Text, found: "TextStatistics", width: int, ascii_only: bool, hue: str) -> None:
    _heading(text, "words per text")
    _spread(text, found.words, width, ascii_only, hue)
    letters = found.letters
    text.append(f"characters per text: {letters.low:g} to {letters.high:g}, mean {letters.mean:.1f}\n")
    _heading(text, f"commonest of {plural(found.different, 'word')}")
    most = max((n for _, n in found.commonest), default=1)
    room = max(min(width, 100) - NAME - 10, 4)
    for word, n in found.commonest:
        text.append(boxed(printable(word), NAME))
        text.append(" " + line(n / most, room, ascii_only), style=hue)
        text.append(f" {count(n):>7}\n")
