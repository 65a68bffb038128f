"""Trainings that are real and small: some in this process, some in a worker of their own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tuinn.runs.events import AnyEvent, Event
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import WORKER
from tuinn.spec.run import RunSpec

# TensorFlow's plain kernels lack strides and dilations that Keras has, on processors where oneDNN is off by default.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

PATIENCE = 90.0
"""Seconds; TensorFlow alone takes 4 to 7 to load, and more where others compute too."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Runs of a test are nobody else's."""
    monkeypatch.setenv("TUINN_HOME", str(tmp_path))
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "2")
    return tmp_path


@pytest.fixture(autouse=True)
def plain_precision() -> Iterator[None]:
    """A training sets Keras' precision for its whole process: the next test begins with float32 again."""
    yield
    if "keras" in sys.modules:
        import keras

        keras.config.set_dtype_policy("float32")


E = TypeVar("E", bound=Event)


@dataclass
class Training:
    """A training in this process, and what it said."""

    folder: RunFolder
    events: list[Event] = field(default_factory=list)
    evaluator: Any = None
    ending: Any = None
    """RunEnded, once it is over."""

    def events_of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]


Then = Callable[[Event, RunFolder], None]
Train = Callable[..., Training]
Start = Callable[..., "subprocess.Popen[bytes]"]
WaitFor = Callable[..., list[Any]]


@pytest.fixture
def train() -> Train:
    """Train a spec to the end, here. `then(event, folder)` is called after each event.

    With `resume`, a run folder, its training goes on from the last checkpoint, or `from_best`. `into`: what takes the events, where
    the training does not come to its end.
    """

    def go(
        spec: RunSpec,
        then: Then = lambda event, folder: None,
        resume: RunFolder | None = None,
        epochs: int | None = None,
        into: Training | None = None,
        from_best: bool = False,
        keep_best: int = 1,
    ) -> Training:
        from tuinn.worker.checkpoints.start import find_start
        from tuinn.worker.commands import CommandQueue, PastCommands
        from tuinn.worker.event_log import EventLog
        from tuinn.worker.training import trainer

        training = into or Training(resume or RunFolder.create(spec))

        def say(event: Event) -> None:
            training.events.append(event)
            then(event, training.folder)

        folder = training.folder
        old = folder.commands_file.stat().st_size if resume and folder.commands_file.exists() else 0
        start = find_start(folder, spec, PastCommands.read(folder), from_best) if resume else None
        training.evaluator, training.ending = trainer.train(
            folder, spec, CommandQueue(folder, old), EventLog(say), start, epochs, keep_best
        )
        return training

    return go


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a worker process on a run folder, its output in worker.log; it is gone after the test.

    `before`: what a shell does first; `dies`: the moment at which it kills itself; `rights`:
    gives some up, in the child.
    """
    workers: list[subprocess.Popen[bytes]] = []

    def go(
        folder: RunFolder,
        *words: str,
        idle: float = 0.0,
        before: str = "",
        dies: str | None = None,
        rights: Any = None,
    ) -> subprocess.Popen[bytes]:
        worker = WORKER if dies is None else (sys.executable, "-m", "tests.worker.dying", dies)
        command = [*worker, "run", str(folder.path), *words]
        if before:
            command = ["bash", "-c", f'{before}; exec "$@"', "bash", *command]
        with folder.log_file.open("ab") as log:
            env = {**os.environ, "TUINN_IDLE": str(idle)}
            workers.append(
                subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=env,
                    start_new_session=True,
                    preexec_fn=rights,
                )
            )
        return workers[-1]

    yield go
    for worker in workers:
        worker.kill()
        worker.wait()


def wait_for(
    folder: RunFolder, found: Callable[[AnyEvent], bool], patience: float = PATIENCE
) -> list[AnyEvent]:
    """Read the journal until it holds such an event; all events so far. Fails when patience, in seconds, is over."""
    reader, events = folder.events(), []
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        new = reader.read_new()
        events += new
        if any(found(event) for event in new):
            return events
        time.sleep(0.02)
    log = folder.log_file.read_text() if folder.log_file.exists() else ""
    raise AssertionError(f"It did not come. The journal has {events}. The log has {log}")


def finite(value: float | None) -> float:
    """A metric that is a number."""
    assert value is not None
    return value


def journal_of(folder: RunFolder) -> list[Any]:
    """All events of the run so far."""
    return list(folder.events().read_all())


@pytest.fixture(name="wait_for")
def wait_for_fixture() -> WaitFor:
    return wait_for
