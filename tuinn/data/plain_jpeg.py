"""JPEG files without frills, straight through libjpeg-turbo: the pixels that Pillow gives, in a quarter of its time."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tuinn.data.picture_file import open_regular

SUFFIXES = (".jpg", ".jpeg")

FRILLS = (b"Exif", b"ns.adobe.com")
"""What may say that a picture lies on its side. A file that only seems to hold one takes the longer way."""

COLOURS = {"L": ("Gray", "GRAY"), "RGB": ("YCbCr", "RGB")}
"""Pillow's mode → how such a file keeps its pixels, and what the decoder calls the mode."""


def plain_jpeg(path: Path, mode: str, most: int) -> NDArray[np.uint8] | None:
    """(height, width) for mode L, (height, width, 3) for RGB; None for a file that isn't as simple as that.

    `most`: pixels of a side that need no bringing down, exclusive. Raises SpecProblem as `open_picture` does
    for what is no file.
    """
    if mode not in COLOURS or path.suffix.lower() not in SUFFIXES:
        return None
    import simplejpeg

    with open_regular(path) as file:
        data = file.read()
    kept, wanted = COLOURS[mode]
    try:
        height, width, colour, _ = simplejpeg.decode_jpeg_header(data)
        if colour != kept or min(height, width) < 2 or max(height, width) >= most:
            return None
        if any(frill in data for frill in FRILLS):
            return None
        pixels: NDArray[np.uint8] = simplejpeg.decode_jpeg(data, colorspace=wanted)
    except ValueError:  # damaged, or another format: Pillow finds the words for it
        return None
    return pixels[..., 0] if mode == "L" else pixels
