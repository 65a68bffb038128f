"""Sweeps and the queue from the workbench, without an app. No runner is started."""

import pytest

from tests.conftest import Write
from tests.factories import epoch, opening, whole_run
from tests.ui.workbench.fake_host import FakeHost
from tuinn.runs.folder import RunFolder
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.presets.catalog import default_draft
from tuinn.sweeps import launch
from tuinn.sweeps.folder import SweepFolder, all_sweeps
from tuinn.sweeps.spec import SweepSpec
from tuinn.ui.sweeps.queue_dialog import QueueDialog
from tuinn.ui.sweeps.sweep_dialogs import NEW, RUNS, SweepForm
from tuinn.ui.sweeps.sweep_screen import SweepScreen
from tuinn.ui.workbench.draft_controller import DraftController
from tuinn.ui.workbench.plan_controller import PlanController
from tuinn.ui.workbench.run_controller import RunController

OVER = ("fit.learning_rate=log:1e-4..1e-1", "layers[3].units=32,64")


@pytest.fixture
def panes() -> list[int]:
    """Panes that were shown."""
    return []


@pytest.fixture
def plans(host: FakeHost, runs: RunController, drafts: DraftController, panes: list[int]) -> PlanController:
    return PlanController(host, runs, drafts, panes.append)


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The folders for which a runner was to be started."""
    folders: list[object] = []
    monkeypatch.setattr(launch, "launch_runner", lambda folder, commands_from=0: folders.append(folder))
    return folders


@pytest.fixture
def sweep() -> SweepFolder:
    return SweepFolder.create(SweepSpec.of(default_draft(), OVER, trials=4))


@pytest.fixture
def trial(write_run: Write) -> RunFolder:
    """The run of a trial."""
    return write_run(whole_run(), default_draft().with_fit(learning_rate=0.25))


def test_at_the_start_a_sweep_in_progress_is_offered_before_runs(
    host: FakeHost, runs: RunController, plans: PlanController, sweep: SweepFolder, write_run: Write
) -> None:
    run = write_run([*opening(), *epoch(1, 1.0)])
    with run.hold_lock():
        with sweep.hold_lock():
            plans.offer_live()
            host.answer(RUNS)
            host.answer(run.name)
        assert runs.run is not None
        assert runs.run.folder == run
        plans.offer_live()
        assert len(host.dialogs) == 1, "the sweep has ended, the run has not"


def test_while_data_are_looked_at_nothing_is_planned_over_the_draft_before(
    host: FakeHost, plans: PlanController, drafts: DraftController, flats: DatasetSpec
) -> None:
    drafts.use(flats)
    plans.new_sweep()
    plans.open_queue()
    assert host.dialogs == []
    assert "still being looked at" in host.last
    host.do_work()
    plans.open_queue()
    assert len(host.dialogs) == 1


def test_without_sweeps_the_form_for_a_new_one_opens(
    host: FakeHost, plans: PlanController, started: list[object]
) -> None:
    plans.offer_live()
    assert host.dialogs == []
    plans.open_sweeps()
    assert isinstance(host.dialog, SweepForm)
    host.answer(None)
    assert (host.work, started) == ([], [])


def test_a_sweep_is_checked_in_a_thread_then_started_and_shown(
    host: FakeHost, plans: PlanController, started: list[object]
) -> None:
    plans.start_sweep(SweepSpec.of(default_draft(), OVER, trials=4))
    assert started == []
    host.do_work()
    (folder,) = all_sweeps()
    assert started == [folder]
    assert isinstance(host.dialog, SweepScreen)
    assert host.messages == []


def test_combinations_that_cannot_be_trained_are_counted_and_a_sweep_of_only_such_is_not_started(
    host: FakeHost, plans: PlanController, started: list[object]
) -> None:
    plans.start_sweep(SweepSpec.of(default_draft(), ["layers[6].units=10,9"]))
    host.do_work()
    assert host.messages == [("warning", "1 combination can't be trained and will be skipped.")]
    plans.start_sweep(SweepSpec.of(default_draft(), ["layers[6].units=9,8"]))
    host.do_work()
    assert len(host.problems) == 1
    assert len(started) == len(all_sweeps()) == 1


def test_a_new_sweep_is_one_line_of_the_list(
    host: FakeHost, plans: PlanController, sweep: SweepFolder
) -> None:
    plans.open_sweeps()
    host.answer(sweep.name)
    assert isinstance(host.dialog, SweepScreen)
    host.answer(None)
    plans.open_sweeps()
    host.answer(NEW)
    assert isinstance(host.dialog, SweepForm)


def test_a_trial_is_attached_to_or_becomes_the_draft(
    host: FakeHost,
    runs: RunController,
    drafts: DraftController,
    plans: PlanController,
    sweep: SweepFolder,
    trial: RunFolder,
    panes: list[int],
) -> None:
    plans.open_sweep(sweep.name)
    host.answer(("draft", trial.name))
    assert (drafts.draft.spec.fit.learning_rate, runs.run, panes) == (0.25, None, [2])
    plans.open_sweep(sweep.name)
    host.answer(("attach", trial.name))
    assert runs.run is not None
    assert (runs.run.folder, panes) == (trial, [2, 4])


def test_a_sweep_or_a_trial_that_has_gone_is_said(
    host: FakeHost, drafts: DraftController, plans: PlanController, sweep: SweepFolder, panes: list[int]
) -> None:
    plans.open_sweep("no-such-sweep")
    plans.open_sweep(sweep.name)
    host.answer(("draft", "no-such-run"))
    assert len(host.problems) == 2
    assert (drafts.draft.spec, panes) == (default_draft(), [])


def test_a_run_of_the_queue_is_attached_to(
    host: FakeHost, runs: RunController, plans: PlanController, trial: RunFolder, panes: list[int]
) -> None:
    plans.open_queue()
    assert isinstance(host.dialog, QueueDialog)
    host.answer(None)
    assert (runs.run, panes) == (None, [])
    plans.open_queue()
    host.answer(trial.name)
    assert runs.run is not None
    assert (runs.run.folder, panes) == (trial, [4])
