"""Which processor computes. Choose it before TensorFlow does anything at all: afterwards it can't be changed."""

import os
import sys

import tensorflow as tf

from tuinn.errors import WorkerError
from tuinn.runs.graphics_card import find_cards, has_gpu_driver, why_unused


def choose(wanted: str) -> str:
    """Make TensorFlow use the device that the spec asks for, and return its description.

    `wanted` is `auto`, `cpu`, `gpu` or `gpu:N`. `auto` and `gpu` take the first card; only the chosen one
    stays visible, and its memory is taken as needed. Raises WorkerError where there is no such card.
    """
    cards = tf.config.list_physical_devices("GPU")
    if wanted == "cpu" or (wanted == "auto" and not cards):
        if cards:
            tf.config.set_visible_devices([], "GPU")
        return f"CPU · {cores()} cores"
    number = int(wanted.partition(":")[2] or 0)
    if number >= len(cards):
        raise missing_card_error(wanted, len(cards), unused_card(wanted))
    card = cards[number]
    tf.config.set_visible_devices([card], "GPU")
    tf.config.experimental.set_memory_growth(card, True)
    return f"GPU:{number} · {model_name(card)}"


def unused_card(wanted: str) -> str:
    """Why a card that is there isn't used, where one is wanted; empty where all is well."""
    if wanted == "cpu":
        return ""
    return why_unused(find_cards(tf.test.is_built_with_cuda(), len(tf.config.list_physical_devices("GPU"))))


def computes_on_gpu() -> bool:
    """True once `choose` has chosen a card."""
    return bool(tf.config.get_visible_devices("GPU"))


def card_number(wanted: str) -> int | None:
    """The number of the card that `choose` has chosen, as TensorFlow counts; None on a processor."""
    return int(wanted.partition(":")[2] or 0) if computes_on_gpu() else None


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
    return str(details.get("device_name") or "unnamed card")
