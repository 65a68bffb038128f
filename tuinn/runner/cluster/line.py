"""What a trial needs of the line to its cluster, which connection.py is."""

import asyncio
from collections.abc import Callable, Sized
from typing import Any, Protocol

from tuinn.runner.cluster.machine import Machine
from tuinn.runs.folder import RunFolder
from tuinn.sweeps.cluster import ClusterChoice


class Line(Protocol):
    """The line to a cluster. Its functions are called in the thread of its loop."""

    client: Any
    """Dask's."""
    loop: asyncio.AbstractEventLoop
    problem: str
    """Why nothing can be trained there any more; empty while all is well."""
    choice: ClusterChoice

    @property
    def trials(self) -> Sized:
        """Those that are there."""

    @property
    def is_connected(self) -> bool:
        """The scheduler answers."""

    def gone(self) -> str:
        """That the scheduler is gone, in a sentence or two."""

    def resources(self, run: RunFolder) -> dict[str, float] | None:
        """What a trial takes of a machine, by Dask's names."""

    async def addresses(self, age: float = 0.0) -> list[str]:
        """The addresses of the Dask workers, as they were within the last `age` seconds. Raises Unreachable."""

    async def machine(self, address: str) -> Machine:
        """Return the machine of this address. Raises FolderError where it is not fit, Unreachable."""

    async def at_home(self, home: str) -> list[str]:
        """The addresses that have this home. Raises FolderError, Unreachable."""

    async def call(
        self, address: str, function: Callable[..., Any], *words: object, seconds: float = 0.0
    ) -> Any:
        """Call a function on a machine, and return what it returns. Raises FolderError, Unreachable."""
