"""Which of the arrays in a file are the samples and which their targets, by what they are called."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tuinn.data.arrays.file_access import StoredArray, file_name, stored_arrays
from tuinn.errors import SpecError
from tuinn.text import join_names, shorten

X = ("x", "data", "images", "image", "features", "inputs", "input", "samples")
Y = ("y", "target", "targets", "label", "labels", "output", "outputs")
PARTS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("test", "testing"), "test"),
    **dict.fromkeys(("val", "valid", "validation"), "validation"),
}
NAMES = ("class_names", "classes", "label_names", "target_names")
"""What an array of the classes' names may be called."""

NAMING_HINT = "Name the arrays x and y, or x_train, y_train, x_test and y_test: np.savez(FILE, x=x, y=y)."

Key = tuple[str, str]
"""Role and part: ("x", "train"); the part is empty where the name has none."""


@dataclass(frozen=True)
class Roles:
    """The arrays of a dataset."""

    train: tuple[tuple[StoredArray, StoredArray], ...]
    """x and y, one pair after the other: those called validation follow those to train on."""
    test: tuple[StoredArray, StoredArray] | None
    """None: a share of all is to be kept aside."""
    names: StoredArray | None
    """Of the classes."""
    unused: tuple[str, ...]
    """Arrays that are neither."""
    validation: str = ""
    """What became of those called validation: `train` or `test`; empty where there are none."""


def role_of(name: str) -> tuple[Key, tuple[str, ...]] | None:
    """What an array of this name is, and the words of it that say nothing: `mnist_x_train`. None: nobody knows."""
    words = re.findall(r"[^\W_]+", name.lower())
    role = part = ""
    rest = []
    for word in words:
        found = COMPACT.get(word)
        if found is None or (found[0] and role) or (found[1] and part):
            rest.append(word)
            continue
        role, part = found[0] or role, found[1] or part
    return ((role, part), tuple(rest)) if role else None


def _compact() -> dict[str, Key]:
    """Every word that tells a role, a part, or both: `x`, `train`, `xtrain`, `trainx`."""
    roles = {word: role for words, role in ((X, "x"), (Y, "y")) for word in words}
    found = {word: (role, "") for word, role in roles.items()}
    found |= {word: ("", part) for word, part in PARTS.items()}
    for word, role in roles.items():
        for other, part in PARTS.items():
            found |= {word + other: (role, part), other + word: (role, part)}
    return found


COMPACT = _compact()


def samples_in(folder: Path) -> Path | None:
    """The .npy in a folder with the samples to train on, where their targets lie beside it.

    None where there is none, or where several are called otherwise than x, so that nobody knows which is meant.
    """
    files = sorted(file for file in folder.glob("*.npy") if file.is_file())
    told = {named: file for file in reversed(files) if (named := role_of(file.stem)) is not None}
    pairs = {
        rest: file
        for ((role, part), rest), file in told.items()
        if role == "x" and part in ("", "train") and (("y", part), rest) in told
    }
    return pairs.get((), next(iter(pairs.values())) if len(pairs) == 1 else None)


def find_roles(path: Path) -> Roles:
    """Of an .npz; of a .npy with the targets in another one beside it, or of a folder of them. Raises SpecError."""
    if path.is_dir():
        samples = samples_in(path)
        if samples is None:
            raise SpecError(
                f"{shorten(str(path), 200)} is a folder without x.npy and y.npy in it. Give the file with the arrays.",
                "dataset.path",
            )
        return find_roles(samples)
    if path.suffix.lower() == ".npz":
        members = stored_arrays(path)
        if {member.name for member in members} == {"arr_0", "arr_1"}:
            return Roles((tuple(sorted(members, key=lambda member: member.name)),), None, None, ())  # type: ignore[arg-type]
        return assign_roles(group_by_role(members), members, path)
    stored_arrays(path)
    told = role_of(path.stem)
    rest = told[1] if told else ()
    beside = [
        file
        for file in sorted(path.parent.glob("*.npy"))
        if (found := role_of(file.stem)) is not None and found[1] == rest
    ]
    members = tuple(member for file in beside for member in stored_arrays(file))
    if told is None:
        raise SpecError(
            f"{file_name(path)} is one array, and nothing says what it is to teach. "
            "Put the samples into x.npy and the targets into y.npy beside it, or both into an .npz.",
            "dataset.path",
        )
    return assign_roles(group_by_role(members), members, path)


def group_by_role(members: Iterable[StoredArray]) -> dict[Key, StoredArray]:
    """By role and part, of those whose other words are the same; the largest such group."""
    groups: dict[tuple[str, ...], dict[Key, StoredArray]] = {}
    for member in members:
        if told := role_of(member.name):
            groups.setdefault(told[1], {}).setdefault(told[0], member)
    return max(
        groups.values(),
        key=lambda group: (("x", "train") in group or ("x", "") in group, len(group)),
        default={},
    )


def assign_roles(found: dict[Key, StoredArray], members: tuple[StoredArray, ...], path: Path) -> Roles:
    """Raises SpecError where samples or targets are missing."""
    if not members:
        raise SpecError(f"{file_name(path)} has no arrays in it. {NAMING_HINT}", "dataset.path")
    first = "train" if ("x", "train") in found else ""
    pairs = {
        part: x_and_y(found, part, path) for part in (first, "validation", "test") if ("x", part) in found
    }
    if first not in pairs:
        have = join_names([member.name for member in members], 6)
        raise SpecError(f"{file_name(path)} has the arrays {have}. {NAMING_HINT}", "dataset.path")
    train: tuple[tuple[StoredArray, StoredArray], ...] = (pairs[first],)
    test, aside = pairs.get("test"), pairs.get("validation")
    became = ""
    if aside and test:
        train, became = (*train, aside), "train"
    elif aside:
        test, became = aside, "test"
    names = next((member for member in members if member.name.lower() in NAMES), None)
    used = {member.name for two in (*train, test or ()) for member in two} | {names.name if names else ""}
    unused = tuple(shorten(member.name, 60) for member in members if member.name not in used)
    return Roles(train, test, names, unused, became)


def x_and_y(found: dict[Key, StoredArray], part: str, path: Path) -> tuple[StoredArray, StoredArray]:
    """x and y of a part, as many of the one as of the other. Raises SpecError."""
    x, y = found["x", part], found.get(("y", part))
    if y is None:
        wanted = f"y_{part}" if part else "y"
        raise SpecError(
            f"{file_name(path)} has the samples {shorten(x.name, 60)} but no targets for them, called {wanted}. {NAMING_HINT}",
            "dataset.path",
        )
    if x.count != y.count or not y.shape or not x.shape:
        raise SpecError(
            f"{file_name(path)} has {x.count:,} samples in {shorten(x.name, 60)} and {y.count:,} targets in "
            f"{shorten(y.name, 60)}. Give as many of the one as of the other.",
            "dataset.path",
        )
    return x, y
