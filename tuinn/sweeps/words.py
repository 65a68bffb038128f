"""Sweeps in words: short names of fields, how far it is, what was best."""

import re
from collections import Counter

from tuinn.sweeps.ranges import shown
from tuinn.sweeps.spec import Values
from tuinn.sweeps.sweep_view import SweepView, Trial, TrialState


def label(path: str) -> str:
    """A field's name for the head of a column: `learning_rate`, `units[3]`."""
    if match := re.fullmatch(r"layers\[(\d+)\]\.(\w+)", path):
        return f"{match[2]}[{match[1]}]"
    return path.partition(".")[2] or path


def values_line(values: Values) -> str:
    """`learning_rate 0.0031  units[3] 64`."""
    return "  ".join(f"{label(path)} {shown(value)}" for path, value in values.items())


def progress(view: SweepView) -> str:
    """`trial 5 of 12`."""
    begun = len(view.trials)
    if view.done >= view.asked:
        return f"{view.done} of {view.asked} trials"
    return f"trial {max(begun, 1)} of {view.asked}"


def tally(view: SweepView) -> str:
    """`3 finished, 1 pruned`; empty before the first trial is over."""
    counts = Counter(trial.state for trial in view.trials)
    return ", ".join(
        f"{counts[state]} {state.value}"
        for state in TrialState
        if state is not TrialState.TRAINING and counts[state]
    )


def epochs_of(trial: Trial, asked: int) -> str:
    """`12/60`; empty where nothing was trained. `asked`: by the draft, where the sweep isn't over epochs."""
    return f"{trial.epoch}/{trial.values.get('fit.epochs', asked)}" if trial.run else ""
