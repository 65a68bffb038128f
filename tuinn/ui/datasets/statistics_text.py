"""The statistics of a dataset as text: columns, classes, values and words, with bars and histograms."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from tuinn.spec.dataset import DataFacts
from tuinn.text import format_count, format_number, plural, printable
from tuinn.ui.widgets.cell_lines import fitted
from tuinn.view.bars import columns, line

if TYPE_CHECKING:
    from tuinn.data.explore.distribution import Distribution, TextStatistics
    from tuinn.data.explore.statistics import ColumnStatistics, Statistics

NAME = 20
"""Cells for a name."""

MEASURES = "r: Pearson's correlation · eta: correlation ratio · V: Cramér's V"


def statistics_text(found: "Statistics", facts: DataFacts, width: int, ascii_only: bool, colour: str) -> Text:
    """Lines of at most `width` cells; `colour` is the colour of bars."""
    text = Text(no_wrap=True)
    if found.columns:
        target = facts.target_names[0] if facts.target_names else ""
        _columns(text, found.columns, target, width, ascii_only, colour)
    for name, values in found.targets:
        _heading(text, f"target{': ' + printable(name) if name else ''}")
        _distribution(text, values, width, ascii_only, colour)
    if found.counts:
        _heading(text, "samples per class: train, test")
        _counts(text, found, facts, width, ascii_only, colour)
    if found.values is not None:
        log = found.values.is_peaked
        scale = ", counted on a log scale" if log else ""
        _heading(text, f"values of {plural(found.sample_count, 'sample')}{scale}")
        _distribution(text, found.values, width, ascii_only, colour, log)
    if found.texts is not None:
        _texts(text, found.texts, width, ascii_only, colour)
    if found.sample_count < facts.train:
        text.append(
            f"\nfrom {format_count(found.sample_count)} of {plural(facts.train, 'training sample')}", "dim"
        )
    return text


def _heading(text: Text, words: str) -> None:
    text.append("\n" * bool(text) + words + "\n", style="bold")


def _counts(
    text: Text, found: "Statistics", facts: DataFacts, width: int, ascii_only: bool, colour: str
) -> None:
    most = max(found.counts, default=0) or 1
    room = max(min(width, 110) - NAME - 18, 4)
    for name, train, test in zip(facts.classes, found.counts, found.test_counts, strict=True):
        text.append(fitted(printable(name), NAME))
        text.append(" " + line(train / most, room, ascii_only), style=colour)
        text.append(f" {format_count(train):>8} {format_count(test):>7}\n")


def _distribution(
    text: Text, values: "Distribution", width: int, ascii_only: bool, colour: str, log: bool = False
) -> None:
    if not values.bins:
        text.append("no finite value\n")
        return
    wide = min(len(values.bins) * max(min(width, 96) // len(values.bins), 1), width)
    text.append("\n".join(columns(values.bins, 6, wide, ascii_only, log)) + "\n", style=colour)
    low, high = format_number(values.low), format_number(values.high)
    text.append(f"{low}{high:>{max(wide - len(low), 1)}}\n", style="dim")
    gaps = f" · {format_count(values.missing)} missing" if values.missing else ""
    text.append(
        f"mean {format_number(values.mean)} · standard deviation {format_number(values.deviation)}{gaps}\n"
    )


def _columns(
    text: Text, found: Sequence["ColumnStatistics"], target: str, width: int, ascii_only: bool, colour: str
) -> None:
    graph = 12
    name = min(max(width - 60, 12), max(len(column.name) for column in found) + 1, 40)
    head = f"{'column':<{name}} {'type':<8} {'missing':>7} {'min':>9} {'mean':>9} {'max':>9} "
    text.append(f"{head}{'link':>10} \n", style="dim")
    for column in found:
        values = column.distribution
        text.append(fitted(printable(column.name), name), style="bold")
        text.append(f" {column.kind:<8} {format_count(values.missing):>7} ")
        if column.kind == "category":
            words = ", ".join(f"{printable(word)} {format_count(n)}" for word, n in column.words)
            text.append(fitted(words, 29))
        else:
            text.append(f"{_short(values.low)} {_short(values.mean)} {_short(values.high)}")
        link = "" if column.association is None else f"{column.measure} {column.association:.2f}"
        text.append(f" {link:>10} ")
        if width >= name + 60 + graph:
            text.append(_graph(values, graph, ascii_only), style=colour)
        text.append("\n")
        if width < name + 60 + graph:
            text.append(
                " " * (name + 1) + _graph(values, min(2 * graph, width - name - 1), ascii_only) + "\n",
                style=colour,
            )
    which = printable(target) or "the target"
    text.append(f"link: its association with {which}. {MEASURES}\n", style="dim")


def _graph(values: "Distribution", width: int, ascii_only: bool) -> str:
    return columns(values.bins, 1, width, ascii_only)[0]


def _short(value: float) -> str:
    return f"{format_number(value):>9}"


def _texts(text: Text, found: "TextStatistics", width: int, ascii_only: bool, colour: str) -> None:
    _heading(text, "words per text")
    _distribution(text, found.words, width, ascii_only, colour)
    letters = found.letters
    text.append(f"characters per text: {letters.low:g} to {letters.high:g}, mean {letters.mean:.1f}\n")
    _heading(text, f"commonest of {plural(found.distinct_words, 'word')}")
    most = max((n for _, n in found.commonest), default=1)
    room = max(min(width, 100) - NAME - 10, 4)
    for word, n in found.commonest:
        text.append(fitted(printable(word), NAME))
        text.append(" " + line(n / most, room, ascii_only), style=colour)
        text.append(f" {format_count(n):>7}\n")
