"""Commands that came over a line are in the command file once, wherever it broke."""

import json
import os
from pathlib import Path

import pytest

from tests.conftest import Write
from tests.factories import epoch, opening
from tuinn import atomic_io
from tuinn.atomic_io import hold_lock
from tuinn.errors import FolderError
from tuinn.runs.commands import AddEpochs, Pause
from tuinn.runs.folder import RunFolder
from tuinn.runs.remote import taken
from tuinn.runs.remote.frames import Asked
from tuinn.runs.remote.taken import settle, take

PAUSE, MORE = '{"kind":"Pause"}\n', '{"kind":"AddEpochs","epochs":2}\n'


@pytest.fixture
def folder(write_run: Write) -> RunFolder:
    return write_run([*opening(), *epoch(1, 1.0)])


def asked(*lines: str, before: str = "", sender: str = "one") -> Asked:
    return Asked("".join(lines), len("".join((before, *lines))), sender)


class Killed(BaseException):
    """The process is gone from here on."""


def killed_at(monkeypatch: pytest.MonkeyPatch, line: int) -> None:
    """Let the next relay be killed before it has put this line into the command file."""
    put = os.write
    written = []

    def write(fd: int, data: bytes) -> int:
        if data.startswith(b'{"kind"'):
            written.append(data)
            if len(written) > line:
                raise Killed
        return put(fd, data)

    monkeypatch.setattr("tuinn.atomic_io.os.write", write)


@pytest.mark.parametrize("line", [0, 1])
def test_a_relay_that_is_killed_in_between_leaves_the_rest_to_the_next_one(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch, line: int
) -> None:
    with monkeypatch.context() as dying:
        killed_at(dying, line)
        with pytest.raises(Killed):
            take(folder, asked(PAUSE, MORE))
    assert settle(folder) == {"one": len(PAUSE + MORE)}
    assert folder.commands_file.read_text() == PAUSE + MORE
    assert settle(folder) == {"one": len(PAUSE + MORE)}
    assert folder.commands().read_all() == [Pause(), AddEpochs(epochs=2)]


def test_a_relay_that_is_killed_after_its_work_is_not_repeated(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = atomic_io.write_whole

    def write(file: Path, data: bytes, durable: bool = True) -> None:
        if not durable:
            raise Killed
        whole(file, data, durable=durable)

    with monkeypatch.context() as dying:
        dying.setattr(taken, "write_whole", write)
        with pytest.raises(Killed):
            take(folder, asked(PAUSE, MORE))
    assert settle(folder) == {"one": len(PAUSE + MORE)}
    assert folder.commands_file.read_text() == PAUSE + MORE


def test_what_comes_over_two_lines_is_taken_once(folder: RunFolder) -> None:
    take(folder, asked(PAUSE))
    take(folder, asked(PAUSE, MORE))  # the new line didn't know that the first one had arrived
    take(folder, asked(PAUSE))
    take(folder, asked(PAUSE, sender="another"))
    assert folder.commands_file.read_text() == PAUSE + MORE + PAUSE
    take(folder, asked(PAUSE, before=PAUSE + MORE))
    assert folder.commands_file.read_text() == PAUSE + MORE + PAUSE + PAUSE


def test_a_screen_that_came_late_sends_only_what_is_new(folder: RunFolder) -> None:
    take(folder, asked(PAUSE, before=MORE * 3))
    assert settle(folder) == {"one": len(MORE * 3 + PAUSE)}
    assert folder.commands_file.read_text() == PAUSE


def test_a_damaged_file_is_as_none(folder: RunFolder) -> None:
    (folder.path / "taken.json").write_text('{"until": 3')
    assert settle(folder) == {}
    take(folder, asked(PAUSE))
    assert json.loads((folder.path / "taken.json").read_text())["until"] == {"one": len(PAUSE)}


def test_another_line_that_is_at_it_is_told(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taken, "PATIENCE", 0.0)
    with hold_lock(folder.path / "taken.lock"), pytest.raises(FolderError, match="Another line"):
        take(folder, asked(PAUSE))
    assert folder.commands_size() == 0
