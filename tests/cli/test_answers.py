"""`tuinn predict` and `tuinn evaluate`: whoever has the run answers, or a worker that is launched for it."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.cli.conftest import Done, Start, Tuinn
from tests.conftest import Write, without_root_s_rights
from tests.factories import CLASSES, append, ending, opening, whole_run
from tuinn.cli.common import inference_client
from tuinn.cli.main import tuinn as tuinn_group
from tuinn.cli.predict import as_text, prediction_of
from tuinn.errors import FolderError
from tuinn.runs.commands import AnyCommand, Evaluate, MakeReport, Predict, Quit, Stop
from tuinn.runs.decision import Decision
from tuinn.runs.events import Evaluated, Noted, PictureAnswered, Reported
from tuinn.runs.folder import RunFolder
from tuinn.spec.dataset import DataFacts, Task


def test_a_picture_is_answered_with_its_label_and_a_bar_per_class(tuinn: Tuinn, trained: RunFolder) -> None:
    done = tuinn("predict", "last", "shoe.png", worker="serve")
    assert done.out.splitlines() == [
        "shoe.png  Sneaker  70.0%",
        "  prepared: made grey",
        "  Sneaker       70.0%  █████████████████████",
        "  Ankle boot    25.0%  ███████▌",
        "  Trouser        5.0%  █▌",
        "  T-shirt/top    0.0%",
        "  Pullover       0.0%",
    ]
    assert (done.code, done.err) == (0, "")


def test_json_has_every_class(tuinn: Tuinn, trained: RunFolder) -> None:
    done = tuinn("predict", "last", "a/shoe.png", "--json", worker="serve")
    (picture,) = json.loads(done.out)
    assert (picture["file"], picture["label"], picture["steps"]) == ("a/shoe.png", "Sneaker", ["made grey"])
    assert list(picture["probabilities"]) == list(CLASSES)
    assert picture["probabilities"]["Ankle boot"] == 0.25


def test_a_file_that_is_no_picture_is_told_and_the_others_are_answered(
    tuinn: Tuinn, trained: RunFolder
) -> None:
    done = tuinn("predict", "last", "notes.txt", "shoe.png", "--json", worker="serve")
    assert done.code == 1
    assert done.err == "tuinn: notes.txt is not a picture.\n"
    told = json.loads(done.out)
    assert told[0] == {"file": "notes.txt", "problem": "notes.txt is not a picture."}
    assert told[1]["label"] == "Sneaker"


def test_files_are_asked_about_by_their_whole_path_and_the_worker_may_leave_afterwards(
    tuinn: Tuinn, trained: RunFolder
) -> None:
    tuinn("predict", "last", "shoe.png", worker="serve", cwd=trained.path)
    asked, left = trained.commands().read_all()
    assert isinstance(asked, Predict)
    assert asked.file == str(trained.path / "shoe.png")
    assert left == Quit()


def test_commands_of_a_training_that_is_over_are_not_heeded_again(tuinn: Tuinn, trained: RunFolder) -> None:
    trained.ask(Stop(), Quit())
    assert tuinn("evaluate", "last", worker="serve").code == 0


def test_a_worker_that_is_just_leaving_is_followed_by_another(tuinn: Tuinn, trained: RunFolder) -> None:
    done = tuinn("predict", "last", "shoe.png", worker="leaving")
    assert (done.code, done.err) == (0, "")
    assert (trained.path / "left").exists()


def test_workers_that_never_answer_are_given_up(tuinn: Tuinn, trained: RunFolder) -> None:
    done = tuinn("predict", "last", "shoe.png", worker="never")
    assert done.code == 1
    assert done.err == f"tuinn: The worker ended without an answer. {trained.log_file} may say why.\n"


def test_a_worker_that_cannot_load_the_network_says_why(tuinn: Tuinn, trained: RunFolder) -> None:
    done = tuinn("evaluate", "last", worker="refuse")
    assert done.code == 1
    assert done.err == "tuinn: model.keras cannot be loaded. Run it again.\n"


def test_a_run_without_a_network_is_told_at_once(tuinn: Tuinn, write_run: Write) -> None:
    folder = write_run([*opening(), *ending("failed", "The memory did not suffice.")[2:]])
    done = tuinn("evaluate", "last", worker="never")
    assert done.code == 1
    assert (
        f"has no trained network: it ended before one was saved. Train again: tuinn train {folder.spec_file}"
        in done.err
    )


def test_a_run_that_lives_is_asked_where_it_is(start: Start, tuinn: Tuinn, trained: RunFolder) -> None:
    with trained.hold_lock():
        process = start("evaluate", "last", "--json", worker="never")
        reader = trained.commands()
        asked: list[AnyCommand] = []
        while len(asked) < 2:  # each is a line of its own
            asked += reader.read_new()
        assert isinstance(asked[0], Evaluate)
        assert isinstance(asked[1], MakeReport)
        append(trained, Evaluated(request=asked[0].request, metrics={"loss": 0.5}, samples=10))
        append(trained, Reported(request=asked[1].request, problem="No room for it."))
        out, _ = process.communicate()
    assert json.loads(out) == {"run": trained.name, "metrics": {"loss": 0.5}, "samples": 10, "report": None}
    assert trained.commands().read_all() == asked


def remove(folder: RunFolder) -> None:
    shutil.rmtree(folder.path)


def spec_holds(content: bytes) -> Callable[[RunFolder], object]:
    return lambda folder: folder.spec_file.write_bytes(content)


def spec_is_a_folder(folder: RunFolder) -> None:
    folder.spec_file.unlink()
    folder.spec_file.mkdir()


def journal_is_a_folder(folder: RunFolder) -> None:
    folder.events_file.unlink()
    folder.events_file.mkdir()


def commands_are_a_folder(folder: RunFolder) -> None:
    folder.commands_file.mkdir()


DAMAGES: dict[str, tuple[Callable[[RunFolder], object], str]] = {
    "gone": (remove, " is gone. `tuinn runs` lists the runs."),
    "no spec": (
        lambda folder: folder.spec_file.unlink(),
        " it has no spec.toml. `tuinn runs` lists the runs.",
    ),
    "empty spec": (
        spec_holds(b""),
        "spec.toml is damaged: it is empty. Put a copy of it back, or train again",
    ),
    "garbled spec": (spec_holds(b"\xff\0[[["), "spec.toml is damaged: it is not text. Put a copy of it back"),
    "torn spec": (spec_holds(b"[[layers]]\nkind = "), "Put a copy of it back, or train again"),
    "spec is a folder": (
        spec_is_a_folder,
        "spec.toml cannot be read (Is a directory). Put a copy of it back",
    ),
    "journal is a folder": (journal_is_a_folder, "events.jsonl cannot be read (Is a directory)."),
}


COMMANDS = ("evaluate", "predict", "attach", "resume", "stop", "export")


@pytest.mark.parametrize(
    ("command", "damage"),
    [
        (command, damage)
        for command in COMMANDS
        for damage in DAMAGES
        if command != "export" or not damage.startswith("journal")  # an export needs none
    ],
)
def test_a_damaged_run_folder_is_told_in_one_sentence(
    trained: RunFolder, capsys: pytest.CaptureFixture[str], command: str, damage: str
) -> None:
    harm, sentence = DAMAGES[damage]
    harm(trained)
    words = [command, str(trained.path), *(["shoe.png"] if command == "predict" else [])]
    with pytest.raises(SystemExit) as left:
        tuinn_group.main(words, prog_name="tuinn")
    told = capsys.readouterr().err
    assert left.value.code == 1
    assert told.startswith("tuinn: ")
    assert sentence in told
    assert told.count("\n") == 1


def test_a_run_that_may_not_be_read_is_told_and_leaves_the_others_alone(
    start: Start, trained: RunFolder, write_run: Write
) -> None:
    def tuinn_without_rights(*words: str) -> Done:
        process = start(*words, preexec_fn=without_root_s_rights)
        out, err = process.communicate()
        return Done(process.returncode, out, err)

    other = write_run(whole_run())
    sentence = f"{trained.spec_file} may not be read. Allow it: chmod -R u+rwX '{trained.path}'"
    trained.path.chmod(0)
    try:
        for words in (["evaluate", trained.name], ["attach", str(trained.path)], ["export", trained.name]):
            done = tuinn_without_rights(*words)
            assert (done.code, done.err) == (1, f"tuinn: {sentence}\n")
        listed = {run["name"]: run for run in json.loads(tuinn_without_rights("runs", "--json").out)}
        assert (listed[trained.name]["state"], listed[trained.name]["problem"]) == ("damaged", sentence)
        assert listed[other.name]["state"] == "finished"
    finally:
        trained.path.chmod(0o700)
    listed = {run["name"]: run for run in json.loads(tuinn_without_rights("runs", "--json").out)}
    assert (listed[trained.name]["state"], listed[trained.name]["problem"]) == ("finished", "")
    trained.events_file.chmod(0)
    for _ in range(2):
        listed = {run["name"]: run for run in json.loads(tuinn_without_rights("runs", "--json").out)}
        assert listed[other.name]["state"] == "finished"


def test_a_file_without_a_sentence_of_its_own_is_named(
    trained: RunFolder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tuinn.runs.launch.WORKER", ("/no/such/python",))
    with pytest.raises(SystemExit) as left:
        tuinn_group.main(["evaluate", str(trained.path)])
    assert left.value.code == 1
    assert capsys.readouterr().err == "tuinn: /no/such/python cannot be used: No such file or directory.\n"


@pytest.mark.parametrize("command", ["evaluate", "predict"])
def test_a_folder_that_takes_no_question_is_told(
    trained: RunFolder, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    commands_are_a_folder(trained)
    with pytest.raises(SystemExit) as left:
        tuinn_group.main([command, str(trained.path), *(["shoe.png"] if command == "predict" else [])])
    assert left.value.code == 1
    assert "cannot be reached" in capsys.readouterr().err


@pytest.mark.parametrize(
    "torn", [b'{"kind":"Epo', b"\0" * 300 + b"\n", b"{garbage\n\xff\xfe\n", b"[" * 100_000 + b"\n"], ids=len
)
def test_a_journal_with_damaged_lines_is_asked_all_the_same(
    tuinn: Tuinn, trained: RunFolder, torn: bytes
) -> None:
    lines = trained.events_file.read_bytes().splitlines(keepends=True)
    trained.events_file.write_bytes(
        b"".join(lines[:2]) + torn.rstrip(b"\n") + b"\n" + b"".join(lines[2:]) + torn
    )
    done = tuinn("evaluate", "last", worker="serve")
    assert (done.code, done.err) == (0, "")
    assert "1000 samples" in done.out or "1,000 samples" in done.out


def test_a_folder_that_is_deleted_while_it_is_asked_is_told_as_that(
    trained: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference_client, "_check_askable", lambda folder, launches: remove(folder))
    monkeypatch.setattr(inference_client, "launch", lambda folder, *words: subprocess.Popen(["true"]))
    with pytest.raises(FolderError, match="was deleted or renamed"):
        inference_client.ask(trained, [Evaluate(request="e")])


def test_what_is_odd_about_an_answer_is_told_beside_it(tuinn: Tuinn, trained: RunFolder) -> None:
    append(trained, Noted(message="said long ago"))
    done = tuinn("evaluate", "last", worker="odd")
    assert done.err == "note: model.keras was damaged. It is written again, from a checkpoint.\n"
    assert done.out.startswith("test  loss 0.5")
    assert done.code == 0


def test_evaluate_tells_the_test_metrics(tuinn: Tuinn, trained: RunFolder) -> None:
    done = tuinn("evaluate", trained.name, worker="serve")
    assert done.out == (
        "test  loss 0.5000  accuracy 0.8000  1,000 samples\n"
        "80.0 % of the samples are right.\n"
        "\n"
        "score      value    95 % interval  always Bag\n"
        "accuracy  0.8000  0.7700 … 0.8300      0.1000\n"
    )
    assert done.code == 0


def test_evaluate_on_other_samples_writes_a_page(tuinn: Tuinn, trained: RunFolder, tmp_path: Path) -> None:
    page = tmp_path / "report.md"
    done = tuinn("evaluate", "last", "--on", "validation", "--markdown", str(page), worker="serve")
    assert done.out.startswith("validation  1,000 samples\n80.0 % of the samples are right.")
    assert page.read_text() == (
        f"# {trained.name}: validation, 1,000 samples\n\n80.0 % of the samples are right.\n\n"
        "| score | value | 95 % interval | always Bag |\n| --- | ---: | ---: | ---: |\n"
        "| accuracy | 0.8000 | 0.7700 … 0.8300 | 0.1000 |\n"
    )
    found = json.loads(tuinn("evaluate", "last", "--json", worker="serve").out)
    assert found["metrics"]["accuracy"] == 0.8
    assert found["report"]["scores"][0]["baselines"] == {"always Bag": 0.1}


def test_a_run_that_is_not_there_exits_1(tuinn: Tuinn) -> None:
    done = tuinn("predict", "nobody", "shoe.png")
    assert (done.code, done.err.count("\n")) == (1, 1)


def facts(task: Task, *classes: str) -> DataFacts:
    return DataFacts(
        task=task, shape=(8, 8), dtype="uint8", low=0, high=16, classes=classes, train=10, test=10
    )


@pytest.mark.parametrize(
    ("facts", "outputs", "expected"),
    [
        (facts(Task.BINARY, "no", "yes"), (0.75,), {"label": "yes", "probabilities": {"no": 0.25, "yes": 0.75}}),
        (facts(Task.BINARY, "no", "yes"), (0.75, 0.25), {"label": "no", "probabilities": {"no": 0.75, "yes": 0.25}}),
        (facts(Task.LABELS, "a", "b", "c"), (0.9, 0.1, 0.6), {"label": "a, c", "probabilities": {"a": 0.9, "b": 0.1, "c": 0.6}}),
        (facts(Task.CLASSES, "a", "b"), (None, None), {"label": None, "probabilities": {"a": None, "b": None}}),
        (facts(Task.REGRESSION), (3.5,), {"value": 3.5}),
        (facts(Task.REGRESSION), (None,), {"value": None}),
    ],
)  # fmt: skip
def test_outputs_are_read_as_the_task_says(
    facts: DataFacts, outputs: tuple[float | None, ...], expected: dict[str, object]
) -> None:
    answer = PictureAnswered(request="r", file="/a.png", outputs=outputs)
    told = prediction_of(answer, "a.png", facts)
    assert msgspec.to_builtins(told) == {"file": "a.png", "steps": (), **expected}
    assert as_text(told).startswith("a.png  ")


def test_a_threshold_that_is_kept_with_the_run_decides_and_is_told() -> None:
    answer = PictureAnswered(request="r", file="/a.png", outputs=(0.4,))
    told = prediction_of(answer, "a.png", facts(Task.BINARY, "no", "yes"), Decision({"yes": 0.35}))
    assert msgspec.to_builtins(told)["decided"] == "yes from 0.35 on"
    assert as_text(told).splitlines()[:2] == [
        "a.png  yes  40.0%",
        "  decided: yes from 0.35 on, as kept with the run",
    ]
