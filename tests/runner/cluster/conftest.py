"""A real Dask cluster: a scheduler and machines, each a process with a HOME and a TUINN_HOME of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from tuinn.programs import own_program
from tuinn.runs.folder import RunFolder

ROOT = Path(__file__).parents[3]
PATIENCE = 150.0


def until(true: Callable[[], object], what: str = "") -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, what or "it doesn't come about"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class FakeMachine:
    """A Dask worker, and what it started."""

    name: str
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def home(self) -> Path:
        return self.folder / "tuinn"

    def runs(self) -> list[str]:
        return sorted(path.name for path in (self.home / "runs").glob("*"))

    def starts(self) -> list[str]:
        """Run and first epoch of each worker that was started."""
        file = self.home / "starts"
        return file.read_text().splitlines() if file.exists() else []

    def run(self, name: str) -> RunFolder:
        return RunFolder(self.home / "runs" / name)

    def workers(self) -> list[psutil.Process]:
        """The processes that train there."""
        return [one for one in psutil.process_iter() if any(str(self.home) in word for word in words_of(one))]

    def vanish(self) -> None:
        """As when the power fails: nothing of it is left but its disk."""
        kill(self.process)
        for worker in self.workers():
            worker.kill()


def words_of(process: psutil.Process) -> list[str]:
    try:
        return [] if process.status() == psutil.STATUS_ZOMBIE else list(process.cmdline())
    except psutil.Error:
        return []


def kill(process: subprocess.Popen[bytes]) -> None:
    """It and all that it has started in its session."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@dataclass
class FakeCluster:
    folder: Path
    port: int = field(default_factory=free_port)
    scheduler: subprocess.Popen[bytes] | None = None
    machines: dict[str, FakeMachine] = field(default_factory=dict)
    epoch_seconds: float = 0.02
    scheme: str = "tcp"

    @property
    def address(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def start_scheduler(self) -> None:
        words = (
            "--host",
            f"{self.scheme}://127.0.0.1",
            "--port",
            str(self.port),
            "--no-dashboard",
            "--no-show",
        )
        self.scheduler = self._start("scheduler", own_program("distributed.cli.dask_scheduler", *words), {})
        until(self._answers, "no scheduler")

    def _answers(self) -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def add(self, name: str, fake: str = "trials", *words: str, **environment: str) -> FakeMachine:
        """Start a machine; one that was there before has its disk again."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        nanny = () if "--nanny" in words else ("--no-nanny",)
        program = own_program(
            "distributed.cli.dask_worker",
            *(self.address, "--nthreads", "1", "--no-dashboard", "--name", name, *nanny),
            *(word for word in words if word != "--nanny"),
            *("--preload", "tests.runner.cluster.fake_machine"),
        )
        told = {"HOME": str(folder), "TUINN_HOME": str(folder / "tuinn"), "TUINN_FAKE": fake}
        told |= {"TUINN_FAKE_EPOCH": str(self.epoch_seconds)} | environment
        machine = FakeMachine(name, folder, self._start(name, program, told))
        self.machines[name] = machine
        until(lambda: "Registered to" in self.log(name), f"no machine {name}")
        return machine

    def _start(self, name: str, program: tuple[str, ...], told: dict[str, str]) -> subprocess.Popen[bytes]:
        path = os.pathsep.join([str(ROOT), *sys.path])
        with (self.folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                program,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": path, **told},
            )

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def close(self) -> None:
        for machine in self.machines.values():
            machine.vanish()
        if self.scheduler is not None:
            kill(self.scheduler)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[FakeCluster]:
    """A scheduler without machines."""
    folder = tmp_path / "cluster"
    folder.mkdir()
    made = FakeCluster(folder)
    try:
        made.start_scheduler()
        yield made
    finally:
        made.close()
