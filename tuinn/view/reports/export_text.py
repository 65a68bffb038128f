"""An exported network in words: what it takes, how equal it is to the one in Keras, how large, how fast."""

from collections.abc import Iterator
from pathlib import Path

from tuinn.runs.jobs import Exported
from tuinn.spec.keras_export.formats import file_format
from tuinn.text import format_bytes, plural, printable, shorten

HEAD = ("batch", "largest difference", "ms per sample", "in Keras")


def lines(answer: Exported) -> Iterator[str]:
    """A line for each thing, and the table of both batch sizes."""
    row = file_format(answer.to)
    yield f"wrote  {printable(answer.out)}  {row.title}, {format_bytes(answer.bytes)}"
    if answer.beside:
        yield f"words  {printable(answer.beside)}"
    for title, words in (("takes", answer.inputs), ("gives", answer.outputs)):
        for one in words[:8]:
            yield f"{title}  {shorten(printable(one), 120)}"
        if len(words) > 8:
            yield f"       and {len(words) - 8} more"
    if not answer.checks:
        yield f"opened with {answer.runtime}; not compared, as there are no samples here"
        return
    yield f"opened with {answer.runtime}, compared with Keras over {plural(answer.samples, 'sample')}"
    cells = [
        (
            str(check.batch),
            _difference(check.difference),
            _time(check.milliseconds),
            _time(check.keras_milliseconds),
        )
        for check in answer.checks
    ]
    widths = [max(map(len, column)) for column in zip(HEAD, *cells, strict=True)]
    for line in (HEAD, *cells):
        yield "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
    if answer.score:
        numbers = " → ".join(
            "–" if value is None else f"{value:.4g}" for value in (answer.before, answer.after)
        )
        yield f"{answer.score}  {numbers}, over {plural(answer.scored, 'test sample')}"


def disagreement(answer: Exported) -> str:
    """A sentence where the exported network gives something else than the one in Keras; else empty."""
    if answer.agrees:
        return ""
    name = Path(answer.out).name
    return (
        f"{printable(name)} differs from the network in Keras by more than {answer.tolerance:.0e}. "
        "Don't rely on it; export it as saved-model or keras."
    )


def _difference(value: float | None) -> str:
    return "not finite" if value is None else f"{value:.1e}" if value else "0"


def _time(milliseconds: float) -> str:
    return f"{milliseconds:.3f}" if milliseconds < 10 else f"{milliseconds:.1f}"
