"""A saved network as a stack with shapes and parameters, and a fingerprint that tells whether it has changed."""

import hashlib
import zipfile
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from tuinn.errors import SpecError
from tuinn.spec.layers.catalog import Shape
from tuinn.spec.layers.layer_options import SAVED_LAYER
from tuinn.spec.layers.shapes import LayerRow, Summary, summarize
from tuinn.spec.saved_network.config import ImportedModel, read_config
from tuinn.spec.saved_network.files import Kind, check_harmless, kind_of, read_description
from tuinn.spec.saved_network.keras_file import DATA_NOTE, SPEC_NOTE

MODEL_FILE = "model.keras"
"""The saved network in the folder of a run."""

_CHANGES = ("metadata.json", DATA_NOTE, SPEC_NOTE)
"""Members of a file that change nothing of its weights: one has the time at which it was written."""


@dataclass(frozen=True, eq=False)
class SavedStack:
    """What a file holds."""

    file: Path
    kind: Kind
    imported: ImportedModel
    fingerprint: str

    @cached_property
    def summary(self) -> Summary | None:
        """Its layers as Keras would build them; None where it takes samples of any size."""
        if self.imported.input_shape is None:
            return None
        return summarize(self.imported.model, self.imported.input_shape, self.imported.reads_text)

    @cached_property
    def rows(self) -> dict[str, LayerRow | None]:
        """Each layer by its path in the file; None where its size is not known. Of odd names, which a spec can't
        hold, there is none.
        """
        rows = self.summary.rows if self.summary else (None,) * len(self.imported.paths)
        return {
            path: row
            for path, row in zip(self.imported.paths, rows, strict=True)
            if SAVED_LAYER.fullmatch(path)
        }

    @property
    def input_shape(self) -> Shape | None:
        return self.imported.input_shape


def file_of(path: str) -> Path:
    """The file that is meant: a run's folder stands for its saved network."""
    found = Path(path).expanduser()
    return found / MODEL_FILE if found.is_dir() and (found / MODEL_FILE).exists() else found


def read_saved_stack(path: str) -> SavedStack:
    """Raises SpecError, with the path, for what is gone, no whole saved network, or would run code when it is loaded."""
    file = file_of(path)
    try:
        stat = file.stat()
    except (OSError, ValueError) as error:
        words = error.strerror if isinstance(error, OSError) else "no path"
        raise SpecError(f"cannot be read ({words}).", path) from None
    return _read(file, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=8)
def _read(file: Path, _changed: int, _size: int) -> SavedStack:
    # Every edit of a draft asks again.
    check_harmless(file)
    kind = kind_of(file)
    return SavedStack(file, kind, read_config(read_description(file)), fingerprint(file, kind))


def fingerprint(file: Path, kind: Kind) -> str:
    """16 hexadecimal digits: as long as they are the same, so are the network and its weights. Of an archive they follow
    from the checksums in it, so that it is not read whole. Raises SpecError."""
    try:
        if kind == "saved-model":
            return ""
        if kind not in ("keras", "keras-2"):
            with file.open("rb") as opened:
                return hashlib.file_digest(opened, "sha256").hexdigest()[:16]
        with zipfile.ZipFile(file) as archive:
            members = [(one.filename, one.CRC, one.file_size) for one in archive.infolist()]
    except (OSError, zipfile.BadZipFile):
        raise SpecError("is cut off or damaged.", str(file)) from None
    told = repr(sorted(member for member in members if member[0] not in _CHANGES))
    return hashlib.sha256(told.encode()).hexdigest()[:16]
