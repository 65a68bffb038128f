"""How long what is started here lives: past the logout, past the last one, and within a Slurm job.

The system is asked by its own programs, each for two seconds at most, and the answer is remembered.
"""

import os
import pwd
import re
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Literal

from tuinn.atomic_io import system_text
from tuinn.programs import answer_of
from tuinn.runs.machine import slurm

CGROUP = Path("/proc/self/cgroup")
"""Where Linux says to which control groups this process belongs."""

ASK_SECONDS = 2.0
"""That each program gets to answer."""

SCOPE = ("systemd-run", "--user", "--scope", "--quiet", "--collect")
"""Put before a command, it runs under the user's service manager, not in the login session."""

LINGER = "So that they go on: loginctl enable-linger"
"""The one command after which a user's service manager outlives the last logout."""

Ending = Literal["never", "last logout", "logout", "unknown"]


@dataclass(frozen=True)
class Lifetime:
    """What becomes of a run that is started here."""

    ends_at: Ending = "never"
    why: str = ""
    """For the doctor: what that follows from."""
    words: str = ""
    """What a user has to know before a run starts, in a sentence or two; empty: it goes on by itself."""
    scope: tuple[str, ...] = ()
    """Words to put before the command of a process that is to go on; empty: it is started plainly."""


class _Remembered:
    """The last answer, found by one thread at a time."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.found: Lifetime | None = None

    def find(self, again: bool) -> Lifetime:
        with self.lock:
            if self.found is None or again:
                self.found = _with_job(_find())
            return self.found


_remembered = _Remembered()


def lifetime(again: bool = False) -> Lifetime:
    """How long a run that is started now lives. May take seconds the first time. `again`: ask the system once more."""
    return _remembered.find(again)


def needs_asking() -> bool:
    """Whether the system has to be asked at all: False outside of login sessions and Slurm jobs. Takes no time."""
    return _place() != "elsewhere" or bool(slurm.own_job())


def _with_job(found: Lifetime) -> Lifetime:
    """The same, with what is to be known about the Slurm job around this process."""
    job = slurm.own_job_words(ASK_SECONDS)
    return replace(found, words=f"{job} {found.words}".strip()) if job else found


def _place() -> Literal["session", "manager", "elsewhere"]:
    """Where logind keeps this process: in a login session, or under the user's service manager."""
    groups = system_text(CGROUP)
    if re.search(r"/user@\d+\.service(/|$)", groups, re.MULTILINE):
        return "manager"
    if re.search(r"/session-[^/]+\.scope(/|$)", groups, re.MULTILINE):
        return "session"
    return "elsewhere"


def _find() -> Lifetime:
    place = _place()
    if place == "elsewhere":
        return Lifetime(why="this shell belongs to no login session")
    if place == "manager":
        return _under_manager("this shell runs under the user's service manager")
    kills = _kills_processes()
    if kills is None:
        return Lifetime(
            "unknown",
            "loginctl gives no answer",
            "Whether runs go on after your logout can't be told: loginctl gives no answer.",
        )
    if not kills:
        return Lifetime(why="logind leaves processes alone at the logout (KillUserProcesses=no)")
    why = "logind ends a user's processes at the logout (KillUserProcesses=yes)"
    if problem := _scope_problem():
        return Lifetime(
            "logout",
            f"{why}, and {problem}",
            f"Runs end at your logout: {problem}. {LINGER}, then log in again.",
        )
    return replace(_under_manager(f"{why}; runs start through systemd-run --user --scope"), scope=SCOPE)


def _under_manager(why: str) -> Lifetime:
    """Of processes that end with the user's service manager."""
    lingers = _lingers()
    if lingers:
        return Lifetime(why=f"{why}, which goes on (linger)")
    if lingers is None:
        words = f"Whether runs go on after your last logout can't be told: loginctl gives no answer. {LINGER}"
        return Lifetime("unknown", f"{why}; loginctl doesn't say whether that goes on", words)
    return Lifetime(
        "last logout",
        f"{why}, which ends at the last logout (no linger)",
        f"Runs end at your last logout. {LINGER}",
    )


def _kills_processes() -> bool | None:
    """Whether logind ends this user's processes at the logout; None: it doesn't say."""
    names = ("KillUserProcesses", "KillOnlyUsers", "KillExcludeUsers")
    told = answer_of(
        ("loginctl", "show-session", *(f"--property={name}" for name in names)), ASK_SECONDS
    ).lines()
    properties = dict(line.split("=", 1) for line in told if "=" in line)
    answer = properties.get("KillUserProcesses")
    if answer not in ("yes", "no"):
        return None
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may not know its user by name
        user = ""
    only, spared = (properties.get(name, "").split() for name in names[1:])
    return answer == "yes" and user not in spared and (not only or user in only)


def _lingers() -> bool | None:
    """Whether this user's service manager goes on after the last logout; None: logind doesn't say."""
    told = answer_of(("loginctl", "show-user", str(os.getuid()), "--property=Linger"), ASK_SECONDS).lines()
    return {"Linger=yes": True, "Linger=no": False}.get(told[0]) if told else None


def _scope_problem() -> str:
    """Why nothing can be started under the user's service manager, in a few words; empty where it can."""
    version = answer_of(("systemctl", "--user", "show", "--property=Version"), ASK_SECONDS)
    if not version.lines() or not version.lines()[0].startswith("Version="):
        return "systemctl --user gives no answer"
    tried = answer_of((*SCOPE, "--", "true"), ASK_SECONDS)
    if tried.code == 0:
        return ""
    return f"systemd-run failed ({tried.problem})" if tried.problem else "systemd-run gives no answer"
