"""The whole thing as a person meets it: a real terminal, a real worker, TensorFlow and all."""

import os
import re
import signal
import sys
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from tuinn.runs.commands import Pause, Resume, SetRate
from tuinn.runs.events import EpochEnded, RateChanged, RunEnded
from tuinn.runs.folder import all_runs
from tuinn.ui.dialogs.fit_form import EVERYDAY

pytestmark = pytest.mark.tf

TUINN = (sys.executable, "-m", "tuinn")
DOWN_TO_EPOCHS = "\x1b[B" * EVERYDAY.index("epochs")
SHORT_IDLE = {"TUINN_STANDBY": "1", "TUINN_IDLE": "5"}


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
def test_the_lab_network_trains_in_a_terminal_and_predicts(size: tuple[int, int], own_home: Path) -> None:
    with Terminal(TUINN, size, SHORT_IDLE) as terminal:
        terminal.expect("131,460 parameters")
        terminal.press("t")
        terminal.expect("learning_rate")
        # 15 epochs may be over between two looks at the screen.
        terminal.press(DOWN_TO_EPOCHS + "\x1560\r")
        terminal.expect("learning_rate", gone=True)
        terminal.press("r")
        terminal.expect(r"training \d+/60", 120)
        early = terminal.text()
        terminal.expect("finished", 120)
        screen = terminal.expect(r"test loss \d")
        assert screen != early
        accuracy = re.search(r"accuracy (0\.\d+) · 1,000", screen)
        assert accuracy is not None, screen
        assert float(accuracy[1]) >= 0.80
        legend = re.search(r"train \d\.\d+ .*val \d\.\d+", screen)
        assert legend is not None, screen
        # Pictures beside the chart are upper halves alone.
        assert re.search("[▄▖▗▘▝▚▞]", screen[legend.end() :]), "no curve on the chart"
        terminal.press("5")
        terminal.expect("▀▀▀▀▀▀▀▀")
        terminal.expect(r"(right|wrong) · predicted \w+")
        terminal.expect(r"\d+\.\d %")
        terminal.press("q")
        assert terminal.wait() == 0
        assert b"\x1b[?1049l" in terminal.tail, "the shell is left in the alternate screen"


def test_a_run_outlives_its_terminal_and_nothing_is_missing_when_one_comes_back(own_home: Path) -> None:
    spec = {"TUINN_STANDBY": "1", "TUINN_IDLE": "5"}
    with Terminal(TUINN, (80, 24), spec) as terminal:
        terminal.expect("131,460 parameters")
        terminal.press("t")
        terminal.expect("learning_rate")
        terminal.press(DOWN_TO_EPOCHS + "\x15150\r")
        terminal.expect("learning_rate", gone=True)
        terminal.press("r")
        terminal.expect(r"training \d+/150", 120)
        terminal.hang_up()
    (folder,) = all_runs()
    assert folder.is_alive(), "the run died with its terminal"
    with Terminal(TUINN, (80, 24), spec) as again:
        again.expect("A run is in progress")
        again.press("\r")
        again.expect(r"training \d+/150")
        again.press("4 ")
        again.expect("paused", 30)
        again.press("z")
        again.expect("Control the run")
        again.press("\x1b[B\r")
        again.expect(r"R rate 0\.0003 after epoch \d+", 30)
        again.press(" ")
        again.expect(r"training \d+/150")
        again.expect("finished", 180)
        again.press("q")
        assert again.wait() == 0
    events = folder.events().read_all()
    assert [event.epoch for event in events if isinstance(event, EpochEnded)] == [*range(1, 151)]
    assert [type(wish) for wish in folder.commands().read_all()][:3] == [Pause, SetRate, Resume]
    (changed,) = (event for event in events if isinstance(event, RateChanged))
    assert changed.learning_rate == pytest.approx(0.0003)
    assert isinstance(events[-1], RunEnded)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP], ids=["SIGTERM", "SIGHUP"])
def test_a_signal_ends_the_screen_cleanly_and_leaves_the_run_alone(ending: int, own_home: Path) -> None:
    with Terminal(TUINN, (80, 24), SHORT_IDLE) as terminal:
        terminal.expect("131,460 parameters")
        terminal.press("r")
        terminal.expect(r"training \d+/15|finished", 120)
        terminal.signal(ending)
        assert terminal.wait() == 0
        assert b"\x1b[?1049l" in terminal.tail
    (folder,) = all_runs()
    assert folder.is_alive()


@pytest.mark.parametrize("after", [0.0, 0.1, 0.16, 0.18], ids=str)
def test_a_terminal_that_goes_away_in_the_middle_of_the_ending_does_not_stop_it(
    after: float, own_home: Path
) -> None:
    with Terminal(TUINN, (80, 24), {"TUINN_STANDBY": "0"}) as terminal:
        terminal.expect("131,460 parameters")
        terminal.pump(1.0)  # until nothing is on its way to the terminal any more
        terminal.signal(signal.SIGHUP)
        terminal.pump(after)
        if terminal.ended is not None:
            return
        os.close(terminal.fd)
        terminal.fd = -1
        assert _ends(terminal.pid, seconds=20), "the screen goes on without a terminal"


def test_what_libraries_print_never_reaches_the_picture(own_home: Path, tmp_path: Path) -> None:
    noisy = tmp_path / "noisy.py"
    noisy.write_text(
        "import os\n"
        "from tuinn.ui.app import TuinnApp\n"
        "from tuinn.ui import app as module\n"
        "class Noisy(TuinnApp):\n"
        "    def on_mount(self):\n"
        "        super().on_mount()\n"
        "        os.write(1, b'OUT' * 50); os.write(2, b'ERR' * 50)\n"
        "module.TuinnApp = Noisy\n"
        "module.open_ui()\n"
    )
    with Terminal((sys.executable, str(noisy)), (80, 24), {"TUINN_STANDBY": "0"}) as terminal:
        terminal.expect("131,460 parameters")
        terminal.pump(0.5)
        assert "OUTOUT" not in terminal.text()
        assert "ERRERR" not in terminal.text()
        terminal.press("q")
        assert terminal.wait() == 0
    assert "OUTOUT" in (own_home / "ui.log").read_text()


def test_a_standby_ends_with_the_screen_that_started_it(own_home: Path) -> None:
    with Terminal(TUINN, (80, 24), SHORT_IDLE) as terminal:
        terminal.expect("131,460 parameters")
        (child,) = _children(terminal.pid)
        terminal.kill()
    assert _ends(child, seconds=60), "the standby goes on without anybody"


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _ends(pid: int, seconds: float) -> bool:
    """True once the process is gone. A pidfd turns readable when it ends."""
    import select

    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([fd], [], [], seconds)[0])
    finally:
        os.close(fd)
