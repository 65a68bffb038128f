"""The line to a Dask cluster: its scheduler, its machines, and the trials that are there."""

import asyncio
import os
import secrets
import time
from collections.abc import Callable
from typing import Any, TypeVar

from tuinn.errors import FolderError, TuinnError
from tuinn.runner import device_slots
from tuinn.runner.cluster.data_sender import DataSender
from tuinn.runner.cluster.machine import Machine, check_machine, this_machine
from tuinn.runner.cluster.problems import Unreachable, what_is_missing, what_is_wrong
from tuinn.runner.cluster.trial import TrialThere
from tuinn.runner.place import Process
from tuinn.runs.folder import RunFolder, home
from tuinn.spec.run import RunSpec
from tuinn.sweeps.cluster import ClusterChoice
from tuinn.text import shorten

T = TypeVar("T")

CONNECT_SECONDS = 10.0
"""That a scheduler gets to answer."""

CALL_SECONDS = 15.0
"""That a machine gets to answer."""


class Cluster:
    """A place for trials: the machines of a Dask cluster."""

    poll_seconds = 0.25
    """News come once a second."""

    def __init__(self, choice: ClusterChoice) -> None:
        """Connect, and compare the versions of its machines with those here. Raises FolderError."""
        from distributed import Client

        self.choice = choice
        self.problem = ""
        """Why nothing can be trained there any more; empty while all is well."""
        self.machines: dict[str, Machine] = {}
        """By the address of a Dask worker."""
        self.mark = home() / f".cluster-{secrets.token_hex(8)}"
        """A file by which a machine knows that its home is the one here."""
        self.data_sender = DataSender()
        self.known: list[str] = []
        """Addresses of Dask workers, as they were at `asked_at` on the monotonic clock."""
        self.asked_at = 0.0
        self.gpus = False
        """Some machine has GPUs to give, as Dask counts them."""
        self.trials: set[TrialThere] = set()
        try:
            self.client = Client(choice.address, timeout=CONNECT_SECONDS, set_as_default=False, name="tuinn")
        except Exception as error:  # Dask has many names for it
            raise FolderError(
                f"No Dask scheduler answers at {choice.address} ({shorten(str(error), 200)}). Start one: dask scheduler"
            ) from None
        self.loop = self.client.loop.asyncio_loop
        try:
            self.mark.touch()
            asyncio.run_coroutine_threadsafe(self._meet(), self.loop).result()
        except BaseException:
            self.close()
            raise

    async def _meet(self) -> None:
        """Ask each machine what it is. Raises FolderError."""
        addresses = await self.addresses()
        if not addresses:
            raise FolderError(
                f"The scheduler at {self.choice.address} has no workers. "
                f"Start one on each machine: dask worker {self.choice.address} --nthreads 1"
            )
        told = (await self.client.scheduler.identity(n_workers=-1))["workers"].values()
        self.gpus = any(worker.get("resources", {}).get("GPU", 0) >= 1 for worker in told)
        for address in addresses:
            try:
                await self.machine(address)
            except Unreachable:
                continue  # it has just left

    # -------------------------------------------------------------------------------------- as a place

    def slot(self, spec: RunSpec, most: int) -> int | None:
        """Return one of `most` slots of all sweeps on a cluster, as in `Place.slot`: Dask knows which machine is free."""
        return device_slots.acquire("cluster", most)

    def start(self, run: RunFolder, slot: int, *, begun: bool, ended: bool) -> TrialThere:
        """Submit the run as a task, as in `Place.start`. A worker that trains it there already is followed."""
        trial = TrialThere(self, self.data_sender, run, os.dup(slot), begun=begun, ended=ended)
        self.trials = {other for other in self.trials if not other.work.done()} | {trial}
        return trial

    def why_dead(self, run: RunFolder, process: Process | None) -> str:
        """Why its worker died, as the machine says; or that nothing is heard of the machine."""
        return process.why if isinstance(process, TrialThere) else ""

    def check(self) -> None:
        """Raise FolderError where the scheduler is gone, or something is wrong on a machine or here."""
        if not self.problem and not self.is_connected:
            self.problem = self.gone()
        if self.problem:
            raise FolderError(self.problem)

    def close(self) -> None:
        """Leave the cluster. What trains there goes on, and a runner that comes back finds it."""
        for trial in self.trials:
            trial.work.cancel()
        self.mark.unlink(missing_ok=True)
        self.client.close(timeout=2)

    # -------------------------------------------------------------------------------------- for its trials

    @property
    def is_connected(self) -> bool:
        return bool(self.client.status == "running")

    def gone(self) -> str:
        """That the scheduler is gone, in a sentence or two."""
        return (
            f"The Dask scheduler at {self.choice.address} is gone. What trains there goes on; "
            "start the scheduler and its workers again, and resume."
        )

    def resources(self, run: RunFolder) -> dict[str, float] | None:
        """What a trial takes of a machine, by Dask's names: a GPU, where the machines of the cluster have some to give."""
        wants = self.gpus and run.spec().fit.device != "cpu"
        return {"GPU": 1.0} if wants else None

    async def addresses(self, age: float = 0.0) -> list[str]:
        """The addresses of the Dask workers, as they were within the last `age` seconds. Raises Unreachable."""
        if time.monotonic() > self.asked_at + age:
            try:
                self.known = list(await self.client.scheduler.ncores(workers=None))
            except (OSError, TimeoutError) as error:
                raise Unreachable(str(error)) from None
            self.asked_at = time.monotonic()
        return self.known

    async def machine(self, address: str) -> Machine:
        """Return the machine of this address. Raises FolderError where its versions differ, Unreachable."""
        if address not in self.machines:
            machine = await self.call(address, this_machine, self.mark.name)
            check_machine(machine)
            self.machines[address] = machine
        return self.machines[address]

    async def at_home(self, home: str) -> list[str]:
        """The addresses that have this home. Raises FolderError, Unreachable."""
        found = []
        for address in await self.addresses():
            try:
                if (await self.machine(address)).home == home:
                    found.append(address)
            except Unreachable:
                continue
        return found

    async def call(
        self, address: str, function: Callable[..., Any], *words: object, seconds: float = 0.0
    ) -> Any:
        """Call one of the functions of `there` on a machine, and return what it returns.

        `seconds`: that it may take, beside those that every call gets. Raises FolderError where something is wrong
        there, Unreachable where there is no answer.
        """
        answer = self.client.run(function, *words, workers=[address])
        name = self.machines[address].host if address in self.machines else address
        try:
            return (await asyncio.wait_for(answer, CALL_SECONDS + seconds))[address]
        except TuinnError as problem:
            raise FolderError(str(problem)) from None
        except OSError as error:
            if error.errno is None:  # of the line
                raise Unreachable(str(error)) from None
            raise FolderError(what_is_wrong(name, error)) from None
        except (TimeoutError, KeyError) as error:
            raise Unreachable(str(error)) from None
        except Exception as error:
            raise FolderError(what_is_missing(name, error)) from None
