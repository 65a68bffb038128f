"""What was read from pasted code: rows with links and shapes, and what became of each line of the code."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from tuinn.spec.keras_import.report import Note, ParsedLayers
from tuinn.spec.layers.catalog import Shape, format_shape
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.layers.shapes import LayerRow, Summary, summarize
from tuinn.text import format_count, plural, printable

KINDS = ("changed", "left out", "taken over", "passed over")
"""The kinds of notes, those first that make the network another one than the code's."""


def summary_of(reading: ParsedLayers, shape: Shape | None, is_text: bool = False) -> Summary | None:
    """The layers with their shapes, for samples of the code's own shape, else of this one; None without either."""
    known = reading.input_shape or shape
    return None if known is None else summarize(ModelSpec(reading.layers), known, is_text)


def head_line(reading: ParsedLayers, summary: Summary | None) -> str:
    """`9 layers · 47,402 parameters · input 28 × 28 · 2 changed · 1 left out`."""
    parts = [plural(len(reading.layers), "layer")]
    if summary is not None and summary.mismatch is None:
        parts.append(f"{format_count(summary.total)} parameters")
    if summary is not None and reading.is_model:
        parts.append(f"input {summary.input_text}")
    for kind in KINDS[:3]:
        many = sum(note.kind == kind for note in reading.notes)
        parts += [f"{many} {kind}"] if many else []
    return " · ".join(parts)


def layer_line(at: int, row: LayerRow, line: int | None) -> tuple[str, str, str]:
    """A layer: its place with its type and options, its links, and what it gives."""
    links = ", ".join(row.sources)
    above = not row.source_indices or row.source_indices == (at - 1,)
    shown = "" if above else f"← {links}"
    gives = f"→ {format_shape(row.shape)}" if row.shape is not None else ""
    gives += f", {format_count(row.params)}" if row.params else ""
    where = f"{line:>4} " if line else ""
    options = row.layer.with_options(**{"from": None}).options_text()
    return f"{where}{row.layer.type_name} {printable(options)}".rstrip(), printable(shown), gives


def mismatch_line(summary: Summary | None) -> str:
    """Why the network doesn't fit the data; empty where it does, or where nothing is known of them."""
    if summary is None:
        return ""
    if summary.mismatch is not None:
        at, why = summary.mismatch
        return f"Layer {at + 1}, {summary.rows[at].layer.type_name}: {why}"
    return ""


def shape_line(reading: ParsedLayers, shape: Shape | None) -> str:
    """Where the code's input is another than this one of the data; else empty."""
    if shape is None or reading.input_shape in (None, shape):
        return ""
    told = format_shape(reading.input_shape or ())
    return f"The code's input is {told}, the data's {format_shape(shape)}. f in the stack mends what doesn't fit."


def report_lines(reading: ParsedLayers) -> Iterator[tuple[str, str]]:
    """The kind of a note, and `line 3: …`, or `lines 3, 5 and 7: …` for what is said of several."""
    for line, settings in groupby(
        (n for n in reading.notes if n.kind == "taken over"), lambda note: note.line
    ):
        yield "taken over", f"line {line}: {printable(', '.join(note.text for note in settings))}"
    for kind in KINDS:
        found = [note for note in reading.notes if note.kind == kind != "taken over"]
        for text, notes in groupby(
            sorted(found, key=lambda note: (note.text, note.line)), lambda note: note.text
        ):
            yield kind, f"{_where([note.line for note in notes])}: {printable(text)}"
    if reading.skipped:
        yield "passed over", f"{_where(reading.skipped)}: no part of the network"


def sorted_report(reading: ParsedLayers) -> list[tuple[str, str]]:
    """The report, line by line within each kind."""
    order = {kind: at for at, kind in enumerate(KINDS)}
    return sorted(report_lines(reading), key=lambda pair: (order[pair[0]], _first_number(pair[1])))


def _first_number(text: str) -> int:
    digits = text.partition(":")[0].split()[1].strip(",").partition("–")[0]
    return int(digits) if digits.isdigit() else 0


def _where(lines: Sequence[int]) -> str:
    """`line 3`, `lines 3–5, 9`."""
    numbers = sorted(set(lines))
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    shown = ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs[:8])
    more = " …" if len(runs) > 8 else ""
    return f"line{'s' if len(numbers) > 1 else ''} {shown}{more}"


__all__ = [
    "Note",
    "head_line",
    "layer_line",
    "mismatch_line",
    "report_lines",
    "shape_line",
    "sorted_report",
    "summary_of",
]
