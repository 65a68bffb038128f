"""Screens that are killed at any moment leave the run alone, and the terminal as it was where a signal lets them."""

import signal
import sys
from pathlib import Path

import pytest

from tests.e2e.screen_kills import ENTER, LEAVE, kill_screens
from tests.e2e.terminal import Terminal

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(180)
def test_screens_killed_at_random_moments_leave_the_run_and_the_terminal_whole(own_home: Path) -> None:
    found = kill_screens(kills=6, seed=11, most=2.0, root=ROOT)
    assert found.alive
    assert found.epochs == [*range(1, len(found.epochs) + 1)], "epochs are missing"
    assert len(found.epochs) > 10
    assert found.torn == 0
    assert found.unrestored == []
    assert found.drawn >= 2


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP], ids=["SIGTERM", "SIGHUP"])
def test_a_signal_while_the_screen_is_being_set_up_leaves_the_shell_as_it_was(
    own_home: Path, ending: int
) -> None:
    with Terminal((sys.executable, "-m", "tuinn"), (80, 24), {"TUINN_STANDBY": "0"}) as terminal:
        while ENTER not in terminal.everything and terminal.ended is None:
            terminal.pump(0.001)
        terminal.signal(ending)
        assert terminal.wait() == 0
        assert LEAVE in terminal.everything[terminal.everything.index(ENTER) :]
