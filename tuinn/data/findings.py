"""What may be odd about data of any kind."""

from collections.abc import Iterator

from tuinn.spec.dataset import Finding
from tuinn.spec.options import shorten

LOPSIDED = 4
"""A class this many times as large as another is worth a word."""


def imbalance(counts: list[int], classes: tuple[str, ...]) -> Iterator[Finding]:
    """`counts`: training samples of each class."""
    most, least = counts.index(max(counts)), counts.index(min(counts))
    if counts[most] < LOPSIDED * counts[least]:
        return
    rows = "sample" if counts[least] == 1 else "samples"
    yield Finding(
        f"The classes are lopsided: {counts[most]:,} samples of {shown(classes[most])}, "
        f"{counts[least]:,} {rows} of {shown(classes[least])}.",
        remedy="let every class weigh the same",
        settings={"fit.class_weights": "balanced"},
    )


def shown(name: str) -> str:
    """A name from the file as it stands in a sentence."""
    return shorten(name, 40)
