"""Slow work has a thread of its own, and nobody waits for one that doesn't come back."""

import asyncio
import subprocess
import sys
from threading import Event

import pytest

from tuinn.ui.threads import DaemonThreads

HANGS = """
import asyncio
from threading import Event
from tuinn.ui.threads import DaemonThreads
async def main():
    asyncio.get_running_loop().set_default_executor(DaemonThreads())
    started = Event()
    asyncio.ensure_future(asyncio.to_thread(lambda: (started.set(), Event().wait())))
    await asyncio.to_thread(started.wait)
    print("leaves", flush=True)
asyncio.run(main())
"""


def test_a_program_ends_while_a_thread_hangs() -> None:
    told = subprocess.run(
        [sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=60, check=True
    )
    assert told.stdout == "leaves\n"


async def test_work_that_hangs_keeps_no_other_work_waiting() -> None:
    threads, end = DaemonThreads(), Event()
    hanging = [threads.submit(end.wait) for _ in range(50)]
    assert await asyncio.wrap_future(threads.submit(sum, [1, 2])) == 3
    assert threads.are_working
    end.set()
    assert all(future.result(60) for future in hanging)
    for thread in list(threads.working):
        thread.join(60)
    assert not threads.are_working


def test_an_error_goes_to_whoever_waits_for_it() -> None:
    def broken() -> None:
        raise ValueError("made up")

    with pytest.raises(ValueError, match="made up"):
        DaemonThreads().submit(broken).result(60)
