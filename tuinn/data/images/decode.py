"""Open a picture file that nobody has checked: its first frame, upright, 8 bits, nothing see-through."""

import logging
import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tuinn.data.regular_file import file_name, open_regular
from tuinn.errors import SpecError

if TYPE_CHECKING:
    from PIL.Image import Image

# Pillow logs what it finds odd in a file. Without a handler that would land on stderr, where the screen is drawn.
logging.getLogger("PIL").addHandler(logging.NullHandler())

MAX_PIXELS = 100_000_000
MAX_BYTES = 1_000_000_000
LONGEST = 512
"""A longer side is brought down to less than twice this at once: no dataset needs more, and what follows is quick."""

ORIENTATION = 0x0112
"""The EXIF tag that says how the camera was held."""

EXIF_WORDS = ("exif", "Raw profile type exif", "xmp", "XML:com.adobe.xmp")
"""Under which Pillow keeps what may have that tag."""

# Formats whose readers run no other program (EPS starts Ghostscript) and whose header tells the true size.
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM", "AVIF", "JPEG2000", "QOI")


HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
"""What stands behind `ftyp` in a HEIC file. Pillow takes AVIF files with the last two for itself first."""


def open_image(path: Path, longest: int = LONGEST) -> tuple["Image", tuple[str, ...]]:
    """The picture as Pillow's mode L or RGB, and what was done to it, in words.

    `longest`: its longer side is brought down to less than twice this at once, in pixels. Raises SpecError, one
    sentence that names the file, for anything that is not a picture of 2 × 2 to 100 million pixels. Pixels are
    decoded only after the size in the header is found fit.
    """
    with open_picture_file(path) as file, warnings.catch_warnings():
        # Pillow's warnings would land on stderr as well.
        warnings.simplefilter("ignore")
        try:
            with open_checked(file, path) as image:
                return decode_pixels(image, longest)
        except SpecError:
            raise
        except Exception as error:  # each of Pillow's readers has its own names for "damaged"
            raise unreadable(error, path) from error


def open_picture_file(path: Path) -> BinaryIO:
    """Open the file, whatever is in it. Raises SpecError as `open_regular` does."""
    return open_regular(path, MAX_BYTES, hint="choose a picture file", folder_hint="choose one picture in it")


class ImageHeader(NamedTuple):
    """What a picture says of itself before it is decoded."""

    height: int
    width: int
    """Both as it stands upright."""
    color: bool
    transparent: bool
    """It may be so in places."""
    deep: bool
    """More than 8 bits a channel."""


def read_header(path: Path) -> ImageHeader:
    """What the picture's header says; the pixels may still turn out damaged. Raises SpecError as `open_picture` does."""
    with open_picture_file(path) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with open_checked(file, path) as image:
                width, height = image.size
                lies = orientation(image) in (5, 6, 7, 8)
                deep = image.mode.startswith(("I", "F"))
                return ImageHeader(
                    *((width, height) if lies else (height, width)),
                    color=not deep and image.mode not in ("1", "L", "LA", "La"),
                    transparent=image.has_transparency_data,
                    deep=deep,
                )
        except SpecError:
            raise
        except Exception as error:  # as above
            raise unreadable(error, path) from error


@cache
def formats() -> tuple[str, ...]:
    """Those of FORMATS that this Pillow can read."""
    from PIL import Image

    Image.init()
    return tuple(one for one in FORMATS if one in Image.OPEN)


def open_checked(file: BinaryIO, path: Path) -> "Image":
    """The picture, not yet decoded, of a size that can be. Raises SpecError, or whatever Pillow raises."""
    from PIL import Image

    image = Image.open(file, formats=formats())
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise too_large(path, f" ({width:,} × {height:,})")
    if min(width, height) < 2:
        raise SpecError(f"{file_name(path)} is {width} × {height} pixels; a picture needs at least 2 × 2.")
    return image


def decode_pixels(image: "Image", longest: int) -> tuple["Image", tuple[str, ...]]:
    """The story in order: pixels, bits, transparency, orientation. Raises whatever Pillow raises."""
    width, height = image.size
    steps = [f"{width}×{height} {image.mode}"]
    if getattr(image, "is_animated", False):
        steps.append("first frame only")
    if max(image.size) >= 2 * longest:
        image.draft(None, (longest, longest))
    plain = shrink(to_eight_bits(image), longest)
    if plain.mode == "RGBA":
        plain, step = remove_transparency(plain)
        steps += step
    # Asked once the pixels are decoded: in a PNG it may stand behind them.
    if 2 <= (turned := orientation(image)) <= 8:
        from PIL.ImageOps import exif_transpose

        plain.getexif()[ORIENTATION] = turned  # a conversion may have lost it
        plain = exif_transpose(plain)
        steps.append("turned upright")
    return plain, tuple(steps)


def orientation(image: "Image") -> int:
    """How the camera was held, from 1 to 8, as far as is known; 1: upright."""
    if image.format != "TIFF" and not any(word in image.info for word in EXIF_WORDS):
        return 1  # which spares the search
    return int(image.getexif().get(ORIENTATION, 1))


def to_eight_bits(image: "Image") -> "Image":
    """The picture as L, RGB or RGBA, whatever it was kept as. Decodes it."""
    from PIL.Image import fromarray

    if image.mode.startswith(("I", "F")):
        values = np.nan_to_num(np.asarray(image, dtype=np.float32), posinf=0, neginf=0)
        scaled = np.interp(values, value_range(values, image.mode), (0, 255))
        return fromarray(np.rint(scaled).astype(np.uint8))
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB"):
        image.load()
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def value_range(values: NDArray[np.float32], mode: str) -> tuple[float, float]:
    """Which values stand for black and white: all 16 bits, 0 to 1, 0 to 255, or else darkest to brightest."""
    low, high = float(values.min()), float(values.max())
    for white in (65535.0,) if mode.startswith("I") else (1.0, 255.0):
        if low >= 0 and high <= white:
            return 0.0, white
    return low, high


def shrink(image: "Image", longest: int) -> "Image":
    """The picture with its longer side below 2 × `longest`, by means over whole blocks of pixels."""
    factor = max(image.size) // longest
    return image if factor < 2 else image.reduce((min(factor, image.width), min(factor, image.height)))


def remove_transparency(image: "Image") -> tuple["Image", list[str]]:
    """An RGBA picture made opaque, on white if what can be seen of it is dark, else on black."""
    from PIL.Image import alpha_composite, new

    alpha = np.asarray(image.getchannel("A"), dtype=np.float64)
    if alpha.min() == 255:
        return image.convert("RGB"), []
    grey = np.asarray(image.convert("L"), dtype=np.float64)
    word = "white" if (grey * alpha).sum() < 127.5 * alpha.sum() else "black"
    opaque = alpha_composite(new("RGBA", image.size, word), image).convert("RGB")
    return opaque, [f"see-through parts made {word}"]


def too_large(path: Path, size: str = "") -> SpecError:
    """The problem to raise for a picture of this size, where it is known."""
    return SpecError(f"{file_name(path)} has more than 100 million pixels{size}; scale it down first.")


def unreadable(error: Exception, path: Path) -> SpecError:
    """Pillow's complaint as a sentence for the user."""
    from PIL import Image, UnidentifiedImageError

    if isinstance(error, Image.DecompressionBombError):
        return too_large(path)
    if path.suffix.lower() in (".heic", ".heif") or begins_as_heic(path):
        return SpecError(f"{file_name(path)} is a HEIC picture, which can't be read here; save it as JPEG.")
    if isinstance(error, UnidentifiedImageError):
        return SpecError(
            f"{file_name(path)} is not a picture that can be read; PNG, JPEG, GIF, WebP, BMP and TIFF can."
        )
    if isinstance(error, MemoryError):
        return SpecError(f"{file_name(path)} does not fit into memory; scale it down first.")
    return SpecError(f"{file_name(path)} is damaged or cut off; save or copy it again.")


def begins_as_heic(path: Path) -> bool:
    """True for a file that is HEIC, whatever it is called."""
    try:
        with open_picture_file(path) as file:
            start = file.read(12)
    except (OSError, SpecError):
        return False
    return start[4:8] == b"ftyp" and start[8:12] in HEIC_BRANDS


def deep_peak(path: Path) -> float:
    """The brightest value of a picture of more than 8 bits, from 0 to 1; 1 where it can't be told."""
    try:
        with open_picture_file(path) as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with open_checked(file, path) as image:
                if not image.mode.startswith("I"):
                    return 1.0
                values = np.asarray(image, dtype=np.float32)
                low, white = value_range(values, image.mode)
                return float(values.max()) / white if low == 0 else 1.0
    except Exception:  # Pillow's readers have their own names for "damaged"; decoding it says so
        return 1.0


JPEG_SUFFIXES = (".jpg", ".jpeg")

ORIENTATION_MARKS = (b"Exif", b"ns.adobe.com")
"""What may say that a picture lies on its side. A file that only seems to hold one takes the longer way."""

COLOR_SPACES = {"L": ("Gray", "GRAY"), "RGB": ("YCbCr", "RGB")}
"""Pillow's mode → how such a file keeps its pixels, and what the decoder calls the mode."""


def decode_jpeg(path: Path, mode: str, most: int) -> NDArray[np.uint8] | None:
    """(height, width) for mode L, (height, width, 3) for RGB; None for a file that isn't as simple as that.

    `most`: pixels of a side that need no bringing down, exclusive. Raises SpecError as `open_picture` does
    for what is no file.
    """
    if mode not in COLOR_SPACES or path.suffix.lower() not in JPEG_SUFFIXES:
        return None
    import simplejpeg

    with open_picture_file(path) as file:
        data = file.read()
    kept, wanted = COLOR_SPACES[mode]
    try:
        height, width, colour, _ = simplejpeg.decode_jpeg_header(data)
        if colour != kept or min(height, width) < 2 or max(height, width) >= most:
            return None
        if any(mark in data for mark in ORIENTATION_MARKS):
            return None
        pixels: NDArray[np.uint8] = simplejpeg.decode_jpeg(data, colorspace=wanted)
    except ValueError:  # damaged, or another format: Pillow finds the words for it
        return None
    return pixels[..., 0] if mode == "L" else pixels
