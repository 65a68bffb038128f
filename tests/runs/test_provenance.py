"""Where a run came from: the command, the folder, its git commit, the versions."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Write
from tuinn.runs.provenance import (
    COMMAND,
    command_line,
    here,
    provenance_file,
    provenance_lines,
    read_provenance,
    write_provenance,
)


def git(*words: str) -> str:
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    return subprocess.run(
        ["git", *identity, *words], check=True, capture_output=True, text=True
    ).stdout.strip()


def test_the_commit_of_the_folder_is_told_and_whether_files_were_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert (here("").commit, here("").dirty) == ("", None)
    git("init", "-q")
    (tmp_path / "spec.toml").write_text("a")
    git("add", ".")
    git("commit", "-qm", "first")
    (tmp_path / "not-followed").write_text("")
    found = here("tuinn train spec.toml")
    assert (found.commit, found.dirty, found.folder) == (git("rev-parse", "HEAD"), False, str(tmp_path))
    (tmp_path / "spec.toml").write_text("b")
    lines = dict(provenance_lines(here("tuinn train spec.toml")))
    assert lines["git commit"] == f"{found.commit[:12]}, with changes that are not committed"
    assert lines["command"] == "tuinn train spec.toml"


def test_it_is_written_once_and_read_again(write_run: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_run().path
    assert provenance_lines(read_provenance(folder)) == []
    monkeypatch.setenv(COMMAND, "tuinn train a.toml")
    write_provenance(folder)
    monkeypatch.setenv(COMMAND, "tuinn resume last")
    write_provenance(folder)
    found = read_provenance(folder)
    assert found.command == "tuinn train a.toml"
    assert {"python", "tuinn", "keras", "tensorflow", "numpy"} == set(found.versions)
    provenance_file(folder).write_text("{")
    assert provenance_lines(read_provenance(folder)) == []


def test_a_run_without_git_or_a_current_folder_says_what_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert (here("").commit, here("").dirty) == ("", None)
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert here("").folder == ""


@pytest.mark.parametrize("program", ["/opt/bin/tuinn", "/lib/tuinn/__main__.py"])
def test_a_command_line_can_be_typed_again(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(COMMAND, raising=False)
    monkeypatch.setattr(sys, "argv", [program, "train", "my spec.toml"])
    assert command_line() == "tuinn train 'my spec.toml'"
    monkeypatch.setenv(COMMAND, "tuinn sweep start a.toml")
    assert command_line() == "tuinn sweep start a.toml"


def test_the_worker_leaves_the_command_to_nobody_else(
    write_run: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(COMMAND, "tuinn train a.toml")
    write_provenance(write_run().path)
    monkeypatch.setattr(sys, "argv", ["tuinn", "train", "b.toml"])
    assert command_line() == "tuinn train b.toml"
