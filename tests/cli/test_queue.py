"""`tuinn queue`: drafts wait, begin and end without us; their workers only tell stories."""

import json
import time
from pathlib import Path
from typing import Any

from tests.cli.conftest import Tuinn
from tuinn.runs.folder import RunFolder, all_runs
from tuinn.runs.journal import JournalWriter
from tuinn.spec.presets.catalog import fashion_lab
from tuinn.sweeps.events import EntryStarted
from tuinn.sweeps.folder import QueueFolder
from tuinn.sweeps.queue import add_command


def listed(tuinn: Tuinn, *words: str) -> Any:
    return json.loads(tuinn("queue", "list", "--json", *words).out)


def test_drafts_that_are_queued_are_trained_one_after_the_other(tuinn: Tuinn, lab: Path) -> None:
    done = tuinn("queue", "add", lab, lab, "--set", "fit.epochs=3")
    assert done.code == 0, done.err
    deadline = time.monotonic() + 60
    while (now := listed(tuinn, "--all"))["conducted"] or any(
        not entry["outcome"] for entry in now["entries"]
    ):
        assert time.monotonic() < deadline
    assert [entry["outcome"] for entry in now["entries"]] == ["finished", "finished"]
    assert {run.name for run in all_runs()} == {entry["run"] for entry in now["entries"]}
    assert "Nothing is queued." in tuinn("queue", "list").out
    assert now["entries"][0]["entry"] in tuinn("queue", "list", "--all").out


def test_a_queue_that_is_held_is_ordered_before_it_begins(tuinn: Tuinn, lab: Path) -> None:
    first, second, third = json.loads(tuinn("queue", "add", "--hold", "--json", lab, lab, lab).out)
    assert tuinn("queue", "move", third, "1").out == f"{third} is number 1\n"
    assert tuinn("queue", "remove", second).code == 0
    now = listed(tuinn)
    assert ([entry["entry"] for entry in now["entries"]], now["held"], now["conducted"]) == (
        [third, first],
        True,
        False,
    )
    assert (
        "0 in training, 2 drafts waiting, 1 at a time; held. Begin: tuinn queue start"
        in tuinn("queue", "list").out
    )
    assert "The queue is held." in tuinn("queue", "add", lab).out


def test_a_queue_goes_on_two_at_a_time_and_is_stopped(tuinn: Tuinn, lab: Path) -> None:
    tuinn("queue", "add", "--hold", lab, lab, lab)
    assert "2 at a time" in tuinn("queue", "start", "--at-once", "2", worker="until stop").out
    deadline = time.monotonic() + 60
    while sum(bool(entry["run"]) for entry in listed(tuinn)["entries"]) < 2:
        assert time.monotonic() < deadline
    assert (
        "trains already. Stop it: tuinn stop"
        in tuinn("queue", "remove", listed(tuinn)["entries"][0]["entry"]).err
    )
    tuinn("queue", "stop")
    while (now := listed(tuinn, "--all"))["conducted"]:
        assert time.monotonic() < deadline
    assert sorted(entry["outcome"] for entry in now["entries"]) == ["", "stopped", "stopped"]


def test_what_trains_no_more_since_the_queue_has_no_runner_is_halted(tuinn: Tuinn) -> None:
    folder = QueueFolder.here()
    run = RunFolder.create(fashion_lab())
    first, second = add_command(fashion_lab()), add_command(fashion_lab())
    folder.ask(first, second)
    journal = JournalWriter(folder.events_file)
    journal.append(EntryStarted(entry=first.entry, run=run.name))
    journal.close()
    words = "1 draft waiting, 1 at a time; nobody conducts it. Resume it: tuinn queue start"
    assert f"0 in training, 1 halted, {words}" in tuinn("queue", "list").out
    assert [entry["state"] for entry in listed(tuinn)["entries"]] == ["halted", "waiting"]
    with run.hold_lock():  # its worker outlives the queue's runner
        assert f"1 in training, {words}" in tuinn("queue", "list").out
    with folder.hold_lock():
        assert [entry["state"] for entry in listed(tuinn)["entries"]] == ["training", "waiting"]


def test_a_draft_that_cannot_be_trained_is_not_queued_and_nobody_else_either(
    tuinn: Tuinn, lab: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(lab.read_text().replace("units = 10", "units = 3"))
    done = tuinn("queue", "add", lab, wrong)
    assert done.code == 2
    assert done.err.startswith(f"{wrong}: layer 6:")
    assert listed(tuinn)["entries"] == []


def test_an_entry_that_nobody_knows_is_a_sentence(tuinn: Tuinn) -> None:
    for words in (["remove", "abcd"], ["move", "abcd", "1"]):
        done = tuinn("queue", *words)
        assert (done.code, done.err) == (
            1,
            "tuinn: 'abcd' isn't queued. `tuinn queue list` has the entries.\n",
        )
