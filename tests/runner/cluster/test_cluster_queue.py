"""The queue over the machines of a cluster."""

import os
import signal

import pytest
from click.testing import CliRunner

from tests.runner.cluster.conftest import FakeCluster, until
from tests.runner.cluster.test_cluster_sweep import here
from tuinn.cli.main import tuinn
from tuinn.errors import FolderError
from tuinn.spec.presets.catalog import iris_lab
from tuinn.sweeps.commands import GoOn, Hold, SetParallel
from tuinn.sweeps.events import QueueLeft, QueueStarted
from tuinn.sweeps.folder import QueueFolder
from tuinn.sweeps.follower import read_queue
from tuinn.sweeps.launch import ensure_runner
from tuinn.sweeps.queue import QueueEntry, add_command

pytest.importorskip("distributed")


def queued(epochs: int) -> QueueFolder:
    """Two drafts, two at a time."""
    folder = QueueFolder.here()
    drafts = [add_command(iris_lab().with_fit(epochs=epochs, learning_rate=rate)) for rate in (0.1, 0.2)]
    folder.ask(SetParallel(parallel=2), *drafts)
    return folder


def entries(folder: QueueFolder) -> list[QueueEntry]:
    return read_queue(folder).entries


def test_drafts_train_on_the_machines_and_a_killed_runner_s_successor_finds_them(
    cluster: FakeCluster,
) -> None:
    cluster.epoch_seconds = 0.2
    machines = [cluster.add("one"), cluster.add("two")]
    folder = queued(epochs=30)
    ensure_runner(folder, cluster.address)
    until(lambda: all(machine.starts() for machine in machines), "both don't train")
    with pytest.raises(FolderError, match="is in progress where it is"):
        ensure_runner(folder, "here")
    (started,) = [event for event in folder.events().read_all() if isinstance(event, QueueStarted)]
    os.kill(started.pid, signal.SIGKILL)
    until(lambda: not folder.is_alive())
    ensure_runner(folder)
    until(lambda: all(entry.outcome for entry in entries(folder)), "the queue doesn't end")
    assert [entry.outcome for entry in entries(folder)] == ["finished"] * 2
    assert sorted(start for machine in machines for start in machine.starts()) == sorted(
        f"{entry.run} 1" for entry in entries(folder)
    )
    assert all(here(entry.run).model_file.is_file() for entry in entries(folder))


def test_a_queue_whose_scheduler_does_not_answer_says_so_and_keeps_its_drafts(cluster: FakeCluster) -> None:
    folder = queued(epochs=3)
    ensure_runner(folder, cluster.address)
    until(lambda: any(isinstance(event, QueueLeft) for event in folder.events().read_all()))
    until(lambda: not folder.is_alive())
    (left,) = [event for event in folder.events().read_all() if isinstance(event, QueueLeft)]
    assert left.message.startswith(f"The scheduler at {cluster.address} has no workers")
    assert [entry.waits for entry in entries(folder)] == [True, True]
    assert CliRunner().invoke(tuinn, ["queue", "list"]).output.startswith(left.message)
    cluster.add("one")
    folder.ask(Hold(), GoOn())
    ensure_runner(folder)
    until(lambda: all(entry.outcome for entry in entries(folder)), "the queue doesn't end")
