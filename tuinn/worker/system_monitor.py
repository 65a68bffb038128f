"""How busy the machine is: processor, memory, and the graphics card where there is one. Read between two batches."""

import os
import time
from collections.abc import Callable
from typing import Protocol, TypedDict, TypeVar

import msgspec

from tuinn.runs.events import LoadMeasured
from tuinn.runs.machine.graphics_card import driver_number

T = TypeVar("T")

EARLY_SECONDS, LATE_SECONDS = 2.0, 10.0
"""Between two readings: at first, and once the run is old. 8,640 of them a day are 1.6 MB of journal at most."""

EARLY = 300.0
"""Seconds after which the run is old."""


class MemoryInfo(Protocol):
    used: int
    total: int


class UtilizationRates(Protocol):
    gpu: int


class Nvml(Protocol):
    """What is used of the module `pynvml`."""

    NVMLError: type[Exception]
    NVML_TEMPERATURE_GPU: int

    def nvmlInit(self) -> object: ...  # noqa: N802

    def nvmlDeviceGetHandleByIndex(self, index: int) -> object: ...  # noqa: N802

    def nvmlDeviceGetMemoryInfo(self, handle: object) -> MemoryInfo: ...  # noqa: N802

    def nvmlDeviceGetUtilizationRates(self, handle: object) -> UtilizationRates: ...  # noqa: N802

    def nvmlDeviceGetTemperature(self, handle: object, sensor: int) -> int: ...  # noqa: N802


class CardLoad(TypedDict):
    """The fields of LoadMeasured that are the card's; None where its driver doesn't say."""

    gpu: float | None
    gpu_memory: int | None
    gpu_memory_total: int | None
    temperature: int | None


class Card:
    """One NVIDIA card, read through its driver."""

    def __init__(self, nvml: Nvml, number: int) -> None:
        """Raises `nvml.NVMLError` where there is no driver or no such card."""
        self.nvml = nvml
        nvml.nvmlInit()
        self.handle = nvml.nvmlDeviceGetHandleByIndex(number)

    def read(self) -> CardLoad:
        nvml, handle = self.nvml, self.handle
        memory = self._query(lambda: nvml.nvmlDeviceGetMemoryInfo(handle))
        percent = self._query(lambda: nvml.nvmlDeviceGetUtilizationRates(handle).gpu)
        return {
            "gpu": None if percent is None else percent / 100,
            "gpu_memory": None if memory is None else int(memory.used),
            "gpu_memory_total": None if memory is None else int(memory.total),
            "temperature": self._query(
                lambda: int(nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU))
            ),
        }

    def _query(self, query: Callable[[], T]) -> T | None:
        try:
            return query()
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
        return Card(pynvml, driver_number(number))
    except pynvml.NVMLError:
        return None


class SystemMonitor:
    """Reads the machine's load, at most every two seconds."""

    def __init__(
        self,
        cores: int,
        card: Card | None = None,
        seconds_read: Callable[[], float | None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`seconds_read`: spent so far reading samples from the disk; None where they all lie in memory."""
        import psutil

        self.cores, self.card, self.clock = cores, card, clock
        self.seconds_read, self.last_seconds_read = seconds_read, seconds_read() or 0.0
        self.started_at = self.read_at = clock()
        self.psutil, self.process = psutil, psutil.Process()
        self.psutil.cpu_percent()  # the next call answers for the time since this one
        self.cpu_seconds = self._cpu_seconds()

    def read(self) -> LoadMeasured | None:
        """The load since the last reading; None where that is not long ago."""
        now = self.clock()
        passed = now - self.read_at
        if passed < (EARLY_SECONDS if now - self.started_at < EARLY else LATE_SECONDS):
            return None
        cpu_seconds = self._cpu_seconds()
        own, self.cpu_seconds, self.read_at = (cpu_seconds - self.cpu_seconds) / passed, cpu_seconds, now
        load = LoadMeasured(
            cpu=round(self.psutil.cpu_percent() / 100, 3),
            own=round(max(own, 0.0), 2),
            cores=self.cores,
            memory=self.process.memory_info().rss,
            ram=round(self.psutil.virtual_memory().percent / 100, 3),
            reading=self._share_reading(passed),
        )
        return load if self.card is None else msgspec.structs.replace(load, **self.card.read())

    def _share_reading(self, passed: float) -> float | None:
        seconds = self.seconds_read()
        if seconds is None:
            return None
        share, self.last_seconds_read = (seconds - self.last_seconds_read) / passed, seconds
        return round(min(share, 1.0), 3)

    def _cpu_seconds(self) -> float:
        """Processor time of this process so far, all cores together."""
        times = os.times()
        return times.user + times.system
