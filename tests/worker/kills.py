"""kill -9, over and over, at random moments of one run; each time it is resumed."""

import random
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tuinn.runs.events import BatchEnded, EpochEnded, RunEnded, RunResumed
from tuinn.runs.folder import RunFolder
from tuinn.view.run_view import RunView


@dataclass
class Story:
    """What became of a run that was killed often."""

    view: RunView = field(default_factory=RunView)
    kills: int = 0
    resumed: list[tuple[int, int]] = field(default_factory=list)
    """Epoch and step of each time it was resumed."""
    unreadable: int = 0
    """Lines of the journal that were torn."""


def kill_often(
    folder: RunFolder, start: Callable[..., subprocess.Popen[bytes]], kills: int, seed: int, most: float
) -> Story:
    """Kill the run's worker `kills` times, each up to `most` seconds after its first report, then let it end.

    `start(folder, *words)` starts a worker. Raises AssertionError where a worker ends by itself but doesn't finish.
    """
    dice, story, reader = random.Random(seed), Story(), folder.events()
    while story.view.ended is None:
        words = ["--resume"] if story.kills else []
        worker = start(folder, *words)
        at = None
        while worker.poll() is None:
            # Asked first, so that the last words of a worker that dies are read.
            for event in reader.read_new():
                story.view.apply(event)
                if isinstance(event, RunResumed):
                    story.resumed.append((event.epoch, event.step))
                if at is None and isinstance(event, BatchEnded | EpochEnded) and story.kills < kills:
                    at = time.monotonic() + dice.uniform(0, most)
            if at is not None and time.monotonic() >= at:
                worker.kill()
                worker.wait()
                story.kills += 1
            time.sleep(0.002)
        for event in reader.read_all():
            story.view.apply(event)
            if isinstance(event, RunResumed):
                story.resumed.append((event.epoch, event.step))
        assert isinstance(story.view.ended, RunEnded) or worker.poll() == -9, folder.log_file.read_text()
    story.unreadable = reader.skipped
    return story
