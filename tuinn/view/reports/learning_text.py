"""When a network got a sample right, in one line."""

from collections import Counter
from collections.abc import Sequence

from tuinn.text import printable
from tuinn.view.bars import COLUMNS, ROUGH_COLUMNS

MOST_CELLS = 30
"""Of the curve."""


def learning_words(
    epochs: Sequence[int],
    shares: Sequence[float],
    said: Sequence[int],
    true: int,
    classes: Sequence[str],
    ascii_only: bool,
) -> str:
    """The probability of the sample's class over the epochs, from 0 to 1, and since when it is right. All of one length."""
    cells = min(len(epochs), MOST_CELLS)
    places = [round(at * (len(epochs) - 1) / max(cells - 1, 1)) for at in range(cells)]
    steps = ROUGH_COLUMNS if ascii_only else COLUMNS
    curve = "".join(steps[round(min(max(shares[at], 0.0), 1.0) * (len(steps) - 1))] for at in places)
    name = printable(classes[true])
    return f"{name} {curve} {100 * shares[-1]:.0f} % · {since_words(epochs, said, true, classes)}"


def since_words(epochs: Sequence[int], said: Sequence[int], true: int, classes: Sequence[str]) -> str:
    """`right since epoch 5, before mostly Coat`."""
    right = [label == true for label in said]
    others = [label for label in said if label != true and 0 <= label < len(classes)]
    mostly = printable(classes[Counter(others).most_common(1)[0][0]]) if others else ""
    if all(right):
        return "right in every epoch"
    if not any(right):
        return f"never right, mostly {mostly}" if mostly else "never right"
    if right[-1]:
        since = len(right) - right[::-1].index(False)
        return f"right since epoch {epochs[since]}" + (f", before mostly {mostly}" if mostly else "")
    last = len(right) - 1 - right[::-1].index(True)
    return f"right last in epoch {epochs[last]}" + (f", mostly {mostly}" if mostly else "")
