"""`user@box:RUN`: a machine as `ssh` knows it, and a run there."""

import os
import re
import shlex
from dataclasses import dataclass

from tuinn.errors import FolderError

SHAPE = re.compile(r"(?P<host>[^\s:/\\]+):(?P<run>[^:]*)")

THERE = "TUINN_THERE"
"""Variable: how tuinn is called on the other machine, where it isn't found by its name."""


@dataclass(frozen=True)
class Address:
    """Where a run is."""

    host: str
    """`box`, `user@box`, or a name from ~/.ssh/config."""
    run: str = ""
    """Its name, or a part of it; empty: the newest."""

    def ssh(self, command: str, may_ask: bool = True) -> list[str]:
        """Return the words that run this command of tuinn there. `may_ask`: whether ssh may ask for a password."""
        quiet = [] if may_ask else ["-o", "BatchMode=yes"]
        alive = ["-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3"]
        there = shlex.quote(os.environ.get(THERE) or "tuinn")
        return ["ssh", "-T", "-C", *alive, *quiet, self.host, f"{there} {command}"]


def address_of(word: str) -> Address | None:
    """Return the address that a word is, or None where it is a name or a path on this machine.

    Raises FolderError for a host that `ssh` would take for an option.
    """
    found = SHAPE.fullmatch(word)
    return Address(checked_host(found["host"]), found["run"]) if found else None


def checked_host(host: str) -> str:
    """Return the host. Raises FolderError where `ssh` would take it for an option."""
    if host.startswith("-") or not host.strip("@."):
        raise FolderError(
            f"{host!r} is no machine. Write it as ssh does: user@box, or a name from ~/.ssh/config."
        )
    return host
