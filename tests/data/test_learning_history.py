"""What a network said after each epoch: appended, read again, and voided where the training went back."""

import resource
from pathlib import Path

import numpy as np
import pytest

from tuinn.data import learning_history
from tuinn.data.learning_history import append_epoch, read_history
from tuinn.spec.dataset import Task
from tuinn.view.reports.learning_text import learning_words, since_words

TRUTH = np.array([0, 1])
CLASSES = ("Shirt", "Coat", "Bag")


def outputs(first: float, second: float) -> np.ndarray:
    """Probabilities of the samples' own classes; the rest is of the third class."""
    return np.array([[first, 0, 1 - first], [0, second, 1 - second]], np.float32)


def test_epochs_come_back_with_probability_and_label(tmp_path: Path) -> None:
    file = tmp_path / "learning.bin"
    append_epoch(file, 1, outputs(0.2, 0.8), TRUTH, Task.CLASSES)
    append_epoch(file, 2, outputs(1.0, float("nan")), TRUTH, Task.CLASSES)
    found = read_history(file)
    assert found is not None
    assert found.epochs == (1, 2)
    assert found.shares == pytest.approx(np.array([[0.2, 0.8], [1.0, 0.0]]), abs=1 / 255)
    assert found.said.tolist() == [[2, 1], [0, -1]]


def test_one_output_is_the_probability_of_the_second_class(tmp_path: Path) -> None:
    file = tmp_path / "learning.bin"
    append_epoch(file, 1, np.array([[0.2], [0.2]], np.float32), TRUTH, Task.BINARY)
    found = read_history(file)
    assert found is not None
    assert found.shares[0] == pytest.approx([0.8, 0.2], abs=1 / 255)
    assert found.said.tolist() == [[0, 0]]


def test_a_training_that_went_back_voids_what_came_after(tmp_path: Path) -> None:
    file = tmp_path / "learning.bin"
    for epoch, share in ((1, 0.1), (2, 0.2), (3, 0.3), (2, 0.9)):
        append_epoch(file, epoch, outputs(share, share), TRUTH, Task.CLASSES)
    found = read_history(file)
    assert found is not None
    assert found.epochs == (1, 2)
    assert found.shares[1, 0] == pytest.approx(0.9, abs=1 / 255)


def test_a_torn_record_ends_it_and_nothing_is_nothing(tmp_path: Path) -> None:
    file = tmp_path / "learning.bin"
    assert read_history(file) is None
    append_epoch(file, 1, outputs(0.2, 0.8), TRUTH, Task.CLASSES)
    append_epoch(file, 2, outputs(0.2, 0.8), TRUTH, Task.CLASSES)
    file.write_bytes(file.read_bytes()[:-1])
    found = read_history(file)
    assert found is not None
    assert found.epochs == (1,)
    file.write_bytes(b"\0" * 30)
    assert read_history(file) is None


def test_other_tasks_keep_nothing_and_the_file_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "learning.bin"
    append_epoch(file, 1, np.zeros((2, 1), np.float32), TRUTH, Task.REGRESSION)
    assert not file.exists()
    monkeypatch.setattr(learning_history, "MOST_BYTES", 20)
    for epoch in range(1, 6):
        append_epoch(file, epoch, outputs(0.2, 0.8), TRUTH, Task.CLASSES)
    assert file.stat().st_size == 28


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ([0, 0, 0], "right in every epoch"),
        ([1, 1, 2], "never right, mostly Coat"),
        ([-1, -1, -1], "never right"),
        ([1, 0, 0], "right since epoch 4, before mostly Coat"),
        ([0, 1, 0], "right since epoch 6, before mostly Coat"),
        ([0, 0, 2], "right last in epoch 4, mostly Bag"),
    ],
)
def test_since_when_it_is_right_is_said(said: list[int], words: str) -> None:
    assert since_words((2, 4, 6), said, 0, CLASSES) == words


def test_the_curve_runs_from_0_to_1_and_has_at_most_30_cells() -> None:
    shares = [at / 99 for at in range(100)]
    told = learning_words(range(1, 101), shares, [0] * 100, 0, CLASSES, ascii_only=False)
    curve = told.split()[1]
    assert len(curve) == 30
    assert (curve[0], curve[-1]) == ("▁", "█")
    assert told.endswith("100 % · right in every epoch")
    assert learning_words((1,), (0.5,), (1,), 0, CLASSES, ascii_only=True).startswith("Shirt ")


def test_a_record_that_the_disk_took_only_a_part_of_spoils_no_later_one(tmp_path: Path) -> None:
    file = tmp_path / "learning.bin"
    append_epoch(file, 1, outputs(0.2, 0.8), TRUTH, Task.CLASSES)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + 5, hard))
    try:
        append_epoch(file, 2, outputs(0.3, 0.7), TRUTH, Task.CLASSES)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    append_epoch(file, 3, outputs(0.4, 0.6), TRUTH, Task.CLASSES)
    found = read_history(file)
    assert found is not None
    assert found.epochs == (1, 3)
