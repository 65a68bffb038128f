"""The facts of a dataset as text: the short form for the pane, everything for the viewer."""

from collections.abc import Mapping
from textwrap import wrap
from typing import TYPE_CHECKING

from rich.text import Text

from tuinn.data.info import DatasetInfo
from tuinn.spec.dataset import DataFacts, Finding
from tuinn.spec.layers.catalog import format_shape
from tuinn.text import format_bytes, format_count, format_number, plural, printable

if TYPE_CHECKING:
    from tuinn.data.catalog.availability import Availability
    from tuinn.data.explore.preview import Preview

CLASS_ROWS = 2
"""Lines that the classes may take in the short form."""

WIDE = 44
"""Cells from which on shape and counts stand in one line."""

Colours = Mapping[str, str]


def facts_text(
    info: DatasetInfo,
    preview: "Preview | None",
    width: int,
    colours: Colours,
    availability: "Availability | None" = None,
    full: bool = False,
) -> Text:
    """Lines for `width` cells. `preview` has the counts, `availability` the files of a dataset of the catalogue."""
    facts = info.facts
    text = Text()
    text.append(f"{facts.task}\n", style="bold")
    gap = " · " if width >= WIDE else "\n"
    text.append(
        f"{sample_words(facts)}{gap}{format_count(facts.train)} train · {format_count(facts.test)} test\n"
    )
    text.append_text(_target(facts, preview, width, full))
    if full:
        text.append("".join(f"· {printable(note)}\n" for note in info.notes))
    elif info.notes:
        text.append(" · ".join(printable(note.rstrip(".")) for note in info.notes) + "\n")
    for finding in facts.findings if full else facts.findings[:2]:
        text.append_text(finding_text(finding, colours, full))
    if not full and len(facts.findings) > 2:
        text.append(f"and {len(facts.findings) - 2} more to know: v, then 4\n", style="dim")
    text.append_text(_origin(info, availability, full))
    if full or not info.notes:
        text.append(f"{printable(info.description)}\n", style="italic")
    text.rstrip()
    return text


def sample_words(facts: DataFacts) -> str:
    """One sample: `28 × 28 uint8, 0 to 255`."""
    if facts.is_text:
        return "a text"
    if facts.columns:
        return plural(facts.shape[0], "column")
    return f"{format_shape(facts.shape)} {facts.dtype}, {format_number(facts.low)} to {format_number(facts.high)}"


def data_problem(problem: Exception) -> str:
    """What is wrong with data, printable; a setting goes by its name in the form, without the table of the spec."""
    return printable(str(problem)).removeprefix("dataset.")


def finding_text(finding: Finding, colours: Colours, full: bool) -> Text:
    """The sentence of a finding, and with `full` its fix."""
    wrong = finding.severity == "error"
    text = Text.assemble(("✗ " if wrong else "! ", f"bold {colours['error' if wrong else 'warning']}"))
    text.append(printable(finding.message))
    if full and finding.fix:
        text.append(f"\n  fix: {printable(finding.fix)}", style="dim")
    return text.append("\n")


def _target(facts: DataFacts, preview: "Preview | None", width: int, full: bool) -> Text:
    if not facts.classes:
        if not preview:
            return Text(f"{printable(facts.target) or 'target'}\n")
        lines = (
            f"{printable(one.name)}: {format_number(one.low)} to {format_number(one.high)}, "
            f"mean {format_number(one.mean)}\n"
            for one in preview.targets
        )
        return Text("".join(lines))
    counts = preview.counts if preview else ()
    head = plural(len(facts.classes), "class", "classes")
    named = [printable(name) for name in facts.classes]
    if counts and len(set(counts)) == 1:
        head += f", {format_count(counts[0])} each"
    elif counts:
        named = [f"{name} {format_count(counts[at])}" for at, name in enumerate(named)]
    return Text.assemble(f"{head}: ", (_within(f"{head}: ", named, 10**6 if full else width), "dim"), "\n")


def _within(head: str, names: list[str], width: int) -> str:
    """As many names as fit into CLASS_ROWS lines after the head, then how many are left out."""
    for shown in range(min(len(names), 2 * width), 1, -1):
        left = len(names) - shown
        words = ", ".join(names[:shown]) + (f" and {left} more" if left else "")
        if len(wrap(head + words, width)) <= CLASS_ROWS:
            return words
    return f"{names[0]} and {len(names) - 1} more"


def _origin(info: DatasetInfo, availability: "Availability | None", full: bool) -> Text:
    """Size, place, licence, publisher, source."""
    parts = []
    if availability is not None:
        known = {"bundled": "bundled", "here": "here", "absent": "to be fetched: g"}[availability.state]
        parts.append(f"{format_bytes(availability.bytes)}, {known}")
    if info.dataset is not None and not full:
        parts.append(info.source)
    elif info.licence:
        parts.append(f"licence {info.licence}")
    if info.publisher:
        parts.append(info.publisher)
    text = Text(" · ".join(map(printable, parts)), style="dim")
    if parts:
        text.append("\n")
    if full:
        if availability is not None:
            text.append(f"folder {printable(str(availability.folder))}\n")
            for file in availability.missing:
                text.append(f"to fetch: {file.url}, {format_bytes(file.bytes)}\n")
        text.append(f"source {printable(info.source)}\n")
    return text
