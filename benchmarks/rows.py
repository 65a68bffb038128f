"""The rows of the table that `python -m benchmarks` prints: what is compared, and the goal of each."""

import os
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks import whole_process
from tuinn.programs import own_program
from tuinn.runs.benchmark import (
    PLAIN,
    TUINN,
    EpochProcess,
    MeasureAccuracy,
    OpenNetwork,
    Tell,
    first_look,
    interleave,
    lab,
    small_cnn,
)
from tuinn.spec.presets.catalog import PRESETS
from tuinn.spec.run import RunSpec

TORCH = Path(__file__).with_name("pytorch_epochs.py")

SEEDS = 5


@dataclass(frozen=True)
class Line:
    """One comparison, as it is printed."""

    work: str
    against: str
    goal: str
    measured: str
    holds: bool | None
    """Whether the goal is met; None where it wasn't measured."""
    figures: str = ""


class Machine:
    """The processes that are compared; each is started when a row first wants it, and lives to the end."""

    row = ""
    """The one that is measured now."""

    def __init__(self, stack: ExitStack, folder: Path, rounds: int, torch: str, say: Tell) -> None:
        """`folder`: for what is written. `torch`: a Python that has PyTorch; empty: none."""
        self.stack, self.folder, self.rounds, self.torch, self.say = stack, folder, rounds, torch, say

    def tell(self, words: str) -> None:
        """What is measured of this row."""
        self.say(f"{self.row}: {words}")

    @cached_property
    def script(self) -> EpochProcess:
        return self.stack.enter_context(EpochProcess(PLAIN))

    @cached_property
    def tuinn(self) -> EpochProcess:
        return self.stack.enter_context(EpochProcess(TUINN))

    @cached_property
    def script_in_worker_s_environment(self) -> EpochProcess:
        """The script with what a worker sets for TensorFlow, so that the way of training alone differs."""
        return self.stack.enter_context(EpochProcess(PLAIN, {**os.environ, "TF_ENABLE_ONEDNN_OPTS": "1"}))

    @cached_property
    def torch_ways(self) -> dict[str, EpochProcess]:
        """By their names in the table; none without PyTorch."""
        words = {"PyTorch, DataLoader": "loader", "PyTorch, the tightest": "tight"} if self.torch else {}
        command = (self.torch, str(TORCH))
        return {
            name: self.stack.enter_context(EpochProcess((*command, word))) for name, word in words.items()
        }


Row = Callable[[Machine], Iterator[Line]]


def lab_row(machine: Machine) -> Iterator[Line]:
    """784-154-64-10 with Adam, batch 128."""
    goals = {"plain Keras": 2.5, "PyTorch, DataLoader": 1.6, "PyTorch, the tightest": 1.2}
    rivals = {"plain Keras": machine.script, **machine.torch_ways}
    yield from throughput(machine, "Fashion lab net", lab(), 30_000, rivals, goals)
    if not machine.torch:
        for name in [*goals][1:]:
            yield Line("Fashion lab net", name, f"≥ {goals[name]} ×", "not here", None)


def dense_row(machine: Machine) -> Iterator[Line]:
    """784-512-10 with RMSprop, batch 128."""
    rivals = {"plain Keras": machine.script}
    yield from throughput(machine, "784-512-10 RMSprop", first_look(), 20_000, rivals, {"plain Keras": 2.3})


def cnn_row(machine: Machine) -> Iterator[Line]:
    """Two convolutions, batch 64; the script also with oneDNN, which TensorFlow leaves off on some processors."""
    with_onednn = "plain Keras, oneDNN on"
    rivals = {"plain Keras": machine.script, with_onednn: machine.script_in_worker_s_environment}
    goals = {"plain Keras": 1.25, with_onednn: 1.25}
    yield from throughput(machine, "small CNN", small_cnn(), 5_120, rivals, goals)


def lstm_row(machine: Machine) -> Iterator[Line]:
    """An LSTM of 64 over 200 words, batch 128."""
    rivals, goals = {"plain Keras": machine.script}, {"plain Keras": 1.1}
    yield from throughput(machine, "LSTM, 200 steps", PRESETS["text-lstm"](), 1_280, rivals, goals)


def throughput(
    machine: Machine,
    work: str,
    spec: RunSpec,
    samples: int,
    rivals: Mapping[str, EpochProcess],
    goals: Mapping[str, float],
) -> Iterator[Line]:
    """An epoch of each in turn."""
    question = OpenNetwork(spec=spec.toml(), samples=samples)
    machine.tell("building")
    for process in (machine.tuinn, *rivals.values()):
        process.open(question)
    ways: dict[str, Callable[[], float]] = {name: process.train for name, process in rivals.items()}
    found = interleave({**ways, "tuinn": machine.tuinn.train}, machine.rounds, machine.tell)
    ours = samples / statistics.median(found["tuinn"])
    for name in rivals:
        theirs = samples / statistics.median(found[name])
        figures = f"{ours:,.0f} against {theirs:,.0f} samples/s"
        yield times_faster(work, name, goals[name], found[name], found["tuinn"], figures)


def times_faster(
    work: str, against: str, goal: float, theirs: Sequence[float], ours: Sequence[float], figures: str
) -> Line:
    """From the seconds of each in each round."""
    ratios = sorted(other / mine for other, mine in zip(theirs, ours, strict=True))
    ratio = statistics.median(ratios)
    measured = f"{ratio:.2f} × ({ratios[0]:.2f} … {ratios[-1]:.2f})"
    return Line(work, against, f"≥ {goal} ×", measured, ratio >= goal, figures)


def whole_process_row(machine: Machine) -> Iterator[Line]:
    """Five epochs of Fashion-MNIST with validation, test and saving."""
    found = interleave(whole_process.ways(machine.folder), max(1, machine.rounds // 2), machine.tell)
    shares = sorted(mine / other for other, mine in zip(found["script"], found["tuinn"], strict=True))
    share = statistics.median(shares)
    measured = f"{share:.2f} × ({shares[0]:.2f} … {shares[-1]:.2f})"
    ours, theirs = (statistics.median(found[name]) for name in ("tuinn", "script"))
    data = "" if whole_process.is_fetched() else ", stand-in data"
    figures = f"{ours:.1f} against {theirs:.1f} s{data}"
    yield Line("whole process, 5 epochs", "plain Keras script", "≤ 0.5 ×", measured, share <= 0.5, figures)


def accuracy_row(machine: Machine) -> Iterator[Line]:
    """The lab net on the 5,000 pictures that come with tuinn: mean and standard deviation over the seeds."""
    found: dict[str, list[float]] = {"tuinn": [], "plain Keras": []}
    for seed in range(1, SEEDS + 1):
        machine.tell(f"seed {seed} of {SEEDS}")
        spec = lab().with_fit(seed=seed)
        for name, process in (("tuinn", machine.tuinn), ("plain Keras", machine.script)):
            process.open(OpenNetwork(spec=spec.toml(), samples=5_000))
            process.train(spec.fit.epochs)
            found[name].append(process.measure(MeasureAccuracy()))
    means = {name: statistics.mean(values) for name, values in found.items()}
    spreads = {name: statistics.stdev(values) for name, values in found.items()}
    noise = 2 * (sum(spread**2 for spread in spreads.values()) / SEEDS) ** 0.5
    ours, theirs = (f"{means[name]:.4f} ± {spreads[name]:.4f}" for name in found)
    difference = means["tuinn"] - means["plain Keras"]
    measured, holds = f"{difference:+.4f}", abs(difference) <= noise
    yield Line(
        "test accuracy, 5 seeds",
        "plain Keras",
        f"within {noise:.4f}",
        measured,
        holds,
        f"{ours} against {theirs}",
    )


def tiny_row(name: str, work: str, goal: float) -> Row:
    """A whole training of a few rows, from the first epoch's start to the last one's end."""

    def row(machine: Machine) -> Iterator[Line]:
        ways: dict[str, Callable[[], float]] = {}
        with ExitStack() as stack:
            for way in ("plain", "ours"):
                command = own_program("benchmarks.tiny_epochs", name, way)
                ways[way] = stack.enter_context(EpochProcess(command)).train
            found = interleave(ways, max(1, machine.rounds // 2), machine.tell)
        ours, theirs = (statistics.median(found[way]) for way in ("ours", "plain"))
        figures = f"{ours:.2f} against {theirs:.2f} s"
        yield times_faster(work, "plain Keras", goal, found["plain"], found["ours"], figures)

    return row


ROWS: dict[str, Row] = {
    "lab": lab_row,
    "dense": dense_row,
    "cnn": cnn_row,
    "iris": tiny_row("iris", "iris as taught, 300 epochs", 12),
    "housing": tiny_row("housing", "housing 16-16-1, 100 epochs", 6),
    "lstm": lstm_row,
    "process": whole_process_row,
    "accuracy": accuracy_row,
}
