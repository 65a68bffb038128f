"""Conductors in this process, with workers that are generators: no process, no clock, no TensorFlow."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from tests.factories import append
from tuinn.runner import place
from tuinn.runs.commands import Stop
from tuinn.runs.events import EpochEnded, RunEnded, RunResumed, RunStarted
from tuinn.runs.folder import RunFolder

Story = Callable[[RunFolder, int], Iterator[None]]
"""A run and the first epoch to train → a worker that does a bit more at every step."""


def training(run: RunFolder, first: int = 1) -> Iterator[None]:
    """An epoch at a time; the loss is the learning rate over the epoch, so that the smallest rate is best."""
    spec = run.spec()
    for epoch in range(first, spec.fit.epochs + 1):
        yield
        if stops := [command for command in run.commands().read_all() if isinstance(command, Stop)]:
            append(run, RunEnded(at=epoch, outcome="stopped", message="Stopped.", signal=stops[0].signal))
            return
        loss = spec.fit.learning_rate / epoch
        append(
            run, EpochEnded(at=epoch, epoch=epoch, metrics={"val_loss": loss}, seconds=1.0, learning_rate=1)
        )
    append(run, RunEnded(at=spec.fit.epochs, outcome="finished"))


@dataclass
class FakeProcess:
    """A worker's process: it lives until its story is told."""

    story: Iterator[None]
    slot: int
    code: int | None = None

    def poll(self) -> int | None:
        return self.code

    def step(self) -> None:
        if self.code is None and next(self.story, "over") == "over":
            self.die()

    def die(self) -> None:
        if self.code is None:
            self.code = 0
            os.close(self.slot)


@dataclass
class Workers:
    """All workers that were launched. `step` lets each of them do a bit; give it to a conductor as its pause."""

    story: Story = training
    started: list[tuple[str, int]] = field(default_factory=list)
    """Run and first epoch, in the order of the launches."""
    processes: list[FakeProcess] = field(default_factory=list)
    at_once: int = 0
    """The most that were on at a time."""
    steps: int = 0
    before_step: Callable[[int], None] = lambda number: None

    def launch(self, run: RunFolder, *_words: str, inherits: tuple[int, ...] = ()) -> FakeProcess:
        append(
            run, RunStarted(at=0, run=run.name, host="box", pid=1, tuinn="0", epochs=run.spec().fit.epochs)
        )
        return self._begin(run, 1, inherits)

    def resume_run(self, run: RunFolder, inherits: tuple[int, ...] = ()) -> FakeProcess:
        done = [event.epoch for event in run.events().read_all() if isinstance(event, EpochEnded)]
        first = max(done, default=0) + 1
        run.commands_file.unlink(missing_ok=True)
        append(run, RunResumed(at=0, epoch=first, step=0, epochs=run.spec().fit.epochs))
        return self._begin(run, first, inherits)

    def _begin(self, run: RunFolder, first: int, inherits: tuple[int, ...]) -> FakeProcess:
        self.started.append((run.name, first))
        self.processes.append(FakeProcess(self.story(run, first), os.dup(inherits[0])))
        self.at_once = max(self.at_once, len(self.on))
        return self.processes[-1]

    @property
    def on(self) -> list[FakeProcess]:
        return [process for process in self.processes if process.code is None]

    def step(self, _seconds: float = 0.0) -> None:
        self.steps += 1
        assert self.steps < 5000, "the conductor doesn't come to an end"
        self.before_step(self.steps)
        for process in self.on:
            process.step()


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    made = Workers()
    monkeypatch.setattr(place, "launch", made.launch)
    monkeypatch.setattr(place, "resume_run", made.resume_run)
    yield made
    for process in made.on:
        process.die()
