"""So many at a time on a device, over everything that trains."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tuinn.runner import device_slots
from tuinn.runs.machine import graphics_card


def test_a_device_has_as_many_slots_as_are_asked_for_and_another_device_has_its_own() -> None:
    first, second = device_slots.acquire("cpu", 2), device_slots.acquire("cpu", 2)
    assert first is not None
    assert second is not None
    assert device_slots.acquire("cpu", 2) is None
    assert device_slots.acquire("gpu:0", 1) is not None
    os.close(first)
    assert device_slots.acquire("cpu", 2) is not None


def test_a_slot_is_held_by_whoever_inherits_it_until_that_process_ends() -> None:
    fd = device_slots.acquire("cpu", 1)
    assert fd is not None
    worker = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(fd,))
    os.close(fd)
    assert device_slots.acquire("cpu", 1) is None
    worker.communicate(b"\n")
    assert device_slots.acquire("cpu", 1) is not None


def test_auto_is_the_first_card_where_there_is_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(graphics_card, "GPU_FILES", (str(tmp_path),))
    assert [device_slots.device_of(wanted) for wanted in ("auto", "cpu", "gpu", "gpu:1")] == [
        "gpu:0",
        "cpu",
        "gpu:0",
        "gpu:1",
    ]
    monkeypatch.setattr(graphics_card, "GPU_FILES", ())
    assert device_slots.device_of("auto") == "cpu"
