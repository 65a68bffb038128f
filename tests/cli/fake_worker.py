"""A worker without TensorFlow, for the command line to launch: it tells a story by heart. FAKE_WORKER says which."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.factories import append, ending, epoch, opening, whole_run
from tuinn.runs.commands import (
    AnyCommand,
    Evaluate,
    Examine,
    MakeReport,
    Predict,
    PredictSamples,
    PredictTest,
    Question,
    Quit,
    Stop,
)
from tuinn.runs.events import (
    Evaluated,
    Noted,
    PictureAnswered,
    Predicted,
    Reported,
    RunEnded,
    RunResumed,
    SamplesAnswered,
)
from tuinn.runs.examination import Examination, ExaminedLayer
from tuinn.runs.folder import RunFolder
from tuinn.runs.report import Report, Score

PATIENCE = 60.0
"""Seconds after which a fake worker that nobody talks to gives up."""


def commands_of(folder: RunFolder, offset: int = 0) -> Iterator[AnyCommand]:
    """The commands as they come."""
    reader, deadline = folder.commands(offset), time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        yield from reader.read_new()
        time.sleep(0.01)


def await_one(folder: RunFolder, kind: type[AnyCommand]) -> None:
    next(command for command in commands_of(folder) if isinstance(command, kind))


def train(folder: RunFolder, story: str) -> None:
    match story:
        case "finish":
            append(folder, *whole_run())
            await_one(folder, Quit)
        case "fail":
            append(folder, *opening(), RunEnded(outcome="failed", message="The memory did not suffice."))
        case "until stop":
            append(folder, *opening(), *epoch(1, 1.0))
            await_one(folder, Stop)
            append(folder, *ending("stopped", "Stopped in epoch 2 of 3, after 4 of 36 steps."))
            await_one(folder, Quit)
        case "deaf":
            append(folder, *opening(), *epoch(1, 1.0))
            await_one(folder, Quit)
        case "killed":
            append(folder, *opening(), *epoch(1, 1.0))
            os.kill(os.getpid(), signal.SIGKILL)
        case "mute":
            sys.exit("ImportError: nothing works here")


ENDINGS = {
    "signalled": RunEnded(outcome="stopped", message="It got SIGUSR1.", signal="SIGUSR1"),
    "signalled early": RunEnded(outcome="stopped", message="It got SIGUSR1.", signal="SIGUSR1"),
    "terminated": RunEnded(outcome="stopped", message="It got SIGTERM.", signal="SIGTERM"),
    "fail": RunEnded(outcome="failed", message="The memory did not suffice."),
}
"""Story of a worker that resumes → how it ends."""


def resume(folder: RunFolder, words: list[str], story: str) -> None:
    """From the third epoch to the end, or to as many as are asked for; or to one of ENDINGS."""
    if story in ENDINGS:
        trained = [] if story == "signalled early" else epoch(3, 0.6)
        append(folder, RunResumed(epoch=3, step=0, epochs=4), *trained, ENDINGS[story])
        return
    epochs = int(words[words.index("--epochs") + 1]) if "--epochs" in words else 3
    append(folder, RunResumed(epoch=3, step=0, epochs=epochs))
    for number in range(3, epochs + 1):
        append(folder, *epoch(number, 0.6))
    append(folder, *ending())
    next(
        command
        for command in commands_of(folder, int(words[words.index("--commands-from") + 1]))
        if isinstance(command, Quit)
    )


def answer(folder: RunFolder, question: Question) -> None:
    if isinstance(question, Evaluate):
        append(
            folder, Evaluated(request=question.request, metrics={"loss": 0.5, "accuracy": 0.8}, samples=1000)
        )
    elif isinstance(question, PredictSamples):
        outputs = tuple((0.05, 0.85, 0.1) for _ in question.samples)
        append(folder, SamplesAnswered(request=question.request, outputs=outputs))
    elif isinstance(question, MakeReport):
        report = Report(
            run=folder.name,
            part=question.part,
            samples=1000,
            task="single-label classification",
            scores=(Score(name="accuracy", value=0.8, low=0.77, high=0.83, baselines={"always Bag": 0.1}),),
            verdict="80.0 % of the samples are right.",
        )
        report.write(folder.report_file(question.part))
        append(folder, Reported(request=question.request, file=f"reports/{question.part}.json"))
    elif isinstance(question, Examine):
        layers = (ExaminedLayer("dense", 154, "relu", dead=100, update=0.01),)
        Examination(epoch=1, samples=500, layers=layers).write(folder.examination_file)
        append(folder, Reported(request=question.request, file="reports/examination.json"))
    elif isinstance(question, PredictTest):
        append(folder, Predicted(epoch=question.epoch, count=1000, request=question.request))
    elif not isinstance(question, Predict):
        raise NotImplementedError(f"The command line asks no {type(question).__name__}.")
    elif question.file.endswith(".txt"):
        problem = f"{Path(question.file).name} is not a picture."
        append(folder, PictureAnswered(request=question.request, file=question.file, problem=problem))
    else:
        shares = (0.0, 0.05, 0.0, 0.0, 0.0, 0.0, 0.0, 0.7, 0.0, 0.25)
        append(
            folder,
            PictureAnswered(
                request=question.request, file=question.file, outputs=shares, steps=("made grey",)
            ),
        )


def serve(folder: RunFolder, story: str, offset: int) -> None:
    """`leaving`: the first one that is launched goes without a word."""
    left = folder.path / "left"
    if story == "leaving" and not left.exists():
        left.touch()
        return
    if story == "refuse":
        append(folder, Noted(level="warning", message="model.keras cannot be loaded. Run it again."))
        return
    if story == "odd":
        append(folder, Noted(message="model.keras was damaged. It is written again, from a checkpoint."))
    if story == "never":
        return
    for command in commands_of(folder, offset):
        if isinstance(command, Quit):
            return
        if isinstance(command, Predict | PredictSamples | Evaluate | MakeReport):
            answer(folder, command)


def main() -> None:
    _, _, path, *words = sys.argv
    folder, story = RunFolder(Path(path)), os.environ["FAKE_WORKER"]
    folder.heartbeat_file.write_text("900")
    with folder.hold_lock():
        if "--resume" in words:
            resume(folder, words, story)
        elif "--serve" in words:
            serve(folder, story, int(words[words.index("--commands-from") + 1]))
        else:
            train(folder, story)


if __name__ == "__main__":
    main()
