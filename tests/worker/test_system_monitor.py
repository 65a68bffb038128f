"""How busy the machine is: read now and then, with a card or without one, and never more than it costs."""

import sys
from types import SimpleNamespace

import pytest

from tuinn.runs.machine import graphics_card
from tuinn.worker.system_monitor import EARLY, EARLY_SECONDS, LATE_SECONDS, Card, SystemMonitor, find_card


class NVMLError(Exception):
    pass


def driver(**more: object) -> SimpleNamespace:
    """What pynvml looks like where there are two cards; `more` replaces a question."""

    def handle(number: int) -> int:
        if number > 1:
            raise NVMLError
        return number

    return SimpleNamespace(
        **{
            "NVMLError": NVMLError,
            "NVML_TEMPERATURE_GPU": 0,
            "nvmlInit": lambda: None,
            "nvmlDeviceGetHandleByIndex": handle,
            "nvmlDeviceGetMemoryInfo": lambda card: SimpleNamespace(used=3_000 + card, total=80_000),
            "nvmlDeviceGetUtilizationRates": lambda card: SimpleNamespace(gpu=87),
            "nvmlDeviceGetTemperature": lambda card, kind: 61,
            **more,
        }
    )


def test_a_reading_counts_what_this_process_spent_since_the_one_before() -> None:
    now = [0.0]
    monitor = SystemMonitor(cores=2, clock=lambda: now[0])
    now[0] = 10.0
    monitor.cpu_seconds -= 15.0
    load = monitor.read()
    assert load is not None
    assert load.own == pytest.approx(1.5, abs=0.2)
    assert load.cores == 2
    assert 0 <= load.cpu <= 1
    assert 0 < load.ram < 1
    assert load.memory > 10_000_000
    assert (load.gpu, load.gpu_memory, load.temperature) == (None, None, None)


def test_samples_that_are_read_from_the_disk_are_reported_as_a_share_of_the_time() -> None:
    now, read = [0.0], [3.0]
    monitor = SystemMonitor(cores=2, seconds_read=lambda: read[0], clock=lambda: now[0])
    now[0], read[0] = 10.0, 10.5
    first = monitor.read()
    now[0], read[0] = 20.0, 99.0
    second = monitor.read()
    assert first is not None
    assert second is not None
    assert (first.reading, second.reading) == (0.75, 1.0)


def test_it_is_read_often_at_first_and_seldom_later_on() -> None:
    now, read = [0.0], []
    monitor = SystemMonitor(cores=1, clock=lambda: now[0])
    while now[0] < 2 * EARLY:
        now[0] += 0.5
        if monitor.read() is not None:
            read.append(now[0])
    young = [at for at in read if at < EARLY]
    assert len(young) == pytest.approx(EARLY / EARLY_SECONDS, abs=2)
    assert len(read) - len(young) == pytest.approx(EARLY / LATE_SECONDS, abs=2)


def test_the_card_tells_its_load_its_memory_and_its_temperature() -> None:
    assert Card(driver(), 1).read() == {
        "gpu": 0.87,
        "gpu_memory": 3_001,
        "gpu_memory_total": 80_000,
        "temperature": 61,
    }


def test_what_a_card_does_not_tell_is_left_out() -> None:
    def refuse(*_: object) -> None:
        raise NVMLError

    told = Card(driver(nvmlDeviceGetUtilizationRates=refuse, nvmlDeviceGetTemperature=refuse), 0).read()
    assert (told["gpu"], told["temperature"], told["gpu_memory"]) == (None, None, 3_000)


def test_without_a_card_no_driver_is_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)  # an import would fail
    assert find_card(None) is None
    assert find_card(0) is None


def test_cards_that_are_hidden_are_counted_as_tensorflow_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", driver())
    assert find_card(2) is None
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    card = find_card(0)
    assert card is not None
    assert card.handle == 1
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-1234")
    assert graphics_card.driver_number(0) == 0
