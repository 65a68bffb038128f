"""A report as lines for a terminal, or as a table in Markdown."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from tuinn.runs.report import Report, Score
from tuinn.text import format_metric, plural, printable, printable_lines, shorten

UNKNOWN = "–"
"""Where a number can't be worked out."""

NAME, BASELINE = 18, 12
"""Cells for the name of a class, and of a baseline."""


CLASS_WORDS = (
    "recall: share of a class's samples that are found",
    "precision: share of its predictions that are right",
)
"""What stands below the numbers of each class."""


RELIABILITY_WORDS = "how often it is right when it is so sure"
"""What stands over the reliability of its probabilities."""


def lines(report: Report, width: int = 1000) -> list[str]:
    """The verdict and notes, wrapped at `width`; the classes, what their numbers mean, and the scores, in 74 columns with two baselines or fewer."""
    sentences = [report.verdict, *(f"! {note}" for note in report.notes)]
    said = [line for sentence in sentences for line in wrap(printable(sentence), width)] + [""]
    if report.classes:
        meaning = [line for words in CLASS_WORDS for line in wrap(words, width)]
        said += [*aligned(_class_rows(report)), "", *meaning, ""]
    said += aligned(_score_rows(report))
    if report.reliability:
        said += ["", RELIABILITY_WORDS, *aligned(_reliability_rows(report))]
    return said


def markdown(report: Report) -> str:
    """A page for a notebook or an issue."""
    parts = [f"# {report.run}: {report.part}, {plural(report.samples, 'sample')}", report.verdict]
    parts += [f"- {note}" for note in report.notes]
    if report.classes:
        parts += [_table(_class_rows(report)), *CLASS_WORDS]
    parts.append(_table(_score_rows(report)))
    if report.reliability:
        parts += [RELIABILITY_WORDS, _table(_reliability_rows(report))]
    return "\n\n".join(printable_lines(part) for part in parts) + "\n"


def _score_rows(report: Report) -> Iterator[tuple[str, ...]]:
    baselines = list(dict.fromkeys(name for score in report.scores for name in score.baselines))
    yield ("score", "value", "95 % interval", *(shorten(printable(name), BASELINE) for name in baselines))
    for score in report.scores:
        others = (_number(score.baselines.get(name)) for name in baselines)
        yield (score.name, _number(score.value), _interval(score), *others)


def _class_rows(report: Report) -> Iterator[tuple[str, ...]]:
    yield ("class", "samples", "precision", "recall", "F1", "ROC AUC")
    for row in report.classes:
        numbers = (row.precision, row.recall, row.f1, row.roc_auc)
        yield (shorten(printable(row.name), NAME), f"{row.support:,}", *map(_number, numbers))


def _reliability_rows(report: Report) -> Iterator[tuple[str, ...]]:
    yield ("sure", "decisions", "mean", "right")
    for one in report.reliability:
        name = f"{100 * one.low:.0f} to {100 * one.high:.0f} %"
        yield (name, f"{one.count:,}", f"{100 * one.sure:.1f} %", f"{100 * one.right:.1f} %")


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else format_metric(value)


def _interval(score: Score) -> str:
    if score.low is None or score.high is None:
        return UNKNOWN
    return f"{format_metric(score.low)} … {format_metric(score.high)}"


def aligned(rows: Iterator[tuple[str, ...]]) -> list[str]:
    """The first column to the left, the others to the right, two blanks between them."""
    table = list(rows)
    widths = [max(len(row[at]) for row in table) for at in range(len(table[0]))]
    return ["  ".join(_cells(row, widths)).rstrip() for row in table]


def _cells(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    for at, (word, width) in enumerate(zip(row, widths, strict=True)):
        yield word.rjust(width) if at else word.ljust(width)


def _table(rows: Iterator[tuple[str, ...]]) -> str:
    head, *others = ["| " + " | ".join(word.replace("|", "\\|") for word in row) + " |" for row in rows]
    rule = "| --- |" + " ---: |" * (head.count(" | ") - head.count("\\|"))
    return "\n".join([head, rule, *others])
