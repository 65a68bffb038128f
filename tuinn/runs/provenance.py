"""Where a run came from, in `provenance.json`: the command, the folder and its git commit, the machine, the versions."""

import os
import platform
import shlex
import socket
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from tuinn import __version__
from tuinn.atomic_io import write_whole
from tuinn.programs import answer_of
from tuinn.runs.journal import read_struct

COMMAND = "TUINN_COMMAND"
"""The variable by which a process tells the workers that it starts by what command it was started itself."""

PACKAGES = ("keras", "tensorflow", "numpy")
"""Libraries on which a result depends."""

GIT_SECONDS = 2.0
"""That a question to git may take: a huge or remote work tree must not hold up a training."""


class Provenance(msgspec.Struct, frozen=True, omit_defaults=True):
    """The content of `provenance.json`. Every field is empty where it isn't known."""

    command: str = ""
    """The command line that the run was started by, or that of the program in which it was."""
    folder: str = ""
    """The current folder then."""
    host: str = ""
    commit: str = ""
    """The git commit that was checked out in that folder."""
    dirty: bool | None = None
    """Whether files that git follows were changed since that commit; None: not known."""
    versions: dict[str, str] = {}
    """`python`, `tuinn` and each of PACKAGES."""


def provenance_file(folder: Path) -> Path:
    return folder / "provenance.json"


def read_provenance(folder: Path) -> Provenance:
    """Where the run in this folder came from; nothing where the file is missing, as in older runs, or damaged."""
    try:
        return read_struct(provenance_file(folder), Provenance)
    except (OSError, ValueError):
        return Provenance()


def write_provenance(folder: Path) -> None:
    """Write down where this run comes from, once. For its first worker. A disk that refuses costs the file."""
    command = os.environ.pop(COMMAND, "")  # not for the programs that this worker starts
    if provenance_file(folder).exists():
        return
    with suppress(OSError):
        write_whole(provenance_file(folder), msgspec.json.encode(here(command)) + b"\n", durable=False)


def here(command: str) -> Provenance:
    """The provenance of a run that is started by this command, here and now."""
    try:
        folder = str(Path.cwd())
    except OSError:  # it was removed
        folder = ""
    commit = _git("rev-parse", "HEAD") if folder else None
    changes = _git("status", "--porcelain", "--untracked-files=no") if commit else None
    return Provenance(
        command=command,
        folder=folder,
        host=socket.gethostname(),
        commit=commit or "",
        dirty=None if changes is None else bool(changes),
        versions={"python": platform.python_version(), "tuinn": __version__, **_versions()},
    )


def command_line() -> str:
    """The command by which this process was started; a program of tuinn's own goes by the one that started it."""
    if told := os.environ.get(COMMAND):
        return told
    program = Path(sys.argv[0])
    if program.name == "tuinn" or program.parts[-2:] == ("tuinn", "__main__.py"):
        return shlex.join(("tuinn", *sys.argv[1:]))
    return shlex.join(sys.orig_argv)


def _git(*words: str) -> str | None:
    """What git answers in the current folder; None where there is no work tree, no git, or no answer in time."""
    # fsmonitor names a program in a repository's own settings, and locks would get in the way of the user.
    command = ("git", "-c", "core.fsmonitor=false", *words)
    told = answer_of(command, GIT_SECONDS, {"GIT_OPTIONAL_LOCKS": "0"})
    return told.out.strip() if told.code == 0 else None


def _versions() -> dict[str, str]:
    """Read from what is installed, so that nothing is loaded."""
    found = {}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def provenance_lines(provenance: Provenance) -> list[tuple[str, str]]:
    """Name and value of each thing that is known, for people."""
    dirty = {True: ", with changes that are not committed", False: "", None: ""}[provenance.dirty]
    commit = provenance.commit and f"{provenance.commit[:12]}{dirty}"
    versions = ", ".join(f"{name} {number}" for name, number in provenance.versions.items())
    lines = (
        ("command", provenance.command),
        ("started in", provenance.folder),
        ("host", provenance.host),
        ("git commit", commit),
        ("versions", versions),
    )
    return [(name, value) for name, value in lines if value]
