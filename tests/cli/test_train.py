"""`tuinn train` in the foreground: what it prints, how it ends, what Ctrl+C and a closed pipe do to it."""

import json
import os
import pty
import signal
from collections.abc import Iterable
from pathlib import Path
from signal import Signals

import pytest

from tests.cli.conftest import Start, Tuinn, output_of
from tests.conftest import Write
from tests.factories import append, ending, epoch, opening, whole_run
from tests.stand_ins import StandIns
from tuinn.programs import JOB_SIGNALS
from tuinn.runs.commands import Quit, Stop
from tuinn.runs.folder import all_runs


def line_with(stream: Iterable[str], word: str) -> str:
    """Read up to the first line that holds this word."""
    for line in stream:
        if word in line:
            return line
    raise AssertionError(f"no line holds {word!r}")


def test_plain_tells_a_line_per_epoch_and_where_the_network_is(tuinn: Tuinn, lab: Path) -> None:
    done = tuinn("train", lab, "--plain")
    (folder,) = all_runs()
    assert done.out.splitlines() == [
        f"run {folder.name}  fashion_mnist_mini  131,460 parameters  CPU · 2 cores",
        "epoch 1/3  loss 1.0000  accuracy 0.5000  val_loss 1.1000  val_accuracy 0.5000  2.0 s",
        "epoch 2/3  loss 0.7000  accuracy 0.5000  val_loss 0.7700  val_accuracy 0.5000  2.0 s",
        "epoch 3/3  loss 0.6000  accuracy 0.5000  val_loss 0.6600  val_accuracy 0.5000  2.0 s",
        "test  loss 0.5200  accuracy 0.8100  1,000 samples",
        f"saved  {folder.model_file}",
        f"next  tuinn attach {folder.name}",
    ]
    assert (done.code, done.err) == (0, "")


def test_json_tells_the_journal_as_it_stands(tuinn: Tuinn, lab: Path) -> None:
    done = tuinn("train", lab, "--json", "--set", "fit.epochs=3")
    (folder,) = all_runs()
    told = [json.loads(line) for line in done.out.splitlines()]
    assert told == [json.loads(line) for line in folder.events_file.read_text().splitlines()]
    assert told[0]["kind"] == "RunStarted"
    assert told[-1]["kind"] == "RunEnded"
    assert folder.spec().fit.epochs == 3
    assert done.code == 0


def test_without_a_terminal_plain_is_the_default(tuinn: Tuinn, lab: Path) -> None:
    done = tuinn("train", lab)
    assert "epoch 3/3" in done.out
    assert "\r" not in done.out


def test_on_a_terminal_one_line_moves_and_none_of_it_is_left(start: Start, lab: Path) -> None:
    leader, follower = pty.openpty()
    process = start("train", lab, stdout=follower)
    os.close(follower)
    shown = b""
    while piece := _read(leader):
        shown += piece
    os.close(leader)
    assert process.wait() == 0
    text = shown.decode().replace("\r\n", "\n")
    assert "\repoch 2/3   50%" in text
    last = [line.rsplit("\r")[-1] for line in text.rstrip("\n").split("\n")]
    assert last[1].startswith("epoch 1/3  loss 1.0000")
    assert last[-1] == f"next  tuinn attach {all_runs()[0].name}"


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, 65536)
    except OSError:  # Linux's way to say that the other end is closed
        return b""


def test_a_worker_is_told_to_leave_when_its_run_has_ended(tuinn: Tuinn, lab: Path) -> None:
    tuinn("train", lab)
    (folder,) = all_runs()
    assert folder.commands().read_all() == [Quit()]
    assert not folder.is_alive()


def test_a_run_that_fails_exits_1_with_its_sentence_and_its_log(tuinn: Tuinn, lab: Path) -> None:
    done = tuinn("train", lab, worker="fail")
    (folder,) = all_runs()
    assert done.code == 1
    assert done.err == f"tuinn: The memory did not suffice.\nIts log: {folder.log_file}\n"


@pytest.mark.parametrize("worker", ["killed", "mute"])
def test_a_worker_that_dies_without_a_word_is_told_as_lost(tuinn: Tuinn, lab: Path, worker: str) -> None:
    done = tuinn("train", lab, worker=worker)
    (folder,) = all_runs()
    assert done.code == 1
    why = "killed the worker (signal 9)" if worker == "killed" else "by itself, with exit code 1"
    assert f"{folder.name} was lost." in done.err
    assert why in done.err
    assert f"Resume it: tuinn resume {folder.name}\nIts log: {folder.log_file}" in done.err
    assert ("epoch 1/3" in done.out) == (worker == "killed")


def test_ctrl_c_stops_saves_and_exits_130(start: Start, lab: Path) -> None:
    process = start("train", lab, worker="until stop")
    line_with(output_of(process)[0], "epoch 1/3")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 130
    assert err == "stopping…\n"
    assert "Stopped in epoch 2 of 3" in out
    assert all_runs()[0].commands().read_all() == [Stop(), Quit()]


@pytest.mark.parametrize("name", JOB_SIGNALS)
def test_a_signal_that_ends_a_job_is_passed_on_and_its_end_is_awaited(
    start: Start, lab: Path, name: str
) -> None:
    process = start("train", lab, worker="until stop")
    line_with(output_of(process)[0], "epoch 1/3")
    process.send_signal(Signals[name])
    process.communicate()
    assert process.returncode == 130
    assert all_runs()[0].commands().read_all() == [Stop(signal=name), Quit()]


def test_a_second_ctrl_c_leaves_at_once_and_the_run_goes_on_stopping(start: Start, lab: Path) -> None:
    process = start("train", lab, worker="deaf")
    line_with(output_of(process)[0], "epoch 1/3")
    process.send_signal(signal.SIGINT)
    line_with(output_of(process)[1], "stopping…")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    (folder,) = all_runs()
    assert process.returncode == 130
    assert err == f"{folder.name} stops by itself.\n"
    assert folder.commands().read_all() == [Stop()]
    assert folder.is_alive()


def test_a_terminal_that_goes_away_leaves_the_run_alone_and_says_so(start: Start, lab: Path) -> None:
    process = start("train", lab, worker="deaf")
    line_with(output_of(process)[0], "epoch 1/3")
    process.send_signal(signal.SIGHUP)
    _, err = process.communicate()
    (folder,) = all_runs()
    assert process.returncode == 129
    assert err == f"{folder.name} continues. Follow it: tuinn attach {folder.name}\n"
    assert folder.is_alive()
    assert folder.commands().read_all() == []


def test_under_nohup_a_run_is_followed_to_its_end(start: Start, lab: Path) -> None:
    process = start(
        "train", lab, worker="until stop", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    )
    line_with(output_of(process)[0], "epoch 1/3")
    process.send_signal(signal.SIGHUP)
    (folder,) = all_runs()
    folder.ask(Stop())
    out, _ = process.communicate()
    assert process.returncode == 130
    assert "Stopped in epoch 2 of 3" in out


def test_who_only_looks_at_a_run_leaves_it_alone_when_told_to_end(start: Start, lab: Path) -> None:
    train = start("train", lab, worker="deaf")
    line_with(output_of(train)[0], "epoch 1/3")
    (folder,) = all_runs()
    looker = start("attach", folder.name)
    line_with(output_of(looker)[0], "epoch 1/3")
    looker.send_signal(signal.SIGTERM)
    assert looker.wait() == -signal.SIGTERM
    assert folder.is_alive()
    assert folder.commands().read_all() == []


def test_a_reader_that_leaves_ends_the_output_quietly_and_not_the_run(start: Start, lab: Path) -> None:
    process = start("train", lab, "--json", worker="until stop")
    out, err = output_of(process)
    assert json.loads(out.readline())["kind"] == "RunStarted"
    out.close()
    (folder,) = all_runs()
    assert folder.is_alive()
    append(folder, *epoch(2, 0.5))
    assert err.read() == ""
    assert process.wait() == 141
    assert folder.is_alive()
    assert folder.commands().read_all() == []


WRONG = [
    ("fit.epochs=0", "tuinn: --set: fit.epochs: must be a whole number from 1 to 1,000,000, not 0."),
    ("fit.learning_rate=abc", "tuinn: --set: fit.learning_rate: must be a number above 0 to 100, not 'abc'."),
    ("epochs", "tuinn: --set epochs: a setting is written FIELD=VALUE, such as fit.epochs=3."),
    ("dataset.name=fashion", "tuinn: dataset.name: 'fashion' is not a dataset that tuinn knows."),
    (
        "fit.loss=binary_crossentropy",
        "SPEC: binary_crossentropy asks yes or no of each output, and here exactly one of 10 classes is right.\n"
        "  fix: set loss to auto",
    ),
    (
        "layers[6].units=7",
        "SPEC: layer 6: The network ends in 7 outputs, but single-label classification of this data needs 10.\n"
        "  fix: make layer 6 Dense 10 softmax",
    ),
]


@pytest.mark.parametrize(("setting", "sentence"), WRONG, ids=[setting for setting, _ in WRONG])
def test_a_spec_that_is_wrong_exits_2_says_why_and_makes_no_run(
    tuinn: Tuinn, lab: Path, setting: str, sentence: str
) -> None:
    done = tuinn("train", lab, "--set", setting)
    assert done.code == 2
    assert done.err.startswith(sentence.replace("SPEC", str(lab)))
    assert (done.out, all_runs()) == ("", [])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read (No such file or directory)"),
        (b"[fit", "This is not TOML"),
        (b"\xff\xfe", "is not text in UTF-8"),
        (b"[fit]\nepochs = 0\n", "fit.epochs: must be a whole number from 1"),
    ],
    ids=["missing", "torn", "binary", "epochs 0"],
)
def test_a_file_that_is_no_spec_exits_2_with_one_sentence(
    tuinn: Tuinn, tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    file = tmp_path / "mine.toml"
    if content is not None:
        file.write_bytes(content)
    done = tuinn("train", file)
    assert done.code == 2
    assert done.err.startswith(f"tuinn: {file}: ")
    assert sentence in done.err
    assert done.err.count("\n") == 1


def test_a_warning_is_told_and_the_training_goes_on(tuinn: Tuinn, lab: Path) -> None:
    done = tuinn("train", lab, "--set", "layers[6].activation=relu")
    assert done.code == 0
    assert done.err == (
        "warning: layer 6: The network ends in relu; single-label classification with 10 outputs wants softmax. "
        "Fix: set layer 6's activation to softmax\n"
    )


def test_a_home_that_is_a_file_exits_1_with_one_sentence(tuinn: Tuinn, lab: Path, own_home: Path) -> None:
    own_home.write_text("")
    done = tuinn("train", lab)
    assert done.code == 1
    assert done.err.startswith("tuinn: No run folder can be made in ")
    assert done.err.count("\n") == 1


def test_without_a_terminal_attach_tells_a_run_from_its_beginning(tuinn: Tuinn, write_run: Write) -> None:
    write_run(whole_run())
    done = tuinn("attach")
    assert done.code == 0
    assert done.out.splitlines()[1].startswith("epoch 1/3")


def test_attaching_to_a_run_that_was_stopped_exits_130(tuinn: Tuinn, write_run: Write) -> None:
    write_run([*opening(), *epoch(1, 1.0), *ending("stopped", "Stopped in epoch 1.")])
    assert tuinn("attach", "last").code == 130


def test_attaching_to_a_run_that_was_killed_tells_that_it_is_lost(tuinn: Tuinn, write_run: Write) -> None:
    write_run([*opening(), *epoch(1, 1.0)])
    done = tuinn("attach")
    assert done.code == 1
    assert "ended without saying why" in done.err


def test_a_loss_that_is_not_finite_is_told_as_that(tuinn: Tuinn, write_run: Write) -> None:
    write_run([*opening(), *epoch(1, None), *ending()])
    assert "loss not finite" in tuinn("attach").out


def test_tuinn_without_a_terminal_says_so_and_trains(tuinn: Tuinn) -> None:
    done = tuinn()
    assert done.code == 0
    assert done.out.startswith(
        "There is no terminal to open the workbench in, so this trains the default network."
    )
    assert "epoch 3/3" in done.out


@pytest.mark.parametrize("command", ["train", "summary", "export", "import"])
def test_a_path_that_a_terminal_would_obey_is_told_without_its_codes(tuinn: Tuinn, command: str) -> None:
    done = tuinn(command, "\u202eevil\x07\x1b[2J\r.toml")
    assert done.code == 2
    assert done.err.startswith("tuinn:  evil  .toml: cannot be read")


def test_within_a_slurm_job_its_end_is_said_before_the_run_starts(
    tuinn: Tuinn, lab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_ins = StandIns(tmp_path / "bin", monkeypatch)
    stand_ins.put("squeue", "exit 1")
    stand_ins.put("scontrol", "exit 1")
    assert "note:" not in tuinn("train", lab).err
    monkeypatch.setenv("SLURM_JOB_ID", "77")
    done = tuinn("train", lab)
    assert done.code == 0
    assert "note: Runs end with Slurm job 77.\n" in done.err
