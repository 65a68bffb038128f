"""So many trainings at a time on a device, over the queue and all sweeps.

A slot is a lock on a file. The worker inherits it, so that it is free again when the worker ends, whatever became of
the runner that launched it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tuinn.atomic_io import try_lock
from tuinn.runs.folder import home
from tuinn.runs.machine.graphics_card import has_gpu_driver


def device_of(wanted: str) -> str:
    """The device that a spec's `auto`, `cpu`, `gpu` or `gpu:N` computes on, as far as is known without TensorFlow."""
    if wanted == "auto":
        wanted = "gpu" if has_gpu_driver() else "cpu"
    return "gpu:0" if wanted == "gpu" else wanted


def acquire(device: str, most: int) -> int | None:
    """The lock of a free slot among the first `most` of this device, as a file descriptor to pass on and to close.

    None: all are taken. Raises OSError.
    """
    folder = home() / "slots"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in range(most):
        slot = try_lock(folder / f"{device.replace(':', '-')}.{number}")
        if slot is not None:
            return slot
    return None


@contextmanager
def released_on_failure(slot: int) -> Iterator[None]:
    """Whatever goes wrong before a worker has inherited the slot: it is free again."""
    try:
        yield
    except BaseException:
        os.close(slot)
        raise
