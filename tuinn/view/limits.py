"""What a training waits for, in words with a remedy: computing, samples, steps that are too small, or other programs."""

from collections.abc import Sequence

from tuinn.runs.events import LoadMeasured

READINGS = 5
"""The last ones, over which means are taken; before there are three nothing is said."""

BUSY, FULL = 0.7, 0.9
"""Share of the time, or of the cores, from which on a processor counts as busy, and as full."""


def limit(loads: Sequence[LoadMeasured]) -> str:
    """A sentence of at most 60 characters; empty where there is too little to judge by."""
    last = loads[-READINGS:]
    if len(last) < 3:
        return ""
    cores = max(last[-1].cores, 1)
    own = sum(load.own for load in last) / len(last) / cores
    anybody = sum(load.cpu for load in last) / len(last)
    reading = last[-1].reading and sum(load.reading or 0.0 for load in last) / len(last)
    if reading and reading >= BUSY:
        return f"Reading samples sets the pace ({reading:.0%}). Try smaller samples."
    card = [load.gpu for load in last if load.gpu is not None]
    if card:
        return _of_card(sum(card) / len(card), own)
    if own >= BUSY:
        return "Computing sets the pace. A GPU or fewer units would help."
    if anybody >= FULL:
        return f"Other programs set the pace (ours: {own:.0%}). End some of them."
    return f"Small steps set the pace (cores {own:.0%} busy). Raise batch_size."


def _of_card(busy: float, own: float) -> str:
    if busy >= BUSY:
        return f"Computing sets the pace (card {busy:.0%}). Try mixed precision."
    if own >= BUSY:
        return f"The cores set the pace (card {busy:.0%}). Augment less."
    return f"Small steps set the pace (card {busy:.0%}). Raise batch_size."
