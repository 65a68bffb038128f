"""The tensors that expressions may name: a dataset, some of its pictures in more axes, and a few small ones."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuinn.data.catalog.availability import is_available
from tuinn.data.catalog.catalog import all_datasets
from tuinn.errors import SpecError
from tuinn.labs.tensors.limits import MAX_BYTES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Tensor = NDArray[np.generic]

FILMS, FRAMES, STEP = 4, 12, 2
"""The tensor of rank 5: pictures that move sideways by so many pixels from frame to frame."""

COLOURED = 64
"""Grey pictures that are given a colour, where the dataset has none."""

OWN_NAMES = 20

PALETTE = (
    *((230, 90, 80), (80, 170, 230), (120, 200, 90), (240, 200, 80), (190, 110, 220)),
    *((240, 150, 70), (90, 210, 190), (240, 130, 180), (180, 180, 190), (140, 130, 240)),
)
"""Red, green and blue of each class, for pictures that are grey."""


@dataclass(frozen=True)
class Samples:
    """Names and their tensors."""

    dataset: str
    title: str
    tensors: Mapping[str, Any]
    notes: Mapping[str, str]
    """Name → what it is, a few words."""
    photo: str = ""
    """The name of the file that `img` is."""
    own: Mapping[str, Any] = field(default_factory=dict)
    """Names that were given to results."""

    @property
    def names(self) -> dict[str, Any]:
        """All of them."""
        return {**self.tensors, **self.own}

    def with_name(self, name: str, value: Any) -> "Samples":
        """With one more, or another value for one. Raises SpecError where all together are too large."""
        from dataclasses import replace

        own = {**self.own, name: value}
        size = sum(getattr(one, "nbytes", 8) for one in own.values())
        if size > MAX_BYTES or len(own) > OWN_NAMES:
            raise SpecError(
                f"There is no room for {name}: names of your own may be {OWN_NAMES} and hold {MAX_BYTES // 1_000_000} MB. "
                "Take one of them again."
            )
        return replace(self, own=own)

    def with_photo(self, path: Path) -> "Samples":
        """With this picture as `img`. Raises SpecError for a file that is none."""
        from dataclasses import replace

        import numpy as np

        from tuinn.data.images.decode import open_image

        picture, _ = open_image(path)
        tensors = {**self.tensors, "img": np.asarray(picture)}
        return replace(
            self, tensors=tensors, photo=path.name, notes={**self.notes, "img": f"your picture, {path.name}"}
        )


def image_datasets() -> list[str]:
    """The datasets with images that are at hand, the largest of each kind first."""
    found = [info for info in all_datasets() if info.facts.is_image and is_available(info.name)]
    return [info.name for info in sorted(found, key=lambda info: -info.facts.train)]


def load_samples(dataset: str) -> Samples:
    """Load a dataset of the catalog with images, and make the rest. Raises SpecError."""
    import numpy as np

    from tuinn.data import loader
    from tuinn.data.catalog.catalog import find
    from tuinn.spec.dataset import DatasetSpec

    info, arrays = find(dataset), loader.load(DatasetSpec(name=dataset))
    scale = 255 / (info.facts.high - info.facts.low or 1)
    labels = np.asarray(arrays.y_train)
    coloured = in_colour(np.asarray(arrays.x_train[:COLOURED]), labels[:COLOURED], scale)
    iris = loader.load(DatasetSpec(name="iris"))
    tensors = {
        "train_images": np.asarray(arrays.x_train),
        "img": coloured[0],
        **dict(small_tensors()),
        "y": labels,
        "iris": np.asarray(iris.x_train),
        "colours": coloured,
        "films": films(coloured[:FILMS]),
        "train_labels": labels,
        "test_images": np.asarray(arrays.x_test),
        "test_labels": np.asarray(arrays.y_test),
    }
    is_grey = tensors["train_images"].ndim == 3 or tensors["train_images"].shape[-1] == 1
    notes = {
        "train_images": info.title,
        "colours": "the first of them, coloured by class" if is_grey else "the first of them",
        "films": f"{FILMS} of them moving, {FRAMES} frames each",
        "iris": "120 flowers, four measures each",
        "img": "one picture in colour",
        "y": "train_labels",
    }
    return Samples(dataset, info.title, tensors, notes)


def small_tensors() -> "Iterator[tuple[str, Tensor]]":
    """Tensors for rules that are best seen on few numbers."""
    import numpy as np

    yield "x", np.array([[5, -2, 0.5, 3, -1], [6, 7, -0.5, 2, 0], [-7, 8, 1.5, -4, 1]], np.float32)
    yield "v", np.array([1, 2, 0, -1, 3], np.float32)
    yield "A", np.arange(12).reshape(3, 4)
    yield "B", np.arange(20).reshape(4, 5)
    yield "b", np.array([10, 20, 30, 40])


def in_colour(pictures: "Tensor", labels: "Tensor", scale: float) -> "NDArray[np.uint8]":
    """(n, height, width, 3): pictures in colour as they are, grey ones in the colour of their class."""
    import numpy as np

    if pictures.ndim == 4 and pictures.shape[-1] == 3:
        return np.asarray(pictures.astype(np.float32) * scale, np.uint8)
    grey = pictures.reshape(pictures.shape[:3]).astype(np.float32) * (scale / 255)
    colours = np.array(PALETTE, np.float32)[labels.astype(int) % len(PALETTE)]
    return np.asarray(grey[..., None] * colours[:, None, None, :], np.uint8)


def films(pictures: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    """(n, frames, height, width, 3): each picture moving to the right, and in again from the left."""
    import numpy as np

    frames = [np.roll(pictures, STEP * at, axis=2) for at in range(FRAMES)]
    return np.stack(frames, axis=1)


EXAMPLES: tuple[tuple[str, str], ...] = (
    ("iris[0, 2]", "rank 0: one number, the length of a petal"),
    ("iris[0]", "rank 1: a vector, one flower"),
    ("iris", "rank 2: a table, flowers × measures"),
    ("train_images", "rank 3: grey images, images × height × width"),
    ("colours", "rank 4: images in colour, the channels last"),
    ("films", "rank 5: films, films × frames × height × width × channels"),
    ("train_images[4]", "one image of the dataset"),
    ("train_images[10:100]", "a batch: 90 images"),
    ("train_images[:, 14:, 14:]", "the lower right quarter of every image"),
    ("train_images[:, 7:-7, 7:-7]", "the middle of every image"),
    ("img[13:15, 13:15, :]", "four pixels of a picture"),
    ("img[:, :, 0]", "the red channel alone, a picture of rank 2"),
    ("255 - img", "the negative"),
    ("img * 2", "uint8 ends at 255: what is larger begins again at 0"),
    ("np.clip(img.astype('int32') * 2, 0, 255)", "the same in a type with room"),
    ("img[::-1]", "upside down"),
    ("train_images.reshape((len(train_images), -1))", "every image as one row, for a Dense layer"),
    ("train_images[:1000].astype('float32') / 255", "values from 0 to 1, for a network"),
    ("train_images.mean(axis=0)", "the mean of all images"),
    ("train_images[train_labels == 0].mean(axis=0)", "the mean of one class"),
    ("np.maximum(x, 0)", "ReLU, value by value"),
    ("A + b", "broadcasting: b is added to every row"),
    ("A + v", "shapes that don't fit"),
    ("A @ B", "a matrix product: rows times columns"),
    ("np.dot(x, v)", "a matrix times a vector"),
    ("np.maximum(x @ B.T, 0)", "a Dense layer: relu(x @ W)"),
    ("A.T", "transposed"),
    ("to_categorical(y[:4])", "labels as one-hot rows"),
    ("x.argmax(axis=1)", "where the largest value of each row stands"),
    ("z = (x - x.mean(axis=0)) / x.std(axis=0)", "a name of your own: standardized columns"),
)
"""Expressions that can be stepped through, and what they show."""
