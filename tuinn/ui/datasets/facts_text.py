"""What is known of a dataset, in words: the short form for the pane, the whole of it for a closer look."""

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from rich.text import Text

from tuinn.data.info import DatasetInfo
from tuinn.spec.dataset import DataFacts, Finding
from tuinn.spec.layers.catalog import by_text
from tuinn.text import count, figure, plural, printable, size
from tuinn.ui.widgets.cell_lines import boxed
from tuinn.view.bars import columns, line

if TYPE_CHECKING:
    from tuinn.data.catalog.availability import Availability
    from tuinn.data.explore.distribution import Distribution, TextStatistics
    from tuinn.data.explore.preview import Preview
    from tuinn.data.explore.statistics import ColumnStatistics, Statistics


CLASS_ROWS = 2
"""Lines that the classes may take in the short form."""

WIDE = 44
"""Cells from which on shape and counts stand in one line."""

Colours = Mapping[str, str]


def facts_text(
    entry: DatasetInfo,
    seen: "Preview | None",
    width: int,
    colours: Colours,
    stock: "Availability | None" = None,
    full: bool = False,
) -> Text:
    """Lines for `width` cells. `seen` knows the counts, `stock` the place of a dataset of the catalogue."""
    facts = entry.facts
    text = Text()
    text.append(f"{facts.task}\n", style="bold")
    gap = " · " if width >= WIDE else "\n"
    text.append(f"{sample_words(facts)}{gap}{count(facts.train)} train · {count(facts.test)} test\n")
    text.append_text(_target(facts, seen, width, full))
    if full:
        text.append("".join(f"· {printable(note)}\n" for note in entry.notes))
    elif entry.notes:
        text.append(" · ".join(printable(note.rstrip(".")) for note in entry.notes) + "\n")
    for finding in facts.findings if full else facts.findings[:2]:
        text.append_text(finding_text(finding, colours, full))
    if not full and len(facts.findings) > 2:
        text.append(f"and {len(facts.findings) - 2} more to know: v, then 4\n", style="dim")
    text.append_text(_origin(entry, stock, full))
    if full or not entry.notes:
        text.append(f"{printable(entry.about)}\n", style="italic")
    text.rstrip()
    return text


def sample_words(facts: DataFacts) -> str:
    """One sample: `28 × 28 uint8, 0 to 255`."""
    if facts.is_text:
        return "a text"
    if facts.columns:
        return plural(facts.shape[0], "column")
    return f"{by_text(facts.shape)} {facts.dtype}, {figure(facts.low)} to {figure(facts.high)}"


def finding_text(finding: Finding, colours: Colours, full: bool) -> Text:
    """The sentence, and in the whole form its remedy."""
    wrong = finding.severity == "error"
    text = Text.assemble(("✗ " if wrong else "! ", f"bold {colours['error' if wrong else 'warning']}"))
    text.append(printable(finding.message))
    if full and finding.remedy:
        text.append(f"\n  remedy: {printable(finding.remedy)}", style="dim")
    return text.append("\n")


def _target(facts: DataFacts, seen: "Preview | None", width: int, full: bool) -> Text:
    if not facts.classes:
        name, reach = printable(facts.target) or "target", ""
        if seen and seen.target:
            ends = f"{figure(seen.target.low)} to {figure(seen.target.high)}"
            reach = f": {ends}, mean {figure(seen.target.mean)}"
        return Text(f"{name}{reach}\n")
    counts = seen.counts if seen else ()
    head = plural(len(facts.classes), "class", "classes")
    named = [printable(name) for name in facts.classes]
    if counts and len(set(counts)) == 1:
        head += f", {count(counts[0])} each"
    elif counts:
        named = [f"{name} {count(counts[at])}" for at, name in enumerate(named)]
    return Text.assemble(f"{head}: ", (_within(f"{head}: ", named, 10**6 if full else width), "dim"), "\n")


def _within(head: str, names: list[str], width: int) -> str:
    """As many names as fit into CLASS_ROWS lines after the head, then how many are left out."""
    for shown in range(min(len(names), 2 * width), 1, -1):
        left = len(names) - shown
        words = ", ".join(names[:shown]) + (f" and {left} more" if left else "")
        if len(wrap(head + words, width)) <= CLASS_ROWS:
            return words
    return f"{names[0]} and {len(names) - 1} more"


def _origin(entry: DatasetInfo, stock: "Availability | None", full: bool) -> Text:
    """Size, place, licence, publisher, source."""
    parts = []
    if stock is not None:
        known = {"bundled": "bundled", "here": "here", "absent": "to be fetched: g"}[stock.state]
        parts.append(f"{size(stock.bytes)}, {known}")
    if entry.dataset is not None and not full:
        parts.append(entry.source)
    elif entry.licence:
        parts.append(f"licence {entry.licence}")
    if entry.publisher:
        parts.append(entry.publisher)
    text = Text(" · ".join(map(printable, parts)), style="dim")
    if parts:
        text.append("\n")
    if full:
        if stock is not None:
            text.append(f"folder {printable(str(stock.folder))}\n")
            for file in stock.missing:
                text.append(f"to fetch: {file.url}, {size(file.bytes)}\n")
        text.append(f"source {printable(entry.source)}\n")
    return text


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


def _spread(
    text: Text, spread: "Distribution", width: int, ascii_only: bool, hue: str, log: bool = False
) -> None:
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


def _graph(spread: "Distribution", width: int, ascii_only: bool) -> str:
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
