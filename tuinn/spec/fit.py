"""How a network is trained: optimizer, loss, metrics, epochs, batch, seed and device."""

import re
from dataclasses import dataclass
from typing import Any

import msgspec

from tuinn.spec.options import Choice, Int, Option, Real, Text, Value, check_all

OPTIMIZERS = ("adam", "sgd", "rmsprop", "adamw", "nadam", "adagrad", "adadelta", "adamax", "lion", "ftrl")
LOSSES = (
    "auto",
    "sparse_categorical_crossentropy",
    "categorical_crossentropy",
    "binary_crossentropy",
    "mean_squared_error",
    "mean_absolute_error",
    "huber",
)
METRICS = ("accuracy", "mean_absolute_error", "mean_squared_error", "root_mean_squared_error")


@dataclass(frozen=True)
class Device(Text):
    """Where to compute: a word, and for one of several cards its number."""

    @property
    def allowed(self) -> str:
        return "auto, cpu, gpu, or gpu:N for the card with number N"

    def check(self, value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(r"auto|cpu|gpu(:\d{1,2})?", value):
            raise self.refuse(value)
        return value


@dataclass(frozen=True)
class Names(Option):
    """Any number of words out of a few, each once."""

    choices: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        return "any of " + ", ".join(self.choices)

    def check(self, value: object) -> Any:
        if not isinstance(value, list | tuple) or any(name not in self.choices for name in value):
            raise self.refuse(value)
        return tuple(dict.fromkeys(value))

    def parse(self, text: str) -> Any:
        return self.check([word for word in re.split(r"[\s,\[\]\"']+", text) if word])

    def show(self, value: Value) -> str:
        return ", ".join(str(name) for name in value) if isinstance(value, tuple) else ""


FIT_OPTIONS: tuple[Option, ...] = (
    Choice("optimizer", "adam", choices=OPTIMIZERS, help="how a gradient becomes a step; adam suits most"),
    Real(
        "learning_rate",
        1e-3,
        low=0,
        above=True,
        high=100,
        help="size of a step; too large diverges, too small crawls",
    ),
    Choice("loss", "auto", choices=LOSSES, help="auto: from the task and the last layer"),
    Names("metrics", ("accuracy",), choices=METRICS, help="reported beside the loss; they steer nothing"),
    Int("epochs", 5, high=1_000_000, help="passes over the training data"),
    Int(
        "batch_size",
        128,
        high=10_000_000,
        help="samples per step; larger is faster per sample and needs memory",
    ),
    Int("seed", 7, low=0, high=2**31 - 1, help="the same seed gives the same run on the same machine"),
    Device("device", "auto", help="auto takes a GPU where TensorFlow sees one"),
)


class FitSpec(msgspec.Struct, frozen=True):
    """The settings of one training. `FIT_OPTIONS` says what each field may be."""

    optimizer: str = "adam"
    learning_rate: float = 1e-3
    loss: str = "auto"
    metrics: tuple[str, ...] = ("accuracy",)
    epochs: int = 5
    batch_size: int = 128
    seed: int = 7
    device: str = "auto"

    @classmethod
    def of(cls, raw: dict[str, Any]) -> "FitSpec":
        """From a parsed TOML table. Raises SpecProblem for a key or value that is not allowed."""
        return cls(**check_all(FIT_OPTIONS, raw, "fit"))
