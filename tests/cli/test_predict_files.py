"""`tuinn predict` and `tuinn evaluate` with a process of their own: a network in a file, a CSV of predictions."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from tests.conftest import Write
from tests.factories import whole_run
from tuinn.cli.main import tuinn
from tuinn.data.catalog.catalog import find
from tuinn.runs.jobs import (
    AnyAnswer,
    AnyJob,
    DataJudged,
    EvaluateOn,
    FilesPredicted,
    JobFailed,
    JobNote,
    JobProgress,
    NetworkOpened,
    PredictFiles,
    SamplePredicted,
)
from tuinn.runs.report import Report

FACTS = find("digits").facts
SHARES = (0.9, *[0.1 / 9] * 9)


def do(*words: str | Path) -> Result:
    return CliRunner().invoke(tuinn, [str(word) for word in words])


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[AnyJob]:
    """The jobs that were given to the process, which says `ANSWERS`."""
    given: list[AnyJob] = []

    def run(job: AnyJob) -> Iterator[AnyAnswer]:
        given.append(job)
        yield from ANSWERS[type(job)]

    monkeypatch.setattr("tuinn.cli.predict_files.run_job", run)
    return given


PICTURE = SamplePredicted(file="/p/a.png", outputs=SHARES, steps=("8×8 L",))
ANSWERS: dict[type, list[AnyAnswer]] = {
    PredictFiles: [
        JobProgress(what="loading the network"),
        NetworkOpened(facts=FACTS, is_guess=True),
        JobNote(message="Something to know."),
        PICTURE,
        FilesPredicted(samples=1, problems=1, first_problem="b.png is damaged.", out="/p/said.csv"),
    ],
    EvaluateOn: [DataJudged(report=Report("net on digits", "test", 10, "classes", (), "All right."))],
}


@pytest.fixture
def net(tmp_path: Path) -> Path:
    """A file that looks like a saved network."""
    file = tmp_path / "net.keras"
    description = {"class_name": "Sequential", "module": "keras", "config": {"layers": []}}
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("config.json", json.dumps(description))
    return file


def test_a_network_in_a_file_predicts_without_a_run(net: Path, tmp_path: Path, jobs: list[AnyJob]) -> None:
    picture = tmp_path / "a.png"
    picture.touch()
    done = do("predict", net, picture, "--pixels", "0,255", "--like", "digits")
    assert "/p/a.png  0  90.0%" in done.stdout
    assert "prepared: 8×8 L" in done.stdout
    assert "note: The file doesn't say what its network was trained on" in done.stderr
    assert "note: Something to know." in done.stderr
    (job,) = jobs
    assert isinstance(job, PredictFiles)
    assert job.sources == (str(picture),)
    info = job.network.info
    assert info is not None
    assert (info.facts.shape, info.ground, job.network.pixels) == ((8, 8), "dark", (0.0, 255.0))


def test_a_csv_of_predictions_says_how_many_and_what_was_wrong(
    write_run: Write, tmp_path: Path, jobs: list[AnyJob]
) -> None:
    folder = write_run(whole_run())
    done = do("predict", "last", tmp_path, "--out", tmp_path / "said.csv")
    assert done.stdout == "wrote  /p/said.csv  1 prediction\n"
    assert "1 sample could not be predicted, the first: b.png is damaged." in done.stderr
    assert done.exit_code == 1
    (job,) = jobs
    assert isinstance(job, PredictFiles)
    assert (job.network.run, job.out) == (str(folder.path), str(tmp_path / "said.csv"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("predict", "last", "{tmp}"), "is a folder. Give --out FILE"),
        (("predict", "last", "{tmp}/many.npy"), "has 10,001 samples. Give --out FILE for a CSV"),
        (("predict", "last", "{tmp}", "--out", "{there}"), "is there already"),
        (("predict", "last", "{tmp}/none.png", "--out", "{tmp}/new.csv"), "is not there"),
        (("predict", "last", "{there}", "--like", "digits"), "a run knows its data"),
        (("predict", "{net}"), "give something to ask about"),
        (("predict", "{net}", "{there}", "--pixels", "1"), "two numbers are expected"),
        (("predict", "{net}", "{there}", "--pixels", "1,0"), "the second white, and larger"),
        (("predict", "{net}", "{there}", "--like", "digit"), "is neither a dataset nor a path"),
        (("evaluate", "{net}"), "has no data of its own"),
        (("evaluate", "{there}.keras", "--on", "digits"), "No such file"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence_before_anything_is_started(
    write_run: Write, net: Path, tmp_path: Path, jobs: list[AnyJob], words: tuple[str, ...], sentence: str
) -> None:
    write_run(whole_run())
    there = tmp_path / "there.png"
    there.touch()
    np.save(tmp_path / "many.npy", np.zeros((10_001, 1), np.uint8))
    done = do(*(word.format(tmp=tmp_path, there=there, net=net) for word in words))
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert jobs == []


def test_a_file_that_would_run_code_is_never_given_to_the_process(tmp_path: Path, jobs: list[AnyJob]) -> None:
    bad = {"class_name": "Lambda", "module": "keras.layers", "config": {"name": "evil"}}
    with zipfile.ZipFile(tmp_path / "bad.keras", "w") as archive:
        archive.writestr("config.json", json.dumps({"class_name": "Sequential", "config": {"layers": [bad]}}))
    done = do("predict", tmp_path / "bad.keras", tmp_path)
    assert done.exit_code == 2
    assert "the Lambda layer evil holds Python code" in done.stderr
    assert jobs == []


def test_a_network_is_evaluated_on_other_data(net: Path, tmp_path: Path, jobs: list[AnyJob]) -> None:
    done = do("evaluate", net, "--on", "digits", "--markdown", tmp_path / "report.md")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, "All right.")
    assert "net on digits" in (tmp_path / "report.md").read_text()
    (job,) = jobs
    assert isinstance(job, EvaluateOn)
    assert job.dataset["name"] == "digits"


def test_a_process_that_fails_is_one_sentence(
    net: Path, tmp_path: Path, jobs: list[AnyJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ANSWERS, EvaluateOn, [JobFailed(message="They don't fit.")])
    done = do("evaluate", net, "--on", "digits")
    assert (done.exit_code, done.stderr) == (1, "tuinn: They don't fit.\n")


def test_an_array_is_predicted_by_a_process_and_a_file_that_is_refused_is_said(
    write_run: Write, tmp_path: Path, jobs: list[AnyJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, file = write_run(whole_run()), tmp_path / "x.npy"
    np.save(file, np.zeros((2, 8, 8)))
    answers = [
        NetworkOpened(facts=FACTS),
        *(SamplePredicted(file=str(file), row=row, outputs=SHARES) for row in (1, 2)),
        FilesPredicted(samples=2, problems=1, first_problem="y.npy holds 2 samples of a number."),
    ]
    monkeypatch.setitem(ANSWERS, PredictFiles, answers)
    done = do("predict", "last", file)
    assert [line for line in done.stdout.splitlines() if "x.npy" in line] == [
        f"{file} row {row}  0  90.0%" for row in (1, 2)
    ]
    assert (done.stderr, done.exit_code) == ("tuinn: y.npy holds 2 samples of a number.\n", 1)
    (job,) = jobs
    assert isinstance(job, PredictFiles)
    assert (job.network.run, job.sources) == (str(folder.path), (str(file),))
    assert [one["number"] for one in json.loads(do("predict", "last", file, "--json").stdout)] == [1, 2]
