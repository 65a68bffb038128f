"""The verbs that only look: summary, runs, doctor, help."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.conftest import Write
from tests.factories import ending, epoch, opening, whole_run
from tests.stand_ins import SESSION, StandIns, place
from tuinn import __version__
from tuinn.cli import doctor
from tuinn.cli.main import COMMANDS, tuinn
from tuinn.runs.machine import card_check
from tuinn.spec.presets.catalog import PRESETS, default_draft, iris_lab


def do(*words: str | Path) -> Result:
    return CliRunner().invoke(tuinn, [str(word) for word in words])


def test_the_summary_as_json(lab: Path) -> None:
    told = json.loads(do("summary", lab, "--json").stdout)
    assert told["layers"][2] == {
        "name": "dense",
        "kind": "Dense",
        "output_shape": [154],
        "params": 120_890,
        "connected_to": ["flatten"],
        "receptive_field": None,
    }
    whole = {"total": 131_460, "trainable": 131_460, "non_trainable": 0, "bytes": 525_840}
    assert {name: told[name] for name in whole} == whole
    assert told["flops"] == 2 * (784 * 154 + 154 * 64 + 64 * 10)


def test_the_summary_as_a_table(lab: Path) -> None:
    lines = do("summary", lab, "--set", "layers[3].units=10").stdout.splitlines()
    assert lines[0].split() == ["layer", "kind", "options", "output", "parameters"]
    assert lines[4].split() == ["dense", "Dense", "10", "relu", "10", "7,850"]
    assert len({len(line) for line in lines[2:8]}) == 1


def test_the_summary_is_told_without_tensorflow(lab: Path) -> None:
    code = f"""
import sys
from tuinn.cli.main import tuinn
tuinn(["summary", {str(lab)!r}], standalone_mode=False)
print(sorted({{"tensorflow", "keras", "numpy", "textual"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_stack_that_does_not_fit_exits_2_with_the_layer_and_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(
        '[[layers]]\nkind = "Flatten"\n[[layers]]\nkind = "Conv2D"\nfilters = 4\nkernel_size = 3\n'
    )
    for words in (("summary", file), ("summary", file, "--json"), ("train", file)):
        done = do(*words)
        assert done.exit_code == 2
        assert done.stdout == ""
        assert (
            f"{file}: layer 2: Conv2D needs height × width × channels, but the layer above gives 784."
            in done.stderr
        )
        assert "  fix: remove layer 2" in done.stderr


def test_a_network_whose_head_is_wrong_still_has_a_summary(lab: Path) -> None:
    assert do("summary", lab, "--set", "dataset.name=digits").exit_code == 0


def test_a_summary_tells_the_cost_what_a_value_sees_and_what_is_connected_to_what(tmp_path: Path) -> None:
    file = tmp_path / "spec.toml"
    file.write_text(PRESETS["residual-cnn"]().toml())
    said = do("summary", file).stdout
    assert "connected to" in said.splitlines()[0]
    assert "sees" in said.splitlines()[0]
    assert "block64, link64" in said
    assert "MB in training with batches of 64: weights 189.6 kB" in said
    assert "floating-point operations for a sample" in said
    told = json.loads(do("summary", file, "--json").stdout)
    block = next(layer for layer in told["layers"] if layer["name"] == "block64")
    assert block["connected_to"] == ["batch_normalization_2"]
    assert block["receptive_field"] == [15, 15]
    assert told["training_bytes"]["total"] > told["training_bytes"]["activations"] > 0
    assert "│   stem: ReLU".replace(" ", "") in do("summary", file, "--draw").stdout.replace(" ", "")


def test_a_summary_of_an_unknown_dataset_exits_2(lab: Path) -> None:
    done = do("summary", lab, "--set", "dataset.name=fashion_mnist_mimi")
    assert done.exit_code == 2
    assert "Did you mean fashion_mnist_mini?" in done.stderr


def test_runs_are_told_newest_first_with_their_state(write_run: Write) -> None:
    write_run(whole_run())
    write_run([*opening(), *epoch(1, 1.0)])
    write_run([*opening(), *epoch(1, 1.0), *ending("stopped")], iris_lab())
    write_run([])
    told = json.loads(do("runs", "--json").stdout)
    assert [run["state"] for run in told] == ["starting", "stopped", "lost", "finished"]
    assert [run["epochs_done"] for run in told] == [0, 1, 1, 3]
    assert [run["epochs_asked"] for run in told] == [default_draft().fit.epochs, 3, 3, 3]
    assert told[3]["metrics"] == {"accuracy": 0.81, "loss": 0.52}
    assert told[2]["metrics"]["val_loss"] == 1.1
    assert told[1]["dataset"] == "iris"
    assert told[0]["metrics"] == {}


def test_a_run_that_lives_is_running_and_then_serving(write_run: Write) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        # A lock taken by this process through another descriptor shows as held.
        assert json.loads(do("runs", "--json").stdout)[0]["state"] == "running"


@pytest.mark.parametrize("spec", [b"\xff", b"[fit]\nepochs = 0", b"[oracle]"])
def test_a_folder_that_cannot_be_read_is_listed_as_damaged(write_run: Write, spec: bytes) -> None:
    whole = write_run(whole_run())
    broken = write_run([])
    broken.spec_file.write_bytes(spec)
    rows = {row["name"]: row for row in json.loads(do("runs", "--json").stdout)}
    assert rows[broken.name]["state"] == "damaged"
    assert str(broken.spec_file) in rows[broken.name]["problem"]
    assert rows[whole.name]["state"] == "finished"
    assert "damaged" in do("runs").stdout


def test_a_journal_that_is_a_folder_is_listed_as_damaged(write_run: Write) -> None:
    folder = write_run([])
    folder.events_file.unlink(missing_ok=True)
    folder.events_file.mkdir()
    assert json.loads(do("runs", "--json").stdout)[0]["state"] == "damaged"


def test_without_runs_there_is_a_sentence_and_an_empty_list() -> None:
    assert do("runs").stdout == "There are no runs yet. `tuinn train SPEC.toml` makes one.\n"
    assert json.loads(do("runs", "--json").stdout) == []


def test_the_doctor_names_versions_folders_terminal_and_data(own_home: Path) -> None:
    told = json.loads(do("doctor", "--json").stdout)
    assert told["versions"]["tuinn"] == __version__
    assert told["folders"]["home"] == str(own_home)
    assert told["folders"]["writable"] is True
    assert told["folders"]["runs"] == 0
    assert told["machine"]["cores"] >= 1
    assert told["datasets"]["fashion_mnist_mini"] == "bundled"
    assert told["dataset_places"]["prepared"] == str(own_home / "cache")
    assert told["dataset_places"]["keras"].endswith("datasets")
    assert "tensorflow_devices" not in told


def test_the_doctor_tells_a_home_that_cannot_be_used(own_home: Path) -> None:
    own_home.parent.mkdir(exist_ok=True)
    own_home.write_text("")
    told = json.loads(do("doctor", "--json").stdout)
    assert told["folders"]["writable"] is False
    assert "cannot be read" in told["folders"]["problem"]
    assert do("doctor").exit_code == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_output_that_cannot_be_written_exits_1_with_one_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "tuinn", "runs"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "tuinn: The output could not be written: No space left on device.\n"


@pytest.mark.parametrize("words", [("runs",), ("doctor",), ("train", "nothing.toml")])
def test_streams_that_are_closed_break_nothing(words: tuple[str, ...]) -> None:
    command = ["bash", "-c", 'exec "$@" <&- >&- 2>&-', "bash", sys.executable, "-m", "tuinn", *words]
    assert subprocess.run(command, check=False).returncode == (2 if words[0] == "train" else 0)


@pytest.mark.parametrize("verb", COMMANDS)
def test_every_verb_has_help(verb: str) -> None:
    done = do(verb, "--help")
    assert done.exit_code == 0
    assert f"{verb} [OPTIONS]" in done.stdout


def test_help_lists_every_verb_whole_and_the_version_is_told() -> None:
    told = do("--help").stdout
    assert all(f"  {verb} " in told for verb in COMMANDS if verb != "relay")  # which nobody types
    assert "..." not in told.split("Commands:")[1]
    assert do("--version").stdout == f"tuinn, version {__version__}\n"


@pytest.mark.parametrize(
    "words", [("dance",), ("train",), ("predict", "last"), ("summary", "a", "b"), ("--dance",)]
)
def test_a_command_that_is_wrong_exits_2(words: tuple[str, ...], write_run: Write) -> None:
    write_run(whole_run())
    assert do(*words).exit_code == 2


def test_the_doctor_tells_whether_runs_go_on_after_the_logout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = json.loads(do("doctor", "--json").stdout)["runs_in_background"]
    assert told == {"at_logout": "go on", "why": "this shell belongs to no login session"}
    stand_ins = StandIns(tmp_path / "bin", monkeypatch)
    stand_ins.logind()
    stand_ins.user_manager()
    stand_ins.put("squeue", "exit 1")
    stand_ins.put("scontrol", "exit 1")
    place(tmp_path, monkeypatch, SESSION)
    monkeypatch.setenv("SLURM_JOB_ID", "77")
    told = json.loads(do("doctor", "--json").stdout)["runs_in_background"]
    assert told["at_logout"] == "end at your last logout"
    assert "KillUserProcesses=yes" in told["why"]
    assert "systemd-run --user --scope" in told["why"]
    assert told["slurm_job"] == "77"
    assert told["problem"] == (
        "Runs end with Slurm job 77. Runs end at your last logout. So that they go on: loginctl enable-linger"
    )


def test_the_doctor_tries_each_card_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def check(card: card_check.Card, again: bool) -> card_check.Verdict:
        tried.append(card.number)
        assert again
        return (
            card_check.Verdict("crashed", "matmul", "SIGABRT") if card.number else card_check.Verdict("works")
        )

    devices = ["CPU:0", "GPU:0 NVIDIA H200", "GPU:1"]
    monkeypatch.setattr(doctor, "_ask_tensorflow", lambda: (devices, True, 2))
    monkeypatch.setattr(doctor, "check_card", check)
    told = json.loads(do("doctor", "--deep", "--json").stdout)["gpu_checks"]
    assert tried == [0, 1]
    assert told[0] == "GPU:0 (NVIDIA H200) works"
    assert told[1].startswith(
        "GPU:1 (unnamed card) can't be used: TensorFlow crashed on it in a matrix product"
    )
