"""What a real terminal may do to the screen: bytes that are no text, a stop, a paste, names that can't draw, an end."""

import os
import re
import signal
import sys
from pathlib import Path

import pytest

from tests.e2e.screen_kills import ENTER, LEAVE
from tests.e2e.terminal import Terminal

TUINN = (sys.executable, "-m", "tuinn")
ALONE = {"TUINN_STANDBY": "0"}
READY = "131,460 parameters"
EDITED = "put Rescaling"
"""What is advised once the first layer is gone."""
MOUSE = b"\x1b[?1003h"

BROKEN_ACTION = """
from tuinn.ui import app
from tuinn.ui.workbench.screen import Workbench
def broken(self):
    raise RuntimeError("made up")
Workbench.action_help = broken
raise SystemExit(app.open_ui())
"""
BROKEN_INPUT = """
from tuinn.ui import app
from tuinn.ui.terminal.driver import Bursts
take = Bursts.take
def broken(self, text):
    if "?" in text and chr(27) not in text:
        raise RuntimeError("made up")
    take(self, text)
Bursts.take = broken
raise SystemExit(app.open_ui())
"""
HANGING_READER = """
from threading import Event
from tuinn.data import loader
from tuinn.ui import app
known = loader.describe
loader.describe = lambda dataset: Event().wait() if dataset.path else known(dataset)
raise SystemExit(app.open_ui())
"""


@pytest.fixture
def program(tmp_path: Path) -> tuple[str, str]:
    """A command that runs what is written into its second word."""
    return sys.executable, str(tmp_path / "program.py")


def drafts(home: Path) -> list[Path]:
    return sorted((home / "drafts").glob("[!.]*.toml"))


def remove_first_layer(terminal: Terminal) -> None:
    terminal.press("2d")
    terminal.expect(EDITED)


def wait_for_draft(terminal: Terminal, home: Path) -> None:
    """Until the edit is on disk. Whoever waits in vain is ended by the test's timeout."""
    while not drafts(home) and terminal.ended is None:
        terminal.pump(0.05)


def send(terminal: Terminal, data: bytes) -> None:
    """Write all of it, however much the terminal takes at a time."""
    os.set_blocking(terminal.fd, False)
    while data and terminal.ended is None:
        try:
            data = data[os.write(terminal.fd, data) :]
        except BlockingIOError:
            terminal.pump(0.01)
    os.set_blocking(terminal.fd, True)


def stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


# --------------------------------------------------------------------------------------------------- what is read


def test_bytes_that_are_no_utf8_are_passed_over_and_split_characters_stay_whole(own_home: Path) -> None:
    with Terminal(TUINN, (80, 24), ALONE) as terminal:
        terminal.expect(READY)
        send(terminal, b"\xff\x1b[M \xe1\xc1\xe4\xf6")
        terminal.press("2i")
        terminal.expect("Type or paste layers")
        send(terminal, "é中".encode()[:1])
        terminal.pump(0.3)
        send(terminal, "é中".encode()[1:4])
        terminal.pump(0.3)
        send(terminal, "é中".encode()[4:])
        terminal.expect("é中")
        terminal.press("\x1b")
        terminal.expect("Type or paste layers", gone=True)
        terminal.press("q")
        assert terminal.wait() == 0


def test_a_megabyte_typed_without_brackets_is_one_paste(own_home: Path) -> None:
    code = "layers.Dense(32, activation='relu'),\r"
    with Terminal(TUINN, (80, 24), ALONE) as terminal:
        terminal.expect(READY)
        send(terminal, (code * 28_000).encode())
        terminal.expect("at most 100,000|dropped")  # a busy machine may send it in pieces
        assert READY in terminal.text()
        terminal.press("2")
        terminal.expect(r"\[2 Layers\]")
        send(terminal, (code * 20).encode())
        terminal.expect("Type or paste layers")
        terminal.expect("→ 20 layers")
        terminal.press("\r")
        terminal.expect("Type or paste layers", gone=True)
        terminal.press("q")
        assert terminal.wait() == 0


# ------------------------------------------------------------------------------------------------------- how it ends


@pytest.mark.parametrize("source", [BROKEN_ACTION, BROKEN_INPUT], ids=["an action", "the input thread"])
def test_a_screen_that_breaks_says_so_and_the_next_one_offers_its_draft(
    source: str, program: tuple[str, str], own_home: Path
) -> None:
    Path(program[1]).write_text(source)
    with Terminal(program, (80, 24), ALONE) as terminal:
        terminal.expect(READY)
        remove_first_layer(terminal)
        terminal.press("?")
        assert terminal.wait() == 1
        after = bytes(terminal.everything).rpartition(LEAVE)[2].decode()
        assert "tuinn broke:" in after
        assert "the next tuinn offers the draft." in after
        assert "Traceback" not in after
    assert "made up" in (own_home / "ui.log").read_text()
    assert len(drafts(own_home)) == 1
    with Terminal(TUINN, (80, 24), ALONE) as terminal:
        terminal.expect(r"Ctrl\+Y")
        assert EDITED not in terminal.text()
        terminal.press("\x19")
        terminal.expect(EDITED)
        terminal.press("\x1a")
        terminal.expect(EDITED, gone=True)
        terminal.press("q")
        assert terminal.wait() == 0
    assert list((own_home / "drafts").iterdir()) == []


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGHUP], ids=["SIGKILL", "SIGHUP"])
def test_a_killed_screen_leaves_its_draft(ending: int, own_home: Path) -> None:
    with Terminal(TUINN, (80, 24), ALONE) as terminal:
        terminal.expect(READY)
        remove_first_layer(terminal)
        wait_for_draft(terminal, own_home)
        with Terminal(TUINN, (80, 24), ALONE) as other:
            other.expect(READY)
            assert "ctrl+y" not in other.text(), "the draft of a screen that lives is offered"
            other.press("q")
            assert other.wait() == 0
        terminal.signal(ending)
        terminal.wait()
    with Terminal(TUINN, (80, 24), ALONE) as terminal:
        terminal.expect(r"Ctrl\+Y")
        terminal.press("\x19")
        terminal.expect(EDITED)


def test_leaving_does_not_wait_for_a_disk_that_does_not_answer(
    program: tuple[str, str], own_home: Path, tmp_path: Path
) -> None:
    Path(program[1]).write_text(HANGING_READER)
    with Terminal(program, (80, 24), ALONE) as terminal:
        terminal.expect(READY)
        terminal.press("o" + str(tmp_path) + "\r")
        terminal.expect("checking…")
        terminal.press("\x1b")
        terminal.expect("checking…", gone=True)
        terminal.press("q")
        assert terminal.wait() == 0
        assert LEAVE in terminal.everything


@pytest.mark.parametrize("stop", [signal.SIGTSTP, signal.SIGSTOP], ids=["SIGTSTP", "SIGSTOP"])
def test_a_screen_that_was_stopped_comes_back_whole(stop: int, own_home: Path) -> None:
    with Terminal(TUINN, (80, 24), ALONE) as terminal:
        terminal.expect(READY)
        whole = terminal.expect(r"T-shirt/top +Trouser")
        for _ in range(2):
            terminal.signal(stop)
            while not stopped(terminal.pid):
                terminal.pump(0.02)
            terminal.pump(0.1)
            if stop == signal.SIGTSTP:
                assert LEAVE in terminal.everything
            terminal.screen.reset()  # the shell has written over it
            terminal.everything.clear()
            terminal.signal(signal.SIGCONT)
            terminal.expect(re.escape(whole))
            assert ENTER in terminal.everything
            assert MOUSE in terminal.everything
        terminal.press("3")
        terminal.expect(r"\[3 Summary\]")
        terminal.press("q")
        assert terminal.wait() == 0
        assert LEAVE in terminal.tail


# -------------------------------------------------------------------------------------------------- what can't draw


@pytest.mark.parametrize("term", ["dumb", "", None, "unknown", "no-such-terminal", "lp"])
def test_a_terminal_that_cannot_draw_gets_a_sentence(term: str | None, own_home: Path) -> None:
    command = ("env", "-u", "TERM", *TUINN) if term is None else TUINN
    with Terminal(command, (80, 24), {**ALONE, "TERM": term or ""}) as terminal:
        assert terminal.wait() == 1
        said = terminal.everything.decode("ascii")
        assert "This terminal can't draw" in said
        assert f"TERM={term}" in said if term else "TERM is not set" in said
        assert "TERM=xterm-256color" in said
        assert "\x1b" not in said


def test_a_family_that_terminfo_knows_is_enough(own_home: Path) -> None:
    with Terminal(TUINN, (80, 24), {**ALONE, "TERM": "xterm-no-such-kind"}) as terminal:
        terminal.expect(READY)


def test_errors_sent_to_a_file_take_no_picture_with_them(own_home: Path, tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    with Terminal(
        ("sh", "-c", f'exec "$0" -m tuinn 2>{errors}', sys.executable), (80, 24), ALONE
    ) as terminal:
        terminal.expect(READY)
        terminal.press("q")
        assert terminal.wait() == 0
    assert errors.read_bytes() == b""
