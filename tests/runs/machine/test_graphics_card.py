"""A card that is there and isn't used: the reason and the remedy, from plain values and from a made-up file system."""

from dataclasses import replace
from pathlib import Path

import pytest

from tuinn.runs.machine.graphics_card import CardFacts, find_cards, why_unused

GOOD = CardFacts(
    on_bus=1, driven=1, driver="550.54.15", libraries=True, built_with_cuda=True, seen=1, visible="0"
)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (CardFacts(), ""),
        (CardFacts(libraries=False, visible="", seen=0, built_with_cuda=False), ""),
        (GOOD, ""),
        (replace(GOOD, visible=None, seen=2, libraries=False), ""),
        (replace(GOOD, seen=None), ""),
        (replace(GOOD, driven=0, seen=0), "driver isn't loaded"),
        (replace(GOOD, visible="", seen=0), "CUDA_VISIBLE_DEVICES='' hides it. Unset it."),
        (replace(GOOD, visible="-1", seen=None, on_bus=4), "hides them"),
        (replace(GOOD, driver="470.256.02", seen=0), "470.256.02 is too old. Install 525.60"),
        (replace(GOOD, driver="525.60.13", seen=None), ""),
        (replace(GOOD, built_with_cuda=False, seen=0), "without CUDA. Install the usual one: pip uninstall"),
        (replace(GOOD, libraries=False, seen=0), "pip install 'tuinn[cuda]'"),
        (replace(GOOD, libraries=False, seen=None, built_with_cuda=None), "pip install 'tuinn[cuda]'"),
        (replace(GOOD, seen=0), "TensorFlow sees none"),
    ],
    ids=str,
)
def test_why_a_card_is_not_used(facts: CardFacts, words: str) -> None:
    told = why_unused(facts)
    assert words in told
    assert bool(told) == bool(words)
    if facts.on_bus > 1 and words:
        assert told.startswith(f"{facts.on_bus} NVIDIA cards are there, but they are not used: ")


def test_cards_are_found_by_the_bus_the_driver_and_its_files(tmp_path: Path) -> None:
    def write(file: str, text: str = "") -> None:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)

    assert find_cards(environment={}, root=tmp_path).driven == 0
    write("sys/bus/pci/devices/0000:01:00.0/vendor", "0x10de\n")
    write("sys/bus/pci/devices/0000:01:00.0/class", "0x030200\n")
    write("sys/bus/pci/devices/0000:01:00.1/vendor", "0x10de\n")
    write("sys/bus/pci/devices/0000:01:00.1/class", "0x040300\n")  # its sound
    write("sys/bus/pci/devices/0000:02:00.0/vendor", "0x8086\n")
    write("sys/bus/pci/devices/0000:02:00.0/class", "0x030000\n")
    write("dev/nvidiactl")
    write("dev/nvidia0")
    write(
        "proc/driver/nvidia/version",
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.256.02  Thu May  2 14:37:44 UTC 2024\n",
    )
    facts = find_cards(built_with_cuda=True, seen=0, environment={"CUDA_VISIBLE_DEVICES": ""}, root=tmp_path)
    assert (facts.on_bus, facts.driven, facts.driver, facts.visible) == (1, 1, "470.256.02", "")
    assert (facts.built_with_cuda, facts.seen) == (True, 0)
    write(
        "proc/driver/nvidia/version",
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.15  Release Build\n",
    )
    assert find_cards(environment={}, root=tmp_path).driver == "550.54.15"
