"""Programs that tuinn starts, in a folder whose files are called like modules."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from tuinn.cli import doctor
from tuinn.data.images import decoder_pool, decoder_process
from tuinn.programs import own_program
from tuinn.runs import launch
from tuinn.runs.folder import RunFolder
from tuinn.spec.presets.catalog import iris_lab
from tuinn.sweeps import launch as sweeps
from tuinn.sweeps.folder import QueueFolder

ROOT = Path(__file__).parents[1]

HOSTILE = """
with open({marker!r}, "a") as file:
    file.write(__name__ + "\\n")
raise SystemExit("a file of the user's was run")
"""


@pytest.fixture
def executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a file for every module that a program could import; each writes its name into this file."""
    folder, marker = tmp_path / "hostile", tmp_path / "executed"
    folder.mkdir()
    names = {*sys.stdlib_module_names, *metadata.packages_distributions(), "tuinn", "tests"}
    for name in filter(str.isidentifier, names):
        (folder / f"{name}.py").write_text(HOSTILE.format(marker=str(marker)))
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("TUINN_IDLE", "0")
    return marker


def test_the_files_would_be_run_by_a_program_that_searches_the_current_folder(executed: Path) -> None:
    subprocess.run([sys.executable, "-m", "tuinn.runner", "--help"], capture_output=True, check=False)
    assert executed.read_text()


@pytest.mark.tf
def test_a_standby_worker_runs_no_file_of_the_current_folder(executed: Path) -> None:
    standby = launch.Standby()
    standby.dismiss()
    assert standby.process.wait(timeout=120) == 0
    assert not executed.exists()


@pytest.mark.tf
def test_a_worker_runs_no_file_of_the_current_folder(executed: Path) -> None:
    folder = RunFolder.create(iris_lab().with_fit(epochs=1))
    worker = launch.launch(folder)
    try:
        worker.wait(timeout=120)
    finally:
        worker.kill()
    assert not executed.exists()
    assert folder.model_file.exists(), folder.log_file.read_text()


def test_a_runner_runs_no_file_of_the_current_folder(executed: Path) -> None:
    folder = QueueFolder.here()
    assert sweeps.launch_runner(folder).wait(timeout=60) == 0, folder.log_file.read_text()
    assert not executed.exists()


def test_a_decoder_runs_no_file_of_the_current_folder(executed: Path) -> None:
    decoder = decoder_pool.Decoder(decoder_process.DecodeJob(str(executed.parent), (2, 2, 3), "pad"))
    assert decoder.process.stdin is not None
    decoder.process.stdin.close()
    assert decoder.process.wait(timeout=60) == 0
    assert not executed.exists()


@pytest.mark.tf
def test_the_doctor_runs_no_file_of_the_current_folder(executed: Path) -> None:
    devices = doctor._ask_tensorflow()[0]
    assert not executed.exists()
    assert any(device.startswith("CPU") for device in devices)


def test_every_program_of_tuinns_own_has_its_command_line_from_one_place() -> None:
    naming = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "tuinn").rglob("*.py")
        if "sys.executable" in file.read_text()
    }
    assert naming == {"tuinn/programs.py"}
    assert own_program("tuinn.worker", "run")[1:] == ("-P", "-m", "tuinn.worker", "run")
