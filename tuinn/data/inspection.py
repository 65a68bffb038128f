"""What a network makes of one sample, step by step, as files of the run: activations, and the weights behind them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from tuinn.atomic_io import open_stored, replacing

Array = NDArray[np.generic]
Numbers = NDArray[np.float32]

Plain = bool | int | float | str | list[int | float | str | list[int]] | None
"""The value of a layer's option, as far as JSON has a word for it."""

MOST_FILES = 8
"""Inspections that a run keeps, the newest ones; and as many files of weights."""

HEAD = "head"
"""Name of the JSON text in a file of arrays."""


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step through the network: a layer, or its activation function, which counts as a step of its own."""

    layer: str
    """The layer's name in the network; `input`, `encoder` and `output` are what stands around the user's layers."""
    kind: str
    """Keras' name of the layer type; `Activation` of an activation function, too."""
    shape: tuple[int, ...]
    """Of what it gives for one sample."""
    sources: tuple[int, ...] = ()
    """The steps that it takes, by their place in the list."""
    options: dict[str, Plain] = {}
    """As Keras' `get_config` names them."""
    inner: str = ""
    """The layer type that a wrapper wraps; the options are then the inner one's, and the wrapper's own `merge_mode`."""
    weights: tuple[str, ...] = ()
    """Names of the layer's arrays in the file of weights, below its own."""
    labels: tuple[str, ...] = ()
    """Of its units, where they have names: columns of a table, classes."""
    is_applied: bool = False
    """It is the activation function of the step before, which belongs to the same layer."""
    low: float | None = None
    """Smallest of the finite values; None where there is none, or they aren't numbers."""
    mean: float | None = None
    high: float | None = None
    zeros: float | None = None
    """Share of values that are exactly 0."""
    not_finite: int = 0
    """Values that are NaN or infinite."""
    is_kept: bool = True
    """Whether the file has its values: very large ones are left out."""

    @property
    def title(self) -> str:
        """What it is called in a list: the layer's name, or that of the activation function."""
        return str(self.options.get("activation", self.layer)) if self.is_applied else self.layer


class Trace(msgspec.Struct, frozen=True):
    """The head of an inspection's file."""

    epoch: int
    """Whose weights the network had; 0: before the first was trained."""
    steps: tuple[Step, ...]
    of_checkpoint: bool = False
    """Whether they were those of a checkpoint, not the network's own."""
    checkpoints: tuple[int, ...] = ()
    """Epochs that a checkpoint has the weights of, rising."""


class About(msgspec.Struct, frozen=True, omit_defaults=True):
    """The head of any other file: what its arrays are about."""

    epoch: int
    labels: tuple[str, ...] = ()
    """Names of parts of a sample, of columns, or of the values of one."""
    measure: str = ""
    """What is measured, in words."""
    target: int = 0
    """The class that is asked about."""
    shares: tuple[float, float] = (0.0, 0.0)
    """Of the variance, of the two directions of a PCA."""


@dataclass(frozen=True)
class Inspection:
    """What one sample became, step by step."""

    trace: Trace
    arrays: Mapping[str, Numbers]
    texts: Mapping[str, NDArray[np.str_]] = field(default_factory=dict)
    """What a step gives that isn't numbers."""
    weights: Mapping[str, Numbers] = field(default_factory=dict)
    """`layer/name` → array; those too large to keep are missing."""

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.trace.steps

    def values(self, step: int) -> Numbers | None:
        """What this step gives, without the batch axis; None where it is not kept, or isn't numbers."""
        return self.arrays.get(f"v{step}")

    def scores(self, step: int) -> Numbers | None:
        """Attention scores, heads × queries × keys; None of other layers."""
        return self.arrays.get(f"scores{step}")

    def weight(self, step: int, name: str) -> Numbers | None:
        return self.weights.get(f"{self.steps[step].layer}/{name}")


def file_name(request: str) -> str:
    """The name of the file that answers a question."""
    return f"{hashlib.sha256(request.encode()).hexdigest()[:16]}.npz"


def save_arrays(file: Path, arrays: Mapping[str, Array], head: bytes = b"{}") -> None:
    """Write the arrays under their names, whole or not at all, and forget the oldest files beside it. Raises OSError."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    named = {**arrays, HEAD: np.frombuffer(head, np.uint8)}
    # Not durable: after a power cut it is asked for again.
    with replacing(file, durable=False) as temporary, temporary.open("wb") as out:
        np.savez(out, allow_pickle=False, **named)
    prefix = file.name[: file.name.find("-") + 1]
    kept = [other for other in file.parent.glob(f"{prefix}[!.]*.npz") if ("-" in other.name) == bool(prefix)]
    for old in sorted(kept, key=lambda other: other.stat().st_mtime_ns)[:-MOST_FILES]:
        old.unlink(missing_ok=True)


def read_arrays(file: Path) -> tuple[bytes, dict[str, Array]]:
    """The head, and the arrays by name. Raises ValueError where the file is missing or damaged."""
    try:
        with open_stored(file) as opened, np.load(opened, allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        return arrays.pop(HEAD).tobytes(), arrays
    except Exception as error:  # zip, zlib and NumPy each have their own names for "damaged"
        raise ValueError(f"{file} cannot be read ({error}).") from error


def read_inspection(folder: Path, file: str, weights: Mapping[str, Numbers]) -> Inspection:
    """The inspection in this file of the folder. Raises ValueError where it is missing or damaged."""
    head, arrays = read_arrays(folder / file)
    texts = {name: array.astype(np.str_) for name, array in arrays.items() if array.dtype.kind == "U"}
    return Inspection(msgspec.json.decode(head, type=Trace), numbers_of(arrays), texts, weights)


def numbers_of(arrays: Mapping[str, Array]) -> dict[str, Numbers]:
    """Those that are numbers."""
    return {
        name: array.astype(np.float32, copy=False)
        for name, array in arrays.items()
        if array.dtype.kind in "fiub"
    }


@dataclass(frozen=True)
class Explanation:
    """What an `Explain` or `ExplainData` has found."""

    about: About
    arrays: Mapping[str, Numbers]
    """`parts` of a sample; `means` and `spreads` of columns; `values` and `curves` of one; `points` and `targets`."""

    @classmethod
    def read(cls, file: Path) -> "Explanation":
        """Raises ValueError where the file is missing or damaged."""
        head, arrays = read_arrays(file)
        return cls(msgspec.json.decode(head, type=About), numbers_of(arrays))


@dataclass(frozen=True)
class UnitValues:
    """What the units of one step give over the first test samples."""

    means: Numbers
    """(samples, units): over all other axes."""
    dead: NDArray[np.bool_]
    """(units,): it gave 0 and nothing else."""
    targets: Numbers
    """(samples, …): labels, or the numbers of a regression."""

    @classmethod
    def read(cls, file: Path) -> "UnitValues":
        """Raises ValueError where the file is missing or damaged."""
        found = numbers_of(read_arrays(file)[1])
        try:
            return cls(found["means"], found["dead"] > 0, found["targets"])
        except KeyError as error:
            raise ValueError(f"{file} has no {error}.") from None
