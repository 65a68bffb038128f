"""Where a sweep, or the queue, trains: on this machine, or on the machines of a Dask cluster. `cluster.json` in its folder says it."""

from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import msgspec

from tuinn.atomic_io import write_whole
from tuinn.errors import FolderError, SpecError
from tuinn.runs.config import Cluster
from tuinn.runs.journal import read_struct
from tuinn.text import shorten

FILE = "cluster.json"

HERE = "here"
"""What is written for this machine, where the configuration has a cluster."""

SCHEMES = ("tcp://", "tls://")


class ClusterChoice(msgspec.Struct, frozen=True):
    """Which cluster, and what is brought home from it."""

    address: str
    """Of its scheduler, as Dask writes it."""
    checkpoint: Literal["last", "best", "none"] = "last"
    """Which one is brought home with the network."""


def choose(word: str | None, config: Cluster) -> ClusterChoice | None:
    """Return the cluster that the user means: by this word, else by the configuration. None: this machine.

    Raises SpecError for what is no cluster, and where the extra isn't installed.
    """
    address = config.address if word is None else word
    if address in ("", HERE):
        return None
    if address == "slurm":
        raise SpecError(
            "a Slurm allocation has no cluster of its own. Start one inside it: `dask scheduler`, and `srun dask worker "
            "tcp://HOST:8786 --nthreads 1`; then give tcp://HOST:8786.",
            "--cluster",
        )
    if not address.startswith(SCHEMES):
        raise SpecError(
            f"{shorten(address, 100)!r} is no cluster. Give the address of a Dask scheduler, such as tcp://box:8786, "
            f"or {HERE} for this machine.",
            "--cluster",
        )
    if find_spec("distributed") is None:
        raise SpecError("a cluster needs Dask. Install it: pip install 'tuinn[cluster]'", "--cluster")
    return ClusterChoice(address, config.checkpoint)


def write_choice(folder: Path, choice: ClusterChoice | None) -> None:
    """Raises FolderError."""
    file = folder / FILE
    try:
        if choice is None:
            file.unlink(missing_ok=True)
        else:
            write_whole(file, msgspec.json.encode(choice))
    except OSError as error:
        raise FolderError(f"{file} cannot be written ({error.strerror}).") from None


def read_choice(folder: Path) -> ClusterChoice | None:
    """The cluster of the sweep in this folder; None: this machine. Raises FolderError."""
    try:
        return read_struct(folder / FILE, ClusterChoice)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise FolderError(
            f"{folder / FILE} cannot be read ({error}). Remove it to train on this machine."
        ) from None
