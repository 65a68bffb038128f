"""Which GPU a trial gets where a Dask worker has several to give (`--resources GPU=2`).

A card is a lock that the training worker inherits, so that it is free when that ends, whatever became of Dask.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tuinn.runner import device_slots

VISIBLE = "CUDA_VISIBLE_DEVICES"


@dataclass(frozen=True)
class Card:
    """What a training worker is started with."""

    environment: dict[str, str]
    locks: tuple[int, ...]
    """File descriptors that it inherits."""


def count() -> int:
    """How many GPUs the Dask worker has to give in whose task this is called; 0: Dask doesn't know of any."""
    from distributed import get_worker

    try:
        return int(get_worker().state.total_resources.get("GPU", 0))
    except ValueError:  # no task
        return 0


@contextmanager
def one_card(cards: int, device: str) -> Iterator[Card]:
    """Choose a card that no other trial has. `cards`: how many there are; `device` as in a spec.

    A spec that names its card, or the CPU, keeps to it. Raises OSError.
    """
    if cards < 1 or device not in ("auto", "gpu"):
        yield Card({}, ())
        return
    told = os.environ.get(VISIBLE, "")
    names = told.split(",") if told else [str(number) for number in range(cards)]
    for name in names[:cards]:
        lock = device_slots.acquire(f"card-{name.replace('/', '-')}", 1)
        if lock is not None:
            try:
                yield Card({VISIBLE: name}, (lock,))
            finally:
                os.close(lock)
            return
    yield Card({}, ())  # others have them all, as trainings that Dask doesn't know of
