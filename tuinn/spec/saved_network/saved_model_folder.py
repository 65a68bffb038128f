"""A SavedModel folder: Keras 2 wrote a description of the layers beside it, `keras_metadata.pb`; Keras 3 doesn't."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tuinn.errors import SpecError

GRAPH, METADATA = "saved_model.pb", "keras_metadata.pb"
MOST_BYTES = 100_000_000
_NODES, _PATH, _JSON = 1, 3, 5
"""Numbers of the fields: the objects of the file; of an object, where it stands in the network, and its description."""


def is_saved_model(path: Path) -> bool:
    """Whether this is the folder of a SavedModel."""
    return (path / GRAPH).is_file()


def read_saved_model(path: Path) -> dict[str, Any]:
    """The description of the network, as a `.keras` file has it. Raises SpecError, with the path."""
    file = path / METADATA
    if not file.is_file():
        raise SpecError(
            "is a SavedModel without a description of its layers, made to be served. Where it was made, save the network "
            "with model.save('NAME.keras').",
            str(path),
        )
    try:
        data = file.read_bytes() if file.stat().st_size <= MOST_BYTES else b""
        for node in _fields(data, _NODES):
            if bytes(next(_fields(node, _PATH), b"")) == b"root":
                return _described(json.loads(bytes(next(_fields(node, _JSON)))))
    except OSError as error:
        raise SpecError(f"cannot be read ({error.strerror}).", str(file)) from None
    except (ValueError, KeyError, IndexError, StopIteration, RecursionError):
        pass
    raise SpecError(
        "is damaged: it doesn't describe the network beside it. Copy the folder again.", str(file)
    )


def _described(metadata: dict[str, Any]) -> dict[str, Any]:
    told = _plain({key: metadata[key] for key in ("class_name", "config")})
    compiled = _plain(metadata.get("training_config"))
    if isinstance(compiled, dict):
        told["compile_config"] = {**compiled, "optimizer": compiled.get("optimizer_config")}
    return dict(told)


def _plain(value: Any) -> Any:
    """Without the marks that tell tuples from lists."""
    if isinstance(value, dict):
        if value.get("class_name") == "__tuple__":
            return _plain(value.get("items"))
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _fields(data: bytes | memoryview, wanted: int) -> Iterator[memoryview]:
    """The contents of the fields of this number, in a message of protocol buffers. Raises ValueError or IndexError."""
    view, at = memoryview(data), 0
    while at < len(view):
        key, at = _number(view, at)
        match key & 7:
            case 0:
                _, at = _number(view, at)
            case 1:
                at += 8
            case 2:
                size, at = _number(view, at)
                if at + size > len(view):
                    raise ValueError("cut off")
                if key >> 3 == wanted:
                    yield view[at : at + size]
                at += size
            case 5:
                at += 4
            case other:
                raise ValueError(f"wire type {other}")


def _number(view: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = view[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("a number of too many bytes")
