"""The numbers in a saved network, layer by layer: as Keras loads it, or as an HDF5 file has them."""

from typing import Protocol

import h5py
import keras
import numpy as np

from tuinn.errors import WorkerError
from tuinn.spec.saved_network.saved_stack import SavedStack
from tuinn.worker.errors import first_line
from tuinn.worker.keras_types import Array, Layer, Model


class SavedWeights(Protocol):
    """Numbers by the path of a layer in the file: its name, and before it those of the networks that it is within."""

    def weights(self, path: str) -> list[Array]:
        """In Keras' order. Raises WorkerError where there is no such layer."""

    def layer(self, path: str) -> Layer | None:
        """The layer itself, where Keras has loaded it."""


def open_saved(saved: SavedStack) -> SavedWeights:
    """Raises WorkerError where the file can't be loaded."""
    return Hdf5Weights(saved) if saved.kind == "hdf5" else LoadedNetwork(saved)


class LoadedNetwork:
    """A `.keras` file."""

    def __init__(self, saved: SavedStack) -> None:
        self.file = saved.file
        try:
            self.model: Model = keras.saving.load_model(saved.file, compile=False, safe_mode=True)
        except Exception as error:  # zip, HDF5, JSON and Keras each have their own names for "damaged"
            raise WorkerError(f"{saved.file} cannot be loaded ({first_line(error)}).") from error

    def layer(self, path: str) -> Layer | None:
        found = self.model
        for name in path.split("/"):
            inner = next((one for one in found.layers if one.name == name), None)
            if inner is None:
                raise missing(path, self.file)
            found = inner  # type: ignore[assignment]  # only networks have layers, and only they are looked into
        return found

    def weights(self, path: str) -> list[Array]:
        layer = self.layer(path)
        return [np.asarray(weight.value) for weight in layer.weights] if layer is not None else []


class Hdf5Weights:
    """An HDF5 file: the weights of each outermost layer in a group, those of a network all together, by names that have
    the layer's before the last slash."""

    def __init__(self, saved: SavedStack) -> None:
        self.file = saved.file
        self.groups: dict[str, list[tuple[list[str], Array]]] = {}
        try:
            with h5py.File(saved.file, "r") as file:
                for name, group in file["model_weights"].items():
                    names = [
                        str(one.decode() if isinstance(one, bytes) else one)
                        for one in group.attrs["weight_names"]
                    ]
                    self.groups[name] = [(one.split("/"), group[one][()]) for one in names]
        except (OSError, KeyError, RuntimeError) as error:
            raise WorkerError(f"{saved.file} cannot be loaded ({first_line(error)}).") from error

    def layer(self, path: str) -> Layer | None:
        return None

    def weights(self, path: str) -> list[Array]:
        outer, *_ = names = path.split("/")
        if outer not in self.groups:
            raise missing(path, self.file)
        found = self.groups[outer]
        if len(names) == 1:
            return [values for _, values in found]
        return [values for parts, values in found if names[-1] in parts[:-1]]


def missing(path: str, file: object) -> WorkerError:
    """The error to raise where the file has no such layer."""
    return WorkerError(f"{file} has no layer {path}. Let the layer start with fresh weights.")
