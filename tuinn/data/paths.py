"""A path as it was typed, pasted or dropped on the terminal, and how it may go on."""

import os
import re
import shlex
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tuinn.data.regular_file import check_kind
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec
from tuinn.text import shorten

MAX_NAMES = 10_000
"""Names of a folder that are looked at for a completion."""


def parse_path(text: str) -> Path:
    """The absolute path that is meant. Quotes, backslashes before blanks and `file://` are how terminals and file
    managers hand over a name; they are taken off, unless there is a file that is really called so.

    Raises SpecError for nothing, several paths at once, and an address of another machine.
    """
    typed = text.strip("\r\n\t ")
    if not typed:
        raise SpecError("Type the path of a folder or a file, or drop it here.")
    if typed.lower().startswith("file:"):
        return _of_url(typed.splitlines()[0].strip())
    plain = _absolute(typed)
    if not re.search(r"[\\'\"]", typed) or _exists(plain):
        return plain
    try:
        words = shlex.split(typed)
    except ValueError:  # a quote that nobody closed
        words = [typed.strip("'\"")]
    if len(words) > 1 and all(_exists(_absolute(word)) for word in words):
        raise SpecError(f"That is {len(words)} paths. Give one: a folder that holds them all, for instance.")
    if len(words) > 1:
        return plain
    word = words[0] if words else typed
    return _of_url(word) if word.lower().startswith("file:") else _absolute(word)


def dropped_path(text: str) -> Path | None:
    """The path, where the text is that of one thing that is there; None for any other text."""
    if len(text) > MAX_NAMES or not re.match(r"\s*['\"]?(/|~|\.|file:)", text) or "\n" in text.strip():
        return None
    try:
        path = parse_path(text)
    except SpecError:
        return None
    return path if _exists(path) else None


def _of_url(text: str) -> Path:
    url = urlsplit(text)
    if url.netloc not in ("", "localhost"):
        raise SpecError(f"That file is on another machine, {url.netloc[:60]!r}. Copy it here first.")
    return _absolute(unquote(url.path))


def _absolute(text: str) -> Path:
    return expand_home(text).absolute()


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def complete_path(text: str) -> tuple[str, list[str]]:
    """What Tab would make of the text, and the names that begin like its last part, sorted; folders end in `/`.

    A folder that can't be read has none. Names with a dot in front come only where a dot was typed.
    """
    head, slash, start = text.rpartition("/")
    folder = expand_home(head + slash if slash else ".") if head or slash else Path()
    found = sorted(_names(folder, start), key=lambda name: (name.lower(), name))
    if not found:
        return text, []
    common = os.path.commonprefix(found)  # noqa: RUF071 - letters are meant
    return head + slash + (common if len(common) >= len(start) else start), found


def _names(folder: Path, start: str) -> list[str]:
    found: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for seen, entry in enumerate(entries):
                if seen >= MAX_NAMES:
                    break
                if entry.name.startswith(start) and (start.startswith(".") or not entry.name.startswith(".")):
                    found.append(entry.name + "/" * entry.is_dir())
    except (OSError, ValueError):
        return []
    return found


def dataset_path(dataset: DatasetSpec) -> Path:
    """Return the absolute path of the user's own data. Raises SpecError where there is no file or folder."""
    path = expand_home(dataset.path).absolute()
    try:
        check_kind(path, path.stat(), "dataset.path", "give the path of a folder or a file")
    except OSError as error:
        why = "isn't there" if isinstance(error, FileNotFoundError) else f"can't be opened ({error.strerror})"
        raise SpecError(
            f"{shorten(str(path), 200)} {why}. Give the path of a folder or a file.", "dataset.path"
        ) from None
    except SpecError:
        raise
    except ValueError:
        raise SpecError("is not a path. Give the path of a folder or a file.", "dataset.path") from None
    return path


def expand_home(path: str | Path) -> Path:
    """The path with ~ read as the home folder. Raises SpecError for a home that nobody has."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise SpecError(
            f"There is no home folder for {shorten(str(path), 200)}; write the whole path."
        ) from error
