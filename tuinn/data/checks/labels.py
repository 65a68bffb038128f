"""What is odd about the labels of a dataset: classes that are rare, or missing from a part."""

from collections.abc import Iterator, Sequence

from tuinn.spec.dataset import Finding
from tuinn.text import join_names, shorten

MIN_SAMPLES = 5
"""Training samples of a class below which nothing can be learned of it."""


def label_findings(train: Sequence[int], test: Sequence[int], classes: Sequence[str]) -> Iterator[Finding]:
    """From how many samples of each class there are, in the order of `classes`."""
    rare = [name for name, count in zip(classes, train, strict=True) if count < MIN_SAMPLES]
    if rare:
        fewest = min(range(len(train)), key=train.__getitem__)
        have = "samples" if train[fewest] != 1 else "sample"
        who = join_names(rare)
        yield Finding(
            f"{who} {'have' if len(rare) > 1 else 'has'} fewer than {MIN_SAMPLES} samples to learn from "
            f"({shorten(classes[fewest], 60)}: {train[fewest]} {have}); add some, or leave the class out."
        )
    if min(train):
        yield from imbalance(list(train), tuple(classes))
    absent = [name for name, count in zip(classes, test, strict=True) if not count]
    if absent and len(absent) < len(classes):
        yield Finding(f"No test sample shows {join_names(absent)}, so the test says nothing of it.")


IMBALANCE = 4
"""A class this many times as large as another is worth a word."""


def imbalance(counts: list[int], classes: tuple[str, ...]) -> Iterator[Finding]:
    """`counts`: training samples of each class."""
    most, least = counts.index(max(counts)), counts.index(min(counts))
    if counts[most] < IMBALANCE * counts[least]:
        return
    rows = "sample" if counts[least] == 1 else "samples"
    yield Finding(
        f"The classes are lopsided: {counts[most]:,} samples of {shown(classes[most])}, "
        f"{counts[least]:,} {rows} of {shown(classes[least])}.",
        fix="let every class weigh the same",
        settings={"fit.class_weights": "balanced"},
    )


def shown(name: str) -> str:
    """A name from the file as it stands in a sentence."""
    return shorten(name, 40)
