"""Keys, clicks, pastes and sizes by chance: no traceback, no exit, no silence. benchmarks/monkey.py goes on for hours."""

from pathlib import Path

import pytest

from tests.monkey import SIZES, furnish, no_world, play

pytestmark = pytest.mark.app

ACTIONS = 500
"""In each of four sessions. One takes about 50 ms of processor."""


@pytest.mark.parametrize("seed", range(4))
async def test_the_workbench_survives_a_monkey(seed: int, own_home: Path) -> None:
    with no_world(own_home):
        found = await play(seed, ACTIONS, SIZES[seed % 2], furnish(own_home))
    assert found.done == ACTIONS
