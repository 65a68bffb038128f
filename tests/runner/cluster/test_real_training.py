"""Real trainings on a machine of a cluster, with data that are sent there: the numbers of those here, and runs that go on here."""

from pathlib import Path

import pytest

from tests.runner.cluster.conftest import FakeCluster, until
from tests.runner.cluster.test_cluster_sweep import ended, here
from tests.runner.cluster.test_sent_data import table
from tuinn.data import loader
from tuinn.runs.events import EpochEnded, RunEnded
from tuinn.runs.launch import resume_run
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.presets.catalog import make_preset, suited_preset
from tuinn.sweeps.launch import start_sweep
from tuinn.sweeps.spec import SweepSpec

pytest.importorskip("distributed")


@pytest.mark.tf
def test_trials_there_have_the_numbers_of_trials_here_and_go_on_here(
    cluster: FakeCluster, tmp_path: Path
) -> None:
    dataset = DatasetSpec.at(str(table(tmp_path / "mine")))
    facts = loader.describe(dataset).facts
    base = make_preset(suited_preset(facts), dataset, facts).with_fit(epochs=4)
    plan = SweepSpec.of(base, ["fit.learning_rate=0.01,0.02"], parallel=2, pruner="none")
    one = cluster.add("one", "blind")
    there = ended(start_sweep(plan, cluster.address)).view
    local = ended(start_sweep(plan, "here")).view
    assert [trial.state for trial in there.trials] == ["finished"] * 2
    assert [trial.reports for trial in there.trials] == [trial.reports for trial in local.trials]
    run = here(there.trials[0].run)
    assert one.run(run.name).spec().dataset.path != str(tmp_path / "mine")
    worker = resume_run(run, epochs=6)
    until(lambda: worker.poll() is not None or _ended(run.name) == 2)
    epochs = [event.epoch for event in run.events().read_all() if isinstance(event, EpochEnded)]
    assert epochs == [1, 2, 3, 4, 5, 6]
    worker.kill()
    worker.wait()


def _ended(run: str) -> int:
    return sum(isinstance(event, RunEnded) for event in here(run).events().read_all())
