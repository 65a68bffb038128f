"""A check of the data as lines for a dialog."""

from collections.abc import Iterator
from textwrap import wrap

from tuinn.runs.data_check import DataCheck
from tuinn.text import join_names, plural, printable, shorten
from tuinn.view.reports.report_text import aligned

NAME = 36
"""Cells for what a slice is."""


def lines(found: DataCheck, width: int) -> list[str]:
    """The slices that do badly, and whether test and training samples differ."""
    said = [*wrap(slice_sentence(found), width), ""]
    if found.slices:
        said += [*aligned(_slice_rows(found)), ""]
    return said + wrap(printable(comparison_sentence(found)), width)


def slice_sentence(found: DataCheck) -> str:
    """Whether any slice is surely worse than the rest."""
    if found.right is None:
        return "Numbers are neither right nor wrong, so there are no slices."
    if not found.looked_at:
        return "There are too few test samples for slices."
    of = f"{plural(found.looked_at, 'slice')} of {plural(found.samples, 'test sample')}"
    if not found.slices:
        return f"Of {of} none is surely worse than the {100 * found.right:.1f} % of all."
    return f"Surely worse than the {100 * found.right:.1f} % of all, of {of}; by chance about one in forty would be:"


def comparison_sentence(found: DataCheck) -> str:
    """Whether a small model can tell test samples from training samples."""
    if found.area is None or found.low is None or found.high is None:
        return "There are too few samples to compare training and test."
    told = f"area under the ROC curve {found.area:.2f}, {found.low:.2f} to {found.high:.2f}"
    shown = f"{found.compared:,} samples of each"
    if found.low <= 0.5:
        return f"A small model can't tell training and test samples apart: {told} ({shown})."
    words = f"A small model can tell training and test samples apart: {told} ({shown})."
    if found.telling:
        words += f" Most telling: {join_names(found.telling)}."
    return (
        f"{words} If that matters for what is predicted, numbers on the test set say little about other data."
    )


def _slice_rows(found: DataCheck) -> Iterator[tuple[str, ...]]:
    yield ("slice", "samples", "right", "95 % interval")
    for one in found.slices:
        interval = f"{100 * one.low:.0f} to {100 * one.high:.0f} %"
        yield (shorten(printable(one.name), NAME), f"{one.samples:,}", f"{100 * one.right:.1f} %", interval)
