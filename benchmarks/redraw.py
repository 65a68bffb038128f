"""How long a redraw of the charts holds the event loop: nothing else can answer a key meanwhile.

    python -m benchmarks.redraw [--redraws 60]

A run of 2,000 epochs, both curves full, at 120×40 and at 80×24. Each redraw follows a new epoch. A beat every millisecond
tells how long the loop was held, by the clock and in processor time of the loop's own thread: on a busy machine the clock also
counts what others took. The goal is 30 ms.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time

from tests.factories import append, epoch, opening
from tuinn.runs.folder import RunFolder
from tuinn.spec.presets.catalog import default_draft
from tuinn.ui.app import TuinnApp
from tuinn.ui.workbench.screen import Workbench

EPOCHS = 2000


class Beat:
    """Beats every millisecond and keeps the longest silence."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.reset()
        self.handle = self.loop.call_later(0.001, self._beat)

    def reset(self) -> None:
        self.longest = self.busiest = 0.0
        self.at, self.spent = time.perf_counter(), time.thread_time()

    def _beat(self) -> None:
        now, spent = time.perf_counter(), time.thread_time()
        self.longest, self.busiest = max(self.longest, now - self.at), max(self.busiest, spent - self.spent)
        self.at, self.spent = now, spent
        self.handle = self.loop.call_later(0.001, self._beat)

    def end(self) -> None:
        self.handle.cancel()


async def measure(size: tuple[int, int], redraws: int) -> None:
    folder = RunFolder.create(default_draft().with_fit(epochs=EPOCHS + redraws))
    append(folder, *opening(epochs=EPOCHS + redraws))
    append(folder, *(event for number in range(1, EPOCHS) for event in epoch(number, 2.0 / number)))
    held, spent = [], []
    with folder.hold_lock():
        app = TuinnApp(None, folder)
        async with app.run_test(size=size) as pilot:
            screen = next(one for one in app.screen_stack if isinstance(one, Workbench))
            await pilot.pause(1)
            beat = Beat()
            for number in range(EPOCHS, EPOCHS + redraws):
                append(folder, *epoch(number, 2.0 / number))
                screen.runs.drawn_at = 0.0
                beat.reset()
                screen.runs.poll()
                await asyncio.sleep(0.3)
                held.append(beat.longest)
                spent.append(beat.busiest)
            beat.end()
    for what, times in (("by the clock", held), ("of the thread's own time", spent)):
        times.sort()
        print(
            f"{size[0]}×{size[1]}: held {1e3 * statistics.median(times):.1f} ms {what}, "
            f"p95 {1e3 * times[int(0.95 * len(times))]:.1f} ms, longest {1e3 * times[-1]:.1f} ms; goal 30 ms"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--redraws", type=int, default=60)
    told = parser.parse_args()
    for size in ((120, 40), (80, 24)):
        asyncio.run(measure(size, told.redraws))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(TUINN_HOME=home, TUINN_STANDBY="0")
        main()
