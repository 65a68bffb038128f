"""A wedged worker is told apart from a slow one by its heartbeat."""

import os
import time

from tests.conftest import Write
from tuinn.runs.state import RunState, state_of


def test_a_worker_that_is_overdue_is_stalled_and_one_that_said_it_takes_long_is_not(write_run: Write) -> None:
    folder = write_run()
    assert not folder.is_overdue()
    folder.heartbeat_file.write_text("60")
    assert not folder.is_overdue()
    then = time.time() - 100
    os.utime(folder.heartbeat_file, (then, then))
    assert folder.is_overdue()
    folder.heartbeat_file.write_text("900")
    os.utime(folder.heartbeat_file, (then, then))
    assert not folder.is_overdue()


def test_a_clock_that_is_set_back_makes_nobody_overdue(write_run: Write) -> None:
    folder = write_run()
    folder.heartbeat_file.write_text("60")
    later = time.time() + 10_000
    os.utime(folder.heartbeat_file, (later, later))
    assert not folder.is_overdue()


def test_a_heartbeat_that_cannot_be_read_makes_nobody_overdue(write_run: Write) -> None:
    folder = write_run()
    folder.heartbeat_file.write_text("")
    assert not folder.is_overdue()


def test_stalled_is_said_of_a_worker_that_lives_only() -> None:
    assert state_of(None, True, True, 100.0, overdue=True) is RunState.STALLED
    assert state_of(None, True, False, 100.0, overdue=True) is RunState.LOST
