"""Which data a run learns from, and the few facts about it that a network must fit."""

import csv
import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import PurePath
from typing import Literal

import msgspec

from tuinn.errors import SpecError
from tuinn.spec.options import REQUIRED, Bool, Choice, Float, Int, Ints, Option, Text, Texts, check_options


class Task(StrEnum):
    """What is to be learned. The field's four everyday problems."""

    BINARY = "binary classification"
    CLASSES = "single-label classification"
    LABELS = "multi-label classification"
    REGRESSION = "regression"


class Column(msgspec.Struct, frozen=True):
    """A column of a user's table, and how the network takes it in."""

    name: str
    kind: Literal["number", "category"]
    """`number`: normalised, a gap becomes the mean. `category`: one 0 or 1 per word, and one for any other."""
    vocabulary: tuple[str, ...] = ()
    """The words of a category, in the order of their codes, which count from 1; 0 is a gap or any other word."""
    thousands: str = ""
    """The mark between thousands in its numbers, as in 1,250; empty where there is none."""

    @property
    def width(self) -> int:
        """How many numbers it becomes inside the network."""
        return 1 if self.kind == "number" else len(self.vocabulary) + 1

    def word(self, value: float) -> str:
        """The word behind a category's code; a dash for a gap or a word that is not in the vocabulary."""
        code = int(value) if math.isfinite(value) else 0
        return self.vocabulary[code - 1] if 0 < code <= len(self.vocabulary) else "–"


class Finding(msgspec.Struct, frozen=True, rename={"fix": "remedy"}):
    """Something about the data that the user should know before training."""

    message: str
    """One sentence."""
    severity: Literal["error", "warning"] = "warning"
    fix: str = ""
    """The change that would put it right, in words; empty where there is none."""
    settings: dict[str, str] = {}
    """That change: a setting's path, such as `dataset.ignore` → its value as typed."""


class LabelVerdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a user decided about the label of a training sample."""

    sample: str
    """Fingerprint of the sample and its given label."""
    at: int
    """Index of the sample when that was decided."""
    kind: Literal["keep", "relabel", "leave_out"]
    label: str = ""
    """The class that it is given instead."""


class DataFacts(msgspec.Struct, frozen=True):
    """What can be known of a dataset before it is read: enough to check a network against it."""

    task: Task
    shape: tuple[int, ...]
    """One sample as it is kept, without the batch axis: (28, 28) is an image, (4,) a row, () a text."""
    dtype: str
    """NumPy's name for the type in which samples are kept, such as `uint8`; `str` for texts."""
    low: float
    """The smallest value a feature can take."""
    high: float
    """The largest."""
    classes: tuple[str, ...]
    """Names in the order of their labels; empty for a regression."""
    train: int
    """Training samples, validation included."""
    test: int
    """Test samples, never trained on."""
    features: tuple[str, ...] = ()
    """Column names of a table; empty for images."""
    columns: tuple[Column, ...] = ()
    """Of a table that the network itself encodes, one per feature; empty for all other data."""
    target: str = ""
    """What a regression predicts, as its column is called; empty where it has no name. Of several, all names."""
    words: int = 0
    """Of texts given as rows of word numbers: numbers count from 0 up to below this. 0 for all other data."""
    findings: tuple[Finding, ...] = ()
    """What is odd about the data."""
    targets: tuple[float, float] | None = None
    """The smallest and the largest target of a regression; None where it isn't known, or isn't one."""
    split: Literal["random", "time", "backwards"] = "random"
    """How samples were kept for the test, and are for the validation. `time`: the last ones, in the order of the file;
    `backwards`: a file that begins with the newest."""
    window: int = 0
    """Of a series: rows of a table that make one sample, (window, channels); 0 for all other data."""
    horizon: int = 0
    """Of a series: the target is so many rows after the last one of a window."""
    newest_first: bool = False
    """Of a series: its file begins with the newest row."""
    series: tuple[Column, ...] = ()
    """Of a series: the columns of each row. A word becomes a 0 or 1 for each word of its column, and one for any other."""
    target_names: tuple[str, ...] = ()
    """Of a regression with several targets: what each output predicts; empty where there is one."""

    @property
    def target_shape(self) -> tuple[int, ...]:
        """The shape of what a sample's target is: () for one label or number, (n,) for several."""
        if self.task is Task.LABELS:
            return (len(self.classes),)
        return (len(self.target_names),) if self.target_names else ()

    @property
    def gap(self) -> int:
        """Windows between those to train on and those to validate on: they would have rows of both."""
        return self.window + self.horizon - 1 if self.window and self.split != "random" else 0

    @property
    def is_image(self) -> bool:
        """Height × width, or height × width × channels with 1, 3 or 4 channels."""
        if self.window:
            return False
        return len(self.shape) == 2 or (len(self.shape) == 3 and self.shape[-1] in (1, 3, 4))

    @property
    def is_text(self) -> bool:
        return self.dtype == "str"

    @property
    def is_table(self) -> bool:
        """Rows of numbers that each mean something of their own, with or without names."""
        return len(self.shape) == 1 and not self.words

    def feature(self, at: int) -> str:
        """What a column of a table is called."""
        return self.features[at] if self.features else f"x{at}"

    @property
    def input_shape(self) -> tuple[int, ...]:
        """What the stack takes: a sample's shape, or the width of a table's encoded columns."""
        return (sum(column.width for column in self.columns),) if self.columns else self.shape


NAME_PATTERN = "name:"
"""What `label_source` begins with where the names of the files give the classes; a regular expression follows."""

LABEL_TABLES = (".csv", ".tsv", ".txt")
"""Suffixes of tables that `label_source` may name."""

ARRAY_FILES = (".npy", ".npz")
"""Suffixes of files with arrays."""

DATASET_KINDS = ("auto", "images", "table", "arrays", "text")
TASKS = ("auto", *(task.name.lower() for task in Task))

DATASET_OPTIONS: tuple[Option, ...] = (
    Text("name", "", optional=True, help="a dataset by its name; `tuinn datasets` lists them"),
    Text(
        "path",
        "",
        optional=True,
        max_length=4096,
        help="or data of your own: a folder, a CSV, an .npz or .npy",
    ),
    Float(
        "validation",
        0.1,
        low=0.0,
        high=0.9,
        help="share of the training data kept aside to validate on",
        formula="validation samples = validation · training samples; they are never trained on",
    ),
    Float(
        "test",
        0.2,
        low=0.0,
        high=0.9,
        advanced=True,
        help="share kept for the test, where the data bring none",
    ),
    Choice(
        "split",
        "random",
        choices=("random", "time"),
        advanced=True,
        help="time: the last rows of a table are the test, those before them validate",
    ),
    Int("window", 0, low=0, high=10_000, help="rows of a series that make one sample; 0: each row is one"),
    Int(
        "horizon", 1, low=1, high=100_000, advanced=True, help="of a window: the target is so many rows later"
    ),
    Choice("kind", "auto", choices=DATASET_KINDS, advanced=True, help="how the path is read"),
    Choice("task", "auto", choices=TASKS, advanced=True, help="what is to be learned"),
    Ints(
        "image_size", None, length=2, low=1, high=4096, optional=True, help="height and width of every image"
    ),
    Choice("color_mode", "auto", choices=("auto", "grayscale", "rgb"), help="channels of every image"),
    Bool("pad_to_aspect_ratio", True, help="images keep their proportions; else they are stretched"),
    Choice(
        "unreadable", "refuse", choices=("refuse", "skip"), advanced=True, help="images that can't be read"
    ),
    Text(
        "target",
        "",
        optional=True,
        max_length=4096,
        help="the column to predict, or several: a, b; nothing: guessed",
    ),
    Texts("ignore", (), advanced=True, help="columns left out"),
    Choice("header", "auto", choices=("auto", "yes", "no"), advanced=True, help="the first row holds names"),
    Choice(
        "none",
        "auto",
        choices=("auto", "word", "gap"),
        advanced=True,
        help="the word None in a column of words: one like the others, or no value; auto: a word where it is frequent",
    ),
    Int("num_words", 10_000, low=4, high=65_536, help="imdb and reuters: size of the vocabulary"),
    Int("maxlen", 200, low=1, high=10_000, help="imdb and reuters: how many words of a text count, its last"),
    Choice(
        "labels",
        "given",
        choices=("given", "checked"),
        advanced=True,
        help="checked: as you decided about labels that look wrong (W in the predictions)",
    ),
    Text(
        "label_source",
        "",
        optional=True,
        max_length=1000,
        advanced=True,
        help="where pictures have their classes from: labels.csv, or name:(cat|dog); nothing: their folders",
    ),
    Text("separator", "", optional=True, max_length=1, advanced=True, strip=False, help="nothing: guessed"),
)
"""Those below `test` are for the user's own data, but for `num_words` and `maxlen`, which are named as in Keras, and `labels`."""


def is_label_source(text: str) -> bool:
    """Whether this says where pictures have their classes from."""
    return text.startswith(NAME_PATTERN) or text.lower().endswith(LABEL_TABLES)


def join_columns(names: Sequence[str]) -> str:
    """Return names of columns as a list to be typed, with quotes around those that have a comma or quotes in them."""
    if len(names) < 2:
        return "".join(names)
    return ", ".join(
        f'"{name.replace(chr(34), 2 * chr(34))}"' if {",", '"'} & {*name} else name for name in names
    )


def split_columns(text: str) -> tuple[str, ...]:
    """Return the names in such a list."""
    cells = next(csv.reader([text], skipinitialspace=True), [])
    return tuple(name for cell in cells if (name := cell.strip()))


class DatasetSpec(msgspec.Struct, frozen=True):
    """The dataset of a run: by its name, or by a path. `DATASET_OPTIONS` says what each field may be."""

    name: str = "fashion_mnist_mini"
    validation: float = 0.1
    path: str = ""
    test: float = 0.2
    split: str = "random"
    window: int = 0
    horizon: int = 1
    kind: str = "auto"
    task: str = "auto"
    image_size: tuple[int, ...] | None = None
    color_mode: str = "auto"
    pad_to_aspect_ratio: bool = True
    unreadable: str = "refuse"
    target: str = ""
    ignore: tuple[str, ...] = ()
    header: str = "auto"
    separator: str = ""
    none: str = "auto"
    num_words: int = 10_000
    maxlen: int = 200
    labels: str = "given"
    label_source: str = ""

    @classmethod
    def of(cls, raw: Mapping[str, object]) -> "DatasetSpec":
        """From a parsed TOML table. Raises SpecError for a key or value that is not allowed.

        `labels = "labels.csv"` and `labels = "name:(cat|dog)"` are read as `label_source`.
        """
        labels = raw.get("labels")
        if isinstance(labels, str) and is_label_source(labels) and not raw.get("label_source"):
            raw = {**raw, "labels": "given", "label_source": labels}
        target = raw.get("target")
        if isinstance(target, (list, tuple)) and all(isinstance(name, str) for name in target):
            raw = {**raw, "target": join_columns(target)}
        values = check_options(DATASET_OPTIONS, raw, "a dataset")
        if values["name"] and values["path"]:
            raise SpecError("a dataset has either a name or a path; take one of them away.", "path")
        if not values["path"]:
            values["name"] = values["name"] or cls().name
        return cls(**values)

    @classmethod
    def at(cls, path: str, **options: object) -> "DatasetSpec":
        """The user's own data, by path. Raises SpecError as `of` does."""
        return cls.of({"path": path, **options})

    def raw(self) -> dict[str, object]:
        """What `of` takes, without what is as always."""
        values = msgspec.structs.asdict(self)
        usual = {option.name: option.default for option in DATASET_OPTIONS}
        always = {"name", "validation"} if self.name else {"path", "validation"}
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in values.items()
            if key in always or (value != usual[key] and usual[key] is not REQUIRED)
        }

    def with_value(self, name: str, value: object) -> "DatasetSpec":
        """One field changed. A name takes the place of a path, and the other way round; other data start afresh."""
        if name in ("name", "path") and value:
            return DatasetSpec.of({name: value, "validation": self.validation, "test": self.test})
        changed = msgspec.structs.replace(self, **{name: value})
        if not (changed.name or changed.path):
            raise SpecError("a dataset has a name or a path; give one of them.", name)
        return changed

    @property
    def label(self) -> str:
        """What it is called in a list: its name, or the last part of its path."""
        return self.name or PurePath(self.path).name or self.path
