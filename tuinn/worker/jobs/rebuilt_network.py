"""A network in an HDF5 file, built by its description: Keras 3 loads few of those that Keras 2 wrote."""

import keras

from tuinn.errors import WorkerError
from tuinn.spec.saved_network.saved_stack import SavedStack
from tuinn.worker.keras_types import Model
from tuinn.worker.model import build
from tuinn.worker.model.first_weights import measured, restore_adapted
from tuinn.worker.model.saved_weights import Hdf5Weights


def rebuild(saved: SavedStack) -> Model:
    """The network with its weights.

    Raises WorkerError where the stack that was read gives something else than the network.
    """
    imported, name = saved.imported, saved.file.name
    if not imported.is_exact:
        raise WorkerError(
            f"{name} can't be rebuilt as it was. {imported.notes[0]} Save it as .keras, with Keras 3."
        )
    if imported.input_shape is None:
        raise WorkerError(f"{name} takes samples of any size, and doesn't say one. Save it with an Input.")
    model = build.build(imported.model, imported.input_shape)
    weights = Hdf5Weights(saved)
    for layer, path in zip(model.layers[1:], imported.paths, strict=True):
        known = weights.weights(path)
        if isinstance(layer, keras.layers.Normalization):
            restore_adapted(layer, measured(known))
        elif [values.shape for values in known] != [tuple(weight.shape) for weight in layer.weights]:
            raise WorkerError(f"{name} holds other weights for {path} than that layer has. Copy it again.")
        else:
            for weight, values in zip(layer.weights, known, strict=True):
                weight.assign(values)
    return model
