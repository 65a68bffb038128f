"""Decode a whole folder of images into the cache."""

from collections.abc import Iterator
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from tuinn.data.cache import Tell, Writing
from tuinn.data.image_decoder import Batch, Order
from tuinn.data.image_layout import Part
from tuinn.data.image_pool import decode_all, decoders_for
from tuinn.data.rows_file import RowsFile

BATCH, BATCH_BYTES = 128, 8_000_000
"""Images, and bytes of decoded pixels, that a decoder has in hand at most."""


class Decoded:
    """The images of one part, a row for each, and what became of them."""

    def __init__(self, name: str, part: Part, order: Order, writing: Writing) -> None:
        """`name`: `train` or `test`. Raises OSError where there is no room."""
        self.name, self.part, self.writing = name, part, writing
        self.digests = np.zeros(len(part.files), np.int64)
        """(n,): equal for equal pixels; 0 where an image can't be read."""
        self.refused: dict[int, str] = {}
        """Place → why it can't be read."""
        self.rows = RowsFile(writing.folder / f"x_{name}.npy", len(part.files), order.shape, np.uint8)

    @property
    def refusals(self) -> list[tuple[str, str]]:
        """File and why, of all that can't be read, in the order of their names."""
        return sorted((self.part.files[place], why) for place, why in self.refused.items())

    def keep(self, wanted: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Leave out the images that aren't wanted, and write the labels of the others, which come back. Raises OSError."""
        self.rows.keep(wanted)
        labels = self.part.labels[wanted]
        self.writing.put(f"y_{self.name}", labels)
        return labels


def decode_parts(
    train: Part, test: Part, order: Order, writing: Writing, tell: Tell
) -> tuple[Decoded, Decoded]:
    """Both parts as rows on disk, in their order. What `tell` raises ends it. Raises OSError, or SpecProblem."""
    parts = (Decoded("train", train, order, writing), Decoded("test", test, order, writing))
    total, done = sum(len(part.digests) for part in parts), 0
    tell(done, total, "images")
    with closing(decode_all(order, batches(order, parts), decoders_for(total))) as outcomes:
        for batch, outcome in outcomes:
            part = parts[batch.part]
            part.digests[batch.first : batch.first + len(batch.files)] = outcome.digests
            bad = [batch.first + at for at, digest in enumerate(outcome.digests) if not digest]
            part.refused.update(zip(bad, outcome.refusals, strict=True))
            done += len(batch.files)
            tell(done, total, "images")
    return parts


def batches(order: Order, parts: tuple[Decoded, Decoded]) -> Iterator[Batch]:
    """The work in pieces: a few images that become consecutive rows."""
    size = max(1, min(BATCH, BATCH_BYTES // int(np.prod(order.shape))))
    for at, part in enumerate(parts):
        files = part.part.files
        for first in range(0, len(files), size):
            yield Batch(
                at, first, str(part.rows.path), part.rows.place(first), list(files[first : first + size])
            )
