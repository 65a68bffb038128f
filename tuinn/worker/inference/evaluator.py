"""The network before its test set: what it says of it, how good it is, and what it says of a picture from outside."""

from dataclasses import dataclass
from typing import Any

from tuinn.data.dataset_arrays import Arrays
from tuinn.data.info import DatasetInfo
from tuinn.errors import WorkerError
from tuinn.runs.commands import Evaluate, Predict, PredictSamples, Question
from tuinn.runs.events import Evaluated, Event, Predicted, finite
from tuinn.runs.folder import RunFolder
from tuinn.runs.predictions import save_predictions, wrong_predictions
from tuinn.worker.data.batches import InputPipeline
from tuinn.worker.inference.predict import answer_picture, answer_samples
from tuinn.worker.model.network import Network

SHOWN = 1000
"""Test samples whose predictions are kept after each epoch."""


@dataclass
class Evaluator:
    """A compiled network and everything that is needed to ask it."""

    folder: RunFolder
    network: Network
    entry: DatasetInfo
    arrays: Arrays
    samples: InputPipeline
    """The model is fed from these."""
    batch: int
    """Samples that may go through the network at once."""

    @property
    def model(self) -> Any:
        """The trained one, compiled. It takes encoded samples; `network.outputs` takes them as they are kept."""
        return self.network.model

    def evaluate(self, request: str = "") -> Evaluated:
        """Loss and metrics on the whole test set. Resets the model's running means.

        Without a test set there are none. Raises WorkerError where there was one, and its samples are gone.
        """
        if not self.samples.counts["test"]:
            if self.entry.facts.test:
                raise WorkerError(
                    f"The data that {self.folder.name} learned from are gone or have changed, so it can't be tested "
                    "again. It still says what pictures show. Put the data back to test it."
                )
            return Evaluated(metrics={}, samples=0, request=request)
        logs = self.model.evaluate(self.samples.spans("test", self.batch), verbose=0, return_dict=True)
        return Evaluated(metrics=finite(logs), samples=self.samples.counts["test"], request=request)

    def predict(self, epoch: int) -> Predicted:
        """Write what the network says of the first test samples, and count its mistakes."""
        if not self.samples.counts["test"]:
            return Predicted(epoch=epoch, count=0, mistakes=None)
        said = self.network.outputs(self.arrays.x_test[:SHOWN], self.batch)
        save_predictions(self.folder.predictions_file, said)
        wrong = wrong_predictions(said, self.arrays.y_test[:SHOWN], self.entry.facts.task)
        return Predicted(epoch=epoch, count=len(said), mistakes=None if wrong is None else int(wrong.sum()))

    def answer(self, question: Question) -> Event:
        """The answer, which bears the question's request."""
        match question:
            case Predict():
                return answer_picture(question, self.network, self.entry)
            case PredictSamples():
                return answer_samples(question, self.network, self.entry.facts, self.batch)
            case Evaluate():
                return self.evaluate(question.request)
