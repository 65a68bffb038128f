"""The description of the network in a .keras file. No weights are read, and nothing in it is run."""

import json
import zipfile
from pathlib import Path
from typing import Any

from tuinn.spec.problem import SpecProblem

MOST_BYTES = 20_000_000
"""Of the description, unpacked. A network of a thousand layers has two."""


def read_description(path: Path) -> Any:
    """The parsed `config.json`. Raises SpecProblem, with the path, for a file that isn't a saved Keras 3 network."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("config.json") as file:
            # The size in the archive's index is a claim; this is what really comes out.
            text = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SpecProblem(f"cannot be read ({error.strerror or 'damaged'}).", str(path)) from None
    except KeyError:
        raise SpecProblem(
            "is an archive without config.json, so it is no saved network.", str(path)
        ) from None
    except Exception:  # zipfile, zlib and lzma each have their own names for "damaged"
        raise SpecProblem(
            "is not a .keras file. Save the network with model.save('NAME.keras').", str(path)
        ) from None
    if len(text) > MOST_BYTES:
        raise SpecProblem(f"describes its network in more than {MOST_BYTES:,} bytes.", str(path))
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise SpecProblem("has a config.json that is damaged.", str(path)) from None
