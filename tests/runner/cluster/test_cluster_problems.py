"""What is wrong with a cluster is one sentence, and loses nothing: the sweep goes on once it is mended."""

from pathlib import Path

import pytest

from tests.runner.cluster.conftest import FakeCluster, free_port, until
from tests.runner.cluster.test_cluster_sweep import ended, sweep_on
from tuinn.errors import SpecError
from tuinn.runner.cluster.machine import home_id
from tuinn.runs.config import Cluster
from tuinn.sweeps import cluster as clusters
from tuinn.sweeps.cluster import ClusterChoice, choose
from tuinn.sweeps.commands import SetParallel
from tuinn.sweeps.follower import SweepFollower, SweepState
from tuinn.sweeps.launch import resume_sweep

pytest.importorskip("distributed")

TWO = "fit.learning_rate=0.1,0.2"


def problem_of(sweep: SweepFollower) -> str:
    assert sweep.state is SweepState.FAILED
    assert sweep.view.ended is not None
    return sweep.view.ended.message


def resumed(sweep: SweepFollower, where: str | None = None) -> SweepFollower:
    resume_sweep(sweep, cluster=where)
    until(lambda: not SweepFollower(sweep.folder).view.ended)
    return ended(sweep.folder)


def test_a_scheduler_that_does_not_answer_is_a_sentence_and_the_sweep_goes_on_at_another(
    tmp_path: Path,
) -> None:
    nobody = FakeCluster(tmp_path, free_port())
    sweep = ended(sweep_on(nobody, TWO))
    assert problem_of(sweep).startswith(f"No Dask scheduler answers at {nobody.address}")
    try:
        nobody.port = free_port()
        nobody.start_scheduler()
        nobody.add("one")
        assert resumed(sweep, nobody.address).state is SweepState.FINISHED
    finally:
        nobody.close()


def test_a_scheduler_without_machines_says_how_to_start_one(cluster: FakeCluster) -> None:
    sweep = ended(sweep_on(cluster, TWO))
    assert problem_of(sweep) == (
        f"The scheduler at {cluster.address} has no workers. "
        f"Start one on each machine: dask worker {cluster.address} --nthreads 1"
    )


@pytest.mark.parametrize(
    ("fake", "words"),
    [
        ("trials keras", "has Keras 2.15.0, and here it is"),
        ("without", "has no tuinn, or another one. Install tuinn"),
        ("trials full", "There is no space on"),
    ],
)
def test_a_machine_that_is_not_fit_is_a_sentence_and_the_sweep_goes_on_without_it(
    cluster: FakeCluster, fake: str, words: str
) -> None:
    machine = cluster.add("odd", fake)
    sweep = ended(sweep_on(cluster, TWO))
    assert words in problem_of(sweep)
    assert machine.starts() == []
    machine.vanish()
    cluster.add("good")
    sweep = resumed(sweep)
    assert [trial.state for trial in sweep.view.trials] == ["finished"] * 2


def test_a_machine_of_another_keras_that_comes_later_is_a_sentence_and_loses_nothing(
    cluster: FakeCluster,
) -> None:
    cluster.epoch_seconds = 0.1
    good = cluster.add("good")
    folder = sweep_on(cluster, TWO, epochs=60, parallel=1)
    until(good.starts)
    odd = cluster.add("odd", "trials keras")
    folder.ask(SetParallel(parallel=2))  # the first machine is busy
    sweep = ended(folder)
    assert "has Keras 2.15.0" in problem_of(sweep)
    assert odd.starts() == []
    odd.vanish()
    sweep = resumed(sweep)
    assert [trial.state for trial in sweep.view.trials] == ["finished"] * 2
    assert sorted(good.starts()) == sorted(f"{trial.run} 1" for trial in sweep.view.trials)


def test_a_home_that_is_a_copy_of_the_one_here_is_not_taken_for_the_same(
    cluster: FakeCluster, own_home: Path
) -> None:
    copied = cluster.folder / "odd" / "tuinn"
    copied.mkdir(parents=True)
    (copied / "home-id").write_text(home_id())
    cluster.add("odd")
    sweep = ended(sweep_on(cluster, TWO))
    assert "is a copy of the one here" in problem_of(sweep)
    (copied / "home-id").unlink()
    assert resumed(sweep).state is SweepState.FINISHED
    assert not list(own_home.glob(".cluster-*"))


def test_where_the_configuration_names_a_cluster_it_is_the_one(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Cluster("tls://box:8786", "best")
    assert choose(None, told) == ClusterChoice("tls://box:8786", "best")
    assert choose("tcp://other:1", told) == ClusterChoice("tcp://other:1", "best")
    assert choose("here", told) is None
    assert choose(None, Cluster()) is None


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("box:8786", "'box:8786' is no cluster"),
        ("slurm", "dask scheduler"),
        ("http://box", "is no cluster"),
    ],
)
def test_what_is_no_cluster_is_refused_before_anything_is_made(word: str, answer: str) -> None:
    with pytest.raises(SpecError, match=answer):
        choose(word, Cluster())


def test_without_the_extra_the_user_reads_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "find_spec", lambda name: None)
    with pytest.raises(SpecError, match=r"pip install 'tuinn\[cluster\]'"):
        choose("tcp://box:8786", Cluster())
