"""Folders of another day: what tuinn wrote then is listed, told, asked and gone on with today.

Only the command line and the documented files are used, no module of tuinn. `tests/old_folders/README.md` says what lies there.
"""

import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
OLD = ROOT / "tests" / "old_folders"
NAMES = json.loads((OLD / "told" / "names.json").read_text())

ROW = "rooms=3,floor area=70.5,district=harbour,balcony=yes,built=1974"
UNKNOWN = '{"rooms": 2, "floor area": 48, "district": "nowhere", "balcony": "no", "built": null}'

NEAR = 1e-6
"""Results of float32 on the machine that made the folders and on this one may differ by so much of their size."""

LEAVE = {"kind": "Quit"}

Json = dict[str, Any]


class Home:
    """A copy of the old TUINN_HOME, and today's tuinn in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environ = {
            **os.environ,
            "TUINN_HOME": str(path),
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "TUINN_IDLE": "5",
        }
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *words: str | Path) -> "subprocess.Popen[str]":
        """A command, in the home as the current folder: the table of one run has a path from there."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tuinn", *map(str, words)],
            cwd=self.path,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def tuinn(self, *words: str | Path, code: int = 0) -> str:
        """What a command prints on stdout."""
        process = self.start(*words)
        out, err = process.communicate(timeout=240)
        assert process.returncode == code, err
        return out

    def json(self, *words: str | Path) -> Any:
        return json.loads(self.tuinn(*words, "--json"))

    def run(self, role: str) -> Path:
        return self.path / "runs" / str(NAMES[role])

    def sweep(self, role: str) -> Path:
        return self.path / "sweeps" / str(NAMES[role])


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Home]:
    """The old home somewhere else, without what may be made anew; every file as old as it was."""
    home = Home(tmp_path / "old")
    shutil.copytree(OLD / "home", home.path)
    for file in home.path.rglob("*"):
        os.utime(file, (NAMES["stamp"], NAMES["stamp"]))
    shutil.rmtree(home.path / "cache")
    yield home
    for process in home.started:
        process.kill()
        process.communicate()
    for folder in (home.path / "runs").iterdir():
        ask(folder, {"kind": "Stop"}, LEAVE)


def recorded(name: str) -> Any:
    """What a command said when the folders were made."""
    return json.loads((OLD / "told" / name).read_text())


def lines(file: Path) -> list[Json]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def events_of(folder: Path) -> list[Json]:
    return lines(folder / "events.jsonl")


def ask(folder: Path, *commands: Json) -> None:
    """As `docs/journal.md` says: anybody may append."""
    with (folder / "commands.jsonl").open("a") as file:
        file.write("".join(json.dumps(command) + "\n" for command in commands))


def of_kind(events: Iterable[Json], *kinds: str) -> list[Json]:
    return [event for event in events if event["kind"] in kinds]


def pick(one: Json, *names: str) -> Json:
    return {name: one[name] for name in names}


class Told:
    """The events that a command prints, read as they come."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout
        self.process, self.stdout = process, process.stdout
        self.events: list[Json] = []

    def until(self, kind: str) -> Json:
        """The next event of this kind."""
        for line in self.stdout:
            self.events.append(json.loads(line))
            if self.events[-1]["kind"] == kind:
                return self.events[-1]
        raise AssertionError(f"{kind} did not come, but {self.events}. {self.problem}")

    def rest(self) -> int:
        """Everything up to the end; the exit code."""
        self.events += [json.loads(line) for line in self.stdout]
        return self.process.wait()

    @property
    def problem(self) -> str:
        """What the command said on stderr, once it has ended."""
        assert self.process.stderr
        return self.process.stderr.read()


# --------------------------------------------------------------------------------------------- runs on the list

LISTED = ("state", "title", "note", "tags", "dataset", "parameters", "device", "metrics", "best", "problem")
COUNTED = ("epochs_done", "epochs_asked", "seconds")


@pytest.mark.parametrize("cached", [False, True], ids=["read anew", "from the list of that day"])
def test_every_old_run_is_listed_as_it_was(old: Home, cached: bool) -> None:
    if cached:
        shutil.copytree(OLD / "home" / "cache", old.path / "cache")
    then = {run["name"]: pick(run, *LISTED, *COUNTED) for run in recorded("runs.json")}
    now = {run["name"]: pick(run, *LISTED, *COUNTED) for run in old.json("runs")}
    assert now == then
    states = {role: now[NAMES[role]]["state"] for role in ("finished", "stopped", "flats", "lost", "failed")}
    assert states == {
        "finished": "finished",
        "stopped": "stopped",
        "flats": "finished",
        "lost": "lost",
        "failed": "failed",
    }
    assert (now[NAMES["finished"]]["title"], now[NAMES["finished"]]["tags"]) == (
        "The first iris",
        ["kept", "flower"],
    )


def test_the_table_of_runs_has_a_line_for_each(old: Home) -> None:
    (head, *rows) = old.tuinn("runs").splitlines()
    assert head.split()[:2] == ["state", "run"]
    then = {(run["state"], run["name"]) for run in recorded("runs.json")}
    assert {tuple(row.split()[:2]) for row in rows} == then


def test_an_old_run_lies_in_the_trash_and_comes_back(old: Home) -> None:
    (then,), (now,) = recorded("trash.json"), json.loads(old.tuinn("runs", "--trash", "--json"))
    assert pick(now, "name", *LISTED, *COUNTED) == pick(then, "name", *LISTED, *COUNTED)
    old.tuinn("runs", "restore", NAMES["trashed"])
    assert NAMES["trashed"] in {run["name"] for run in old.json("runs")}


def test_what_a_person_said_of_a_run_stays_when_more_is_said(old: Home) -> None:
    old.tuinn("runs", "tag", NAMES["finished"], "again")
    (run,) = [run for run in old.json("runs") if run["name"] == NAMES["finished"]]
    assert pick(run, "title", "note", "tags") == {
        "title": "The first iris",
        "note": "sound, and small",
        "tags": ["kept", "flower", "again"],
    }


def figures(metrics: Json) -> list[str]:
    return [f"{name} {value:.4f}" for name, value in metrics.items()]


TELLING: dict[str, Callable[[Json], list[str]]] = {
    "EpochEnded": lambda event: [f"epoch {event['epoch']}/", *figures(event["metrics"])],
    "PatienceChanged": lambda event: [str(event["patience"])],
    "EpochsChanged": lambda event: [str(event["epochs"])],
    "Paused": lambda event: [f"{event['epoch']}/"],
    "Resumed": lambda event: [f"{event['seconds']:.1f} s"],
    "WentBack": lambda event: [event["why"]],
    "RateChanged": lambda event: [f"{event['learning_rate']:g}"],
    "StopAsked": lambda event: [event["after"]],
    "ModelBuilt": lambda event: [str(event["trainable"] + event["non_trainable"]), event["device"]],
}
"""What must stand in the line of such an event."""


@pytest.mark.parametrize(("role", "code"), [("finished", 0), ("stopped", 130), ("lost", 1), ("failed", 1)])
def test_an_old_journal_is_told_event_by_event(old: Home, role: str, code: int) -> None:
    events = of_kind(events_of(old.run(role)), *TELLING)
    told = iter(old.tuinn("attach", NAMES[role], code=code).splitlines())
    for event in events:
        wanted = TELLING[event["kind"]](event)
        assert any(all(word in line for word in wanted) for line in told), (event, wanted)


def test_old_runs_are_compared(old: Home) -> None:
    then = recorded("compare.json")
    now = old.json("runs", "compare", NAMES["finished"], NAMES["lost"])
    assert now["runs"] == then["runs"]
    assert list(now["results"].values()) == list(then["results"].values())
    assert list(now["differences"].values()) == list(then["differences"].values())


# ------------------------------------------------------------------------------------------------ specs


def test_every_key_of_old_specs_is_understood_and_written_again(old: Home) -> None:
    """The queue keeps a draft as tuinn writes it: that has to be what was read."""
    files = sorted(old.path.glob("specs/**/*.toml"))
    old.tuinn("queue", "add", "--hold", *files)
    added = of_kind(lines(old.path / "queue" / "commands.jsonl"), "Add")[-len(files) :]
    for file, command in zip(files, added, strict=True):
        spec, written = tomllib.loads(file.read_text()), tomllib.loads(command["spec"])
        if "path" in spec["dataset"]:
            spec["dataset"]["path"] = str(old.path / spec["dataset"]["path"])
        if file.stem == "default_words":  # what is as always is not written
            for table, told in zip(tables(spec), tables(written), strict=True):
                assert {**table, **told} == table
        else:
            assert written == spec, file


def tables(spec: Json) -> list[Json]:
    return [spec["dataset"], *spec["layers"], spec["fit"]]


@pytest.mark.parametrize("name", ["residual_cnn", "flats"])
def test_an_old_spec_means_the_same_network(old: Home, name: str) -> None:
    now, then = (
        old.json("summary", f"specs/{name}.toml"),
        recorded(f"summary_{name}.json"),
    )
    row = ("name", "kind", "output_shape", "params", "connected_to", "receptive_field")
    assert [pick(layer, *row) for layer in now["layers"]] == [pick(layer, *row) for layer in then["layers"]]
    totals = ("total", "trainable", "non_trainable")
    assert pick(now, *totals) == pick(then, *totals)


@pytest.mark.parametrize("name", ["residual_cnn", "stopped"])
def test_an_old_spec_is_exported_as_the_same_calls_of_keras(old: Home, name: str) -> None:
    then = (OLD / "told" / f"script_{name}.txt").read_text()
    word = NAMES["stopped"] if name == "stopped" else f"specs/{name}.toml"
    assert calls_of_keras(old.tuinn("export", word, "--to", "functional")) == calls_of_keras(then)


def calls_of_keras(script: str) -> list[str]:
    """Each call of something in `keras` or `keras.layers`, with its arguments, as code."""
    found = []
    for node in ast.walk(ast.parse(script)):
        if isinstance(node, ast.Call):
            code = ast.unparse(node)
            if code.startswith(("keras.", "layers.")):
                found.append(code)
    assert len(found) > 5
    return sorted(found)


# ---------------------------------------------------------------------------------------- sweeps and the queue

SWEPT = (
    *("name", "state", "dataset", "over", "metric", "sampler", "pruner", "seed", "parallel"),
    *("trials_asked", "trials_done", "best", "importance", "importance_by", "problem"),
)


def test_old_sweeps_are_listed_as_they_were(old: Home) -> None:
    then, now = recorded("sweeps.json"), old.json("sweep", "list")
    assert [pick(sweep, *SWEPT) for sweep in now] == [pick(sweep, *SWEPT) for sweep in then]
    states = {sweep["name"]: sweep["state"] for sweep in now}
    assert states == {NAMES["swept"]: "finished", NAMES["halted"]: "stopped"}


@pytest.mark.parametrize("role", ["swept", "halted"])
def test_the_trials_of_an_old_sweep_are_shown_as_they_were(old: Home, role: str) -> None:
    assert old.json("sweep", "show", NAMES[role])["trials"] == recorded(f"{role}.json")["trials"]


def test_the_journal_of_an_old_sweep_is_read_whole(old: Home) -> None:
    told = old.tuinn("sweep", "show", NAMES["swept"], "--follow", "--json")
    assert [json.loads(line) for line in told.splitlines()] == events_of(old.sweep("swept"))


ENTRY = ("entry", "run", "outcome", "message", "dataset")


def test_the_old_queue_is_listed_and_put_in_order(old: Home) -> None:
    then, now = recorded("queue.json"), json.loads(old.tuinn("queue", "list", "--all", "--json"))
    assert pick(now, "held", "parallel", "conducted") == {"held": True, "parallel": 1, "conducted": False}
    assert [pick(entry, *ENTRY) for entry in now["entries"]] == [
        pick(entry, *ENTRY) for entry in then["entries"]
    ]
    assert {entry["outcome"] for entry in now["entries"]} == {"finished", "removed", ""}
    first, last = (entry["entry"] for entry in old.json("queue", "list")["entries"])
    old.tuinn("queue", "move", last, "1")
    old.tuinn("queue", "remove", first)
    assert [entry["entry"] for entry in old.json("queue", "list")["entries"]] == [last]


# ----------------------------------------------------------------------------------------- going on, with Keras


def fields_of(events: Iterable[Json]) -> dict[str, set[str]]:
    """Kind → the fields that were told of it."""
    found: dict[str, set[str]] = {}
    for event in events:
        found.setdefault(event["kind"], set()).update(event)
    return found


def check_same_language(new: Iterable[Json], old: Iterable[Json], kinds: set[str]) -> None:
    """The new events have the kinds and the fields of the old ones; more fields are fine."""
    now, then = fields_of(new), fields_of(old)
    assert kinds <= now.keys()
    assert kinds <= then.keys()
    for kind in now.keys() & then.keys():
        assert then[kind] <= now[kind], kind


@pytest.mark.tf
def test_an_old_run_goes_on_in_mid_epoch_to_the_results_of_one_straight_through(old: Home) -> None:
    folder, straight = old.run("stopped"), lines(OLD / "told" / "straight.jsonl")
    before = events_of(folder)
    told = Told(old.start("resume", NAMES["stopped"], "--json"))
    assert told.rest() == 0, told.problem
    resumed = told.events[0]
    assert pick(resumed, "kind", "epoch", "epochs") == {"kind": "RunResumed", "epoch": 8, "epochs": 14}
    assert resumed["step"] > 0
    assert resumed["metrics"].keys() == {"accuracy", "loss"}
    check_same_language(
        told.events,
        [*before, *straight],
        {"DataLoaded", "ModelBuilt", "EpochStarted", "EpochEnded", "RateChanged", "Checkpointed"}
        | {"Predicted", "Evaluated", "RunEnded", "BatchEnded"},
    )

    then = [event for event in of_kind(straight, "EpochEnded") if event["epoch"] >= 8]
    now = of_kind(told.events, "EpochEnded")
    assert [event["epoch"] for event in now] == [event["epoch"] for event in then]
    for one, other in zip(now, then, strict=True):
        assert one["metrics"] == pytest.approx(other["metrics"], rel=NEAR, abs=NEAR)
        assert one["learning_rate"] == other["learning_rate"]
    for kind in ("RateChanged", "Evaluated", "RunEnded"):
        (*_, one), (*_, other) = of_kind(told.events, kind), of_kind(straight, kind)
        for name in other.keys() & {"epoch", "learning_rate", "samples", "outcome"}:
            assert one[name] == other[name]
    (tested,), (wanted,) = of_kind(told.events, "Evaluated"), of_kind(straight, "Evaluated")
    assert tested["metrics"] == pytest.approx(wanted["metrics"], rel=NEAR, abs=NEAR)
    assert of_kind(told.events, "Checkpointed")[-1]["epoch"] == 6, "the weights of the best epoch are kept"

    history = (folder / "history.csv").read_text().splitlines()
    was = (OLD / "home" / "runs" / folder.name / "history.csv").read_text().splitlines()
    assert history[: len(was)] == was
    assert len(history) == 1 + now[-1]["epoch"]
    (run,) = [run for run in old.json("runs") if run["name"] == folder.name]
    assert pick(run, "state", "epochs_done") == {"state": "finished", "epochs_done": now[-1]["epoch"]}

    # What config.toml says: a command at the end, two epochs kept, nothing for TensorBoard.
    name = folder.name
    assert (old.path / "ended.txt").read_text() == f"{name} finished {name} finished\n"
    assert len(list(folder.glob("checkpoints/epoch-*.npz"))) == 2
    assert not (folder / "tensorboard").exists()
    assert of_kind(told.events, "Noted") == []


@pytest.mark.tf
def test_an_old_run_that_was_lost_goes_on_with_what_was_asked_and_heeds_the_commands_of_then(
    old: Home,
) -> None:
    folder = old.run("lost")
    commands, before = lines(folder / "commands.jsonl"), events_of(folder)
    told = Told(old.start("resume", NAMES["lost"], "--json"))
    assert pick(told.until("RunResumed"), "epoch", "epochs") == {"epoch": 3, "epochs": 457}
    ended = told.until("EpochEnded")
    assert (ended["epoch"], ended["learning_rate"]) == (3, 0.004), "the last rate that was asked for"

    answers = {
        "Pause": "Paused",
        "Resume": "Resumed",
        "Evaluate": "Evaluated",
        "BackToBest": "WentBack",
        "SetRate": "RateChanged",
    }
    for command in commands:
        ask(folder, command)
        if command["kind"] in answers:
            told.until(answers[command["kind"]])
        if command["kind"] == "Pause":
            saved = of_kind(told.events, "Checkpointed")
            told.until("LoadMeasured")
    ask(folder, {"kind": "Stop", "best": True}, LEAVE)
    assert told.rest() == 130, told.problem
    assert {command["kind"] for command in commands} == {
        *("SetPatience", "AddEpochs", "SaveNow", "Pause", "PredictSamples", "Predict", "Resume"),
        *("Evaluate", "BackToBest", "SetRate"),
    }
    check_same_language(
        told.events,
        [*before, *events_of(old.run("stopped"))],
        {"PatienceChanged", "EpochsChanged", "Checkpointed", "Paused", "LoadMeasured", "SamplesAnswered"}
        | {"PictureAnswered", "Resumed", "Evaluated", "WentBack", "RateChanged", "StopAsked", "RunEnded"},
    )
    assert "model.keras" in {event["file"] for event in saved}, "SaveNow was heeded"
    assert of_kind(told.events, "EpochsChanged")[-1]["epochs"] == 457 + 57
    assert of_kind(told.events, "StopAsked")[-1]["best"] is True
    (answer,) = of_kind(told.events, "SamplesAnswered")
    assert sum(answer["outputs"][0]) == pytest.approx(1, abs=1e-3)


@pytest.mark.tf
def test_an_old_network_still_predicts_when_the_table_it_learned_from_is_gone(old: Home) -> None:
    (old.path / "flats.csv").unlink()
    answers = old.json("predict", NAMES["flats"], "--row", ROW, "--row", UNKNOWN)
    for now, then in zip(answers, recorded("predict.json"), strict=True):
        assert now["value"] == pytest.approx(then["value"], rel=NEAR)
        assert now["row"] == then["row"]


@pytest.mark.tf
def test_an_old_network_measures_the_same_on_the_test_set(old: Home) -> None:
    now, then = old.json("evaluate", NAMES["finished"]), recorded("evaluate.json")
    assert now["metrics"] == pytest.approx(then["metrics"], rel=NEAR)
    assert pick(now, "run", "samples") == pick(then, "run", "samples")


@pytest.mark.tf
def test_an_old_sweep_goes_on_to_the_results_of_one_straight_through(old: Home) -> None:
    folder, straight = old.sweep("halted"), lines(OLD / "told" / "straight_sweep.jsonl")
    before = events_of(folder)
    told = Told(old.start("sweep", "resume", NAMES["halted"], "--follow", "--json"))
    told.until("SweepResumed")
    assert told.events[: len(before)] == before
    commands = lines(old.sweep("swept") / "commands.jsonl")
    assert {command["kind"] for command in commands} == {"Hold", "SetParallel", "SetTrials", "GoOn"}
    ask(folder, *commands, {"kind": "SetTrials", "trials": 4})
    assert told.rest() == 0, told.problem

    check_same_language(
        told.events,
        [*straight, *events_of(old.sweep("swept")), {"kind": "TrialsChanged", "trials": 4, "at": 0}],
        {"SweepPaused", "SweepWentOn", "ParallelChanged", "TrialsChanged", "TrialEnded", "TrialSkipped"}
        | {"SweepEnded"},
    )
    (taken,) = of_kind(told.events, "TrialTakenUp")
    assert taken["number"] == 3
    tried = ("number", "values")
    assert [pick(event, *tried) for event in of_kind(told.events, "TrialStarted", "TrialSkipped")] == [
        pick(event, *tried) for event in of_kind(straight, "TrialStarted", "TrialSkipped")
    ]
    ended = ("number", "outcome", "epoch", "epochs")
    for now, then in zip(of_kind(told.events, "TrialEnded"), of_kind(straight, "TrialEnded"), strict=True):
        assert pick(now, *ended) == pick(then, *ended)
        assert now["reports"] == pytest.approx(then["reports"], rel=NEAR)
    shown = old.json("sweep", "show", NAMES["halted"])
    assert pick(shown, "state", "trials_done") == {"state": "finished", "trials_done": 4}
