"""A machine of the cluster: what it is, and whether trials on it can be compared with those here."""

import os
import secrets
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata

from tuinn import __version__
from tuinn.errors import FolderError
from tuinn.runs.folder import home


@dataclass(frozen=True)
class Machine:
    """A machine of the cluster, or rather a TUINN_HOME on it."""

    home: str
    """A word of chance that lies in the home: the same word is the same folder."""
    host: str
    versions: dict[str, str]
    """Of what must be the same on both sides: program → version."""
    shared: bool = False
    """Its home is the runner's, too."""


def this_machine(mark: str) -> Machine:
    """Return what this machine is. `mark`: a file that lies in the runner's home. Raises OSError."""
    return Machine(home_id(), socket.gethostname(), versions(), (home() / mark).exists())


def home_id() -> str:
    """The word of this TUINN_HOME, drawn the first time. Raises OSError."""
    file = home() / "home-id"
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        drawn = file.with_name(f".home-id.{os.getpid()}-{secrets.token_hex(4)}")
        drawn.write_text(secrets.token_hex(16))
        with suppress(FileExistsError):  # another process was faster
            os.link(drawn, file)
        drawn.unlink()
    return file.read_text()


def versions() -> dict[str, str]:
    """The versions of what decides a run's numbers, without importing it."""
    found = {"Python": f"{sys.version_info.major}.{sys.version_info.minor}", "tuinn": __version__}
    for name, package in (("Keras", "keras"), ("TensorFlow", "tensorflow")):
        try:
            found[name] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[name] = ""
    return found


def check_machine(machine: Machine) -> None:
    """Raise FolderError where a machine is not fit for trials."""
    check_versions(machine)
    if machine.home == home_id() and not machine.shared:
        raise FolderError(
            f"The TUINN_HOME of {machine.host} is a copy of the one here, so that the two can't be told apart. "
            "Remove home-id in it."
        )


def check_versions(machine: Machine) -> None:
    """Raise FolderError where a machine would compute with other versions than this one."""
    for name, here in versions().items():
        other = machine.versions.get(name, "")
        if other != here:
            has = f"has {name} {other}" if other else f"has no {name}"
            raise FolderError(
                f"{machine.host} {has}, and here it is {here}: trials could not be compared. Install the same on both."
            )
