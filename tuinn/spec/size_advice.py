"""A network too large for its data, or for the machine."""

import os
from collections.abc import Iterator, Sequence
from functools import cache

from tuinn.spec.dataset import DataFacts
from tuinn.spec.remedy import Problem, Remedy, removed
from tuinn.spec.run import RunSpec
from tuinn.spec.shapes import BYTES_PER_PARAMETER, Summary, summarise

PER_SAMPLE = 250
"""Parameters for each training sample beyond which a network learns its set by heart. The courses' own stay below."""

COPIES = 4
"""Each parameter is kept with its gradient and the two means of Adam."""


WIDTHS = tuple(2**power for power in range(19, 3, -1))
"""Widths that a remedy tries, the widest first; a layer of fewer than 16 is no remedy."""


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
    """The largest layer narrower, where that is enough; all of them narrower; and without the largest."""
    for only in ((largest,), range(len(spec.model.layers))):
        remedy = _narrowed(spec, facts, summary, only, most)
        if remedy:
            yield remedy
            break
    yield removed(spec, largest)


def _narrowed(
    spec: RunSpec, facts: DataFacts, summary: Summary, only: Sequence[int], most: int
) -> Remedy | None:
    """The widest power of two to which these layers can be cut, such that the whole has at most `most` parameters."""
    for width in WIDTHS:
        model = spec.model
        for at in only:
            for option in ("units", "filters"):
                now = model.layers[at].options.get(option)
                if isinstance(now, int) and now > width and summary.rows[at].shape != summary.output:
                    model = model.change(at, model.layers[at].with_options(**{option: width}))
        found = summarise(model, facts.input_shape)
        if not found.misfit and found.output == summary.output and found.total <= most:
            which = f"layer {only[0] + 1}" if len(only) == 1 else "every layer"
            return Remedy(f"make {which} at most {width:,} wide", spec.with_model(model))
    return None
