"""Where the user's own data are."""

from pathlib import Path

from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.options import shorten
from tuinn.spec.problem import SpecProblem


def located(dataset: DatasetSpec) -> Path:
    """The path of one's own data, absolute. Raises SpecProblem where nothing is there."""
    path = expand(dataset.path).absolute()
    try:
        path.stat()
    except OSError as error:
        why = "isn’t there" if isinstance(error, FileNotFoundError) else f"can’t be opened ({error.strerror})"
        raise SpecProblem(
            f"{shorten(str(path), 200)} {why}. Give the path of a folder or a file.", "dataset.path"
        ) from None
    except ValueError:
        raise SpecProblem("is not a path. Give the path of a folder or a file.", "dataset.path") from None
    return path


def expand(path: str | Path) -> Path:
    """The path with ~ read as the home folder. Raises SpecProblem for a home that nobody has."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise SpecProblem(
            f"There is no home folder for {shorten(str(path), 200)}; write the whole path."
        ) from error
