"""A process of a benchmark: it trains epochs when it is told to, and says how long they took.

`python -m tuinn.worker epochs` trains as a run does. This module alone, as a program, trains as a plain Keras script
does; it is no worker, so that whatever a worker sets for TensorFlow is missing as it is in a script.
"""

import os
import sys
import traceback
from typing import TYPE_CHECKING

import msgspec

from tuinn.runs.benchmark import (
    AnyAnswer,
    AnyQuestion,
    Failed,
    MeasureAccuracy,
    Measured,
    MeasureFixed,
    MeasurePeak,
    MeasureReading,
    OpenNetwork,
    TrainEpochs,
)
from tuinn.worker.jobs.program import problem_of

if TYPE_CHECKING:
    from tuinn.worker.jobs.epoch_training import EpochTraining


class Program:
    """Answers questions, one after the other."""

    def __init__(self, as_script: bool) -> None:
        self.as_script = as_script
        self.training: EpochTraining | None = None

    def answer(self, question: AnyQuestion) -> AnyAnswer:
        """Raises TuinnError, or whatever Keras and TensorFlow raise."""
        # Where TensorFlow is missing, that is an answer.
        from tuinn.worker.jobs import epoch_training

        if isinstance(question, OpenNetwork):
            self.training = None  # before the next one needs its memory
            epoch_training.forget()
            make = epoch_training.ScriptTraining if self.as_script else epoch_training.RunTraining
            self.training = make(question)
            return self.training.ready()
        assert self.training is not None
        match question:
            case TrainEpochs(epochs=epochs):
                return Measured(value=self.training.seconds_of(epochs))
            case MeasureFixed():
                return Measured(value=self.training.fixed())
            case MeasureReading():
                return Measured(value=self.training.reading())
            case MeasureAccuracy():
                return Measured(value=self.training.accuracy())
            case MeasurePeak():
                return Measured(value=epoch_training.peak())


def main(as_script: bool = False) -> int:
    """Answer until stdin ends, and return the exit code. Every problem is an answer."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # only answers may stand among the answers
    program, encoder = Program(as_script), msgspec.json.Encoder()
    for line in sys.stdin.buffer:
        question: AnyQuestion = msgspec.json.decode(line, type=AnyQuestion)
        answer: AnyAnswer
        try:
            answer = program.answer(question)
        except Exception as error:
            traceback.print_exc()
            answer = Failed(message=problem_of(error))
        answers.write(encoder.encode(answer) + b"\n")
        answers.flush()
    return 0


if __name__ == "__main__":
    os.environ["KERAS_BACKEND"] = "tensorflow"
    sys.exit(main(as_script=True))
