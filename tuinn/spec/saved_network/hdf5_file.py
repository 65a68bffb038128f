"""An HDF5 file of Keras, `.h5`: the description in it. h5py is imported when such a file is opened; it needs no TensorFlow."""

import json
from pathlib import Path
from typing import Any

from tuinn.errors import SpecError

SIGNATURE = b"\x89HDF\r\n\x1a\n"

_WEIGHTS = "holds weights without the network. Where they were made, save the whole network: model.save('NAME.keras')."


def read_hdf5(path: Path) -> dict[str, Any]:
    """The description of the network, as a `.keras` file has it. Raises SpecError, with the path."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            model, compiled = (_attribute(file, name) for name in ("model_config", "training_config"))
            weights_only = bool({"layer_names"} & set(file.attrs)) or any(
                name in file for name in ("layers", "_layer_checkpoint_dependencies", "vars")
            )
    except (OSError, RuntimeError, ValueError):  # h5py's words for all that is not whole
        raise SpecError(
            "is cut off or damaged: it begins like an HDF5 file and isn't whole. Copy it again.", str(path)
        ) from None
    if model is None:
        raise SpecError(
            _WEIGHTS if weights_only else "is an HDF5 file, and holds no network of Keras.", str(path)
        )
    description = _parsed(model, path)
    if compiled is not None:
        told = _parsed(compiled, path)
        description["compile_config"] = {**told, "optimizer": told.get("optimizer_config")}
    return description


def _attribute(file: Any, name: str) -> str | None:
    value = file.attrs.get(name)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _parsed(text: object, path: Path) -> dict[str, Any]:
    try:
        found = json.loads(str(text))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise SpecError("has a description of its network that is damaged.", str(path))
    return found
