"""Twelve trainings by TensorFlow, left alone, their conductor and the screen killed half-way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import TypeVar

import pytest

from tests.e2e.terminal import Terminal
from tuinn.runs.events import Event
from tuinn.runs.folder import all_runs
from tuinn.spec.presets.catalog import preset_for_dataset
from tuinn.sweeps.events import SweepStarted, TrialEnded, TrialStarted, Weighed
from tuinn.sweeps.folder import SweepFolder
from tuinn.sweeps.follower import SweepFollower, SweepState
from tuinn.sweeps.launch import resume_sweep, start_sweep
from tuinn.sweeps.spec import SweepSpec
from tuinn.sweeps.view import SweepView

pytestmark = pytest.mark.tf

TUINN = (sys.executable, "-m", "tuinn")


@pytest.mark.timeout(600)
def test_a_sweep_of_twelve_trials_survives_being_left_and_the_death_of_its_conductor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TUINN_IDLE", "5")
    iris = preset_for_dataset("iris")
    assert iris is not None
    base = iris.with_fit(epochs=3)
    overs = ["fit.learning_rate=log:1e-3..1e-1", "layers[1].units=4,8,16"]
    folder = start_sweep(SweepSpec.of(base, overs, trials=12, parallel=3))
    with Terminal((*TUINN, "attach", _first_run(folder)), (80, 24), dict(os.environ)) as screen:
        screen.expect("Charts")
        screen.press("R")
        screen.expect("A new sweep")
        screen.press("\x1b[B\r")
        screen.expect(r"trial \d+ of 12")
        _wait(folder, lambda view: view.done >= 4 and len(view.training) >= 2)
        screen.signal(signal.SIGKILL)
        screen.ended = 0
    (started,) = _said(folder, SweepStarted)
    os.kill(started.pid, signal.SIGKILL)
    in_hand = [trial.run for trial in _lost(folder).view.training]
    assert in_hand

    resume_sweep(SweepFollower(folder))
    view = _wait(folder, lambda view: view.ended is not None).view
    assert [trial.state for trial in view.trials if trial.state not in ("finished", "pruned")] == []
    assert len(view.trials) == len(_said(folder, TrialEnded)) == 12
    assert len(all_runs()) == 12, "what was in hand was attached to or resumed, not begun anew"
    assert {trial.run for trial in view.trials} == {run.name for run in all_runs()}
    assert [event.number for event in _said(folder, TrialStarted)] == list(range(1, 13))
    assert sum(_said(folder, Weighed)[-1].importance.values()) == pytest.approx(1)

    assert view.best is not None
    told = subprocess.run(
        [*TUINN, "evaluate", view.best.run, "--json"], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr


def _first_run(folder: SweepFolder) -> str:
    _wait(folder, lambda view: view.trials)
    return SweepFollower(folder).view.trials[0].run


E = TypeVar("E", bound=Event)


def _said(folder: SweepFolder, kind: type[E]) -> list[E]:
    return [event for event in folder.events().read_all() if isinstance(event, kind)]


def _wait(folder: SweepFolder, true: Callable[[SweepView], object], seconds: float = 400) -> SweepFollower:
    sweep, deadline = SweepFollower(folder), time.monotonic() + seconds
    while not true(sweep.view):
        assert time.monotonic() < deadline, folder.log_file.read_text()
        sweep.poll()
        time.sleep(0.1)
    return sweep


def _lost(folder: SweepFolder) -> SweepFollower:
    sweep = SweepFollower(folder)
    while sweep.state is not SweepState.LOST:
        sweep.poll()
        time.sleep(0.02)
    return sweep
