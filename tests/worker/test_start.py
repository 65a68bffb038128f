"""From which checkpoint a run goes on, and what keeps it from that: said in a sentence, with what to do."""

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import Write
from tests.factories import append, whole_run
from tests.worker.test_resume import digits
from tuinn.errors import WorkerError
from tuinn.runs.events import Checkpointed, EpochEnded, Event, Noted, RunEnded, RunResumed, RunStarted
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import with_batch_size
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.run import RunSpec
from tuinn.worker.checkpoints.checkpoint import BestEpoch, Checkpoint, Position
from tuinn.worker.checkpoints.start import find_start
from tuinn.worker.commands import PastCommands
from tuinn.worker.session import Task, announce, without_journal

LAST = Checkpoint(Position(5), 6, BestEpoch(2, 0.5), {"model": [np.ones(1000, np.float32)]})
BEST = Checkpoint(Position(3), 6, BestEpoch(2, 0.5), {"model": [np.zeros(1000, np.float32)]})


@pytest.fixture
def folder(write_run: Write) -> RunFolder:
    """A run of six epochs with its two checkpoints."""
    spec = digits()
    folder = write_run([RunStarted(run="", host="", pid=1, tuinn="", epochs=6)], spec)
    folder.checkpoints.mkdir()
    replace(LAST, spec=spec).write(folder.last_checkpoint)
    replace(BEST, spec=spec).write(folder.best_checkpoint)
    return folder


def find(folder: RunFolder, spec: RunSpec | None = None, from_best: bool = False) -> Checkpoint | None:
    return find_start(folder, spec or folder.spec(), PastCommands.read(folder), from_best)


def why_not(folder: RunFolder, spec: RunSpec | None = None, from_best: bool = False) -> str:
    with pytest.raises(WorkerError) as refused:
        find(folder, spec, from_best)
    return str(refused.value)


def epoch_of(start: Checkpoint | None) -> int | None:
    return None if start is None else start.position.epoch


def test_a_run_goes_on_from_its_last_checkpoint_or_from_its_best_where_that_is_asked_for(
    folder: RunFolder,
) -> None:
    assert epoch_of(find(folder)) == 5
    assert epoch_of(find(folder, from_best=True)) == 3
    assert epoch_of(find(folder)) == 5
    assert sorted(path.name for path in folder.checkpoints.iterdir()) == ["best.npz", "last.npz"]


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:500])


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[300] ^= 255
    file.write_bytes(data)


def empty(file: Path) -> None:
    file.write_bytes(b"")


def text(file: Path) -> None:
    file.write_bytes(b"not a checkpoint")


@pytest.mark.parametrize("damage", [cut, flip, empty, text])
def test_a_damaged_last_checkpoint_is_said_and_kept_aside_when_the_best_is_asked_for(
    folder: RunFolder, damage: Callable[[Path], None]
) -> None:
    damage(folder.last_checkpoint)
    damaged = folder.last_checkpoint.read_bytes()
    said = why_not(folder)
    assert f"{folder.last_checkpoint} is damaged" in said
    assert f"resume from the best epoch: tuinn resume {folder.name} --from-best" in said
    assert "\n" not in said
    assert folder.last_checkpoint.read_bytes() == damaged
    assert epoch_of(find(folder, from_best=True)) == 3
    assert not folder.last_checkpoint.exists()
    assert (folder.checkpoints / "last.damaged.npz").read_bytes() == damaged

    text(folder.last_checkpoint)
    assert epoch_of(find(folder, from_best=True)) == 3
    assert (folder.checkpoints / "last.damaged.npz").read_bytes() == damaged
    assert (folder.checkpoints / "last.damaged-2.npz").read_bytes() == b"not a checkpoint"


def test_without_a_best_one_a_damaged_checkpoint_leaves_only_a_new_training(folder: RunFolder) -> None:
    text(folder.last_checkpoint)
    folder.best_checkpoint.unlink()
    assert f"Put it back, or train again: tuinn train {folder.spec_file}" in why_not(folder)
    assert "has no best.npz" in why_not(folder, from_best=True)
    text(folder.best_checkpoint)
    assert "best.npz is damaged" in why_not(folder, from_best=True)
    assert folder.last_checkpoint.exists()


def test_a_last_checkpoint_that_is_gone_is_said(folder: RunFolder) -> None:
    folder.last_checkpoint.unlink()
    assert "is gone. Put it back, resume from the best epoch: tuinn resume" in why_not(folder)
    assert epoch_of(find(folder, from_best=True)) == 3
    folder.best_checkpoint.unlink()
    append(folder, Checkpointed(epoch=1, file="checkpoints/last.npz"))
    assert "is gone. Put it back, or train again: tuinn train" in why_not(folder)


def test_a_run_that_was_killed_before_its_first_checkpoint_begins_again(folder: RunFolder) -> None:
    folder.last_checkpoint.unlink()
    folder.best_checkpoint.unlink()
    assert find(folder) is None


@pytest.mark.parametrize("kind", [RunStarted, RunResumed])
def test_a_journal_of_a_newer_format_is_refused(folder: RunFolder, kind: type[Event]) -> None:
    newer: Any = (
        RunStarted(run="", host="", pid=1, tuinn="9", epochs=6, format=2)
        if kind is RunStarted
        else RunResumed(epoch=1, step=0, epochs=6, format=2)
    )
    append(folder, newer)
    assert why_not(folder) == (
        f"The journal of {folder.name} is from a newer tuinn (format 2). Resume it with that one."
    )


def rewrite_head(file: Path, **changes: object) -> None:
    with np.load(file) as found:
        arrays = {name: found[name] for name in found.files}
    head = json.loads(arrays["head"].tobytes()) | changes
    arrays["head"] = np.frombuffer(json.dumps(head).encode(), np.uint8)
    with file.open("wb") as out:
        np.savez(out, **arrays)
    assert zipfile.is_zipfile(file)


@pytest.mark.parametrize("newer", [{"format": 2}, {"spec": {"fit": {"unheard_of": 1}}}], ids=str)
def test_a_checkpoint_of_a_newer_tuinn_is_refused_and_no_other_takes_its_place(
    folder: RunFolder, newer: dict[str, object]
) -> None:
    rewrite_head(folder.last_checkpoint, **newer)
    assert why_not(folder) == (
        f"The checkpoint {folder.last_checkpoint} is from a newer tuinn. Resume the run with that one."
    )


def test_a_checkpoint_that_keeps_no_spec_is_resumed_as_before(folder: RunFolder) -> None:
    rewrite_head(folder.last_checkpoint, spec=None)
    assert epoch_of(find(folder, digits(seed=4))) == 5


OTHERWISE: dict[str, Callable[[RunSpec], RunSpec]] = {
    "layer 7: Dense 16 relu → Dense 17 relu": lambda spec: spec.with_setting("layers[7].units", "17"),
    "layer 9: Dropout rate=0.4 → Dropout rate=0.4 disabled=true": lambda spec: spec.with_model(
        spec.model.change(8, LayerSpec.of("Dropout", rate=0.4, disabled=True))
    ),
    "optimizer: adam → sgd": lambda spec: spec.with_fit(optimizer="sgd"),
    "beta_1: nothing → 0.8": lambda spec: spec.with_fit(beta_1=0.8),
    "learning_rate: 0.001 → 0.01": lambda spec: spec.with_fit(learning_rate=0.01),
    "batch_size: 16 → 8": lambda spec: spec.with_fit(batch_size=8),
    "seed: 3 → 4": lambda spec: spec.with_fit(seed=4),
    "shuffle: true → false": lambda spec: spec.with_fit(shuffle=False),
    "loss: auto → categorical_crossentropy": lambda spec: spec.with_fit(loss="categorical_crossentropy"),
    "metrics: accuracy → nothing": lambda spec: spec.with_fit(metrics=()),
    "precision: float32 → mixed_bfloat16": lambda spec: spec.with_fit(precision="mixed_bfloat16"),
    "validation: 0.1 → 0.2": lambda spec: spec.with_dataset(DatasetSpec("digits", validation=0.2)),
    "dataset: digits → iris": lambda spec: spec.with_dataset(DatasetSpec("iris")),
    "early_stopping_patience: 0 → 3": lambda spec: spec.with_fit(early_stopping_patience=3),
}


@pytest.mark.parametrize("change", OTHERWISE)
def test_a_spec_with_which_the_numbers_would_be_others_is_refused(folder: RunFolder, change: str) -> None:
    said = why_not(folder, OTHERWISE[change](digits()))
    assert f"spec.toml was changed since {folder.name} was trained ({change}" in said
    assert f"Undo that to resume it, or train the new one: tuinn train {folder.spec_file}" in said


@pytest.mark.parametrize(
    "spec", [digits(epochs=9), digits(device="cpu"), digits(beta_1=0.9)], ids=["epochs", "device", "default"]
)
def test_what_changes_no_number_may_be_edited(folder: RunFolder, spec: RunSpec) -> None:
    assert epoch_of(find(folder, spec)) == 5


@pytest.mark.parametrize("schedule", ["cosine", "cosine_warmup", "one_cycle"])
def test_epochs_from_which_the_learning_rate_follows_may_not_be_edited(
    folder: RunFolder, schedule: str
) -> None:
    replace(LAST, spec=digits(schedule=schedule)).write(folder.last_checkpoint)
    assert "epochs: 6 → 9" in why_not(folder, digits(schedule=schedule, epochs=9))


def test_data_of_the_user_may_have_moved(folder: RunFolder) -> None:
    def at(path: str, **more: object) -> RunSpec:
        return digits().with_dataset(DatasetSpec.at(path, **more))

    replace(LAST, spec=at("/before/flats.csv")).write(folder.last_checkpoint)
    assert epoch_of(find(folder, at("/after/flats.csv"))) == 5
    assert "test: 0.2 → 0.3" in why_not(folder, at("/before/flats.csv", test=0.3))


def test_many_changes_are_named_in_part(folder: RunFolder) -> None:
    said = why_not(folder, digits(seed=4, batch_size=8, optimizer="sgd", shuffle=False, clipnorm=1.0))
    assert "; and 2 more)" in said


def test_a_refused_resume_ends_in_the_journal_and_changes_nothing_else(write_run: Write) -> None:
    from tuinn.worker import session

    folder = write_run([*whole_run(), Checkpointed(epoch=3, file="checkpoints/last.npz")], digits())
    assert session.run(folder.path, session.Task(resume=True, epochs=9)) == session.FAILED
    last = folder.events().read_all()[-1]
    assert isinstance(last, RunEnded)
    assert last.outcome == "failed"
    assert "is gone" in last.message
    # A run that early stopping had ended is still one.
    assert PastCommands.read(folder).finished
    append(folder, RunResumed(epoch=4, step=0, epochs=9))
    assert not PastCommands.read(folder).finished


def test_the_network_that_was_saved_last_is_known_by_its_epoch(write_run: Write) -> None:
    assert PastCommands.read(write_run()).network_epoch is None
    folder = write_run(whole_run())
    assert PastCommands.read(folder).network_epoch == 3
    assert len([event for event in folder.events().read_all() if isinstance(event, EpochEnded)]) == 3


@pytest.mark.parametrize(("asked", "epochs", "is_said"), [(9, 6, True), (6, 6, False), (9, 9, False)])
def test_a_number_of_epochs_in_the_spec_that_does_not_count_is_said(
    folder: RunFolder, asked: int, epochs: int, is_said: bool
) -> None:
    said: list[Event] = []
    start = replace(LAST, spec=digits())
    announce(folder, digits().with_fit(epochs=asked), said.append, Task(resume=True), start, epochs)
    notes = [event.message for event in said if isinstance(event, Noted)]
    assert len(notes) == is_said
    assert all(note.endswith(f"tuinn resume {folder.name} --epochs {asked}") for note in notes)


def test_without_its_journal_a_run_still_refuses_another_batch_size(folder: RunFolder) -> None:
    smaller = folder.spec().with_fit(batch_size=4)
    assert "batch_size" in why_not(folder, smaller)
    folder.facts_file.write_text("{}")
    folder.events_file.unlink()
    assert "batch_size" in why_not(folder, smaller)
    start, past = find(folder), PastCommands.read(folder)
    assert start is not None
    said = without_journal(folder, folder.spec(), start, past)
    assert said.level == "warning"
    assert (
        "events.jsonl was missing or damaged, and with it the curves of the 4 epochs before" in said.message
    )


def test_a_new_run_goes_on_from_the_checkpoint_of_another_with_its_own_batch_size(folder: RunFolder) -> None:
    made = with_batch_size(folder, 4)
    start = find(made)
    assert start is not None
    assert start.spec == made.spec()
    said = without_journal(made, made.spec(), start, PastCommands.read(made))
    assert (said.level, "from the checkpoint of another run, with batch_size 4" in said.message) == (
        "info",
        True,
    )
