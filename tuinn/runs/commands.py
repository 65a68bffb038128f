"""What may be asked of a worker, as values. Any UI or the command line appends them; the worker obeys."""

import secrets
from typing import Literal

import msgspec

Part = Literal["training", "validation", "test"]
"""Of the samples of a run."""


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """One line of `commands.jsonl`."""


class Stop(Command, frozen=True, tag=True):
    """End the training after the current batch, evaluate and save what there is."""

    best: bool = False
    """Keep the weights of the best epoch instead of the last ones."""
    signal: str = ""
    """The signal that whoever asks got, such as SIGUSR1; empty: a person asks."""


class StopAfterEpoch(Command, frozen=True, tag=True):
    """End the training as soon as the current epoch is whole."""


class Pause(Command, frozen=True, tag=True):
    """Wait after the current batch. A pause takes no processor; questions are answered meanwhile."""


class Resume(Command, frozen=True, tag=True):
    """Go on after a pause."""


class StepBatch(Command, frozen=True, tag=True, omit_defaults=True):
    """Train on so many batches during a pause, and tell what the last one made of a weight; of a run that trains, pause.

    Only for a `train_step` that is written out.
    """

    batches: int = 1
    """0: tell of the last batch again, of another weight."""
    weight: str = ""
    """Its path, as in `BatchStepped`; empty: the one with the largest gradient, biases left out."""
    index: tuple[int, ...] = ()
    """A number of it, from 0 along each axis; empty: the one with the largest gradient."""


class SetRate(Command, frozen=True, tag=True):
    """Train with this rate from now on. A schedule has no say any more."""

    learning_rate: float
    """Above 0."""


class SetPatience(Command, frozen=True, tag=True):
    """Let early stopping, or the rate that falls on a plateau, wait for so many epochs from now on."""

    patience: int
    """Epochs without improvement; 0: early stopping is off."""
    setting: Literal["early_stopping_patience", "patience"] = "early_stopping_patience"
    """As the fit settings name it. `patience` is the rate's; where none falls on a plateau, early stopping's."""


class AddEpochs(Command, frozen=True, tag=True):
    """Train longer, or shorter: never less than the current epoch."""

    epochs: int
    """How many more; below 0: how many fewer."""


class SaveNow(Command, frozen=True, tag=True):
    """Write a checkpoint and the network as it is."""


class BackToBest(Command, frozen=True, tag=True):
    """Go back to the end of the best epoch, and on from there with another rate."""

    factor: float = 0.3
    """What the rate of now is multiplied by. Above 0."""


class Predict(Command, frozen=True, tag=True):
    """Say what this picture shows, or what a sample of an array is."""

    request: str
    """Comes back in the answer."""
    file: str
    """Absolute path; of an array with the place of the sample, from 0: `x.npy[3]`."""
    switched: tuple[str, ...] = ()
    """Stages of its preparation that are done the other way round, such as `invert`."""


class PredictSamples(Command, frozen=True, tag=True):
    """Say what these rows of a table, or these texts, are."""

    request: str
    samples: tuple[dict[str, str] | str, ...]
    """A row by the names of its columns, each value as it would stand in a CSV, empty for a gap; or a text."""


class PredictTest(Command, frozen=True, tag=True):
    """Predict all test samples, not the first ones alone; while a training goes on, after each of its epochs."""

    request: str
    epoch: int = 0
    """Whose weights the network has, by the journal. A worker that trains knows that better."""


class Evaluate(Command, frozen=True, tag=True):
    """Measure the network on the test set."""

    request: str


class ReportQuestion(Command, frozen=True):
    """A question that is answered by a file in `reports/`, and by `Reported`."""

    request: str
    """Comes back in the answer."""


class MakeReport(ReportQuestion, frozen=True, tag=True):
    """Judge the network on a part of its data: write `reports/PART.json`."""

    part: Part = "test"


class Calibrate(ReportQuestion, frozen=True, tag=True):
    """Measure how far the probabilities can be trusted, on the validation samples: write `reports/calibration.json`."""

    keep: bool = False
    """First divide the logits by the best temperature, in the saved network, too."""


class Examine(ReportQuestion, frozen=True, tag=True):
    """Look the network over for what keeps it from learning: write `reports/examination.json`."""


class FindLabelIssues(ReportQuestion, frozen=True, tag=True):
    """Look for training samples whose label looks wrong: write `reports/labels.npz`. Not while the network trains."""


class CheckData(ReportQuestion, frozen=True, tag=True):
    """Look for test samples that do badly, and whether they can be told from training samples: write `reports/data.json`."""


class FindNearest(ReportQuestion, frozen=True, tag=True):
    """Find the training samples nearest to a test sample in the last hidden layer: write `reports/nearest.npz`."""

    test: int
    """The test sample, counted from 0."""


class LookInside(Command, frozen=True):
    """A question about what happens inside the network, for one sample: of the test set, or from outside."""

    request: str
    """Comes back in the answer."""
    test: int | None = None
    """A test sample, counted from 0."""
    file: str = ""
    """Absolute path of a picture, or of an array with the place of a sample: `x.npy[3]`."""
    sample: dict[str, str] | str | None = None
    """A row or a text, as in `PredictSamples`."""
    epoch: int | None = None
    """With the weights of this epoch's checkpoint; None: with those that the network has."""


class Inspect(LookInside, frozen=True, tag=True):
    """Write what each layer makes of the sample."""


class InspectUnits(LookInside, frozen=True, tag=True):
    """Write what the units of one step give over the test set."""

    step: int = 0
    """Its place among the steps that an `Inspect` told."""


class Explain(LookInside, frozen=True, tag=True):
    """Write how much each part of the sample speaks for a class."""

    method: Literal["occlusion", "gradient", "grad_cam"] = "occlusion"
    target: int | None = None
    """The class; None: the one that is predicted."""


class ExplainData(LookInside, frozen=True, tag=True):
    """Write what matters over the test set."""

    method: Literal["importance", "effect", "projection", "gradients"] = "importance"
    """How much worse the network is without each column; what it says for each value of one; the samples by PCA of a step;
    how the loss would change each weight."""
    column: int = 0
    """For `effect`."""
    step: int = 0
    """For `projection`."""


class Quit(Command, frozen=True, tag=True):
    """Nobody needs the worker any more: end once the training is over."""


Steering = (
    StopAfterEpoch | Pause | Resume | StepBatch | SetRate | SetPatience | AddEpochs | SaveNow | BackToBest
)
"""Orders for a training that goes on, obeyed one after the other."""

InspectionQuestion = Inspect | InspectUnits | Explain | ExplainData
"""Questions that are answered by `Inspected`."""

AnyReportQuestion = MakeReport | Calibrate | Examine | FindLabelIssues | CheckData | FindNearest
"""Questions that are answered by `Reported`."""

Question = Predict | PredictSamples | PredictTest | Evaluate | AnyReportQuestion | InspectionQuestion
"""Commands that a worker answers with an event of the same request."""

AnyCommand = Stop | Steering | Question | Quit


def new_request() -> str:
    """A word by which an answer is known."""
    return secrets.token_hex(6)
