"""Which data a run learns from, and the few facts about it that a network must fit."""

from enum import StrEnum
from typing import Any

import msgspec

from tuinn.spec.options import Option, Real, Text, check_all


class Task(StrEnum):
    """What is to be learned. The field's four everyday problems."""

    BINARY = "binary classification"
    CLASSES = "single-label classification"
    LABELS = "multi-label classification"
    REGRESSION = "regression"


class DataFacts(msgspec.Struct, frozen=True):
    """What can be known of a dataset before it is read: enough to check a network against it."""

    task: Task
    shape: tuple[int, ...]
    """One sample, without the batch axis: (28, 28) is an image, (4,) a row of four features."""
    dtype: str
    """NumPy's name for the type in which samples are kept, such as `uint8`."""
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

    @property
    def is_image(self) -> bool:
        """Height × width, or height × width × channels with 1, 3 or 4 channels."""
        return len(self.shape) == 2 or (len(self.shape) == 3 and self.shape[-1] in (1, 3, 4))


DATASET_OPTIONS: tuple[Option, ...] = (
    Text("name", "fashion_mnist_mini", help="a dataset by its name; `tuinn doctor` lists what is here"),
    Real("validation", 0.1, low=0.0, high=0.9, help="share of the training data kept aside to validate on"),
)


class DatasetSpec(msgspec.Struct, frozen=True):
    """The dataset of a run. `DATASET_OPTIONS` says what each field may be."""

    name: str = "fashion_mnist_mini"
    validation: float = 0.1

    @classmethod
    def of(cls, raw: dict[str, Any]) -> "DatasetSpec":
        """From a parsed TOML table. Raises SpecProblem for a key or value that is not allowed."""
        return cls(**check_all(DATASET_OPTIONS, raw, "a dataset"))
