"""Make run folders, sweeps and a queue as this tuinn leaves them, small enough to be kept: `python tests/old_folders/make.py NEW_FOLDER`.

It uses the command line, and what `docs/journal.md` and `docs/sweeps.md` promise of the files. The specs, the table and
`config.toml` are those in `home/` beside this file. NEW_FOLDER gets `home/`, a TUINN_HOME, and `told/`, what the
commands said of it that day. Takes about four minutes.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
GIVEN = ("config.toml", "flats.csv", "specs")

STAMP = 1_767_225_600
"""Modification time of every file, in seconds since 1970: git keeps none, and the list of runs remembers them."""

ROW = "rooms=3,floor area=70.5,district=harbour,balcony=yes,built=1974"
UNKNOWN = '{"rooms": 2, "floor area": 48, "district": "nowhere", "balcony": "no", "built": null}'
SUMMARISED = ("residual_cnn", "flats")
SCRIPTS = ("stopped", "residual_cnn")

STEERING: tuple[dict[str, Any], ...] = (
    {"kind": "SetPatience", "patience": 41, "setting": "early_stopping_patience"},
    {"kind": "AddEpochs", "epochs": 57},
    {"kind": "SaveNow"},
    {"kind": "Pause"},
)
ANSWERED: tuple[dict[str, Any], ...] = (
    {
        "kind": "PredictSamples",
        "request": "rows",
        "samples": [
            {
                "sepal length (cm)": "5.1",
                "sepal width (cm)": "3.5",
                "petal length (cm)": "1.4",
                "petal width (cm)": "0.2",
            }
        ],
    },
    {"kind": "Predict", "request": "picture", "file": "/nowhere/flower.png"},
    {"kind": "Resume"},
    {"kind": "Evaluate", "request": "measure"},
)

MOST_SECONDS = 120.0


class Home:
    """A TUINN_HOME, and tuinn in it."""

    def __init__(self, path: Path, told: Path) -> None:
        self.path, self.told = path, told
        self.environ = {
            **os.environ,
            "TUINN_HOME": str(path),
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "TUINN_IDLE": "5",
        }

    def start(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "tuinn", *words],
            cwd=self.path,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tuinn(self, *words: str, code: int = 0) -> str:
        """What a command prints. Raises RuntimeError where it ends with another exit code."""
        say(f"tuinn {' '.join(words)}")
        process = self.start(*words)
        out, _ = process.communicate()
        if process.returncode != code:
            raise RuntimeError(f"tuinn {' '.join(words)} ended with {process.returncode}, not {code}")
        return out

    def tell(self, name: str, text: str) -> None:
        """Keep what a command said, wherever this home lay."""
        (self.told / name).write_text(text.replace(str(self.path), "HOME"))

    def run(self, name: str) -> Path:
        return self.path / "runs" / name


def main() -> int:
    if len(sys.argv) != 2 or Path(sys.argv[1]).exists():
        sys.stderr.write("Give the path of a folder that isn't there yet.\n")
        return 2
    where = Path(sys.argv[1]).resolve()
    home = Home(where / "home", where / "told")
    home.told.mkdir(parents=True)
    home.path.mkdir()
    for name in GIVEN:
        copy = shutil.copytree if (HERE / "home" / name).is_dir() else shutil.copy
        copy(HERE / "home" / name, home.path / name)
    names = {**runs(home), **sweeps(home), **queue(home)}
    names["trashed"] = train(home, "iris", "--set", "fit.epochs=1")
    lighten(home, names)
    home.tuinn("runs", "trash", names["trashed"])
    stamp(home.path)
    what_is_said(home, names)
    (home.told / "names.json").write_text(json.dumps({"stamp": STAMP, **names}, indent=1) + "\n")
    return 0


# ------------------------------------------------------------------------------------------------------ runs


def runs(home: Home) -> dict[str, str]:
    """Runs in every state that lasts. Returns their names."""
    names = {"finished": train(home, "iris")}
    home.tuinn("runs", "rename", names["finished"], "The", "first", "iris")
    home.tuinn("runs", "note", names["finished"], "sound, and small")
    home.tuinn("runs", "tag", names["finished"], "kept", "flower")

    straight = train(home, "stopped")
    shutil.copy(home.run(straight) / "events.jsonl", home.told / "straight.jsonl")
    forget(home, straight)
    names["stopped"] = in_time(lambda: stopped_in_mid_epoch(home))

    names["flats"] = train(home, "flats")
    home.tell("predict.json", home.tuinn("predict", "last", "--json", "--row", ROW, "--row", UNKNOWN))
    home.tell("evaluate.json", home.tuinn("evaluate", names["finished"], "--json"))

    names["lost"] = in_time(lambda: steered_and_killed(home))
    names["failed"] = train(home, "iris", "--set", "fit.device=gpu:77", code=1)
    return names


def train(home: Home, spec: str, *words: str, code: int = 0) -> str:
    out = home.tuinn("train", f"specs/{spec}.toml", "--json", *words, code=code)
    return str(json.loads(out.splitlines()[0])["run"])


def stopped_in_mid_epoch(home: Home) -> str:
    """A run that was stopped within its eighth epoch, where a rate that waits for better epochs has waited for one.

    Empty, and the run is gone, where it was stopped elsewhere.
    """
    process = home.start("train", "specs/stopped.toml", "--json")
    run = str(next(told(process))["run"])
    for event in followed(home.run(run)):
        if event["kind"] == "EpochStarted" and event["epoch"] == 8:
            ask(home.run(run), {"kind": "Stop"})
            break
    process.communicate()
    last = [event for event in events_of(home.run(run)) if event["kind"] == "StopAsked"]
    if last and last[-1]["epoch"] == 8 and 0 < last[-1]["step"] < 96:
        return run
    forget(home, run)
    return ""


def steered_and_killed(home: Home) -> str:
    """A run that was told everything that a run can be told, and then killed before its last order was in a checkpoint."""
    process = home.start("train", "specs/steered.toml", "--json")
    first = next(told(process))
    folder = home.run(first["run"])
    events = followed(folder)
    wait_for(events, "EpochEnded")
    ask(folder, *STEERING)
    wait_for(events, "Paused")
    wait_for(events, "LoadMeasured")
    ask(folder, *ANSWERED)
    wait_for(events, "Evaluated")
    ask(folder, {"kind": "BackToBest", "factor": 0.5})
    wait_for(events, "WentBack")
    ask(folder, {"kind": "SetRate", "learning_rate": 0.5}, {"kind": "SetRate", "learning_rate": 0.004})
    wait_for(events, "RateChanged", learning_rate=0.004)
    os.kill(first["pid"], signal.SIGKILL)
    process.communicate()
    if orders_in_checkpoint(folder) < sum(
        event["kind"] == "PatienceChanged" or event.get("asked", False) for event in events_of(folder)
    ):
        return str(first["run"])
    forget(home, first["run"])
    return ""


def orders_in_checkpoint(folder: Path) -> int:
    import numpy as np

    with np.load(folder / "checkpoints" / "last.npz") as found:
        return int(json.loads(found["head"].tobytes())["heeded"])


def forget(home: Home, run: str) -> None:
    home.tuinn("runs", "trash", run)
    home.tuinn("runs", "empty", "--yes")


# --------------------------------------------------------------------------------------------------- sweeps


def sweeps(home: Home) -> dict[str, str]:
    """One that has come to its end, and one that was stopped in its third trial of four. Returns their names."""
    grid = ("fit.learning_rate=0.01,0.03,0.000001", "layers[1].units=4,8")
    small = ("--set", "fit.epochs=8", "--set", "fit.batch_size=1")
    whole = begin(home, grid, *small, "--sampler", "grid")
    ask(
        whole,
        {"kind": "Hold"},
        {"kind": "SetParallel", "parallel": 2},
        {"kind": "SetTrials", "trials": 3},
        {"kind": "SetParallel", "parallel": 1},
        {"kind": "GoOn"},
    )
    wait_for(followed(whole), "SweepEnded")

    ranges = ("fit.learning_rate=log:0.005..0.1", "layers[1].units=4..16/4", "layers[2].units=3,4")
    drawn = ("--sampler", "tpe", "--trials", "4", "--seed", "22", "--metric", "val_accuracy")
    straight = begin(home, ranges, *drawn)
    wait_for(followed(straight), "SweepEnded")
    shutil.copy(straight / "events.jsonl", home.told / "straight_sweep.jsonl")
    trials = [event["run"] for event in events_of(straight) if event["kind"] == "TrialStarted"]
    home.tuinn("runs", "trash", *trials)
    home.tuinn("runs", "empty", "--yes")
    shutil.rmtree(straight)

    halted = begin(home, ranges, *drawn)
    wait_for(followed(halted), "TrialStarted", number=3)
    home.tuinn("sweep", "stop", halted.name)
    wait_for(followed(halted), "SweepEnded")
    return {"swept": whole.name, "halted": halted.name}


def begin(home: Home, ranges: tuple[str, ...], *words: str) -> Path:
    overs = [word for one in ranges for word in ("--over", one)]
    out = home.tuinn("sweep", "start", "specs/iris.toml", *overs, *words, "--json")
    return home.path / "sweeps" / str(json.loads(out)["sweep"])


# ---------------------------------------------------------------------------------------------------- queue


def queue(home: Home) -> dict[str, str]:
    """A queue with an entry that has ended, one that was taken out, and two that wait. Returns the first one's run."""
    out = home.tuinn(
        *("queue", "add", "--hold", "--json"),
        *("specs/residual_cnn.toml", "specs/stopped.toml", "specs/iris.toml", "specs/steered.toml"),
    )
    _, second, third, _ = json.loads(out)
    home.tuinn("queue", "move", third, "1")
    home.tuinn("queue", "remove", second)
    home.tuinn("queue", "start", "--at-once", "1")
    events = followed(home.path / "queue")
    run = str(wait_for(events, "EntryStarted")["run"])
    home.tuinn("queue", "pause")
    wait_for(events, "QueueLeft")
    return {"queued": run}


# ---------------------------------------------------------------------------------------- what is left of it


def lighten(home: Home, names: dict[str, str]) -> None:
    """Leave out what is large, or of this machine, and not needed to go on."""
    swept, halted = (
        [home.run(event["run"]) for event in events_of(home.path / "sweeps" / names[sweep]) if "run" in event]
        for sweep in ("swept", "halted")
    )
    for run in swept[1:-1]:
        shutil.rmtree(run)
    goes_on = (home.run(names["stopped"]), home.run(names["lost"]), halted[-1])
    for run in (home.path / "runs").iterdir():
        if run.name not in (names["finished"], names["flats"]):
            remove(run / "model.keras", run / "predictions.npy")
        if run not in goes_on:
            shutil.rmtree(run / "checkpoints", ignore_errors=True)
    remove(*home.run(names["lost"]).glob("checkpoints/epoch-*"), goes_on[0] / "checkpoints" / "epoch-4.npz")
    for folder in ("cache", "slots"):
        shutil.rmtree(home.path / folder)
    remove(home.path / "ended.txt", *home.path.glob("*/*/*.log"), *home.path.glob("*/*.log"))


def remove(*files: Path) -> None:
    for file in files:
        file.unlink(missing_ok=True)


def stamp(path: Path) -> None:
    for file in path.rglob("*"):
        os.utime(file, (STAMP, STAMP))


def what_is_said(home: Home, names: dict[str, str]) -> None:
    """The list of runs last: it leaves `cache/runs.json`, which is kept as well."""
    for spec in SUMMARISED:
        home.tell(f"summary_{spec}.json", home.tuinn("summary", f"specs/{spec}.toml", "--json"))
    for spec in SCRIPTS:
        home.tell(f"script_{spec}.txt", home.tuinn("export", f"specs/{spec}.toml", "--to", "functional"))
    home.tell("sweeps.json", home.tuinn("sweep", "list", "--json"))
    for sweep in ("swept", "halted"):
        home.tell(f"{sweep}.json", home.tuinn("sweep", "show", names[sweep], "--json"))
    home.tell("queue.json", home.tuinn("queue", "list", "--all", "--json"))
    home.tell("compare.json", home.tuinn("runs", "compare", names["finished"], names["lost"], "--json"))
    home.tell("trash.json", home.tuinn("runs", "--trash", "--json"))
    home.tell("runs.json", home.tuinn("runs", "--json"))
    shutil.rmtree(home.path / "cache" / "signatures")


# -------------------------------------------------------------------------------------- journals and commands


def ask(folder: Path, *commands: dict[str, Any]) -> None:
    with (folder / "commands.jsonl").open("a") as file:
        file.write("".join(json.dumps(command) + "\n" for command in commands))


def told(process: "subprocess.Popen[str]") -> Iterator[dict[str, Any]]:
    """The events that `--json` prints."""
    assert process.stdout
    return (json.loads(line) for line in process.stdout)


def events_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]


def followed(folder: Path) -> Iterator[dict[str, Any]]:
    """The events of a journal, as they come. Raises TimeoutError where none does for too long."""
    seen, until = 0, time.monotonic() + MOST_SECONDS
    while time.monotonic() < until:
        data = (folder / "events.jsonl").read_bytes() if (folder / "events.jsonl").exists() else b""
        lines = data[: data.rfind(b"\n") + 1].splitlines()
        for line in lines[seen:]:
            until = time.monotonic() + MOST_SECONDS
            yield json.loads(line)
        seen = len(lines)
        time.sleep(0.002)
    raise TimeoutError(folder)


def wait_for(events: Iterator[dict[str, Any]], kind: str, **fields: Any) -> dict[str, Any]:
    return next(event for event in events if event["kind"] == kind and {**event, **fields} == event)


def in_time(make: Callable[[], str]) -> str:
    """The first name that comes of it: the right moment is a matter of milliseconds."""
    for _ in range(8):
        if name := make():
            return name
    raise RuntimeError("The moment was missed eight times.")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
