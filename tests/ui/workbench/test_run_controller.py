"""Start, follow, poll, attach and leave, without an app."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.conftest import Write
from tests.factories import append, ending, epoch, opening, whole_run
from tests.stand_ins import MANAGER, StandIns, place
from tests.ui.workbench.fake_host import FakeDisplay, FakeHost, FakeTimer
from tuinn.runs.commands import Quit, Stop
from tuinn.runs.folder import RunFolder, all_runs
from tuinn.runs.listing import titles_of
from tuinn.runs.machine.batch_job import BatchJob, write_job
from tuinn.spec.presets.catalog import default_draft
from tuinn.ui.dialogs.dialog import Choose
from tuinn.ui.workbench import run_controller
from tuinn.ui.workbench.control_controller import ControlController
from tuinn.ui.workbench.run_controller import RunController
from tuinn.view.run_follower import RunFollower


def timer_of(runs: RunController) -> FakeTimer:
    assert isinstance(runs.timer, FakeTimer)
    return runs.timer


def test_a_spec_is_started_in_a_folder_of_its_own_and_followed(
    runs: RunController, display: FakeDisplay, idle_worker: list[subprocess.Popen[bytes]]
) -> None:
    runs.start(default_draft())
    (folder,) = all_runs()
    assert runs.run is not None
    assert runs.run.folder == folder
    assert (len(idle_worker), display.attached, display.drawn) == (1, [runs.run], 1)
    assert timer_of(runs).runs


def test_a_run_in_progress_is_not_replaced(runs: RunController, host: FakeHost) -> None:
    runs.start(default_draft())
    runs.start(default_draft())
    assert len(all_runs()) == 1
    assert host.messages == [("warning", "A run is already in progress. s stops it, l lists the others.")]


def test_the_worker_of_a_run_that_ended_quits_when_another_is_started(
    runs: RunController, write_run: Write
) -> None:
    folder = write_run(whole_run())
    with folder.hold_lock():
        runs.attach(folder.name)
        runs.start(default_draft())
    assert folder.commands().read_all() == [Quit()]
    assert len(all_runs()) == 2


def test_a_folder_that_cannot_be_made_is_said_and_no_run_is_held(
    runs: RunController, host: FakeHost, own_home: Path
) -> None:
    own_home.write_text("a file where a folder should be")
    runs.start(default_draft())
    assert runs.run is None
    assert len(host.problems) == 1
    assert "No run folder can be made" in host.last


def test_a_name_that_no_run_has_leaves_the_run_on_the_screen(
    runs: RunController, host: FakeHost, write_run: Write
) -> None:
    folder = write_run(whole_run())
    runs.attach(folder.name)
    runs.attach("no-such-run")
    assert runs.run is not None
    assert runs.run.folder == folder
    assert len(host.problems) == 1


def test_attaching_to_the_run_on_the_screen_or_to_none_does_nothing(
    runs: RunController, display: FakeDisplay, write_run: Write
) -> None:
    folder = write_run(whole_run())
    for name in (folder.name, folder.name, None):
        runs.attach(name)
    assert (len(display.attached), display.drawn) == (1, 1)


def test_many_events_are_drawn_once_and_not_too_often(
    runs: RunController, display: FakeDisplay, write_run: Write
) -> None:
    folder = write_run(opening())
    with folder.hold_lock():
        runs.attach(folder.name)
        append(folder, *epoch(1, 1.0), *epoch(2, 0.9))
        runs.poll()
        assert display.drawn == 2
        runs.poll()
        assert display.drawn == 2, "nothing is new"
        append(folder, *epoch(3, 0.8))
        runs.drawn_at = time.monotonic() + 60  # drawn a moment ago, however slow the machine is
        runs.poll()
        assert display.drawn == 2, "too soon"
        runs.drawn_at = 0.0
        runs.poll()
        assert display.drawn == 3, "what came too soon is drawn later, without another event"


def test_a_change_of_state_is_drawn_at_once(
    runs: RunController, display: FakeDisplay, write_run: Write
) -> None:
    folder = write_run(opening())
    with folder.hold_lock():
        runs.attach(folder.name)
        append(folder, *ending())
        runs.drawn_at = time.monotonic() + 60
        runs.poll()
    assert display.drawn == 2


@pytest.mark.parametrize("waits", [False, True], ids=["nobody waits", "an answer is awaited"])
def test_polling_ends_with_the_worker_unless_an_answer_is_awaited(
    runs: RunController, display: FakeDisplay, write_run: Write, waits: bool
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    display.waits = waits
    with folder.hold_lock():
        runs.attach(folder.name)
        append(folder, *ending())
        runs.poll()
        assert display.ended == 1
        assert timer_of(runs).runs, "the worker may still have something to say"
    runs.drawn_at = 0.0
    runs.poll()
    assert timer_of(runs).runs is waits
    assert display.ended == 1


def test_while_keys_come_a_run_that_only_moves_on_is_drawn_less_often(
    host: FakeHost, display: FakeDisplay, write_run: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_controller, "REDRAW_SECONDS", 0.0)
    monkeypatch.setattr(run_controller, "REDRAW_SECONDS_TYPING", 1e6)
    keys = [True]
    runs = RunController(host, display, is_typing=lambda: bool(keys))
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        runs.attach(folder.name)
        runs.drawn_at, drawn = time.monotonic(), display.drawn
        append(folder, *epoch(2, 0.9))
        runs.poll()
        assert display.drawn == drawn
        keys.clear()
        runs.poll()
        assert display.drawn == drawn + 1


def test_while_an_answer_is_awaited_it_is_looked_for_all_the_time(
    runs: RunController, display: FakeDisplay, write_run: Write
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        runs.attach(folder.name)
        runs.answer_timer = timer = FakeTimer()
        runs.await_answer()
        runs.look_for_answer()
        assert display.answered == 0, "nobody waits"
        assert timer.changes == ["resume", "pause"]
        display.waits = True
        runs.await_answer()
        runs.look_for_answer()
        runs.look_for_answer()
        assert display.answered == 2
        assert timer.changes[2:] == ["resume"]
        runs.asked_at = 0.0
        runs.look_for_answer()
        assert display.answered == 2, "it takes its time"
        assert timer.changes[3:] == ["pause"]


def long_run(write_run: Write, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A run whose journal is read in several slices."""
    monkeypatch.setattr(run_controller, "READ_AT_ONCE", 0)
    monkeypatch.setattr(run_controller, "REDRAW_SECONDS", 0.0)
    return write_run([*opening(epochs=900), *(event for n in range(1, 900) for event in epoch(n, 1.0))])


def test_a_long_journal_is_read_in_slices_and_drawn_at_the_end(
    runs: RunController,
    host: FakeHost,
    display: FakeDisplay,
    write_run: Write,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs.attach(long_run(write_run, monkeypatch).name)
    assert (runs.reading, display.drawn) == (True, 0)
    host.run_tasks()
    assert (runs.reading, display.drawn) == (False, 1)
    assert len(display.shares) > 2
    assert display.shares == sorted(display.shares)
    assert runs.run is not None
    assert runs.run.view.epoch == 899


def test_a_run_that_takes_the_place_of_one_being_read_is_the_only_one_drawn(
    runs: RunController,
    host: FakeHost,
    display: FakeDisplay,
    write_run: Write,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    long = long_run(write_run, monkeypatch)
    short = write_run(whole_run())
    runs.attach(long.name)
    monkeypatch.setattr(run_controller, "READ_AT_ONCE", 4_000_000)
    runs.attach(short.name)
    host.run_tasks()
    assert runs.run is not None
    assert (runs.run.folder, display.drawn, runs.reading) == (short, 1, False)


def test_while_a_long_journal_is_read_polling_does_nothing(
    runs: RunController,
    host: FakeHost,
    display: FakeDisplay,
    write_run: Write,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs.attach(long_run(write_run, monkeypatch).name)
    runs.poll()
    assert display.drawn == 0
    host.run_tasks()


def test_without_a_run_in_progress_the_app_is_left_at_once(
    runs: RunController, host: FakeHost, display: FakeDisplay, write_run: Write
) -> None:
    runs.quit()
    runs.attach(write_run(whole_run()).name)
    runs.quit()
    assert (display.farewells, host.dialogs) == (["", ""], [])


@pytest.mark.parametrize(
    ("answer", "farewell", "sent"),
    [
        ("keep", "keeps running", []),
        ("stop", "stops and saves to", [Stop()]),
        ("stay", None, []),
        (None, None, []),
    ],
)
def test_leaving_a_run_in_progress_asks_what_becomes_of_it(
    runs: RunController,
    host: FakeHost,
    display: FakeDisplay,
    write_run: Write,
    answer: str | None,
    farewell: str | None,
    sent: list[Stop],
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        runs.attach(folder.name)
        runs.quit()
        assert display.farewells == []
        host.answer(answer)
    assert folder.commands().read_all() == sent
    assert [farewell in words and folder.name in words for words in display.farewells if farewell] == [
        True
    ] * (farewell is not None)
    assert len(display.farewells) == (farewell is not None)


def test_a_run_goes_by_its_numbered_title_when_it_is_left_and_when_it_is_offered(
    runs: RunController, host: FakeHost, write_run: Write
) -> None:
    write_run(whole_run())
    folder = write_run([*opening(), *epoch(1, 1.0)])
    (title,) = titles_of([folder])
    assert title.endswith(" (2)")
    with folder.hold_lock():
        runs.offer_live_runs()
        ((_, line),) = host.top(Choose).lines
        assert f" {title} " in line.plain
        runs.attach(folder.name)
        runs.quit()
    assert host.top(Choose).words == title


def test_a_run_in_progress_is_offered_and_attached_to(
    runs: RunController, host: FakeHost, write_run: Write
) -> None:
    runs.offer_live_runs()
    assert host.dialogs == []
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        runs.offer_live_runs()
        host.answer(folder.name)
    assert isinstance(runs.run, RunFollower)
    assert runs.run.folder == folder


def test_when_runs_end_is_asked_in_a_thread_and_said_before_one_starts(
    runs: RunController,
    host: FakeHost,
    display: FakeDisplay,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stand_ins = StandIns(tmp_path / "bin", monkeypatch)
    stand_ins.logind(kills="no")
    place(tmp_path, monkeypatch, MANAGER)
    warmed: list[bool] = []
    monkeypatch.setattr(runs.launcher, "warm_up", lambda: warmed.append(True))
    runs.prepare()
    assert (host.messages, warmed) == ([], [])
    host.do_work()
    words = "Runs end at your last logout. So that they go on: loginctl enable-linger"
    assert (host.messages, warmed) == ([("warning", words)], [True])
    runs.prepare()
    host.do_work()
    assert len(host.messages) == 1
    runs.start(default_draft())
    runs._quit("keep")
    assert display.farewells[0].endswith(f"shows it again. {words}")
    stand_ins.logind(kills="no", linger="yes")
    runs.prepare()
    host.do_work()
    runs._quit("keep")
    assert display.farewells[1].endswith("shows it again.")


def test_outside_of_login_sessions_the_standby_worker_starts_at_once(
    runs: RunController, host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    warmed: list[bool] = []
    monkeypatch.setattr(runs.launcher, "warm_up", lambda: warmed.append(True))
    runs.prepare()
    assert (host.threads, warmed) == ([], [True])


def test_a_run_that_waits_for_its_job_hears_no_commands_and_that_is_said(
    runs: RunController, host: FakeHost, display: FakeDisplay, write_run: Write
) -> None:
    folder = write_run()
    write_job(folder.path, BatchJob("78"))
    long_ago = time.time() - 7200
    os.utime(folder.spec_file, (long_ago, long_ago))
    runs.attach(folder.name)
    assert runs.run is not None
    assert runs.run.is_active
    control = ControlController(host, runs)
    control.send(Stop(), "Stopping.")
    assert host.last == f"Its Slurm job has not begun. It is cancelled by: tuinn stop {folder.name}"
    runs._quit("stop")
    assert display.farewells == [
        f"{folder.name} waits for its Slurm job. It is cancelled by: tuinn stop {folder.name}"
    ]
    assert folder.commands_size() == 0
