"""Where a run is trained: on this machine, or on one of a cluster (`cluster/`)."""

import os
import subprocess
from typing import Protocol

from tuinn.runner import device_slots
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import launch, resume_run
from tuinn.spec.run import RunSpec


class Process(Protocol):
    """Whatever trains a run."""

    def poll(self) -> int | None:
        """Return its exit code; None while it is at work."""


class Place(Protocol):
    """Where runs are trained."""

    poll_seconds: float
    """Seconds between two looks at the journals."""

    def slot(self, spec: RunSpec, most: int) -> int | None:
        """Return the lock of one of the `most` slots for this training, as a file descriptor; None: all are taken."""

    def start(self, run: RunFolder, slot: int, *, begun: bool, ended: bool) -> Process:
        """Start a worker that holds a copy of the slot's descriptor. Raises FolderError.

        `begun`: the run has a journal, and goes on from its last checkpoint; `ended`: that journal has an end.
        """

    def why_dead(self, run: RunFolder, process: Process | None) -> str:
        """Why a worker died without an ending, in a sentence."""

    def check(self) -> None:
        """Raise FolderError where nothing can be trained there any more."""

    def close(self) -> None:
        """Nothing further is started. What trains goes on."""


class Here:
    """This machine."""

    poll_seconds = 0.1

    def slot(self, spec: RunSpec, most: int) -> int | None:
        """Return a slot of the device that the spec asks for, as in `Place.slot`."""
        return device_slots.acquire(device_slots.device_of(spec.fit.device), most)

    def start(self, run: RunFolder, slot: int, *, begun: bool, ended: bool) -> subprocess.Popen[bytes]:
        """Start a process of this machine, as in `Place.start`."""
        return resume_run(run, inherits=(slot,)) if begun else launch(run, inherits=(slot,))

    def why_dead(self, run: RunFolder, process: Process | None) -> str:
        """Why it died, by its exit code and what it left behind."""
        code = process.poll() if process is not None else None
        return f"{run.examine_death(code).message} Its log: {run.log_file}"

    def check(self) -> None:
        """This machine is there."""

    def close(self) -> None:
        """There is nothing to close."""


HERE = Here()


def close_slot(slot: int) -> None:
    """This process lets go of it; a worker that has inherited it holds it on."""
    os.close(slot)
