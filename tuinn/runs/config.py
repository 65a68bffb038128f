"""What a user wants of every run on this machine: `config.toml`, which belongs to the user and never travels with a spec."""

import os
import shlex
import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from tuinn.atomic_io import read_stored
from tuinn.errors import FolderError
from tuinn.runs.folder import home


class TensorBoard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is written for TensorBoard into `tensorboard/` of a run folder."""

    scalars: bool = True
    """Loss, metrics and rate."""
    graph: bool = False
    """The network as TensorFlow computes it."""
    histograms: bool = False
    """The weights of each layer, after each epoch."""


class Cluster(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where sweeps and the queue train, other than on this machine."""

    address: str = ""
    """Of a Dask scheduler, such as tcp://box:8786; empty: this machine."""
    checkpoint: Literal["last", "best", "none"] = "last"
    """Which checkpoint is brought home with each trial's network."""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The user's own settings. All of them may be left out."""

    on_end: str | tuple[str, ...] = ()
    """A command for the end of a training, as a line or as its words. No shell sees it."""
    bell: bool = True
    """The screen rings when the training that it shows ends."""
    theme: Literal["dark", "light"] = "dark"
    """The colours of the screen. Without colours: NO_COLOR=1 in the environment."""
    keep_best: int = 1
    """How many of the best epochs keep a checkpoint of their own."""
    tensorboard: TensorBoard = TensorBoard()
    cluster: Cluster = Cluster()

    @property
    def end_command(self) -> tuple[str, ...]:
        """The words of `on_end`; empty where there is none. Raises ValueError where a quote isn't closed."""
        return tuple(shlex.split(self.on_end)) if isinstance(self.on_end, str) else self.on_end


def config_file() -> Path:
    """`config.toml` in TUINN_HOME, or where that isn't set in the platform's folder for a user's configuration."""
    if os.environ.get("TUINN_HOME"):
        return home() / "config.toml"
    import platformdirs

    return Path(platformdirs.user_config_dir("tuinn", appauthor=False)) / "config.toml"


def read_config() -> Config:
    """The user's settings, or the defaults where there is no file. Raises FolderError: one sentence that says what to do."""
    file = config_file()
    try:
        config = msgspec.convert(tomllib.loads(read_stored(file).decode()), Config)
        if config.keep_best < 1:
            raise ValueError(f"keep_best must be 1 or more, not {config.keep_best}")
        _ = config.end_command
    except FileNotFoundError:
        return Config()
    except OSError as error:
        raise FolderError(
            f"{file} cannot be read ({error.strerror}). Remove it, or make it readable."
        ) from None
    except (
        ValueError,
        RecursionError,
    ) as error:  # of TOML, of UTF-8, of a quote, and of msgspec's conversion
        raise FolderError(f"{file} cannot be read: {error}. Correct it, or remove it.") from None
    return config


def config_and_problem() -> tuple[Config, str]:
    """The settings, and what is wrong with the file; then they are the defaults."""
    try:
        return read_config(), ""
    except FolderError as problem:
        return Config(), str(problem)
