"""Whole processes, from the command to its end: Fashion-MNIST trained, validated, tested and saved by a plain Keras script, and by
`tuinn train`. For `python -m benchmarks`.

Where Fashion-MNIST hasn't been fetched, its place is taken by the part of it that comes with tuinn, repeated to as many samples.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from tuinn.data import loader
from tuinn.data.catalog.availability import is_available
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.keras_export.script import draft_lines
from tuinn.spec.presets.catalog import PRESETS
from tuinn.spec.run import RunSpec

EPOCHS = 5
TRAIN, TEST = 60_000, 10_000

SCRIPT = """
import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(7)
with np.load({file!r}) as file:
    x_train, y_train, x_test, y_test = (file[name] for name in ("x_train", "y_train", "x_test", "y_test"))
x_train, x_validation = x_train[:{training}], x_train[{training}:]
y_train, y_validation = y_train[:{training}], y_train[{training}:]
{network}
print(model.evaluate(x_test, y_test, verbose=2))
model.save({saved!r})
"""


def ways(folder: Path) -> dict[str, Callable[[], float]]:
    """Seconds of the plain script, and of `tuinn train`, each a new process. `folder`: for all that they write."""
    arrays = loader.load(DatasetSpec("fashion_mnist" if is_fetched() else "fashion_mnist_mini"))
    file = folder / "fashion.npz"
    parts = {"train": TRAIN, "test": TEST}
    samples = {f"x_{part}": getattr(arrays, f"x_{part}") for part in parts}
    labels = {f"y_{part}": getattr(arrays, f"y_{part}") for part in parts}
    whole = {
        name: np.resize(values, (parts[name[2:]], *values.shape[1:]))
        for name, values in (samples | labels).items()
    }
    np.savez(file, **whole)  # type: ignore[arg-type]
    spec = PRESETS["fashion-lab"]().with_fit(epochs=EPOCHS)
    spec = spec.with_dataset(DatasetSpec("", path=str(file), validation=0.1))
    (folder / "plain.py").write_text(script(spec, file, folder / "plain.keras"))
    (folder / "spec.toml").write_text(spec.toml())
    env = {**os.environ, "TUINN_HOME": str(folder / "home"), "TUINN_IDLE": "1", "KERAS_BACKEND": "tensorflow"}
    train = (sys.executable, "-m", "tuinn", "train", str(folder / "spec.toml"), "--plain")
    return {
        "script": lambda: seconds_of((sys.executable, str(folder / "plain.py")), env),
        "tuinn": lambda: seconds_of(train, env),
    }


def is_fetched() -> bool:
    """Whether the whole of Fashion-MNIST is here."""
    return is_available("fashion_mnist")


def script(spec: RunSpec, file: Path, saved: Path) -> str:
    """As one would write it by hand."""
    lines = draft_lines(spec, loader.describe(spec.dataset).facts)
    network = "\n".join([*lines[:-1], "    verbose=2,", ")"])
    training = round(TRAIN * (1 - spec.dataset.validation))
    return SCRIPT.format(file=str(file), saved=str(saved), training=training, network=network)


def seconds_of(command: Sequence[str], env: Mapping[str, str]) -> float:
    """That a process takes. Raises CalledProcessError where it fails."""
    began = time.perf_counter()
    subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return time.perf_counter() - began
