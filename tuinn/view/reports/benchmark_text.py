"""What `tuinn bench` measured: its arithmetic, and the same in words and as plain values for JSON."""

import statistics
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tuinn.runs.benchmark import median_ratio
from tuinn.text import format_count, plural, printable

Limit = Literal["fixed", "arithmetic", "reading"]

WIDTH = 78

MUCH = 0.6
"""Of the peak: a step that comes so near to it has little left to win on this device."""

MUCH_SPREAD = 1.5
"""A slowest epoch by so much longer than the fastest says that something else was busy."""

MOST_BATCH = 1024
"""Beyond it a larger batch is no advice: learning suffers."""


@dataclass(frozen=True)
class NetworkTimes:
    """One network, measured in rounds."""

    name: str
    title: str
    layers: str
    """A word for its kind: `dense`, `convolutions`."""
    batch: int
    samples: int
    """An epoch."""
    steps: int
    weights: int
    """That are trained."""
    flops: int
    """Of a step."""
    script_seconds: tuple[float, ...]
    """Of an epoch, in each round."""
    tuinn_seconds: tuple[float, ...]
    fixed_seconds: tuple[float, ...]
    """Of a step of tuinn's with one sample, in each round."""
    reading_seconds: tuple[float, ...]
    """By how much taking a batch takes longer than taking one sample."""
    peak_flops: tuple[float, ...]
    """A second, where two matrices are multiplied, in each round."""

    @property
    def script_rate(self) -> float:
        """Samples a second, the median."""
        return self.samples / statistics.median(self.script_seconds)

    @property
    def tuinn_rate(self) -> float:
        return self.samples / statistics.median(self.tuinn_seconds)

    @property
    def ratio(self) -> float:
        """By how much tuinn is faster: the median over the rounds."""
        return median_ratio(self.script_seconds, self.tuinn_seconds)

    @property
    def step(self) -> float:
        """Seconds of one in tuinn."""
        return statistics.median(self.tuinn_seconds) / self.steps

    @property
    def split(self) -> dict[Limit, float]:
        """The seconds of a step by what they are spent on; together a step."""
        fixed = min(statistics.median(self.fixed_seconds), self.step)
        reading = min(statistics.median(self.reading_seconds), self.step - fixed)
        return {"fixed": fixed, "arithmetic": self.step - fixed - reading, "reading": reading}

    @property
    def spread(self) -> float:
        """The slowest epoch divided by the fastest, of the way in which that is more."""
        return max(max(way) / min(way) for way in (self.script_seconds, self.tuinn_seconds))

    @property
    def limit(self) -> Limit:
        """What most of a step is spent on."""
        split = self.split
        return max(split, key=lambda part: split[part])

    @property
    def share(self) -> float:
        """What tuinn makes use of, as a share of the peak of matrix multiplication; the median over the rounds."""
        pairs = zip(self.tuinn_seconds, self.peak_flops, strict=True)
        return statistics.median(self.flops * self.steps / seconds / peak for seconds, peak in pairs)


@dataclass(frozen=True)
class Benchmark:
    """All networks, on one machine."""

    device: str
    versions: str
    peak_size: int
    """Rows and columns of the matrices of the peak."""
    rounds: int
    networks: tuple[NetworkTimes, ...]

    @property
    def peak_flops(self) -> float:
        """A second; the best of all rounds."""
        return max(flops for network in self.networks for flops in network.peak_flops)

    @property
    def on_gpu(self) -> bool:
        return self.device.startswith("GPU")


def what_limits(network: NetworkTimes) -> str:
    """One sentence, from the numbers."""
    step, part = 1e3 * network.step, 1e3 * network.split[network.limit]
    head = f"Of a step's {milliseconds(step)}, {milliseconds(part)} are"
    share = f"{100 * network.share:.0f} % of the peak"
    match network.limit:
        case "fixed":
            weights = format_count(network.weights)
            return (
                f"{head} a fixed cost: starting operations, and the optimizer's pass over {weights} weights."
            )
        case "arithmetic":
            return f"{head} arithmetic; the whole step reaches {share}."
        case "reading":
            return f"{head} spent gathering the {network.batch} samples of a batch."


def what_helps(network: NetworkTimes, on_gpu: bool) -> str:
    """One sentence: what to change."""
    match network.limit:
        case "fixed" if network.batch < MOST_BATCH:
            return (
                f"A larger batch spreads it over more samples: batch_size {2 * network.batch} "
                f"instead of {network.batch}, if the accuracy stays."
            )
        case "fixed":
            return "Fewer layers would help; the batch is large already."
        case "reading":
            return "Smaller samples would help, or such as are kept as bytes (uint8) rather than as floats."
        case _ if on_gpu:
            return "Mixed precision would help where the card has it: precision = mixed_float16 or mixed_bfloat16."
        case _ if network.share >= MUCH:
            return f"{device_words(network)}: this processor has little left to give."
    return f"{device_words(network)}; the shapes of its layers keep it from the peak."


def device_words(network: NetworkTimes) -> str:
    """What takes arithmetic off a processor."""
    less = "filters" if network.layers == "convolutions" else "units"
    return f"A GPU or more cores would help, or fewer {less}"


def lines(found: Benchmark) -> Iterator[str]:
    """For a terminal of 80 columns."""
    size = f"{found.peak_size:,}"
    yield from wrapped(f"{printable(found.device)}; {found.versions}")
    yield f"matrix multiplication, {size} × {size}, float32: {gigaflops(found.peak_flops)}"
    yield ""
    cells = [("network", "batch", "script", "tuinn", "ratio", "of the peak")]
    cells += [
        (
            network.title,
            str(network.batch),
            f"{network.script_rate:,.0f}",
            f"{network.tuinn_rate:,.0f}",
            f"{network.ratio:.2f} ×",
            f"{100 * network.share:.0f} %",
        )
        for network in found.networks
    ]
    yield from aligned(cells)
    yield ""
    yield from wrapped(
        f"Samples a second, medians of {plural(found.rounds, 'round')} with an epoch of each in turn. "
        "The script is plain Keras, model.fit(x, y), in a process of its own."
    )
    yield ""
    if (spread := max(network.spread for network in found.networks)) > MUCH_SPREAD:
        yield from wrapped(
            f"The same epoch took up to {spread:.1f} × as long in one round as in another: other programs were busy. "
            "Measure again when they rest."
        )
        yield ""
    for network in found.networks:
        words = f"{what_limits(network)} {what_helps(network, found.on_gpu)}"
        yield from wrapped(f"{network.title}: {words}", indent="  ")


def aligned(cells: Sequence[Sequence[str]]) -> Iterator[str]:
    """The first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for first, *rest in cells:
        numbers = (cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))
        yield "   ".join((first.ljust(widths[0]), *numbers))


def wrapped(text: str, indent: str = "") -> list[str]:
    """In lines that fit, all but the first indented."""
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent)


def gigaflops(flops: float) -> str:
    """`195 GFLOP/s`."""
    return f"{flops / 1e9:,.0f} GFLOP/s"


def milliseconds(value: float) -> str:
    """`0.36 ms`, `14.2 ms`."""
    return f"{value:.2f} ms" if value < 10 else f"{value:.1f} ms"


def as_object(found: Benchmark) -> dict[str, object]:
    """For JSON: plain values, seconds and operations as they were measured."""
    return {
        "device": found.device,
        "versions": found.versions,
        "rounds": found.rounds,
        "peak": {"size": found.peak_size, "flops_per_second": found.peak_flops},
        "networks": [_network(network, found) for network in found.networks],
    }


def _network(network: NetworkTimes, found: Benchmark) -> dict[str, object]:
    return {
        "name": network.name,
        "title": network.title,
        "batch_size": network.batch,
        "samples": network.samples,
        "steps": network.steps,
        "weights": network.weights,
        "script": _way(network.script_rate, network.script_seconds),
        "tuinn": _way(network.tuinn_rate, network.tuinn_seconds),
        "ratio": network.ratio,
        "flops_per_step": network.flops,
        "share_of_peak": network.share,
        "peak_flops_per_second": list(network.peak_flops),
        "step_seconds": {"whole": network.step} | dict(network.split.items()),
        "limit": network.limit,
        "what_limits": what_limits(network),
        "what_helps": what_helps(network, found.on_gpu),
    }


def _way(rate: float, seconds: Sequence[float]) -> dict[str, object]:
    return {"samples_per_second": rate, "epoch_seconds": list(seconds)}
