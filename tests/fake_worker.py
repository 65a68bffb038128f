"""A worker without TensorFlow that trains on and on: an epoch every so often, until it is told to stop.

    python -m tests.fake_worker FOLDER

It holds the lock, obeys pauses, and numbers its epochs without a gap, so that one sees whether anything was lost.
"""

import os
import sys
import time
from pathlib import Path

from tests.factories import ending, epoch, opening
from tuinn.runs.commands import Pause, Resume, Stop
from tuinn.runs.events import Paused, Resumed
from tuinn.runs.folder import RunFolder
from tuinn.runs.journal import JournalWriter

EPOCH_SECONDS = 0.02
PATIENCE = 300.0
"""Seconds after which one that nobody stops gives up."""


def train(folder: RunFolder) -> None:
    say, wishes = JournalWriter(folder.events_file), folder.commands()
    number, paused, deadline = 0, False, time.monotonic() + PATIENCE
    for event in opening(epochs=100_000):
        say.append(event)
    while time.monotonic() < deadline:
        for wish in wishes.read_new():
            if isinstance(wish, Stop):
                for event in ending("stopped"):
                    say.append(event)
                return
            if isinstance(wish, Pause) and not paused:
                paused = True
                say.append(Paused(at=time.time(), epoch=number, step=0))
            elif isinstance(wish, Resume) and paused:
                paused = False
                say.append(Resumed(at=time.time(), epoch=number, step=0, seconds=0.1))
        if not paused:
            number += 1
            for event in epoch(number, 1.0 / number, seconds=EPOCH_SECONDS):
                say.append(event)
        time.sleep(EPOCH_SECONDS)


if __name__ == "__main__":
    here = RunFolder(Path(sys.argv[1]))
    with here.hold_lock() as held:
        assert held, os.getpid()
        train(here)
