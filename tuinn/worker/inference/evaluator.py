"""The network of a run with its data: evaluated on the test set, and asked questions."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tuinn.data.dataset_arrays import Arrays
from tuinn.data.info import DatasetInfo
from tuinn.data.inspection import save_arrays
from tuinn.data.learning_history import append_epoch
from tuinn.data.predictions import Outputs, save_in_parts, wrong_predictions
from tuinn.errors import WorkerError
from tuinn.runs.commands import (
    Calibrate,
    CheckData,
    Evaluate,
    Examine,
    Explain,
    ExplainData,
    FindLabelIssues,
    FindNearest,
    Inspect,
    InspectUnits,
    MakeReport,
    Part,
    Predict,
    PredictSamples,
    PredictTest,
    Question,
    ReportQuestion,
)
from tuinn.runs.decision import read_decision
from tuinn.runs.events import (
    Evaluated,
    Event,
    Predicted,
    Reported,
    RunEnded,
    finite,
)
from tuinn.runs.folder import RunFolder
from tuinn.spec.dataset import Task
from tuinn.worker.data.batches import InputPipeline
from tuinn.worker.data.executions import EvaluationSteps
from tuinn.worker.inference.baselines import baselines
from tuinn.worker.inference.calibration import calibrate
from tuinn.worker.inference.data_check import check_data
from tuinn.worker.inference.label_issues import find_label_issues
from tuinn.worker.inference.likeness import TrainingLikeness
from tuinn.worker.inference.neighbours import Neighbours
from tuinn.worker.inference.own_samples import answer_picture, answer_samples
from tuinn.worker.inference.report import judge
from tuinn.worker.inspection.examiner import MOST_SAMPLES, examine
from tuinn.worker.inspection.inspector import Inspector
from tuinn.worker.keras_types import Array, Model
from tuinn.worker.model import seeds
from tuinn.worker.model.compilation import steps_taken
from tuinn.worker.model.network import ChosenRows, Network, SampleRows

PREDICTED_SAMPLES = 1000
"""Test samples that are predicted after each epoch, at most; all are once the training is over, or when somebody asks."""

MOST_OUTPUTS = 25_000_000
"""Numbers that the file of predictions holds at most: 100 MB."""


@dataclass(frozen=True)
class Unsaved:
    """What a full disk had no room for."""

    save: Callable[[], None]
    """Writes it, and its event. Raises OSError."""
    ending: RunEnded
    """Of the training, once it is saved."""


@dataclass
class Evaluator:
    """A compiled network and all that is needed to evaluate it."""

    folder: RunFolder
    network: Network
    info: DatasetInfo
    arrays: Arrays
    pipeline: InputPipeline
    """Attached to the model."""
    batch: int
    """Samples that may go through the network at once."""
    unsaved: Unsaved | None = None
    """None: all is saved."""
    check_data: Callable[[], None] = lambda: None
    """Says what became of the data since the run began, before it is tested again."""
    predicts_all: bool = False
    """All test samples are predicted, not the first ones alone."""
    predicted: int = 0
    """Test samples that were predicted the last time."""
    epoch: int = 0
    """After which that was; 0: never by this worker."""
    likeness: tuple[int, TrainingLikeness] | None = None
    """How like the training data a picture is, after so many steps."""
    save_network: Callable[[], None] | None = None
    """Writes the network to its file. Raises OSError. None: it still trains."""
    _neighbours: Neighbours | None = None
    """Of the network once it has been trained, when they were asked for."""
    network_epoch: Callable[[], int] = lambda: 0
    """Whose weights the network has now; 0: before the first."""

    @cached_property
    def inspector(self) -> Inspector:
        """Made when somebody looks inside."""
        return Inspector(self.folder, self.network, self.info, self.arrays, self.batch)

    @cached_property
    def evaluation(self) -> EvaluationSteps:
        """Loss and metrics on the samples of a part."""
        return EvaluationSteps(self.model, self.pipeline, self.batch)

    @property
    def model(self) -> Model:
        """The trained one, compiled. It takes encoded samples; `network.outputs` takes them as they are cached."""
        return self.network.model

    def evaluate(self, request: str = "") -> Evaluated:
        """Loss and metrics on the whole test set. Resets the model's running means.

        Without a test set there are none. Raises WorkerError where there was one, and its samples are gone.
        """
        self._require_test_samples()
        count = self.pipeline.counts["test"]
        if not count:
            return Evaluated(metrics={}, samples=0, request=request)
        return Evaluated(metrics=finite(self.evaluation.evaluate("test")), samples=count, request=request)

    @property
    def predictable(self) -> int:
        """Test samples whose predictions have room in their file."""
        most = max(MOST_OUTPUTS // int(self.model.output.shape[-1]), PREDICTED_SAMPLES)
        return min(self.pipeline.counts["test"], most)

    @property
    def is_behind(self) -> bool:
        """Whether more test samples are to be predicted than were the last time."""
        return self.predicts_all and self.predicted < self.predictable

    def predict(self, epoch: int, request: str = "") -> Predicted:
        """Save the predictions for the test samples, a part at a time, and count the mistakes."""
        count = self.predictable if self.predicts_all else min(self.predictable, PREDICTED_SAMPLES)
        mistakes: list[int] = []

        def parts() -> Iterator[Outputs]:
            for start in range(0, count, PREDICTED_SAMPLES):
                part = slice(start, min(start + PREDICTED_SAMPLES, count))
                outputs = self.network.outputs(self.arrays.x_test[part], self.batch)
                wrong = wrong_predictions(outputs, self.arrays.y_test[part], self.info.facts.task)
                if wrong is not None:
                    mistakes.append(int(wrong.sum()))
                if not start:
                    self._remember(epoch, outputs)
                yield outputs

        if count:
            with seeds.unchanged(self.model):
                save_in_parts(self.folder.predictions_file, count, parts())
        self.predicted, self.epoch = count, epoch
        return Predicted(
            epoch=epoch, count=count, mistakes=sum(mistakes) if mistakes else None, request=request
        )

    def _remember(self, epoch: int, outputs: Outputs) -> None:
        """Keep what the network says of the first samples after this epoch; where there is no room, it isn't kept."""
        with suppress(OSError):
            truth = self.arrays.y_test[: len(outputs)]
            append_epoch(self.folder.learning_file, epoch, outputs, truth, self.info.facts.task)

    def report(self, question: ReportQuestion) -> Reported:
        """Write what the question asks for, and say where. Raises WorkerError where the data are gone."""
        self._require_test_samples()
        try:
            file = self._write_report(question)
        except OSError as error:
            words = f"{error.filename or 'The report'} cannot be written ({error.strerror})."
            return Reported(request=question.request, problem=words)
        except WorkerError as problem:
            return Reported(request=question.request, problem=str(problem))
        return Reported(request=question.request, file=str(file.relative_to(self.folder.path)))

    def _write_report(self, question: ReportQuestion) -> Path:
        """The file, written. Raises OSError, and WorkerError where there is nothing to judge."""
        match question:
            case MakeReport(part=part):
                return self._judge(part)
            case Calibrate(keep=keep):
                return self._calibrate(keep)
            case Examine():
                return self._examine()
            case CheckData():
                return self._check_data()
            case FindNearest(test=at):
                return self._find_nearest(at)
            case FindLabelIssues():
                return self._find_label_issues()
            case _:
                raise WorkerError(f"This worker can't answer {type(question).__name__}.")

    def _judge(self, part: Part) -> Path:
        """Judge the network on a part of the data, and keep what comes of it."""
        if not self.pipeline.counts[part]:
            raise WorkerError(f"There are no {part} samples here to judge it on.")
        rows, truth, training = self.samples_of(part)
        found = judge(
            self.folder.name,
            part,
            self.network.outputs(rows, self.batch),
            truth,
            self.info.facts,
            baselines(self.network, self.arrays, self.info, training, rows),
            read_decision(self.folder).of(self.info.facts),
        )
        found.write(file := self.folder.report_file(part))
        return file

    def _calibrate(self, keep: bool) -> Path:
        """Measure the probabilities on the validation samples; `keep`: after the best temperature was put into the network."""
        if not self.pipeline.counts["validation"]:
            raise WorkerError(
                "There are no validation samples to measure the probabilities on. Set validation above 0, and train again."
            )
        if self.info.facts.task is Task.REGRESSION:
            raise WorkerError("A regression gives no probabilities.")
        rows, truth, _ = self.samples_of("validation")
        found = calibrate(self.network.outputs(rows, self.batch), truth, self.info.facts)
        if keep:
            kept = self._keep_temperature(found.temperature)
            found = calibrate(self.network.outputs(rows, self.batch), truth, self.info.facts, kept)
        found.write(file := self.folder.calibration_file)
        return file

    def _examine(self) -> Path:
        """Look the network over on some training samples."""
        places, facts = self.pipeline.training.numpy(), self.info.facts
        if not len(places):
            raise WorkerError("There are no training samples here to look the network over with.")
        count = min(len(places), MOST_SAMPLES, self.batch)
        chosen = np.sort(np.random.default_rng(0).choice(places, count, replace=False))
        one_class = facts.task in (Task.BINARY, Task.CLASSES)
        labels = self.arrays.y_train[places].astype(np.int64) if one_class else np.empty(0, np.int64)
        found = examine(
            self.network,
            facts,
            self.folder.spec().fit,
            self.arrays.x_train[chosen],
            self.arrays.y_train[chosen],
            np.bincount(labels, minlength=len(facts.classes) if one_class else 0),
            self.network_epoch(),
        )
        found.write(file := self.folder.examination_file)
        return file

    def _find_nearest(self, at: int) -> Path:
        count = len(self.arrays.x_test)
        if not 0 <= at < count:
            raise WorkerError(f"There is no test sample {at + 1}; the last one is {count}.")
        neighbours = self._neighbours
        if neighbours is None:
            training, rows = self.pipeline.training.numpy(), self.arrays.x_train
            neighbours = Neighbours.of(self.network, rows, training, self.batch)
        if self.save_network is not None:  # it changes no more
            self._neighbours = neighbours
        places, distances = neighbours.nearest(self.arrays.x_test[at : at + 1], self.batch)
        outputs = self.network.outputs(ChosenRows(self.arrays.x_train, places), self.batch)
        found: dict[str, NDArray[np.generic]] = {"places": places, "distances": distances}
        found |= {"outputs": outputs, "test": np.array(at)}
        save_arrays(file := self.folder.nearest_file, found)
        return file

    def _check_data(self) -> Path:
        if not self.pipeline.counts["test"]:
            raise WorkerError("There are no test samples here to check.")
        rows, _, training = self.samples_of("test")
        outputs, facts = self.network.outputs(rows, self.batch), self.info.facts
        found = check_data(self.arrays, training, outputs, facts, read_decision(self.folder).of(facts))
        found.write(file := self.folder.data_check_file)
        return file

    def _find_label_issues(self) -> Path:
        if self.save_network is None:
            raise WorkerError("The network still trains. Look for wrong labels once the training is over.")
        fit = self.folder.spec().fit
        counts = self.pipeline.counts
        used = self.pipeline.order[: counts["training"] + counts["validation"]].numpy()
        found = find_label_issues(self.network, self.arrays, used, self.info.facts, fit)
        found.write(file := self.folder.label_issues_file)
        return file

    def _keep_temperature(self, temperature: float) -> float:
        """Put it into the network, and write that. Raises WorkerError where it can't be."""
        if self.save_network is None:
            raise WorkerError("The network still trains. Keep the temperature once the training is over.")
        if not self.network.divide_logits(temperature):
            raise WorkerError(
                "The temperature can't be kept: the network doesn't end in a Dense layer with softmax or sigmoid."
            )
        try:
            self.save_network()
        except OSError:
            self.network.divide_logits(1 / temperature)
            raise
        return temperature

    def training_likeness(self) -> TrainingLikeness:
        """Measured anew once the training has gone on."""
        step = steps_taken(self.model.optimizer)
        if self.likeness is None or self.likeness[0] != step:
            training = self.pipeline.training.numpy()
            made = TrainingLikeness(self.network, self.info.facts, self.arrays, training, self.batch)
            self.likeness = (step, made)
        return self.likeness[1]

    def _require_test_samples(self) -> None:
        """Raises WorkerError where there was a test set, and its samples are gone."""
        if self.info.facts.test and not self.pipeline.counts["test"]:
            raise WorkerError(
                f"The data that {self.folder.name} was trained on are gone or have changed, so it can't be "
                "tested again. It still predicts single samples. Put the data back to test it."
            )

    def samples_of(self, part: Part) -> tuple[SampleRows, Array, NDArray[np.int64]]:
        """Samples and targets of a part, and the places in `x_train` of those that are trained on."""
        training = self.pipeline.training.numpy()
        if part == "test":
            return self.arrays.x_test, self.arrays.y_test, training
        start = self.pipeline.counts["training"]
        order = self.pipeline.order[start : start + self.pipeline.counts["validation"]].numpy()
        places = np.sort(training if part == "training" else order)
        return ChosenRows(self.arrays.x_train, places), self.arrays.y_train[places], training

    def answer(self, question: Question) -> Event:
        """The answer, with the question's request."""
        with seeds.unchanged(self.model):
            match question:
                case Predict():
                    return answer_picture(
                        question, self.network, self.info, self.folder.pictures, self.training_likeness()
                    )
                case PredictSamples():
                    return answer_samples(question, self.network, self.info.facts, self.batch)
                case PredictTest(request=request, epoch=epoch):
                    self.predicts_all = True
                    return self.predict(self.network_epoch() or self.epoch or epoch, request)
                case Evaluate():
                    self.check_data()
                    return self.evaluate(question.request)
                case ReportQuestion():
                    self.check_data()
                    return self.report(question)
                case Inspect() | InspectUnits() | Explain() | ExplainData():
                    return self.inspector.answer(question, self.network_epoch())
