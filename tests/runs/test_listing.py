"""A run in a line, folded without its batches, and a list that reads nothing twice."""

import os
import shutil
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Write
from tests.factories import append, ending, epoch, opening, whole_run
from tuinn.runs.annotations import change_annotations
from tuinn.runs.events import (
    AnyEvent,
    EpochStarted,
    Evaluated,
    ModelBuilt,
    Paused,
    Resumed,
    RunEnded,
    RunResumed,
    RunStarted,
    WentBack,
)
from tuinn.runs.folder import RunFolder
from tuinn.runs.journal import JournalReader
from tuinn.runs.listing import Listing, titles_of
from tuinn.runs.state import RunState
from tuinn.runs.summary import TRAIL, RunSummary, Stopwatch
from tuinn.spec.layers.model import describe_network
from tuinn.spec.presets.catalog import PRESETS, default_draft
from tuinn.view.run_follower import RunFollower
from tuinn.view.run_view import RunView


def summary_of(*events: AnyEvent) -> RunSummary:
    summary = RunSummary()
    for event in events:
        summary.apply(event)
    return summary


def test_a_whole_run_in_a_line() -> None:
    summary = summary_of(*whole_run())
    assert (summary.done, summary.epochs, summary.outcome) == (3, 3, "finished")
    assert summary.tested == {"accuracy": 0.81, "loss": 0.52}
    assert summary.best is not None
    assert summary.best.epoch == 3
    assert summary.score == ("val_accuracy", 0.5)
    assert summary.parameters == 131_460
    assert summary.clock.seconds == 202 - 110


def built(at: float) -> ModelBuilt:
    return ModelBuilt(at=at, layers=(), trainable=1, non_trainable=0, loss="mse", device="CPU")


def test_pauses_and_all_until_another_worker_is_ready_are_left_out() -> None:
    summary = summary_of(
        *opening(),
        *epoch(1, 1.0),  # 110 to 112
        Paused(at=113, epoch=2, step=0),
        Resumed(at=1113, epoch=2, step=0, seconds=1000),
        RunEnded(at=1114, outcome="stopped"),
        RunResumed(at=9000, epoch=2, step=0, epochs=3),
        built(at=9020),
        RunEnded(at=9030, outcome="stopped"),
        RunResumed(at=9900, epoch=2, step=0, epochs=3),
        EpochStarted(at=9950, epoch=2, steps=36),
        RunEnded(at=9957, outcome="finished"),
    )
    assert summary.clock.seconds == 3 + 1 + 10 + 7
    assert not summary.paused
    killed = summary_of(*opening(), *epoch(1, 1.0), RunResumed(at=9000, epoch=2, step=0, epochs=3))
    assert killed.clock.seconds == 2


@given(st.lists(st.tuples(st.sampled_from(["start", "advance", "stop"]), st.floats(-1e10, 1e10))))
def test_a_clock_that_is_set_back_never_makes_a_run_shorter(steps: list[tuple[str, float]]) -> None:
    watch, before = Stopwatch(), 0.0
    for step, at in steps:
        getattr(watch, step)(at)
        assert watch.seconds >= before
        before = watch.seconds


def test_a_run_that_went_back_forgets_the_best_of_later_epochs() -> None:
    epochs = [event for number, loss in ((1, 1.0), (2, 0.8), (3, 0.5)) for event in epoch(number, loss)]
    summary = summary_of(*opening(), *epochs, WentBack(epoch=3), *ending())
    assert (summary.done, summary.best and summary.best.epoch) == (2, 2)
    assert summary_of(*opening(), *epochs, RunResumed(epoch=1, step=0, epochs=3)).best is None


@given(st.lists(st.one_of(st.none(), st.floats(0, 2)), max_size=20), st.integers(1, 25))
def test_the_summary_and_the_view_name_the_same_best_epoch(losses: list[float | None], back: int) -> None:
    events = [*opening(), *(event for at, loss in enumerate(losses, 1) for event in epoch(at, loss))]
    summary, view = summary_of(*events), RunView()
    for event in events:
        view.apply(event)
    assert (summary.best and summary.best.epoch) == (view.best and view.best.epoch)
    assert summary.done == (view.finished[-1].epoch if view.finished else 0)


def test_an_answer_to_a_question_is_not_the_result_of_the_run() -> None:
    summary = summary_of(*whole_run(), Evaluated(request="abc", metrics={"loss": 9.0}, samples=1))
    assert summary.tested["loss"] == 0.52


def test_live_runs_come_first_then_the_newest(write_run: Write) -> None:
    live = write_run([*opening(), *epoch(1, 1.0)])
    done = write_run(whole_run())
    with live.hold_lock():
        rows = Listing().refresh()
    assert [(row.name, row.state) for row in rows] == [
        (live.name, RunState.RUNNING),
        (done.name, RunState.FINISHED),
    ]
    assert rows[1].known.network == "Dense 154-64-10"


def test_what_was_read_once_is_not_read_again_not_even_by_the_next_process(
    write_run: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_run(whole_run())
    listing = Listing()
    (before,) = listing.refresh()
    read: list[int] = []
    real = JournalReader.read_without_reports

    def count(self: JournalReader[AnyEvent], limit: int = 1) -> list[AnyEvent]:
        read.append(self.offset)
        return real(self)

    monkeypatch.setattr(JournalReader, "read_without_reports", count)
    monkeypatch.setattr(RunFolder, "spec", lambda self: pytest.fail("the spec was read again"))
    assert Listing().refresh() == listing.refresh() == [before]
    assert read == []
    size = folder.events_file.stat().st_size
    append(folder, RunResumed(at=300, epoch=4, step=0, epochs=9))
    (after,) = listing.refresh()
    assert read[0] == size
    assert after.epochs == 9


@pytest.mark.parametrize("junk", [b"", b"{}", b"\xff", b'{"format": "0", "runs": {}}'])
def test_a_damaged_cache_is_thrown_away(write_run: Write, junk: bytes) -> None:
    write_run(whole_run())
    listing = Listing()
    listing.refresh()
    listing.cache_file.write_bytes(junk)
    assert [row.state for row in Listing().refresh()] == [RunState.FINISHED]


def test_a_cache_that_cannot_be_written_is_done_without(write_run: Write, own_home: Path) -> None:
    write_run(whole_run())
    (own_home / "cache").write_text("a file where the folder should be")
    assert [row.state for row in Listing().refresh()] == [RunState.FINISHED]


def test_a_journal_that_was_replaced_by_a_shorter_one_is_read_anew(write_run: Write) -> None:
    folder = write_run(whole_run())
    listing = Listing()
    listing.refresh()
    folder.events_file.unlink()
    append(folder, *opening(), *epoch(1, 1.0))
    (row,) = listing.refresh()
    assert (row.summary.done, row.state) == (1, RunState.LOST)


def test_a_run_that_goes_away_leaves_the_list(write_run: Write) -> None:
    gone, stays = write_run(whole_run()), write_run(whole_run())
    listing = Listing()
    listing.refresh()
    gone.path.rename(gone.path.parents[1] / "elsewhere")
    assert [row.name for row in listing.refresh()] == [stays.name]


def test_a_folder_made_before_the_clock_was_set_back_is_lost_and_not_starting_for_ever(
    write_run: Write,
) -> None:
    folder = write_run([])
    tomorrow = time.time() + 86_400
    os.utime(folder.spec_file, (tomorrow, tomorrow))
    assert [row.state for row in Listing().refresh()] == [RunState.LOST]


def test_a_network_in_a_few_words() -> None:
    assert describe_network(default_draft().model) == "Dense 154-64-10"
    assert all(describe_network(preset().model) for preset in PRESETS.values())


def test_a_copied_run_goes_by_its_own_folder_and_says_whose_copy_it_is(write_run: Write) -> None:
    folder = write_run()
    append(folder, RunStarted(run=folder.name, host="box", pid=1, tuinn="0.1.0", epochs=3), *whole_run()[1:])
    change_annotations(folder, title="the good one")
    copy = RunFolder(shutil.copytree(folder.path, folder.path.with_name(f"{folder.name}-copy")))
    rows = {row.name: row for row in Listing().refresh()}
    assert (rows[copy.name].copy_of, rows[folder.name].copy_of) == (folder.name, "")
    assert (rows[copy.name].title, rows[folder.name].title) == ("copy of the good one", "the good one")
    view = RunFollower(copy).view
    for event in copy.events().read_all():
        view.apply(event)
    assert view.run == copy.name


def test_a_run_whose_folder_is_renamed_is_no_copy(write_run: Write) -> None:
    folder = write_run()
    append(folder, RunStarted(run=folder.name, host="box", pid=1, tuinn="0.1.0", epochs=3), *whole_run()[1:])
    folder.path.rename(folder.path.with_name("renamed"))
    (row,) = Listing().refresh()
    assert (row.name, row.copy_of, row.title) == ("renamed", "", "renamed")


def test_runs_are_called_by_their_settings_and_numbered_where_they_are_alike(write_run: Write) -> None:
    first = write_run(whole_run())
    write_run(whole_run(), default_draft().with_setting("layers[3].units", "308"))
    again, titled = write_run(whole_run()), write_run(whole_run())
    change_annotations(titled, title="mine")
    named = RunFolder(first.path.with_name("a-name-of-my-own"))
    shutil.copytree(first.path, named.path)
    (named.path / "events.jsonl").unlink()
    titles = {run.name: run.title for run in Listing().refresh()}
    assert titles[first.name] == "fashion-lab"
    assert titles[again.name] == "fashion-lab (2)"
    assert titles[titled.name] == "mine"
    assert titles[named.name] == named.name
    assert "fashion-lab, units 308" in titles.values()
    assert titles_of([again, titled, named]) == [titles[run.name] for run in (again, titled, named)]


def test_a_curve_is_kept_in_few_points_from_the_first_epoch_to_the_last() -> None:
    epochs = [event for at in range(1, 102) for event in epoch(at, 1.0, at / 100)]
    summary = summary_of(*opening(101), *epochs)
    assert summary.curve[0] == 0.01
    assert summary.curve[-1] == 1.01
    assert len(summary.curve) <= TRAIL + 1
    steps = {round(b - a, 6) for a, b in zip(summary.curve, summary.curve[1:-1], strict=False) if a and b}
    assert steps == {0.08}
    gone = summary_of(*opening(101), *epochs, WentBack(epoch=6), *epoch(6, 1.0, 0.5))
    assert gone.curve == [0.01, 0.5]


def test_the_watched_number_of_the_last_epoch_and_of_the_test() -> None:
    summary = summary_of(*whole_run())
    assert (summary.last_score, summary.test_score) == (0.5, 0.81)
    assert (summary_of().last_score, summary_of().test_score, summary_of().curve) == (None, None, [])


def test_a_metric_that_stays_the_same_gives_a_flat_curve() -> None:
    epochs = [event for at in range(1, 21) for event in epoch(at, 1.0, 1 / 3)]
    assert set(summary_of(*opening(20), *epochs).curve) == {0.3333}
