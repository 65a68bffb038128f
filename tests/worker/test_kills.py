"""A worker that is killed with SIGKILL, at any moment, costs the time since its last checkpoint and nothing else."""

import pytest

from tests.worker.kills import kill_often
from tests.worker.test_resume import digits
from tuinn.runs.folder import RunFolder

pytestmark = pytest.mark.tf

KILLS = 6


def test_a_run_that_is_killed_often_ends_in_the_same_numbers_as_one_straight_through(start, monkeypatch):
    monkeypatch.setenv("TUINN_CHECKPOINT_SECONDS", "0")  # in mid-epoch too
    spec = digits(epochs=60)
    straight = kill_often(RunFolder.create(spec), start, kills=0, seed=0, most=1)
    story = kill_often(RunFolder.create(spec), start, kills=KILLS, seed=5, most=0.7)
    assert story.kills >= KILLS // 2
    assert story.view.ended == straight.view.ended or story.view.ended.outcome == "finished"
    assert [ended.epoch for ended in story.view.finished] == list(range(1, 61))
    for one, other in zip(story.view.finished, straight.view.finished, strict=True):
        assert one.metrics == pytest.approx(other.metrics, abs=1e-6), f"epoch {one.epoch}"
    assert story.view.evaluated.metrics == pytest.approx(straight.view.evaluated.metrics, abs=1e-6)
    assert story.unreadable <= story.kills
    assert sorted(story.resumed) == story.resumed
    assert max(story.resumed) > (1, 0)
