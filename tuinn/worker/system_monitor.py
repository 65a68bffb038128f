"""How busy the machine is: processor, memory, and the card where there is one. Asked now and then between two batches."""

import os
import time
from collections.abc import Callable
from typing import Any

from tuinn.runs.events import LoadMeasured

OFTEN, SELDOM = 2.0, 10.0
"""Seconds between two readings: at first, and once the run is old. 8,640 of them a day are 1.6 MB of journal at most."""

YOUNG = 300.0
"""Seconds that a run is young."""


class Card:
    """One NVIDIA card, asked through its driver. What it doesn't tell is None."""

    def __init__(self, nvml: Any, number: int) -> None:
        """`nvml`: the module `pynvml`. Raises its NVMLError where there is no driver or no such card."""
        self.nvml = nvml
        nvml.nvmlInit()
        self.handle = nvml.nvmlDeviceGetHandleByIndex(number)

    def read(self) -> dict[str, Any]:
        """The fields of LoadMeasured that are the card's."""
        nvml, handle = self.nvml, self.handle
        used = self._ask(lambda: nvml.nvmlDeviceGetMemoryInfo(handle))
        busy = self._ask(lambda: nvml.nvmlDeviceGetUtilizationRates(handle).gpu)
        return {
            "gpu": None if busy is None else busy / 100,
            "gpu_memory": None if used is None else int(used.used),
            "gpu_memory_total": None if used is None else int(used.total),
            "temperature": self._ask(
                lambda: int(nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU))
            ),
        }

    def _ask(self, question: Callable[[], Any]) -> Any:
        try:
            return question()
        except self.nvml.NVMLError:
            return None


def find_card(number: int | None) -> Card | None:
    """The card that computes; None where none does, or none that this driver knows. Costs nothing then.

    `number`: TensorFlow's, which is the driver's too, as `tuinn.worker` orders cards by their slots.
    """
    if number is None:
        return None
    try:
        import pynvml
    except ImportError:
        return None
    try:
        return Card(pynvml, _in_slot(number))
    except pynvml.NVMLError:
        return None


def _in_slot(number: int) -> int:
    """The driver's number of the card that TensorFlow calls `number`: CUDA_VISIBLE_DEVICES hides and reorders."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")
    if number < len(visible) and visible[number].strip().isdigit():
        return int(visible[number])
    return number


class SystemMonitor:
    """Reads the machine's load, at most every two seconds."""

    def __init__(
        self,
        cores: int,
        card: Card | None = None,
        read: Callable[[], float | None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`read`: seconds spent so far reading samples from the disk; None where they all lie in memory."""
        import psutil

        self.cores, self.card, self.clock = cores, card, clock
        self.seconds_read, self.had_read = read, read() or 0.0
        self.began = self.read_at = clock()
        self.psutil, self.process = psutil, psutil.Process()
        self.psutil.cpu_percent()  # the first answer is since here
        self.spent = self._seconds_spent()

    def read(self) -> LoadMeasured | None:
        """Since the last reading; None where that is not long ago."""
        now = self.clock()
        passed = now - self.read_at
        if passed < (OFTEN if now - self.began < YOUNG else SELDOM):
            return None
        spent = self._seconds_spent()
        own, self.spent, self.read_at = (spent - self.spent) / passed, spent, now
        return LoadMeasured(
            cpu=round(self.psutil.cpu_percent() / 100, 3),
            own=round(max(own, 0.0), 2),
            cores=self.cores,
            memory=self.process.memory_info().rss,
            ram=round(self.psutil.virtual_memory().percent / 100, 3),
            reading=self._reading(passed),
            **(self.card.read() if self.card else {}),
        )

    def _reading(self, passed: float) -> float | None:
        seconds = self.seconds_read()
        if seconds is None:
            return None
        share, self.had_read = (seconds - self.had_read) / passed, seconds
        return round(min(share, 1.0), 3)

    def _seconds_spent(self) -> float:
        """Of processor time, by this process, all cores together."""
        times = os.times()
        return times.user + times.system
