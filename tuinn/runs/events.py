"""What happened during a run, as facts. The worker says them, the view folds them."""

import math
from collections.abc import Mapping
from typing import Literal

import msgspec

FORMAT = 1
"""Version of the journal. A reader skips and counts the kinds that it doesn't know."""

Metrics = dict[str, float | None]
"""Keras' logs: `loss`, `accuracy`, `val_loss`, … None: the value was not finite."""


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """One line of the journal."""

    at: float = 0.0
    """Seconds since 1970, by the worker's clock."""


class RunStarted(Event, frozen=True, tag=True):
    """The worker has the run's lock and knows what to do."""

    run: str
    """The run folder's name."""
    host: str
    pid: int
    tuinn: str
    """Version of tuinn."""
    epochs: int
    """Epochs asked for."""
    format: int = FORMAT


class RunResumed(Event, frozen=True, tag=True):
    """A worker resumes a run that had ended, or was lost, from a checkpoint.

    The training goes on from this place: what the journal says of later ones is void.
    """

    epoch: int
    """The current epoch, counted from 1."""
    step: int
    """Batches of it that are done already."""
    epochs: int
    """Epochs asked for."""
    samples: int = 0
    """Samples done in the current epoch."""
    metrics: Metrics = {}
    """Running means since the current epoch began; empty at its beginning."""
    host: str = ""
    pid: int = 0
    tuinn: str = ""
    """Version of tuinn."""
    format: int = FORMAT


class DataLoaded(Event, frozen=True, tag=True):
    """The samples are in memory, split and counted."""

    name: str
    train: int
    validation: int
    test: int
    shape: tuple[int, ...]
    """One sample, without the batch axis."""
    classes: tuple[str, ...]


class DataPrepared(Event, frozen=True, tag=True):
    """The user's own data are being read for the first time; at most one a second."""

    done: int
    total: int
    """0 where nobody knows."""
    what: str
    """What is counted, such as `images`."""


class BuiltLayer(msgspec.Struct, frozen=True):
    """A layer as Keras built it."""

    name: str
    kind: str
    output_shape: tuple[int, ...]
    """Without the batch axis."""
    params: int


class ModelBuilt(Event, frozen=True, tag=True, omit_defaults=True):
    """The network stands, compiled, on its device."""

    layers: tuple[BuiltLayer, ...]
    trainable: int
    non_trainable: int
    loss: str
    """The loss in use, where the spec said "auto" too."""
    device: str
    """In words: `CPU · 2 cores`, `GPU:0 · NVIDIA H200`; of several, `GPU:0,1 · NVIDIA H200`."""
    devices: int = 1
    """How many train together, each with a share of every batch."""


class DevicesMeasured(Event, frozen=True, tag=True):
    """How fast several devices train together, and the first of them alone, on the same batches."""

    devices: int
    together: float
    """Samples a second; so is the next one."""
    alone: float


class EpochStarted(Event, frozen=True, tag=True):
    """A pass over the training data began."""

    epoch: int
    """Counted from 1, as people count."""
    steps: int
    """Batches in the epoch."""


class BatchEnded(Event, frozen=True, tag=True):
    """So far in this epoch. Said at most ten times a second, not for every batch."""

    epoch: int
    step: int
    """Batches done in this epoch."""
    samples: int
    """Samples done in this epoch."""
    metrics: Metrics
    """Running means since the epoch began."""


class EpochEnded(Event, frozen=True, tag=True):
    """One pass over the training data finished, validation included."""

    epoch: int
    """Counted from 1."""
    metrics: Metrics
    """Means over the epoch, `val_` ones included."""
    seconds: float
    """Training and validation together."""
    learning_rate: float


class Checkpointed(Event, frozen=True, tag=True):
    """A file that can be loaded again is whole on disk: the network, or a checkpoint to resume from."""

    epoch: int
    file: str
    """Relative to the run folder. What lies in `checkpoints/` is a checkpoint, else it is the network."""
    step: int = 0
    """Batches done in the epoch after `epoch`; 0 at its end."""


class Paused(Event, frozen=True, tag=True):
    """The training waits, as the user asked."""

    epoch: int
    step: int


class Resumed(Event, frozen=True, tag=True):
    """The pause is over."""

    epoch: int
    step: int
    seconds: float
    """How long it was."""


class BatchStepped(Event, frozen=True, tag=True):
    """One batch was trained on during a pause, and what that made of one number of the network."""

    epoch: int
    step: int
    """Batches of the epoch that are done, this one included."""
    samples: int
    """In this batch."""
    labels: tuple[str, ...]
    """Of its first samples: classes, or targets in their own unit."""
    loss: float | None
    """Over the batch, before the update. None, as below: not finite."""
    learning_rate: float
    updates: int
    """Of the run so far, this one included."""
    weight: str
    """The path of an array of weights, such as `dense/kernel`."""
    index: tuple[int, ...]
    """The number's place in it, from 0 along each axis."""
    before: float | None
    gradient: float | None
    after: float | None
    kept: dict[str, float | None] = {}
    """What the optimizer keeps for it, after the update: `step`, `mean`, `square`."""
    weights: dict[str, tuple[int, ...]] = {}
    """Every array of trained weights and its shape."""


class RateChanged(Event, frozen=True, tag=True):
    """The optimizer's rate is another from here on."""

    epoch: int
    step: int
    learning_rate: float
    why: str = ""
    """In words."""
    asked: bool = False
    """By the user, not by a callback: it is kept when the run is resumed from before it."""


class StopAsked(Event, frozen=True, tag=True):
    """The user wants the training to end."""

    epoch: int
    step: int
    after: Literal["batch", "epoch"]
    """The current one, which is finished first."""
    best: bool = False
    """With the weights of the best epoch."""


class PatienceChanged(Event, frozen=True, tag=True):
    """Early stopping, or the rate that falls on a plateau, waits for another number of epochs from here on."""

    epoch: int
    step: int
    setting: Literal["early_stopping_patience", "patience"]
    """As the fit settings name it: the first one is early stopping's, the second one the rate's."""
    patience: int
    """Epochs without improvement; 0: early stopping is off."""


class EpochsChanged(Event, frozen=True, tag=True):
    """The training is to be longer or shorter."""

    epochs: int
    """Asked for from now on."""


class WentBack(Event, frozen=True, tag=True):
    """The network is again as it was here. What the journal says of later places is void."""

    epoch: int
    """The current epoch, counted from 1; its training begins anew."""
    why: str = ""
    """In words."""


class Predicted(Event, frozen=True, tag=True):
    """`predictions.npy` holds what the network now says of the first `count` test samples."""

    epoch: int
    count: int
    mistakes: int | None = None
    """How many are wrong; None for a regression."""
    request: str = ""
    """The command's own; empty where nobody asked."""


class PictureAnswered(Event, frozen=True, tag=True):
    """What the network says of a picture from outside."""

    request: str
    """The command's own."""
    file: str
    outputs: tuple[float | None, ...] = ()
    """Probability per class, or the value of a regression."""
    steps: tuple[str, ...] = ()
    """How the picture was prepared, in words."""
    problem: str = ""
    """Why there is no answer; empty when there is one."""
    pixels: str = ""
    """File in the run's folder of pictures that has the prepared picture; empty where it could not be written."""
    unlike: str = ""
    """In what it is unlike the training data, as a sentence; empty where it isn't, or nobody can tell."""
    nearest: str = ""
    """File in the same folder with the training sample of the predicted class that is nearest to it; empty: there is none."""


class SamplesAnswered(Event, frozen=True, tag=True):
    """What the network says of rows or texts from outside."""

    request: str
    """The command's own."""
    outputs: tuple[tuple[float | None, ...], ...] = ()
    """For each sample a probability per class, or the value of a regression in the target's own unit."""
    problem: str = ""
    """Why there is no answer; empty when there is one."""


class Evaluated(Event, frozen=True, tag=True):
    """The network was measured on the whole test set."""

    metrics: Metrics
    samples: int
    request: str = ""
    """The command's own; empty at the end of a training."""


class Reported(Event, frozen=True, tag=True):
    """A report on a part of the data, or of a look at the network, was written; or why there is none."""

    request: str
    """The command's own."""
    file: str = ""
    """Its path in the run's folder."""
    problem: str = ""


class Inspected(Event, frozen=True, tag=True):
    """What happens inside the network was written down, or why it could not be."""

    request: str
    """The command's own."""
    file: str = ""
    """In the run's folder of inspections; its arrays are described in tuinn/data/inspection.py."""
    weights: str = ""
    """The file of the weights with which that was computed, in the same folder; empty where they don't matter."""
    problem: str = ""


class LoadMeasured(Event, frozen=True, tag=True, omit_defaults=True):
    """How busy the machine was since the last time. Said every two seconds at first, every ten later on."""

    cpu: float
    """Share of all processor cores that anybody kept busy, 0..1."""
    own: float
    """How many cores the worker kept busy."""
    cores: int
    """That the worker may use."""
    memory: int
    """Bytes that the worker holds in RAM."""
    ram: float
    """Share of the machine's RAM in use, 0..1."""
    reading: float | None = None
    """Share of the time in which samples were read from the disk, 0..1; None: they all lie in memory."""
    gpu: float | None = None
    """Share of the time that the card computed, 0..1; None, as in the next three: no card, or it doesn't say."""
    gpu_memory: int | None = None
    """Bytes in use on the card, by anybody."""
    gpu_memory_total: int | None = None
    temperature: int | None = None
    """Of the card, °C."""


class Noted(Event, frozen=True, tag=True):
    """Something the user should read."""

    message: str
    level: Literal["info", "warning"] = "info"


class RunEnded(Event, frozen=True, tag=True):
    """The training is over; the worker may still answer questions while it holds the lock."""

    outcome: Literal["finished", "stopped", "failed"]
    message: str = ""
    """One sentence for a person; on failure: what went wrong and what to do."""
    signal: str = ""
    """The signal that stopped it, such as SIGUSR1; empty: something else."""


AnyEvent = (
    RunStarted
    | RunResumed
    | DataLoaded
    | DataPrepared
    | ModelBuilt
    | EpochStarted
    | BatchEnded
    | EpochEnded
    | Checkpointed
    | Paused
    | Resumed
    | BatchStepped
    | RateChanged
    | StopAsked
    | PatienceChanged
    | EpochsChanged
    | WentBack
    | Predicted
    | PictureAnswered
    | SamplesAnswered
    | Evaluated
    | Reported
    | Inspected
    | LoadMeasured
    | DevicesMeasured
    | Noted
    | RunEnded
)


def finite(logs: Mapping[str, float]) -> Metrics:
    """Keras' logs for the journal: NaN and infinity become None."""
    return {name: float(value) if math.isfinite(value) else None for name, value in logs.items()}
