"""The command line as a process of its own, with a worker that only tells stories."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from tests.conftest import Write
from tests.factories import whole_run
from tuinn.runs.commands import Quit, Stop
from tuinn.runs.folder import RunFolder, all_runs
from tuinn.spec.presets.catalog import fashion_lab
from tuinn.sweeps.commands import StopAll
from tuinn.sweeps.folder import all_sweeps

FAKE = Path(__file__).with_name("fake_worker.py")
ROOT = FAKE.parents[2]

CONDUCT_WITH_FAKE = f"""
import sys
from tuinn.runs import launch
launch.WORKER = (sys.executable, {str(FAKE)!r})
from tuinn.runner.__main__ import main
sys.exit(main())
"""

WITH_FAKE = f"""
import sys
from tuinn.runs import launch
from tuinn.sweeps import launch as sweeps
launch.WORKER = (sys.executable, {str(FAKE)!r})
sweeps.RUNNER = (sys.executable, "-c", {CONDUCT_WITH_FAKE!r})
from tuinn.__main__ import main
main()
"""


@dataclass
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str


def output_of(process: "subprocess.Popen[str]") -> tuple[IO[str], IO[str]]:
    """Standard output and standard error of a process whose output is piped."""
    assert process.stdout is not None
    assert process.stderr is not None
    return process.stdout, process.stderr


Start = Callable[..., "subprocess.Popen[str]"]
Tuinn = Callable[..., Done]


def hear_of_the_terminal() -> None:
    """Tests that were started with nohup ignore its end, and so would what they start."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def start(own_home: Path) -> Iterator[Start]:
    """Start `tuinn` with these words; `worker` is the story its worker tells, "" for a real one."""
    started: list[subprocess.Popen[str]] = []

    def go(*words: str | Path, worker: str = "finish", **more: object) -> "subprocess.Popen[str]":
        env = {
            **os.environ,
            "FAKE_WORKER": worker,
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "TUINN_IDLE": "5",
        }
        command = [sys.executable, "-c", WITH_FAKE] if worker else [sys.executable, "-m", "tuinn"]
        streams = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "text": True,
            "preexec_fn": hear_of_the_terminal,
        }
        started.append(subprocess.Popen([*command, *map(str, words)], env=env, **{**streams, **more}))  # type: ignore[call-overload]
        return started[-1]

    yield go
    for process in started:
        process.kill()
        process.communicate()
    for sweep in all_sweeps() if own_home.is_dir() else ():
        if sweep.is_alive():
            sweep.ask(StopAll(), StopAll())
    for folder in all_runs() if own_home.is_dir() else ():
        if folder.is_alive():
            folder.ask(Stop(), Quit())


@pytest.fixture
def tuinn(start: Start) -> Tuinn:
    """Do a command and wait for its end."""

    def go(*words: str | Path, **more: object) -> Done:
        process = start(*words, **more)
        out, err = process.communicate(timeout=120)
        return Done(process.returncode, out, err)

    return go


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """The lab network's spec in a file."""
    file = tmp_path / "lab.toml"
    file.write_text(fashion_lab().toml())
    return file


@pytest.fixture
def trained(write_run: Write) -> RunFolder:
    """A run that ended well; its network is a file that only a fake worker takes for one."""
    folder = write_run(whole_run())
    folder.model_file.touch()
    return folder
