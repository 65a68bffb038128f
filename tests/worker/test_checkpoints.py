"""Checkpoint files, signs of life and the journal's log: without a network, without a clock that runs."""

import errno
import itertools
import os
import threading
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tests.conftest import Write
from tuinn.errors import WorkerError
from tuinn.runs.events import BatchEnded, EpochEnded, EpochStarted, Event, Predicted
from tuinn.runs.folder import RunFolder
from tuinn.worker.checkpoints.checkpoint import (
    AsyncCheckpointer,
    BestEpoch,
    Checkpoint,
    DamagedCheckpointError,
    Position,
)
from tuinn.worker.checkpoints.retention import score_of
from tuinn.worker.event_log import EventLog
from tuinn.worker.heartbeat import LONG, Heartbeat

plain = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
)
arrays = npst.arrays(
    st.sampled_from([np.float32, np.int64, np.uint8]), npst.array_shapes(min_dims=0, max_dims=2, max_side=3)
)
trees = st.recursive(
    plain | arrays,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


def newest(folder: RunFolder) -> Checkpoint:
    return Checkpoint.read(folder.last_checkpoint)


def same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray):
        return (
            isinstance(other, np.ndarray)
            and one.dtype == other.dtype
            and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
        )
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(same(one[key], other[key]) for key in one)
        )
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


@settings(max_examples=60, deadline=None)
@given(state=st.dictionaries(st.text("xyz", min_size=1), trees, max_size=3), step=st.integers(0, 99))
def test_a_checkpoint_comes_back_as_it_went(
    tmp_path_factory: pytest.TempPathFactory, state: dict[str, object], step: int
) -> None:
    file = tmp_path_factory.mktemp("run") / "last.npz"
    went = Checkpoint(Position(3, step, 1.5, {"loss": 0.1, "auc": None}), 9, BestEpoch(2, 0.25), state)
    went.write(file)
    came = Checkpoint.read(file)
    assert (came.position, came.epochs, came.best) == (went.position, 9, went.best)
    assert same(went.state, came.state)


@pytest.mark.parametrize("at", ["write", "fsync", "rename"])
def test_a_disk_that_is_full_leaves_the_last_checkpoint_as_it_was(
    write_run: Write, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    folder = write_run()
    checkpointer = AsyncCheckpointer(folder)
    checkpointer.submit(Checkpoint(Position(2), 5))
    checkpointer.flush()
    assert [place.epoch for place, _ in checkpointer.written] == [2]

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        if at == "write":
            disk.setattr(np, "savez", full)
        elif at == "fsync":
            disk.setattr(os, "fsync", full)
        else:
            disk.setattr("pathlib.Path.replace", full)
        checkpointer.submit(Checkpoint(Position(3), 5))
        checkpointer.flush()
    assert "No space left on device" in checkpointer.problems[0]
    assert newest(folder).position.epoch == 2
    assert [path.name for path in folder.checkpoints.iterdir()] == ["last.npz"]
    checkpointer.submit(Checkpoint(Position(4), 5))
    checkpointer.close()
    assert newest(folder).position.epoch == 4


def test_a_newer_checkpoint_takes_the_place_of_one_that_waits_and_the_best_is_never_lost(
    write_run: Write,
) -> None:
    folder, going, written = write_run(), threading.Event(), []

    def slowly(checkpoint: Checkpoint, file: Path) -> None:
        going.wait(10)
        written.append((file.name, checkpoint.position.epoch))

    checkpointer = AsyncCheckpointer(folder, write=slowly)
    for epoch in range(2, 9):
        checkpointer.submit(Checkpoint(Position(epoch), 9), best=epoch == 4)
    going.set()
    checkpointer.close()
    assert [epoch for name, epoch in written if name == "last.npz"][-1] == 8
    assert ("best.npz", 4) in written
    assert len(written) <= 4


def test_a_run_folder_that_is_gone_is_not_made_anew(write_run: Write) -> None:
    folder = write_run()
    folder.path.rename(folder.path.with_name("elsewhere"))
    checkpointer = AsyncCheckpointer(folder)
    checkpointer.submit(Checkpoint(Position(2), 5))
    checkpointer.close()
    assert checkpointer.problems
    assert not folder.path.exists()


def test_a_heartbeat_holds_the_seconds_until_the_next_is_overdue(tmp_path: Path) -> None:
    now = [0.0]
    heartbeat = Heartbeat(tmp_path / "heartbeat", lambda: now[0])
    heartbeat.expect(LONG)
    now[0] += 500
    heartbeat.beat()
    assert heartbeat.file.read_text() == "60"
    now[0] += 20
    heartbeat.beat()
    assert heartbeat.file.read_text() == "200"


def test_a_heart_beats_at_most_once_a_second_and_ends_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    touched: list[object] = []
    (tmp_path / "run").mkdir()
    heartbeat = Heartbeat(tmp_path / "run" / "heartbeat", lambda: now[0])
    heartbeat.expect(60)
    monkeypatch.setattr(os, "utime", touched.append)
    for _ in range(1000):
        now[0] += 0.01
        heartbeat.beat()
    assert 8 <= len(touched) <= 10
    monkeypatch.undo()
    (tmp_path / "run").rename(tmp_path / "other")
    now[0] += 5
    with pytest.raises(WorkerError, match="deleted or renamed"):
        heartbeat.beat()


METRICS: dict[str, float | None] = dict.fromkeys(
    ("loss", "accuracy", "val_loss", "val_accuracy"), 0.1234567890123456
)


@pytest.mark.parametrize("seconds_per_epoch", [0.004, 0.1, 3.0, 40.0, 3600.0])
def test_a_journal_grows_by_less_than_10_mb_a_day_however_short_the_epochs(seconds_per_epoch: float) -> None:
    now, size, epochs = [0.0], [0], [0]

    def say(event: Event) -> None:
        size[0] += len(msgspec.json.encode(event)) + 18
        epochs[0] += isinstance(event, EpochEnded)

    log = EventLog(say, clock=lambda: now[0])
    day = 86_400 / 20 if seconds_per_epoch < 3 else 86_400
    for epoch in itertools.count(1):
        told = log.allows_epoch()
        if told:
            log.emit(EpochStarted(epoch=epoch, steps=100))
        for step in range(max(1, min(int(seconds_per_epoch * 10), 40))):
            now[0] += seconds_per_epoch / max(1, min(int(seconds_per_epoch * 10), 40))
            if log.allows_batch():
                log.emit(BatchEnded(epoch=epoch, step=step, samples=step * 128, metrics=METRICS))
        if told:
            log.emit(EpochEnded(epoch=epoch, metrics=METRICS, seconds=1.5, learning_rate=0.001))
            log.emit(Predicted(epoch=epoch, count=1000, mistakes=100))
        if now[0] > day:
            break
    assert size[0] < 10_000_000
    assert epochs[0] >= 3


def scored(epoch: int, score: float) -> Checkpoint:
    """At the end of this epoch."""
    return Checkpoint(Position(epoch + 1), 9, state={"model": [np.full(3, epoch)]}, score=score)


def names(folder: RunFolder) -> list[str]:
    return sorted(path.name for path in folder.checkpoints.iterdir())


def test_the_best_epochs_keep_a_checkpoint_of_their_own_across_workers(write_run: Write) -> None:
    folder = write_run()
    checkpointer = AsyncCheckpointer(folder, keep_best=2)
    for epoch, score in enumerate([0.9, 0.5, 0.7, 0.8], start=1):
        checkpointer.submit(scored(epoch, score), best=epoch <= 2)
        checkpointer.flush()
    checkpointer.submit(Checkpoint(Position(5, 7), 9))
    checkpointer.close()
    assert names(folder) == ["best.npz", "epoch-2.npz", "epoch-3.npz", "last.npz"]
    assert Checkpoint.read(folder.checkpoints / "epoch-3.npz").state["model"][0].tolist() == [3, 3, 3]

    again = AsyncCheckpointer(folder, keep_best=2)
    again.submit(scored(5, 0.6))
    again.submit(scored(6, 2.0))
    again.close()
    assert names(folder) == ["best.npz", "epoch-2.npz", "epoch-5.npz", "last.npz"]


def test_an_epoch_that_was_trained_again_and_got_worse_makes_room(write_run: Write) -> None:
    folder = write_run()
    checkpointer = AsyncCheckpointer(folder, keep_best=2)
    for epoch, score in ((1, 0.9), (2, 0.5), (3, 0.4), (3, 1.5), (4, 0.6)):
        checkpointer.submit(scored(epoch, score))
        checkpointer.flush()
    checkpointer.close()
    assert names(folder) == ["epoch-2.npz", "epoch-4.npz", "last.npz"]


def test_with_one_to_keep_there_are_the_last_and_the_best_only(write_run: Write) -> None:
    folder = write_run()
    checkpointer = AsyncCheckpointer(folder)
    for epoch in (1, 2, 3):
        checkpointer.submit(scored(epoch, 1 / epoch), best=True)
        checkpointer.flush()
    checkpointer.close()
    assert names(folder) == ["best.npz", "last.npz"]


def test_a_damaged_checkpoint_of_an_epoch_is_nobody_s_best(write_run: Write) -> None:
    folder = write_run()
    folder.checkpoints.mkdir()
    (folder.checkpoints / "epoch-1.npz").write_bytes(b"not a checkpoint")
    checkpointer = AsyncCheckpointer(folder, keep_best=2)
    checkpointer.submit(scored(2, 0.5))
    checkpointer.close()
    assert list(checkpointer.retention.scores.values()) == [0.5]


def test_a_checkpoint_of_which_any_bit_of_its_directory_is_wrong_is_damaged_or_as_it_was(
    tmp_path: Path,
) -> None:
    file = tmp_path / "epoch-2.npz"
    scored(2, 0.5).write(file)
    whole = file.read_bytes()
    entry = whole.index(b"PK\x01\x02")
    damaged = 0
    for at, bit in itertools.product(range(entry, entry + 46), range(8)):
        flipped = bytearray(whole)
        flipped[at] ^= 1 << bit
        file.write_bytes(flipped)
        assert score_of(file) in (None, 0.5)
        try:
            assert Checkpoint.read(file).score == 0.5
        except DamagedCheckpointError:
            damaged += 1
    assert damaged > 0


@pytest.mark.timeout(20)
def test_a_pipe_in_the_place_of_a_checkpoint_is_damaged(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "last.npz")
    with pytest.raises(DamagedCheckpointError, match="pipe or a device"):
        Checkpoint.read(tmp_path / "last.npz")
    assert score_of(tmp_path / "last.npz") is None


def test_a_checkpoint_that_there_was_no_memory_to_read_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "last.npz"
    scored(1, 0.5).write(file)

    def full(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(np, "load", full)
    with pytest.raises(MemoryError):
        Checkpoint.read(file)
