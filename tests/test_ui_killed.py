"""Screens that are killed at any moment leave the run alone, and the terminal as it was where a signal lets them."""

from pathlib import Path

import pytest

from tests.ui_kills import kill_screens

ROOT = Path(__file__).parents[1]


@pytest.mark.timeout(180)
def test_screens_killed_at_random_moments_leave_the_run_and_the_terminal_whole(own_home: Path) -> None:
    found = kill_screens(kills=6, seed=11, most=2.0, root=ROOT)
    assert found.alive
    assert found.epochs == [*range(1, len(found.epochs) + 1)], "epochs are missing"
    assert len(found.epochs) > 10
    assert found.torn == 0
    assert found.unrestored == []
    assert found.drawn >= 2
