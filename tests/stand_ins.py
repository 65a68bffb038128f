"""Small programs that stand in for those of the system: shell scripts in a folder that is searched first."""

import os
from pathlib import Path

import pytest

from tuinn.runs.machine import lifetime

SESSION = "0::/user.slice/user-1000.slice/session-3.scope\n"
MANAGER = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/tmux.scope\n"
"""What /proc/self/cgroup says in a login session, and under the user's service manager."""

HANGS = "exec sleep 600"

RUNS_IT = """echo "$*" >> "$0.log"
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
"""
"""A systemd-run that does what it is asked to, and keeps a line for each time."""


def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, groups: str) -> None:
    """Let this process be in these control groups."""
    file = tmp_path / "cgroup"
    file.write_text(groups)
    monkeypatch.setattr(lifetime, "CGROUP", file)


class StandIns:
    """The folder of such programs."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder.mkdir()
        self.folder = folder
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def put(self, name: str, script: str) -> Path:
        """Make a program of these lines of shell."""
        file = self.folder / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        return file

    def log(self, name: str) -> list[str]:
        """The lines that a program wrote beside itself."""
        file = self.folder / f"{name}.log"
        return file.read_text().splitlines() if file.exists() else []

    def logind(self, kills: str = "yes", linger: str = "no", spared: str = "") -> None:
        """A loginctl that answers with these values."""
        self.put(
            "loginctl",
            f"""case "$1" in
show-session) echo 'KillUserProcesses={kills}'; echo 'KillOnlyUsers='; echo 'KillExcludeUsers={spared}';;
show-user) echo 'Linger={linger}';;
esac""",
        )

    def user_manager(self) -> None:
        """A systemctl --user that answers, and a systemd-run that starts what it is asked to."""
        self.put("systemctl", "echo Version=252")
        self.put("systemd-run", RUNS_IT)
