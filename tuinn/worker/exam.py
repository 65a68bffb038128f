"""The network before its test set: what it says of it, how good it is, and what it says of a picture from outside."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tuinn.data.arrays import Arrays
from tuinn.data.catalogue import Entry
from tuinn.runs.commands import Evaluate, Predict
from tuinn.runs.events import Evaluated, Event, Predicted
from tuinn.runs.folder import RunFolder
from tuinn.spec.losses import Loss
from tuinn.worker.build import targets
from tuinn.worker.evaluate import evaluate
from tuinn.worker.pipeline import held
from tuinn.worker.predict import answer_picture, mistakes, outputs, save_predictions
from tuinn.worker.wishes import Question

SHOWN = 1000
"""Test samples whose predictions are kept after each epoch."""


@dataclass
class Exam:
    """A compiled network and everything that is needed to ask it."""

    folder: RunFolder
    model: Any
    loss: Loss
    entry: Entry
    arrays: Arrays
    batch: int
    """Samples that may go through the network at once."""

    @cached_property
    def test(self) -> Any:
        """The test set as a tf.data.Dataset."""
        answers = targets(self.arrays.y_test, self.loss, self.model.output.shape[-1])
        return held(self.arrays.x_test, answers, self.batch)

    def evaluate(self, request: str = "") -> Evaluated:
        """Loss and metrics on the whole test set."""
        return evaluate(self.model, self.test, len(self.arrays.x_test), request)

    def predict(self, epoch: int) -> Predicted:
        """Write what the network says of the first test samples, and count its mistakes."""
        said = outputs(self.model, self.loss, self.arrays.x_test[:SHOWN], self.batch)
        save_predictions(self.folder.predictions_file, said)
        wrong = mistakes(said, self.arrays.y_test[:SHOWN], self.entry.facts.task)
        return Predicted(epoch=epoch, count=len(said), mistakes=wrong)

    def answer(self, question: Question) -> Event:
        """The answer, which bears the question's request."""
        match question:
            case Predict():
                return answer_picture(question, self.model, self.loss, self.entry)
            case Evaluate():
                return self.evaluate(question.request)
