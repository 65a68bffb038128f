"""Read the few published files that hold pickles, without running anything that is in them.

A pickle names the functions that rebuild its values. Here that may be NumPy's own array and nothing else.
"""

import io
import pickle
import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np

ALLOWED = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): np._core.multiarray._reconstruct,  # type: ignore[attr-defined]
    ("numpy._core.multiarray", "_reconstruct"): np._core.multiarray._reconstruct,  # type: ignore[attr-defined]
}


class ArraysOnly(pickle.Unpickler):
    """Builds lists, dicts, numbers, bytes and arrays. Raises UnpicklingError for whatever else a pickle asks for."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        try:
            return ALLOWED[module_name, global_name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module_name}.{global_name} has no place in a dataset.") from None


def array_in(path: Path, name: str) -> Any:
    """One array of a .npz; one of lists by a pickle of arrays only. Such lists take much memory: drop them soon."""
    with zipfile.ZipFile(path) as archive:
        return _array(io.BytesIO(archive.read(f"{name}.npy")))


def _array(file: IO[bytes]) -> Any:
    version = np.lib.format.read_magic(file)
    read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    _, _, dtype = read[version](file)
    if dtype.hasobject:
        return ArraysOnly(file).load()
    file.seek(0)
    return np.lib.format.read_array(file, allow_pickle=False)
