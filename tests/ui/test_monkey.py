"""Two thousand keys, clicks, pastes and sizes by chance: no traceback, no exit, no silence."""

from pathlib import Path

import pytest

from tests.monkey import SIZES, furnish, no_world, play


@pytest.mark.parametrize("seed", range(4))
async def test_the_workbench_survives_a_monkey(seed: int, own_home: Path) -> None:
    with no_world(own_home):
        found = await play(seed, 500, SIZES[seed % 2], furnish(own_home))
    assert found.done == 500
