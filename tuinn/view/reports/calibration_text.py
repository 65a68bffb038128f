"""A calibration as lines for a dialog: reliability as bars, what a threshold decides, precision and recall over thresholds."""

from collections.abc import Sequence

from tuinn.runs.calibration import THRESHOLDS, Calibration, ReliabilityBin, ThresholdCounts
from tuinn.text import plural, printable
from tuinn.view.bars import COLUMNS, ROUGH_COLUMNS, line
from tuinn.view.reports.report_text import UNKNOWN

BAR = 34
"""Cells of a bar."""

NAME = 20
"""Cells for the name of a class."""

HEAD = "when it is so sure  samples  it is right"


def reliability_lines(bins: Sequence[ReliabilityBin], ascii_only: bool) -> list[tuple[str, str]]:
    """For each bin its numbers, and a bar that is filled as far as it is right, with a stroke where it would end if it were
    exactly as sure."""
    mark, lines = "|" if ascii_only else "│", []
    for one in bins:
        cells = [*line(one.right, BAR, ascii_only)]
        cells[min(int(one.sure * BAR), BAR - 1)] = mark
        sure = f"{100 * one.low:.0f} to {100 * one.high:.0f} %"
        lines.append((f"{sure:>18}  {one.count:>7,}  {100 * one.right:>5.1f} %  ", "".join(cells).rstrip()))
    return lines


def sentences(found: Calibration) -> list[str]:
    """How far the probabilities can be trusted, and what a temperature would do."""
    count = sum(one.count for one in found.bins)
    sure = sum(one.count * one.sure for one in found.bins) / max(count, 1)
    right = sum(one.count * one.right for one in found.bins) / max(count, 1)
    gap = 100 * (sure - right)
    if abs(gap) < 1:
        words = "on average as sure as it is right."
    else:
        words = f"on average {abs(gap):.1f} points {'surer' if gap > 0 else 'less sure'} than right."
    lines = [f"Calibration error {found.error:.3f}: {words}"]
    if found.kept != 1.0:
        lines.append(f"The temperature {found.kept:.2f} is in the saved network.")
    elif found.temperature == 1.0:
        lines.append("Every decision is right, so no temperature can be fitted.")
    elif found.error_after < found.error:
        lines.append(
            f"A temperature of {found.temperature:.2f} (logits divided by it) makes that {found.error_after:.3f}."
        )
    else:
        lines.append("No temperature makes it smaller.")
    return lines


def threshold_head() -> str:
    """Over the lines of `threshold_line`."""
    return f"{'predicted as':<{NAME}}  from  precision  recall      F1   missed  false"


def threshold_line(counts: ThresholdCounts, threshold: float) -> str:
    """What a threshold does for a class."""
    at = counts.place(threshold)
    numbers = (counts.precision(at), counts.recall(at), counts.f1(at))
    words = [UNKNOWN if value is None else f"{value:.3f}" for value in numbers]
    missed = counts.positives - counts.hits[at]
    name = printable(counts.name)[:NAME]
    return (
        f"{name:<{NAME}}  {threshold:.2f}  {words[0]:>9}  {words[1]:>6}  {words[2]:>6}  "
        f"{missed:>7,}  {counts.alarms[at]:>5,}"
    )


def threshold_sentence(counts: ThresholdCounts, threshold: float) -> str:
    """The same in words."""
    at, name = counts.place(threshold), printable(counts.name)
    found, others = counts.hits[at], counts.samples - counts.positives
    if not counts.positives:
        return f"No validation sample is of {name}, so its recall is unknown."
    words = f"Of {plural(counts.positives, 'sample')} of {name} {found:,} found; "
    return f"{words}of {plural(others, 'other')} {counts.alarms[at]:,} taken for it."


def curve_lines(
    counts: ThresholdCounts, threshold: float, width: int, ascii_only: bool
) -> list[tuple[str, str]]:
    """Precision and recall over all thresholds, from 0 to 1, and where the threshold stands: each with its name."""
    room = max(min(width - 12, len(THRESHOLDS)), 10)
    places = [round(at * (len(THRESHOLDS) - 1) / (room - 1)) for at in range(room)]
    steps = ROUGH_COLUMNS if ascii_only else COLUMNS

    def drawn(values: Sequence[float | None]) -> str:
        # The highest column leaves a gap to the line above.
        return "".join(" " if value is None else steps[round(value * (len(steps) - 2))] for value in values)

    here = min(range(room), key=lambda at: abs(THRESHOLDS[places[at]] - threshold))
    return [
        (f"{'precision':<10}  ", drawn([counts.precision(at) for at in places])),
        (f"{'recall':<10}  ", drawn([counts.recall(at) for at in places])),
        (f"{'threshold':<10}  ", f"{' ' * here}{'^' if ascii_only else '▲'}"),
    ]
