"""The keys of [fit]: a row each, with what it may be and what it is for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from tuinn.spec import losses, metrics, optimizers, schedules
from tuinn.spec.options import Choice, Flag, Int, Option, Real, Text, Value

OPTIMIZERS = tuple(optimizers.BY_NAME)
SCHEDULES = tuple(schedules.BY_NAME)
LOSSES = ("auto", *losses.BY_NAME)
METRICS = tuple(metrics.BY_NAME)
MONITORS = ("val_loss", "loss", *(part + name for name in METRICS for part in ("val_", "")))


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


OPTIMIZER = Choice(
    "optimizer",
    "adam",
    choices=OPTIMIZERS,
    help="how a gradient becomes a step",
    notes={row.name: row.help for row in optimizers.OPTIMIZERS},
)
RATE = Real(
    "learning_rate",
    1e-3,
    low=0,
    above=True,
    high=100,
    help="size of a step; too large diverges, too small crawls",
)
SCHEDULE = Choice(
    "schedule",
    "constant",
    choices=SCHEDULES,
    help="how the learning rate changes over the run",
    notes={row.name: row.help for row in schedules.SCHEDULES},
)
MONITOR = Choice("monitor", "val_loss", choices=MONITORS, help="the number that is to improve")

LOSS = Choice(
    "loss",
    "auto",
    choices=LOSSES,
    help="what training makes small",
    notes={"auto": "from the task and the last layer", **{row.name: row.help for row in losses.KINDS}},
)
REPORTED = Names(
    "metrics", ("accuracy",), choices=METRICS, help="reported beside the loss; they steer nothing"
)

BASIC: tuple[Option, ...] = (
    LOSS,
    REPORTED,
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

STOPPING = Int(
    "early_stopping_patience",
    0,
    low=0,
    high=1_000_000,
    help="stop after so many epochs without improvement; 0: off",
)
RESTORE = Flag("restore_best", True, help="keep the weights of the best epoch, not of the last")

FURTHER: tuple[Option, ...] = (
    Real("clipnorm", 0.0, low=0, high=1e6, help="shorten each weight’s gradient to this length; 0: off"),
    Real("clipvalue", 0.0, low=0, high=1e6, help="cut each number of a gradient to ± this; 0: off"),
    Real("label_smoothing", 0.0, low=0, high=1, below=True, help="share of a target spread over all classes"),
    Choice(
        "class_weights", "none", choices=("none", "balanced"), help="balanced: rare classes count for more"
    ),
    Flag("shuffle", True, help="another order of the samples in each epoch"),
    Choice(
        "precision",
        "float32",
        choices=("float32", "mixed_float16", "mixed_bfloat16"),
        help="mixed: compute in 16 bits, keep weights in 32; faster on recent GPUs",
    ),
)


def _own(rows: Iterable[optimizers.Optimizer | schedules.Schedule]) -> tuple[Option, ...]:
    """Each option that belongs to some of these rows, once; None stands for the row's own default."""
    return tuple(
        {option.name: replace(option, default=None) for row in rows for option in row.options}.values()
    )


OWN = (*_own(optimizers.OPTIMIZERS), *_own(schedules.SCHEDULES))

FIT_OPTIONS: tuple[Option, ...] = (
    *(OPTIMIZER, RATE, *BASIC, SCHEDULE, *OWN),
    *(STOPPING, MONITOR, RESTORE, *FURTHER),
)
"""Every key that [fit] may have. `fit_options` gives those that apply."""

ALWAYS_TOLD = {option.name for option in (OPTIMIZER, RATE, *BASIC)}
