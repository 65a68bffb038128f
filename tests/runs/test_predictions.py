"""The outputs for the test samples on disk, and which of them are wrong."""

import numpy as np
import pytest

from tuinn.runs.predictions import read_predictions, save_predictions, wrong_predictions
from tuinn.spec.dataset import Task

NAN = float("nan")


@pytest.mark.parametrize(
    ("task", "outputs", "targets", "wrong"),
    [
        (Task.CLASSES, [[0.1, 0.9], [0.8, 0.2], [NAN, 0.9]], [1, 1, 1], [False, True, True]),
        (Task.BINARY, [[0.9], [0.2], [NAN]], [1, 1, 0], [False, True, True]),
        (Task.LABELS, [[0.9, 0.1], [0.9, 0.9]], [[1, 0], [1, 0]], [False, True]),
    ],
)
def test_an_output_that_misses_its_target_or_is_not_finite_is_wrong(task, outputs, targets, wrong):
    said = np.array(outputs, np.float32)
    assert wrong_predictions(said, np.array(targets), task).tolist() == wrong


def test_a_regression_has_no_right_or_wrong():
    assert wrong_predictions(np.zeros((2, 1), np.float32), np.zeros(2), Task.REGRESSION) is None


def test_predictions_come_back_as_they_were_written(tmp_path):
    outputs = np.array([[0.25, 0.75]], np.float32)
    save_predictions(tmp_path / "predictions.npy", outputs)
    assert read_predictions(tmp_path / "predictions.npy").tolist() == outputs.tolist()
    assert [file.name for file in tmp_path.iterdir()] == ["predictions.npy"]


@pytest.mark.parametrize("content", [b"", b"no array", b"\x93NUMPY\x01\x00"])
def test_a_damaged_file_holds_no_predictions(tmp_path, content):
    (tmp_path / "predictions.npy").write_bytes(content)
    assert read_predictions(tmp_path / "predictions.npy") is None
