"""Which processor computes. Choose it before TensorFlow does anything at all: afterwards it can't be changed."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

import tensorflow as tf

from tuinn.errors import WorkerError
from tuinn.runs.machine import card_check
from tuinn.runs.machine.card_check import Card, Verdict
from tuinn.runs.machine.graphics_card import find_cards, has_gpu_driver, why_unused
from tuinn.spec.device import listed


@dataclass(frozen=True)
class Device:
    """What computes."""

    words: str
    """`CPU · 2 cores`, `GPU:0 · NVIDIA H200`."""
    card: int | None = None
    """The number of a card, as TensorFlow counts; None: a processor."""
    notes: tuple[str, ...] = ()
    """Why it is not the card that was asked for, or what may go wrong with it."""
    names: tuple[str, ...] = ()
    """TensorFlow's names of those that train together, such as `/gpu:0`; empty: one computes."""


_chosen: dict[str, Device] = {}
"""Cards that this process has chosen, by what was wanted."""


def choose(
    wanted: str,
    check: Callable[[Card], Verdict] = card_check.check_card,
    tick: Callable[[], None] = lambda: None,
) -> Device:
    """Make TensorFlow use the device that the spec asks for, and return it.

    `wanted` is `auto`, `cpu`, `gpu` or `gpu:N`. `auto` and `gpu` take the first card that `check` finds to work, `gpu:N` that
    one; where none can be used, the processor computes, and a note says why. Only the chosen card stays visible, and its
    memory is taken as needed. `all` and `gpu:0,1` take every such card that works, and `cpu:0,1` divides the processor.
    `tick` is called again and again while a full card is watched. Raises WorkerError where there is no such card.
    """
    kind, numbers = listed(wanted)
    if kind == "cpu" and numbers:
        return _divided_processor(numbers)
    physical = physical_cards()
    if wanted == "all" or numbers:
        return _several_cards(wanted, numbers or tuple(range(len(physical))), check, tick)
    if wanted == "cpu" or (wanted == "auto" and not physical):
        return _processor()
    _, _, digits = wanted.partition(":")
    number = int(digits or 0)
    if number >= len(physical):
        raise missing_card_error(wanted, len(physical), unused_card(wanted))
    if wanted in _chosen:  # what this process holds of a card's memory counts as taken
        return _chosen[wanted]
    cards = [Card(at, model_name(card)) for at, card in enumerate(physical)]
    found = card_check.first_usable(cards[number : number + 1] if digits else cards, check, tick=tick)
    if found.card is None:
        return _processor(tuple(f"{problem} Meanwhile the CPU computes." for problem in found.problems))
    card = physical[found.card.number]
    tf.config.set_visible_devices([card], "GPU")
    tf.config.experimental.set_memory_growth(card, True)
    notes = [f"{problem} Meanwhile {found.card.label} computes." for problem in found.problems]
    _chosen[wanted] = Device(
        f"GPU:{found.card.number} · {found.card.name}",
        found.card.number,
        (*notes, *filter(None, [found.warning])),
    )
    return _chosen[wanted]


def _several_cards(
    wanted: str, numbers: tuple[int, ...], check: Callable[[Card], Verdict], tick: Callable[[], None]
) -> Device:
    """All of these cards that work; the processor where none does."""
    physical = physical_cards()
    missing = next((number for number in numbers if number >= len(physical)), None)
    if missing is not None:
        raise missing_card_error(wanted, len(physical), unused_card(wanted))
    if not numbers:
        return _processor(("device is all, but TensorFlow sees no GPU: the CPU computes.",))
    if wanted in _chosen:
        return _chosen[wanted]
    notes: list[str] = []
    usable: list[Card] = []
    for number in numbers:
        found = card_check.first_usable([Card(number, model_name(physical[number]))], check, tick=tick)
        notes += [*found.problems, *filter(None, [found.warning])]
        usable += [found.card] if found.card else []
    if not usable:
        return _processor(tuple(f"{note} Meanwhile the CPU computes." for note in notes))
    tf.config.set_visible_devices([physical[card.number] for card in usable], "GPU")
    for card in usable:
        tf.config.experimental.set_memory_growth(physical[card.number], True)
    together = ",".join(str(card.number) for card in usable)
    products = " and ".join(dict.fromkeys(card.name for card in usable))
    names = tuple(f"/gpu:{at}" for at in range(len(usable))) if len(usable) > 1 else ()
    _chosen[wanted] = Device(f"GPU:{together} · {products}", usable[0].number, tuple(notes), names)
    return _chosen[wanted]


def _divided_processor(numbers: tuple[int, ...]) -> Device:
    """Several devices that share the processor's cores. Raises WorkerError where TensorFlow has begun to compute."""
    processor, count = tf.config.list_physical_devices("CPU")[0], max(numbers) + 1
    parts = [tf.config.LogicalDeviceConfiguration() for _ in range(count)]
    if len(tf.config.get_logical_device_configuration(processor) or ()) < count:
        try:
            tf.config.set_logical_device_configuration(processor, parts)
        except RuntimeError:
            words = "This process already computes on one processor, which can't be divided any more."
            raise WorkerError(f"{words} Start the run again, or set device to cpu.") from None
    device, together = _processor(), ",".join(map(str, numbers))
    return replace(
        device, words=f"CPU:{together} · {cores()} cores", names=tuple(f"/cpu:{at}" for at in numbers)
    )


def _processor(notes: tuple[str, ...] = ()) -> Device:
    """Hide all cards, so that the processor computes."""
    if physical_cards():
        tf.config.set_visible_devices([], "GPU")
    return Device(f"CPU · {cores()} cores", notes=notes)


def physical_cards() -> list[object]:
    """The cards that TensorFlow sees, hidden ones included. Takes none of their memory."""
    return list(tf.config.list_physical_devices("GPU"))


def unused_card(wanted: str) -> str:
    """Why a card that is there isn't used, where one is wanted; empty where all is well."""
    if wanted.startswith("cpu"):
        return ""
    return why_unused(find_cards(tf.test.is_built_with_cuda(), len(physical_cards())))


def computes_on_gpu() -> bool:
    """True once `choose` has chosen a card."""
    return bool(tf.config.get_visible_devices("GPU"))


def certainly_no_gpu() -> bool:
    """True where there can be no card. Looks at device files only: no driver is loaded, no memory taken."""
    return sys.platform == "linux" and not has_gpu_driver()


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def missing_card_error(wanted: str, found: int, why: str = "") -> WorkerError:
    """The error to raise where the spec asks for a card that TensorFlow doesn't see, of `found` that it does.

    `why`: in a sentence, where it is known.
    """
    available = "no GPU" if not found else f"{found} GPU{'s' * (found != 1)}, counted from 0"
    advice = "Set device to auto or cpu"
    if why:
        return WorkerError(
            f"device is {wanted}, but TensorFlow sees {available}. {why} Or set device to auto or cpu."
        )
    if not found and sys.platform == "linux":
        advice += "; with an NVIDIA card, install its libraries: pip install 'tuinn[cuda]'"
    return WorkerError(f"device is {wanted}, but TensorFlow sees {available}. {advice}.")


def model_name(card: object) -> str:
    """The product name of a physical device of TensorFlow's."""
    details = tf.config.experimental.get_device_details(card)
    return str(details.get("device_name") or card_check.UNNAMED)
