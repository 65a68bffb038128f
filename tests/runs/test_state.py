"""How a run is, from its journal's ends, its lock and its age."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinn.runs.events import RunEnded
from tuinn.runs.state import RunState, state_of

YOUNG, OLD = 1.0, 3600.0


@pytest.mark.parametrize(
    ("outcome", "started", "alive", "age", "state"),
    [
        (None, False, False, YOUNG, RunState.STARTING),
        (None, False, True, OLD, RunState.STARTING),
        (None, False, False, OLD, RunState.LOST),
        (None, True, True, OLD, RunState.RUNNING),
        (None, True, False, YOUNG, RunState.LOST),
        ("finished", True, True, OLD, RunState.SERVING),
        ("finished", True, False, YOUNG, RunState.FINISHED),
        ("stopped", True, False, OLD, RunState.STOPPED),
        ("failed", True, False, OLD, RunState.FAILED),
        ("failed", False, False, YOUNG, RunState.FAILED),
    ],
)
def test_a_run_is_in_one_state(
    outcome: Literal["finished", "stopped", "failed"] | None,
    started: bool,
    alive: bool,
    age: float,
    state: RunState,
) -> None:
    ended = RunEnded(outcome=outcome) if outcome else None
    assert state_of(ended, started, alive, age) is state


@given(st.booleans(), st.booleans(), st.floats(0) | st.just(float("inf")))
def test_a_run_without_an_end_is_never_called_ended(started: bool, alive: bool, age: float) -> None:
    assert state_of(None, started, alive, age) in (RunState.STARTING, RunState.RUNNING, RunState.LOST)
