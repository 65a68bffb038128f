"""A whole training of tiny data for `python -m benchmarks`: answers as the processes of tuinn.runs.benchmark do.

python -m benchmarks.tiny_epochs iris|housing plain|ours
"""

import os
import sys
import tempfile

import msgspec

from benchmarks.tiny_data import WORK, ours, plain, seconds
from tuinn.runs.benchmark import (
    AnyAnswer,
    AnyQuestion,
    Failed,
    Measured,
    NetworkReady,
    OpenNetwork,
    TrainEpochs,
)


def main(name: str, way: str) -> None:
    """Answer until stdin ends. All epochs are trained at once, however many are asked for."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # only answers may stand among the answers
    spec = WORK[name](0)
    for line in sys.stdin.buffer:
        question: AnyQuestion = msgspec.json.decode(line, type=AnyQuestion)
        answer: AnyAnswer = Failed(message=f"{type(question).__name__} is not for tiny data.")
        if isinstance(question, OpenNetwork):
            answer = NetworkReady(samples=0, steps=0)
        elif isinstance(question, TrainEpochs):
            answer = Measured(value=seconds(plain if way == "plain" else ours, spec))
        answers.write(msgspec.json.encode(answer) + b"\n")
        answers.flush()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TUINN_HOME"] = folder
        main(*sys.argv[1:])
