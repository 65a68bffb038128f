"""A network too large for its data, or for the machine."""

import os
from collections.abc import Iterator
from functools import cache

from tuinn.spec.dataset import DataFacts
from tuinn.spec.remedy import Problem, Remedy, changed, removed
from tuinn.spec.run import RunSpec
from tuinn.spec.shapes import BYTES_PER_PARAMETER, Summary, summarise

PER_SAMPLE = 250
"""Parameters for each training sample beyond which a network learns its set by heart. The courses' own stay below."""

COPIES = 4
"""Each parameter is kept with its gradient and the two means of Adam."""


@cache
def memory_here() -> int:
    """Bytes of this machine; 64 GiB where it doesn't say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 64 * 2**30


def size_problems(spec: RunSpec, facts: DataFacts, summary: Summary, memory: int) -> Iterator[Problem]:
    """At most one: what memory bears is said before what the data bear."""
    needed = summary.total * BYTES_PER_PARAMETER * COPIES
    if needed > memory:
        yield _problem(
            spec,
            facts,
            summary,
            f"Training keeps {needed / 2**30:,.0f} GiB for {summary.total:,} parameters, and this machine has {memory / 2**30:,.0f}.",
            memory // (BYTES_PER_PARAMETER * COPIES),
        )
    elif summary.trainable > PER_SAMPLE * facts.train:
        yield _problem(
            spec,
            facts,
            summary,
            f"{summary.trainable:,} parameters learn {facts.train:,} samples by heart rather than from them.",
            PER_SAMPLE * facts.train,
        )


def _problem(spec: RunSpec, facts: DataFacts, summary: Summary, why: str, most: int) -> Problem:
    largest = max(range(len(summary.rows)), key=lambda at: summary.rows[at].params)
    return Problem(why, largest, "warning", tuple(_remedies(spec, facts, summary, largest, most)))


def _remedies(spec: RunSpec, facts: DataFacts, summary: Summary, largest: int, most: int) -> Iterator[Remedy]:
    """A narrower largest layer, where that is enough; and the same without it."""
    for at in (largest, largest - 1):
        for option in ("units", "filters", "output_dim", "key_dim"):
            remedy = _narrowed(spec, facts, at, option, most) if at >= 0 else None
            if remedy:
                yield remedy
    without = removed(spec, largest)
    yield without


def _narrowed(spec: RunSpec, facts: DataFacts, at: int, option: str, most: int) -> Remedy | None:
    """The widest power of two below its width with which the whole stays within `most`."""
    width = spec.model.layers[at].options.get(option)
    narrower = 1 << (width - 1).bit_length() - 1 if isinstance(width, int) and width > 1 else 0
    while narrower:
        remedy = changed(spec, f"set layer {at + 1}’s {option} to {narrower}", at, **{option: narrower})
        summary = summarise(remedy.spec.model, facts.shape)
        if (
            not summary.misfit
            and summary.output == summarise(spec.model, facts.shape).output
            and summary.total <= most
        ):
            return remedy
        narrower //= 2
    return None
