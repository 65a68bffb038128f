"""The command line with real workers: TensorFlow, Keras, and Fashion-MNIST mini."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.conftest import Start, Tuinn, output_of
from tuinn.data import loader
from tuinn.runs.folder import all_runs
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.presets.catalog import default_draft

pytestmark = pytest.mark.tf


def test_a_newcomer_without_a_terminal_trains_measures_and_asks(tuinn: Tuinn, tmp_path: Path) -> None:
    done = tuinn(worker="")
    assert done.code == 0, done.err
    assert "131,460 parameters" in done.out
    epochs = default_draft().fit.epochs
    assert f"epoch {epochs}/{epochs}" in done.out
    (run,) = json.loads(tuinn("runs", "--json", worker="").out)
    assert run["state"] == "finished"
    assert run["metrics"]["accuracy"] >= 0.8

    measured = json.loads(tuinn("evaluate", "last", "--json", worker="").out)
    assert measured["metrics"]["accuracy"] == pytest.approx(run["metrics"]["accuracy"])

    data = loader.load(DatasetSpec("fashion_mnist_mini"))
    at = int((data.y_test == 1).argmax())
    Image.fromarray(data.x_test[at]).save(tmp_path / "trousers.png")
    (tmp_path / "notes.png").write_text("not a picture")
    asked = tuinn("predict", "last", tmp_path / "trousers.png", tmp_path / "notes.png", "--json", worker="")
    assert asked.code == 1
    assert asked.err.count("\n") == 1
    answer, problem = json.loads(asked.out)
    assert answer["label"] == "Trouser"
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    assert "notes.png" in problem["problem"]


def test_ctrl_c_stops_a_training_measures_and_saves_it(start: Start, lab: Path) -> None:
    process = start("train", lab, "--json", "--set", "fit.epochs=100000", worker="")
    for line in output_of(process)[0]:
        if json.loads(line)["kind"] == "EpochEnded":
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    kinds = [json.loads(line)["kind"] for line in out.splitlines()]
    assert process.returncode == 130
    assert err == "stopping…\n"
    assert kinds[-3:] == ["Evaluated", "Checkpointed", "RunEnded"]
    assert all_runs()[0].model_file.is_file()


def test_a_reader_of_one_line_leaves_a_run_that_ends_by_itself(start: Start, lab: Path) -> None:
    process = start("train", lab, "--json", "--set", "fit.epochs=2", worker="")
    stdout, stderr = output_of(process)
    run = json.loads(stdout.readline())["run"]
    stdout.close()
    assert process.wait() == 141
    assert stderr.read() == ""
    (folder,) = all_runs()
    assert folder.name == run
    followed = start("attach", run, worker="")
    out, _ = followed.communicate()
    assert followed.returncode == 0
    assert "epoch 2/2" in out


def test_a_gpu_that_is_not_there_exits_1_with_the_fix(tuinn: Tuinn, lab: Path) -> None:
    done = tuinn("train", lab, "--set", "fit.device=gpu:77", worker="")
    assert done.code == 1
    assert "gpu:77" in done.err.lower() or "GPU" in done.err


def test_the_doctor_asks_tensorflow_for_its_devices_when_told_to(tuinn: Tuinn) -> None:
    told = json.loads(tuinn("doctor", "--deep", "--json", worker="").out)
    assert any(device.startswith("CPU:0") for device in told["tensorflow_devices"])


def test_a_run_is_paused_steered_killed_taken_up_and_stopped(start: Start, tuinn: Tuinn, lab: Path) -> None:
    first = start("train", lab, "--json", "--set", "fit.epochs=100000", worker="")
    pid = json.loads(output_of(first)[0].readline())["pid"]
    kinds_until(first, "EpochEnded")
    assert tuinn("pause", "last", worker="").code == 0
    kinds_until(first, "Paused")
    assert tuinn("set", "last", "learning_rate=0.002", "epochs=90000", worker="").code == 0
    kinds_until(first, "EpochsChanged")
    second = start("resume", "last", "--json", worker="")
    assert "Resumed" in kinds_until(second, "EpochEnded")
    os.kill(pid, signal.SIGKILL)
    assert first.wait() == second.wait() == 1
    assert "Resume it: tuinn resume" in output_of(second)[1].read()
    (run,) = json.loads(tuinn("runs", "--json", worker="").out)
    assert run["state"] == "lost"

    third = start("resume", "last", "--json", worker="")
    resumed = json.loads(output_of(third)[0].readline())
    assert (resumed["kind"], resumed["epochs"]) == ("RunResumed", 90000)
    kinds_until(third, "EpochEnded")
    assert tuinn("stop", "last", "--best", worker="").code == 0
    out, _ = third.communicate()
    assert third.returncode == 130
    assert json.loads(out.splitlines()[-1])["outcome"] == "stopped"


def kinds_until(process: subprocess.Popen[str], last: str) -> list[str]:
    """The kinds of events that a follower prints, up to this one."""
    out, err = output_of(process)
    kinds: list[str] = []
    for line in out:
        kinds.append(json.loads(line)["kind"])
        if kinds[-1] == last:
            return kinds
    raise AssertionError(f"{last} did not come, but {kinds}. {err.read()}")
