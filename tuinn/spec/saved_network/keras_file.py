"""A `.keras` file looked at and never run: its description, what loading it would run, and what tuinn wrote into it."""

import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from tuinn.errors import SpecError
from tuinn.text import shorten

MOST_BYTES = 20_000_000
"""Of the description, unpacked. A network of a thousand layers has two."""

DATA_NOTE = "tuinn.json"
"""A member of a file that tuinn exported: what the network was trained on, and how pictures are prepared for it."""

_PATHS = ("vocabulary", "filepath", "idf_weights", "file")
"""Settings of layers that may name a file."""


def read_description(path: Path) -> object:
    """The parsed `config.json`. Raises SpecError, with the path, for a file that isn't a saved Keras 3 network."""
    text = _member(path, "config.json")
    if text is None:
        raise SpecError("is an archive without config.json, so it is no saved network.", str(path))
    if len(text) > MOST_BYTES:
        raise SpecError(f"describes its network in more than {MOST_BYTES:,} bytes.", str(path))
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise SpecError("has a config.json that is damaged.", str(path)) from None


def read_data_note(path: Path) -> bytes | None:
    """What tuinn wrote into the file about its data; None where there is none. Raises SpecError as `read_description`."""
    return _member(path, DATA_NOTE)


def _member(path: Path, name: str) -> bytes | None:
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise SpecError("is a pipe or a device. Give a .keras file.", str(path))
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as file:
            # The size in the archive's index is a claim; this is what really comes out.
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SpecError(f"cannot be read ({error.strerror or 'damaged'}).", str(path)) from None
    except KeyError:
        return None
    except Exception:  # zipfile, zlib and lzma each have their own names for "damaged"
        if _begins_well(path):
            raise SpecError(
                "is cut off or damaged: it begins like a .keras file and isn't whole. Copy it again.",
                str(path),
            ) from None
        raise SpecError(
            "is not a .keras file. Save the network with model.save('NAME.keras').", str(path)
        ) from None


def _begins_well(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PK\x03\x04"
    except OSError:
        return False


def check_harmless(path: Path) -> None:
    """Raises SpecError, with the path, where loading this file would run code of it or read files outside it."""
    description = read_description(path)
    found = [*_outside_members(path), *dict.fromkeys(would_run(description))]
    if found:
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        raise SpecError(
            f"is not loaded, as that would use more than plain Keras layers: {'; '.join(found[:3])}{more}. "
            "tuinn runs no code of a file, and opens no other file for it. Save it again with Keras' own layers.",
            str(path),
        )


def _outside_members(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            parts = PurePosixPath(name.replace("\\", "/"))
            if parts.is_absolute() or ".." in parts.parts or parts.as_posix()[1:2] == ":":
                yield f"a member that would be written outside the file's own folder, {shorten(name)}"


def would_run(description: object) -> Iterator[str]:
    """What in a description is no plain Keras object, a few words each."""
    waiting = [description]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += reversed(part)
        if not isinstance(part, dict):
            continue
        if (words := _foreign(part)) is not None:
            yield words
            continue  # what is inside it is part of it
        yield from _outside_files(part)
        waiting += reversed(list(part.values()))


def _foreign(part: Mapping[str, object]) -> str | None:
    """Of an object in a description: what is foreign about it; None: nothing."""
    name, module = part.get("class_name"), part.get("module")
    if not isinstance(name, str) or "config" not in part:
        return None
    config = part.get("config")
    own = config.get("name") if isinstance(config, dict) else None
    called = f" {shorten(str(own))}" if own else ""
    if name == "Lambda":
        return f"the Lambda layer{called} holds Python code"
    if name in ("__lambda__", "function"):
        what = part.get("registered_name") if name == "function" else None
        return (
            f"the function {shorten(str(what or config))} is no part of Keras"
            if name == "function"
            else "a lambda"
        )
    if name == "TFSMLayer":
        return f"the TFSMLayer{called} runs a SavedModel of its own"
    registered = part.get("registered_name")
    if isinstance(module, str):
        head = module.partition(".")[0]
        return None if head in ("keras", "builtins") else f"the class {shorten(name)} is of {shorten(module)}"
    if isinstance(registered, str) and registered != name:
        return f"the class {shorten(registered)} is no part of Keras"
    return None


def _outside_files(part: Mapping[str, object]) -> Iterator[str]:
    config = part.get("config")
    if not isinstance(config, dict) or not isinstance(part.get("class_name"), str):
        return
    for key in _PATHS:
        value = config.get(key)
        if isinstance(value, str) and value:
            yield f"{shorten(str(config.get('name') or part['class_name']))} reads the file {shorten(value)}"
