"""A worker that is killed with SIGKILL, at any moment, costs the time since its last checkpoint and nothing else."""

import pytest

from tests.conftest import Write
from tests.worker.conftest import Start, Train, Training
from tests.worker.dying import MOMENTS
from tests.worker.kills import kill_often
from tests.worker.test_resume import digits, epoch_metrics
from tuinn.runs.events import EpochEnded, Evaluated, RunEnded
from tuinn.runs.folder import RunFolder
from tuinn.view.run_view import RunView

pytestmark = pytest.mark.tf

KILLS = 3


@pytest.fixture(autouse=True)
def checkpoints_in_mid_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUINN_CHECKPOINT_SECONDS", "0")


def assert_the_same(view: RunView, straight: Training) -> None:
    finished = {ended.epoch: ended.metrics for ended in view.finished}
    assert finished.keys() == epoch_metrics(straight).keys()
    for number, metrics in epoch_metrics(straight).items():
        assert finished[number] == pytest.approx(metrics, abs=1e-6), f"epoch {number}"
    (tested,) = straight.events_of(Evaluated)
    assert view.evaluated is not None
    assert view.evaluated.metrics == pytest.approx(tested.metrics, abs=1e-6)


def test_a_run_killed_in_mid_write_goes_on_from_its_last_checkpoint_and_leaves_nothing_half_written(
    train: Train, start: Start
) -> None:
    spec = digits(epochs=12)
    straight = train(spec)
    folder = RunFolder.create(spec)
    reader, view, torn = folder.events(), RunView(), 0
    for moment in [*MOMENTS, None]:
        worker = start(folder, *(["--resume"] if view.run else []), dies=moment)
        code = worker.wait(120)
        for event in reader.read_all():
            view.apply(event)
        torn += moment == "in a line"
        assert reader.skipped <= torn
        assert code == (-9 if moment else 0), folder.log_file.read_text()
        assert (view.ended is None) == bool(moment)
    assert view.ended is not None
    assert view.ended.outcome == "finished"
    assert_the_same(view, straight)
    left = [path.name for path in folder.path.rglob(".*")]
    assert left == []


def test_a_run_that_is_killed_often_ends_in_the_same_numbers_as_one_straight_through(
    train: Train, start: Start
) -> None:
    spec = digits(epochs=60)
    straight = train(spec)
    story = kill_often(RunFolder.create(spec), start, kills=KILLS, seed=5, most=0.7)
    assert story.kills >= KILLS // 2
    assert story.view.ended is not None
    assert story.view.ended.outcome == "finished"
    assert_the_same(story.view, straight)
    assert story.unreadable <= story.kills
    assert sorted(story.resumed) == story.resumed
    assert max(story.resumed) > (1, 0)


@pytest.mark.parametrize("fit", [{}, {"early_stopping_patience": 1, "learning_rate": 0.5}], ids=["", "early"])
def test_a_run_that_died_after_its_last_epoch_is_measured_and_saved_as_it_stands(
    write_run: Write, monkeypatch: pytest.MonkeyPatch, fit: dict[str, object]
) -> None:
    from tuinn.worker import session
    from tuinn.worker.training import trainer

    monkeypatch.setenv("TUINN_IDLE", "0")
    folder = RunFolder.create(digits(epochs=9 if fit else 3, **fit))

    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(trainer, "save", no_room)
        assert session.run(folder.path) == session.FAILED
    reader = folder.events()
    before = reader.read_all()
    failed = before[-1]
    assert isinstance(failed, RunEnded)
    assert "disk of the run folder is full" in failed.message
    assert session.run(folder.path, session.Task(resume=True)) == session.DONE
    later = reader.read_all()
    assert not any(isinstance(event, EpochEnded) for event in later)
    (tested,) = (event for event in later if isinstance(event, Evaluated))
    assert tested.metrics == next(event for event in before if isinstance(event, Evaluated)).metrics
    assert isinstance(later[-1], RunEnded)
    assert later[-1].outcome == "finished"
    assert ("did not improve" in later[-1].message) == bool(fit)
    assert folder.model_file.is_file()
