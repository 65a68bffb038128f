"""What a file of a network is, by its first bytes, whatever its name; and the description in it."""

import json
from pathlib import Path
from typing import Any, Literal

from tuinn.errors import SpecError
from tuinn.spec.saved_network.harmless import would_run
from tuinn.spec.saved_network.hdf5_file import SIGNATURE, read_hdf5
from tuinn.spec.saved_network.keras_file import MOST_BYTES, is_of_keras_2, outside_members, read_archive
from tuinn.spec.saved_network.saved_model_folder import GRAPH, is_saved_model, read_saved_model

Kind = Literal["keras", "keras-2", "hdf5", "saved-model", "json"]
"""A `.keras` file, one that Keras 2 wrote, an HDF5 file, a SavedModel folder, a description alone."""

ZIP = b"PK\x03\x04"
SUFFIXES = (
    *(".keras", ".h5", ".hdf5", ".tflite", ".onnx", ".pt", ".pth", ".safetensors", ".pb", ".pkl", ".pickle"),
    *(".index", ".ckpt", ".mlmodel", ".json"),
)
"""Of files that are meant as networks."""

_KERAS_SAVE = "Where it was made, save the network with model.save('NAME.keras')."
_OTHERS = {
    ".onnx": "is a network of ONNX, which has operations and no layers of Keras. Build its layers here.",
    ".safetensors": "holds weights without the network. Build its layers here.",
    ".pt": "is a network of PyTorch, which runs code when it is opened. Build its layers here.",
    ".pth": "is a network of PyTorch, which runs code when it is opened. Build its layers here.",
    ".mlmodel": "is a network of Core ML, which has no layers of Keras. Build its layers here.",
    ".index": f"is a checkpoint of TensorFlow: weights without the network. {_KERAS_SAVE}",
    ".ckpt": f"is a checkpoint of TensorFlow: weights without the network. {_KERAS_SAVE}",
}


def is_network(path: Path) -> bool:
    """Whether this path is meant as a saved network, not as data."""
    if path.is_dir():
        return is_saved_model(path)
    return path.suffix.lower() in SUFFIXES or (
        not path.suffix and path.is_file() and _first_bytes(path)[:8] == SIGNATURE
    )


def kind_of(path: Path) -> Kind:
    """What `read_description` reads. Raises SpecError, with the path, where nothing is there."""
    if path.is_dir() or path.name == GRAPH:
        return "saved-model"
    first = _first_bytes(path)
    if first.startswith(SIGNATURE):
        return "hdf5"
    if first[:4] == ZIP:
        return "keras-2" if is_of_keras_2(path) else "keras"
    return "json"


def read_description(path: Path) -> Any:
    """The description of the network: its class, its config, and how it was compiled.

    Raises SpecError, with the path, for what is no saved network of Keras, or has none in it; it says what to do.
    """
    if path.is_dir():
        if is_saved_model(path):
            return read_saved_model(path)
        raise SpecError("is a folder, and no saved network. Give a .keras file.", str(path))
    if path.exists() and not path.is_file():
        raise SpecError("is a pipe or a device. Give a .keras file.", str(path))
    first = _first_bytes(path)
    if first.startswith(SIGNATURE):
        return read_hdf5(path)
    if first[:4] == ZIP:
        return read_archive(path)
    if path.name == GRAPH and is_saved_model(path.parent):
        return read_saved_model(path.parent)
    if first.lstrip()[:1] == b"{":
        return _json(path)
    raise SpecError(_other(path, first), str(path))


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(64)
    except OSError as error:
        raise SpecError(f"cannot be read ({error.strerror or 'damaged'}).", str(path)) from None


def _other(path: Path, first: bytes) -> str:
    """What a file is in which there is no network to be read, and what to do."""
    if not first:
        return f"is empty. Copy it again. {_KERAS_SAVE}"
    if first[4:8] == b"TFL3":
        return "is a network of LiteRT, whose layers are run together and can't be taken. Give what it was made of."
    if path.suffix.lower() in _OTHERS:
        return _OTHERS[path.suffix.lower()]
    if first[:1] == b"\x80" and first[1:2] in b"\x02\x03\x04\x05":
        return f"is a pickle of Python, which runs code when it is opened. {_KERAS_SAVE}"
    if path.suffix.lower() == ".pb":
        return f"is a graph of TensorFlow without a description of its layers. {_KERAS_SAVE}"
    return "is not a .keras file. Save the network with model.save('NAME.keras')."


def _json(path: Path) -> dict[str, Any]:
    """The description alone: of `model.to_json()`, or of a network for TensorFlow.js. Raises SpecError."""
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(MOST_BYTES + 1))
    except OSError as error:
        raise SpecError(f"cannot be read ({error.strerror or 'damaged'}).", str(path)) from None
    except (ValueError, RecursionError):
        raise SpecError("is not JSON that is whole. Copy it again.", str(path)) from None
    topology = found.get("modelTopology")
    if isinstance(topology, dict):
        found = topology.get("model_config", topology)
    if not isinstance(found, dict) or "class_name" not in found:
        raise SpecError("is JSON, and describes no network of Keras.", str(path))
    return found


def check_harmless(path: Path) -> None:
    """Raises SpecError, with the path, where loading this file would run code of it or read files outside it."""
    description = read_description(path)
    outside = outside_members(path) if path.is_file() and _first_bytes(path)[:4] == ZIP else ()
    found = [*outside, *dict.fromkeys(would_run(description))]
    if found:
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        raise SpecError(
            f"is not loaded, as that would use more than plain Keras layers: {'; '.join(found[:3])}{more}. "
            "tuinn runs no code of a file, and opens no other file for it. Save it again with Keras' own layers.",
            str(path),
        )
