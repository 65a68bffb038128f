"""What a user writes about a run: a title, a note, tags. A file of its own that no worker writes."""

from pathlib import Path

import msgspec

from tuinn.atomic_io import folder_locked
from tuinn.errors import FolderError
from tuinn.runs.folder import RunFolder
from tuinn.runs.journal import read_struct

TITLE, NOTE, TAG, MOST_TAGS = 80, 2000, 32, 20
"""Characters of each at most, and tags of a run at most."""


class Annotations(msgspec.Struct, frozen=True, omit_defaults=True):
    """The content of `about.json`. All of it on one line each, without control characters."""

    title: str = ""
    """Shown instead of the folder's name, which stays the run's id."""
    note: str = ""
    tags: tuple[str, ...] = ()


def annotations_file(folder: RunFolder) -> Path:
    return folder.path / "about.json"


def read_annotations(folder: RunFolder) -> Annotations:
    """Return the run's annotations; nothing where the file is missing or damaged."""
    try:
        return _read(annotations_file(folder))
    except (OSError, ValueError):
        return Annotations()


def change_annotations(
    folder: RunFolder,
    *,
    title: str | None = None,
    note: str | None = None,
    tags: tuple[str, ...] | None = None,
) -> Annotations:
    """Replace what is given and leave the rest, whole or not at all; what it says now comes back.

    Two who change different parts at once both get their way. Raises FolderError.
    """
    changes: dict[str, str | tuple[str, ...]] = {}
    if title is not None:
        changes["title"] = clean(title, "title", TITLE)
    if note is not None:
        changes["note"] = clean(note, "note", NOTE)
    if tags is not None:
        changes["tags"] = clean_tags(tags)
    file = annotations_file(folder)
    try:
        with folder_locked(folder.path):
            about = msgspec.structs.replace(_read(file), **changes)
            folder.write_whole(file, msgspec.json.format(msgspec.json.encode(about)) + b"\n")
    except ValueError as error:
        raise FolderError(f"{file} is damaged ({error}). Mend it or remove it.") from None
    except OSError as error:
        raise FolderError(f"{file} cannot be written ({error.strerror}).") from None
    return about


def clean(text: str, what: str, most: int) -> str:
    """One line without control characters. Raises FolderError where it is too long."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    if len(line) > most:
        raise FolderError(f"The {what} has {len(line):,} characters; at most {most:,} are kept.")
    return line


def clean_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Each once, in the order given, without `#` before them. Raises FolderError for one that is no word."""
    words = []
    for tag in tags:
        word = clean(tag.removeprefix("#"), "tag", TAG)
        if not word or " " in word or "," in word:
            raise FolderError(f"{tag!r} is no tag: a tag is one word without a comma.")
        words.append(word)
    found = tuple(dict.fromkeys(words))
    if len(found) > MOST_TAGS:
        raise FolderError(f"A run has at most {MOST_TAGS} tags, not {len(found)}.")
    return found


def _read(file: Path) -> Annotations:
    try:
        return read_struct(file, Annotations)
    except FileNotFoundError:
        return Annotations()
