"""`tuinn runs` and its verbs: look, find, sort, note, tag, rename, trash, prune."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.conftest import Write
from tests.factories import epoch, opening, whole_run
from tuinn.cli.main import tuinn
from tuinn.runs.annotations import change_annotations, read_annotations
from tuinn.runs.folder import all_runs
from tuinn.runs.listing import Listing
from tuinn.runs.provenance import COMMAND, write_provenance
from tuinn.spec.presets.catalog import default_draft, iris_lab
from tuinn.text import format_metric
from tuinn.view.run_columns import BY_NAME, shown_state
from tuinn.view.run_table import sort_runs


def do(*words: str | Path, typed: str | None = None) -> Result:
    done = CliRunner().invoke(tuinn, ["runs", *map(str, words)], input=typed)
    assert "Traceback" not in done.output
    return done


def told(*words: str | Path) -> Any:
    return json.loads(do(*words, "--json").stdout)


def test_what_is_known_of_a_run_is_told_as_json(write_run: Write) -> None:
    folder = write_run(whole_run())
    (run,) = told()
    assert run["network"] == "Dense 154-64-10"
    assert run["best"]["epoch"] == 3
    assert run["seconds"] == 92
    assert run["device"] == "CPU · 2 cores"
    assert run["size"] == sum(file.stat().st_size for file in folder.path.iterdir() if file.is_file())


def test_runs_are_filtered_and_sorted(write_run: Write) -> None:
    lab, iris = write_run(whole_run()), write_run([*opening(), *epoch(1, 0.1, 0.99)], iris_lab())
    assert [run["name"] for run in told("--filter", "iris")] == [iris.name]
    assert [run["name"] for run in told("--sort", "epochs")] == [lab.name, iris.name]
    assert [run["name"] for run in told("--sort", "epochs", "--reverse")] == [iris.name, lab.name]
    assert do("--filter", "zebra").stdout == "None of the 2 runs has 'zebra'.\n"
    assert do("--sort", "colour").exit_code == 2


def test_a_piped_table_has_every_column_whole(write_run: Write) -> None:
    folder = write_run(whole_run())
    head, line = do().stdout.splitlines()
    assert head.split()[:5] == ["state", "run", "dataset", "network", "best"]
    assert folder.name in line
    assert "0.5000 accuracy" in line


def test_note_tags_and_title(write_run: Write) -> None:
    folder = write_run(whole_run())
    assert do("note", "last").stdout == f"{folder.name}: no note\n"
    do("note", "last", "too", "fast")
    do("tag", "last", "good", "wide")
    do("tag", "last", "--remove", "wide", "best")
    do("rename", "last", "My", "baseline")
    about = read_annotations(folder)
    assert (about.title, about.note, about.tags) == ("My baseline", "too fast", ("good", "best"))
    assert do("tag", "last").stdout == f"{folder.name}: #good #best\n"
    assert told("--filter", "#good")[0]["title"] == "My baseline"
    assert do("tag", "last", "two words").exit_code == 1


def test_to_the_trash_and_back_and_away(write_run: Write) -> None:
    kept, folder = write_run(whole_run()), write_run(whole_run())
    assert "tuinn runs restore" in do("trash", folder.name).stdout
    assert [run["name"] for run in told("--trash")] == [folder.name]
    assert [run["name"] for run in told()] == [kept.name]
    do("restore", folder.name)
    assert len(all_runs()) == 2
    do("trash", folder.name)
    assert do("empty", typed="n\n").exit_code == 1
    assert "1 run removed" in do("empty", "--yes").stdout
    assert do("empty").stdout == do("--trash").stdout == "The trash is empty.\n"
    missing = do("restore", folder.name)
    assert missing.exit_code == 1
    assert "`tuinn runs --trash` lists" in missing.stderr


def test_a_run_that_trains_is_neither_trashed_nor_pruned(write_run: Write) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        for verb in ("trash", "prune"):
            done = do(verb, "last")
            assert done.exit_code == 1
            assert "is training. Stop it first" in done.stderr


def test_pruning_says_what_it_frees(write_run: Write) -> None:
    folder = write_run(whole_run())
    folder.checkpoints.mkdir()
    folder.last_checkpoint.write_bytes(b"x" * 1000)
    folder.best_checkpoint.write_bytes(b"x" * 2000)
    assert do("prune", "last", "--dry-run").stdout == f"{folder.name}: 2.0 kB would be freed\n"
    assert do("prune", "last").stdout == f"{folder.name}: 2.0 kB freed\n"
    assert do("prune", "last", "--all").stdout == f"{folder.name}: 1.0 kB freed\n"


def test_the_path_of_a_run(write_run: Write) -> None:
    folder = write_run([])
    assert do("path", "last").stdout == f"{folder.path}\n"


@pytest.mark.parametrize("verb", ["note", "tag", "rename", "path", "trash", "prune"])
def test_each_says_which_run_is_meant_and_not_found(verb: str, write_run: Write) -> None:
    write_run(whole_run())
    assert do(verb).exit_code == 2
    assert "No run matches 'zebra'" in do(verb, "zebra").stderr


def test_runs_are_compared_by_results_and_by_what_differs(write_run: Write) -> None:
    one = write_run(whole_run())
    two = write_run([*opening(), *epoch(1, 0.3, 0.9)], default_draft().with_fit(batch_size=32))
    lines = do("compare", one.name, two.name).stdout.splitlines()
    best = next(line for line in lines if line.startswith("best val_accuracy"))
    assert best.split()[2:] == ["0.5000", "0.9000*"]
    assert next(line for line in lines if line.startswith("batch size")).split() == [
        "batch",
        "size",
        "128",
        "32",
    ]
    raw = json.loads(do("compare", one.name, two.name, "--json").stdout)
    assert raw["differences"] == {"fit.batch_size": ["128", "32"]}
    assert raw["runs"] == [one.name, two.name]
    assert do("compare", one.name, one.name).exit_code == 2


def test_every_run_is_a_line_of_csv_with_what_the_table_says(
    write_run: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(whole_run(), default_draft().with_fit(learning_rate=0.01))
    told = write_run([*opening(), *epoch(1, 0.3, 0.9)], iris_lab())
    change_annotations(told, title='two, "quoted"', tags=("a", "b"))
    monkeypatch.setenv(COMMAND, "tuinn train iris.toml")
    write_provenance(told.path)
    write_run([])
    rows = list(csv.DictReader(do("--csv").stdout.splitlines()))
    listed = Listing().refresh()
    assert [row["id"] for row in rows] == [run.name for run in sort_runs(listed, "when")]
    by_id = {row["id"]: row for row in rows}
    for run in listed:
        row = by_id[run.name]
        assert (row["title"], row["state"], row["dataset"]) == (
            run.title,
            shown_state(run),
            run.known.dataset,
        )
        for name in ("last", "test"):
            shown = BY_NAME[name].text(run, {})
            assert (format_metric(float(row[name])) if row[name] else "") == shown
        best = f"{format_metric(float(row['best']))} {row['metric']}" if row["best"] else ""
        assert best == BY_NAME["best"].text(run, {})
        assert {label: row[label] for label in run.settings} == run.settings
    mine = by_id[told.name]
    assert (mine["title"], mine["tags"], mine["command"]) == ('two, "quoted"', "a b", "tuinn train iris.toml")
    assert mine["last val_accuracy"] == "0.9"
    assert mine["keras version"]
    assert do("--csv", "--json").exit_code == 2
    assert do("--csv", "--filter", "zebra").stdout == ""


def test_a_run_is_shown_with_its_settings_and_where_it_came_from(
    write_run: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_run(whole_run())
    assert "git commit" not in do("show", "last").stdout
    monkeypatch.setenv(COMMAND, "tuinn train a.toml --set fit.epochs=3")
    write_provenance(folder.path)
    shown = do("show", "last").stdout
    lines = dict(re.split(r"  +", line, maxsplit=1) for line in shown.splitlines() if line)
    assert lines["title"] == "fashion-lab"
    assert lines["state"] == "finished, 3 of 3 epochs"
    assert lines["command"] == "tuinn train a.toml --set fit.epochs=3"
    assert lines["learning rate"] == "0.001"
    raw = json.loads(do("show", "last", "--json").stdout)
    assert raw["settings"]["batch size"] == "128"
    assert raw["provenance"]["command"] == "tuinn train a.toml --set fit.epochs=3"
