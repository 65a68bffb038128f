"""A `.keras` file looked at and never run: its description, and what tuinn wrote into it."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tuinn.errors import SpecError
from tuinn.text import shorten

MOST_BYTES = 20_000_000
"""Of the description, unpacked. A network of a thousand layers has two."""

DATA_NOTE = "tuinn.json"
"""A member of a file that tuinn exported: what the network was trained on, and how pictures are prepared for it."""
SPEC_NOTE = "tuinn.toml"
"""Another: the spec that it was trained by. Keras drops both when it saves the network anew."""


def read_archive(path: Path) -> object:
    """The parsed `config.json`. Raises SpecError, with the path, for an archive that isn't a saved network."""
    text = _member(path, "config.json")
    if text is None:
        raise SpecError(_other_archive(path), str(path))
    if len(text) > MOST_BYTES:
        raise SpecError(f"describes its network in more than {MOST_BYTES:,} bytes.", str(path))
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise SpecError("has a config.json that is damaged.", str(path)) from None


def is_of_keras_2(path: Path) -> bool:
    """Whether Keras 2 wrote this archive, which Keras 3 can't load. Raises SpecError as `read_archive`."""
    try:
        told = json.loads(_member(path, "metadata.json") or b"{}")
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and str(told.get("keras_version")).startswith("2.")


def read_spec_note(path: Path) -> str | None:
    """The spec that the network was trained by, of a file that tuinn exported; None for any other."""
    try:
        text = _member(path, SPEC_NOTE)
    except SpecError:
        return None
    return text.decode("utf-8", "replace") if text is not None else None


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


def outside_members(path: Path) -> Iterator[str]:
    """What in the archive would be written outside its own folder, a few words each."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            parts = PurePosixPath(name.replace("\\", "/"))
            if parts.is_absolute() or ".." in parts.parts or parts.as_posix()[1:2] == ":":
                yield f"a member that would be written outside the file's own folder, {shorten(name)}"


def _other_archive(path: Path) -> str:
    """What an archive without a description is, as far as its names tell, and what to do."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    inner = next((name for name in names if name.endswith((".keras", ".h5", ".hdf5"))), None)
    if inner is not None:
        return f"is an archive with {shorten(inner)} in it. Unpack it, and give that file."
    if any(name.endswith("saved_model.pb") for name in names):
        return "is an archive with a SavedModel in it. Unpack it, and give the folder."
    if any(name.endswith("data.pkl") for name in names):
        return "is a network of PyTorch, which runs code when it is opened. Build its layers here."
    if any(name.endswith(".npy") for name in names):
        return "is a file of arrays, and no saved network. Open it as data."
    return "is an archive without config.json, so it is no saved network."
