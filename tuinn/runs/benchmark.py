"""Benchmarks: processes that train epochs whenever they are told to, and rounds in which each has its turn.

A question is one JSON object a line on the stdin of such a process, and its answer one on its stdout. So the same rounds
take in whatever answers them, a script in another framework included.
"""

import statistics
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Self

import msgspec

from tuinn.errors import WorkerError
from tuinn.programs import own_program
from tuinn.spec.presets.catalog import PRESETS
from tuinn.spec.run import RunSpec
from tuinn.text import printable, shorten

TUINN = own_program("tuinn.worker", "epochs")
"""Trains as a run does, in the environment of a worker."""
PLAIN = own_program("tuinn.worker.jobs.epochs")
"""Trains as a script does, `model.fit(x, y)`, in the environment of the user."""

LEAVING_SECONDS = 10.0
"""That a process gets to end by itself."""

Tell = Callable[[str], None]
"""Takes a few words about what is measured now."""


class Question(msgspec.Struct, frozen=True, kw_only=True, tag_field="ask"):
    """What a process is asked."""


class OpenNetwork(Question, frozen=True, tag=True):
    """Build and compile this network, in place of the one before, and load its samples."""

    spec: str
    """As TOML."""
    samples: int
    """To train on in an epoch: those of the dataset, over and over. A dataset that isn't here is drawn at random."""
    validates: bool = False
    """Each epoch ends with the share of samples to validate on that the spec says."""
    jit: bool = False
    """Compile with XLA; a script has what Keras chooses."""


class TrainEpochs(Question, frozen=True, tag=True):
    """Train on, in one call."""

    epochs: int = 1


class MeasureFixed(Question, frozen=True, tag=True):
    """Measure what a step takes with a single sample."""


class MeasureReading(Question, frozen=True, tag=True):
    """Measure by how much taking a batch takes longer than taking a single sample."""


class MeasureAccuracy(Question, frozen=True, tag=True):
    """Measure the share of test samples that are predicted right."""


class MeasurePeak(Question, frozen=True, tag=True):
    """Measure how fast two square matrices of float32 are multiplied."""


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What a process says."""


class NetworkReady(Answer, frozen=True, tag=True):
    """It can train."""

    samples: int
    steps: int
    """An epoch."""
    device: str = ""
    versions: str = ""
    """Of the framework."""
    peak_size: int = 0
    """Rows and columns of the matrices by which the peak is measured."""


class Measured(Answer, frozen=True, tag=True):
    """One number."""

    value: float
    """Seconds of all epochs that were asked for; seconds of a step; a share from 0 to 1; floating-point operations a second,
    of which a multiply-add is two."""


class Failed(Answer, frozen=True, tag=True):
    """It can't be done: a sentence that says why, and what to do."""

    message: str


AnyQuestion = OpenNetwork | TrainEpochs | MeasureFixed | MeasureReading | MeasureAccuracy | MeasurePeak
AnyAnswer = NetworkReady | Measured | Failed


class EpochProcess:
    """A process that trains when it is told to. It ends with the `with` block, or when its stdin ends."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        # A session of its own: Ctrl+C is for the command, which then ends it.
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            env=env,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        process = self.process
        assert process.stdin is not None
        assert process.stdout is not None
        if kind is not None:
            process.kill()  # it keeps nothing that is to be saved
        with suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(LEAVING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        self.log.close()

    def open(self, work: OpenNetwork) -> NetworkReady:
        """Raises WorkerError, as all of these."""
        answer = self.ask(work)
        assert isinstance(answer, NetworkReady)
        return answer

    def train(self, epochs: int = 1) -> float:
        """Seconds that they took."""
        return self.measure(TrainEpochs(epochs=epochs))

    def measure(self, question: AnyQuestion) -> float:
        """Of the network that is open."""
        answer = self.ask(question)
        assert isinstance(answer, Measured)
        return answer.value

    def ask(self, question: AnyQuestion) -> AnyAnswer:
        """Raises WorkerError with what the process says, or with how it ended."""
        process = self.process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(msgspec.json.encode(question) + b"\n")
            process.stdin.flush()
        except BrokenPipeError:
            pass  # it died, which is said below
        line = process.stdout.readline()
        if not line.endswith(b"\n"):
            raise WorkerError(self._ending(process.wait()))
        answer: AnyAnswer = msgspec.json.decode(line, type=AnyAnswer)
        if isinstance(answer, Failed):
            raise WorkerError(answer.message)
        return answer

    def _ending(self, code: int) -> str:
        if code == -9:
            return "A process of the benchmark was killed: perhaps the memory was not enough. Close other programs, or try --quick."
        if code < 0:
            return f"A process of the benchmark crashed, or was ended (signal {-code}). Try it again."
        self.log.seek(0)
        lines = [line for line in self.log.read().decode(errors="replace").splitlines() if line.strip()]
        last = f" Its last words: {shorten(printable(lines[-1].strip()), 200)}" if lines else ""
        return f"A process of the benchmark ended without an answer (exit code {code}).{last}"


def interleave(
    ways: Mapping[str, Callable[[], float]], rounds: int, tell: Tell = lambda words: None
) -> dict[str, tuple[float, ...]]:
    """What each way gives in each round. All have their turn in a round, in the opposite order in every other one.

    A turn of each before the first round, in which graphs are traced, isn't counted.
    """
    found: dict[str, list[float]] = {name: [] for name in ways}
    tell("a first epoch")
    for way in ways.values():
        way()
    for at in range(rounds):
        tell(f"round {at + 1} of {rounds}")
        for name in list(ways) if at % 2 else reversed(list(ways)):
            found[name].append(ways[name]())
    return {name: tuple(values) for name, values in found.items()}


def median_ratio(ours: Sequence[float], others: Sequence[float]) -> float:
    """The median over the rounds of ours divided by theirs: what else the machine did in a round hits both."""
    return statistics.median(mine / other for mine, other in zip(ours, others, strict=True))


def first_look() -> RunSpec:
    """784-512-10 with RMSprop, as textbooks begin."""
    return PRESETS["fashion-first-look"]().with_fit(optimizer="rmsprop")


def lab() -> RunSpec:
    """784-154-64-10 with Adam."""
    return PRESETS["fashion-lab"]()


def small_cnn() -> RunSpec:
    """Two convolutions of 32 and 64 filters."""
    return PRESETS["fashion-cnn"]()


class BenchNetwork(msgspec.Struct, frozen=True):
    """A network that `tuinn bench` measures, on data that come with tuinn."""

    name: str
    title: str
    make: Callable[[], RunSpec]
    samples: int
    """An epoch, such that it takes about a second on two cores."""
    quick_samples: int


BENCH_NETWORKS = (
    BenchNetwork("lab", "Fashion lab net", lab, 30_000, 6_400),
    BenchNetwork("dense", "784-512-10 RMSprop", first_look, 20_000, 3_840),
    BenchNetwork("cnn", "small CNN", small_cnn, 5_120, 960),
)
