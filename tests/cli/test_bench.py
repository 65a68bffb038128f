"""`tuinn bench`: what it needs, how it ends, and once the whole of it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Start, output_of
from tuinn.cli.bench import check_memory, progress_line
from tuinn.errors import WorkerError
from tuinn.runs.benchmark import BENCH_NETWORKS

NO_TENSORFLOW = "raise ImportError('libtensorflow.so is not there', name='tensorflow')"

HANGS = """
import os, threading
from pathlib import Path
(Path(os.environ["STARTED"]) / str(os.getpid())).touch()
threading.Event().wait()
"""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Callable[[str], "subprocess.Popen[str]"]]:
    """Start the command with this code in place of TensorFlow."""
    started: list[subprocess.Popen[str]] = []

    def go(tensorflow: str) -> "subprocess.Popen[str]":
        (tmp_path / "tensorflow.py").write_text(tensorflow)
        env = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "STARTED": str(tmp_path)}
        command = [sys.executable, "-m", "tuinn", "bench", "--quick"]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, env=env, text=True, stdout=pipe, stderr=pipe))
        return started[-1]

    yield go
    for process in started:
        process.kill()
        process.communicate()


Bench = Callable[[str], "subprocess.Popen[str]"]


def test_a_missing_tensorflow_is_one_sentence(bench: Bench) -> None:
    process = bench(NO_TENSORFLOW)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert out == ""
    assert err.splitlines()[-1].startswith(
        "tuinn: TensorFlow cannot be loaded (libtensorflow.so is not there)."
    )
    assert "Traceback" not in err


def test_ctrl_c_ends_it_with_its_processes(bench: Bench, tmp_path: Path) -> None:
    process = bench(HANGS)
    out, err = output_of(process)
    while "building" not in err.readline():
        pass
    process.send_signal(signal.SIGINT)
    process.wait(60)
    assert process.returncode == 130
    assert out.read() == ""
    assert "Traceback" not in err.read()
    for child in [int(file.name) for file in tmp_path.iterdir() if file.name.isdigit()]:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


def test_too_little_memory_is_said_before_anything_starts() -> None:
    check_memory(2_000_000_000)
    with pytest.raises(WorkerError, match=r"Only 200\.0 MB of memory are free"):
        check_memory(200_000_000)


def test_progress_is_a_line_that_moves_on_a_terminal_and_few_lines_elsewhere(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for moves in (True, False):
        tell = progress_line(moves)
        for words in ("loading", "1 of 3: building", "1 of 3: round 2 of 7", ""):
            tell(words)
    moving, still = capsys.readouterr().err.rsplit("\r\x1b[K", 1)
    assert moving == "\r\x1b[Kloading\r\x1b[K1 of 3: building\r\x1b[K1 of 3: round 2 of 7"
    assert still == "loading\n1 of 3: building\n"


@pytest.mark.tf
def test_it_measures_three_networks_both_ways(start: Start) -> None:
    process = start("bench", "--quick", "--json", worker="")
    out, err = process.communicate(timeout=280)
    assert process.returncode == 0, err
    told = json.loads(out)
    assert told["device"].startswith(("CPU", "GPU"))
    assert told["peak"]["flops_per_second"] > 1e9
    assert [network["name"] for network in told["networks"]] == [network.name for network in BENCH_NETWORKS]
    for network in told["networks"]:
        for way in ("script", "tuinn"):
            assert len(network[way]["epoch_seconds"]) == told["rounds"] == 3
            assert network[way]["samples_per_second"] > 10
        parts = network["step_seconds"]
        assert parts["fixed"] + parts["arithmetic"] + parts["reading"] == pytest.approx(parts["whole"])
        assert 0.1 < network["ratio"] < 100
        assert 0 < network["share_of_peak"] < 2
        assert network["limit"] in ("fixed", "arithmetic", "reading")
        assert network["what_limits"].endswith(".")
    lab = told["networks"][0]
    assert lab["flops_per_step"] == 128 * 2 * (2 * 784 * 154 + 3 * (154 * 64 + 64 * 10))
