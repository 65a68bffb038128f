"""The outputs for the test samples on disk, and which of them are wrong."""

import io
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tuinn.data.predictions import (
    MOST_PICTURES,
    read_picture,
    read_predictions,
    save_in_parts,
    save_picture,
    save_predictions,
    wrong_predictions,
)
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
def test_an_output_that_misses_its_target_or_is_not_finite_is_wrong(
    task: Task, outputs: npt.ArrayLike, targets: npt.ArrayLike, wrong: list[bool]
) -> None:
    said = np.array(outputs, np.float32)
    found = wrong_predictions(said, np.array(targets), task)
    assert found is not None
    assert found.tolist() == wrong


def test_a_regression_has_no_right_or_wrong() -> None:
    assert wrong_predictions(np.zeros((2, 1), np.float32), np.zeros(2), Task.REGRESSION) is None


def test_predictions_come_back_as_they_were_written(tmp_path: Path) -> None:
    outputs = np.array([[0.25, 0.75]], np.float32)
    save_predictions(tmp_path / "predictions.npy", outputs)
    found = read_predictions(tmp_path / "predictions.npy")
    assert found is not None
    assert found.tolist() == outputs.tolist()
    assert [file.name for file in tmp_path.iterdir()] == ["predictions.npy"]


def beyond_memory() -> bytes:
    """An array whose header was damaged."""
    file = io.BytesIO()
    np.save(file, np.zeros((1, 2), np.float32))
    return file.getvalue().replace(b"(1, 2), }          ", b"(90000000000, 20), }")


@pytest.mark.parametrize("content", [b"", b"no array", b"\x93NUMPY\x01\x00", beyond_memory()])
def test_a_damaged_file_holds_no_predictions(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "predictions.npy").write_bytes(content)
    assert read_predictions(tmp_path / "predictions.npy") is None
    assert read_picture(tmp_path, "predictions.npy") is None


def test_a_picture_comes_back_as_the_network_saw_it_whatever_the_request(tmp_path: Path) -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    for request in ("a1b2", "../../outside", ""):
        name = save_picture(tmp_path / "pictures", request, pixels)
        found = read_picture(tmp_path / "pictures", name)
        assert found is not None
        assert np.array_equal(found, pixels)
    assert [path.name for path in tmp_path.iterdir()] == ["pictures"]


def test_a_run_keeps_its_newest_pictures_only(tmp_path: Path) -> None:
    names = [
        save_picture(tmp_path, str(number), np.full((2, 2), number, np.uint8))
        for number in range(MOST_PICTURES)
    ]
    for age, name in enumerate(reversed(names), start=1):
        os.utime(tmp_path / name, (1e9 - age, 1e9 - age))
    last = save_picture(tmp_path, "last", np.zeros((2, 2), np.uint8))
    assert read_picture(tmp_path, names[0]) is None
    assert read_picture(tmp_path, names[1]) is not None
    assert read_picture(tmp_path, last) is not None


def test_a_picture_that_is_not_there_or_damaged_is_none(tmp_path: Path) -> None:
    (tmp_path / "damaged.npy").write_bytes(b"not pixels")
    np.save(tmp_path / "outside.npy", np.zeros(3))
    (tmp_path / "pictures").mkdir()
    assert read_picture(tmp_path, "") is None
    assert read_picture(tmp_path, "missing.npy") is None
    assert read_picture(tmp_path, "damaged.npy") is None
    assert read_picture(tmp_path / "pictures", "../outside.npy") is None


def test_predictions_in_parts_are_one_file_that_stays_as_it_was_read(tmp_path: Path) -> None:
    file, outputs = tmp_path / "predictions.npy", np.arange(10, dtype=np.float32).reshape(5, 2)
    save_in_parts(file, 5, (outputs[start : start + 2] for start in range(0, 5, 2)))
    found = read_predictions(file)
    assert found is not None
    save_predictions(file, outputs[:1] + 9)
    assert found.tolist() == outputs.tolist()
    assert np.load(file).tolist() == [[9.0, 10.0]]


def test_predictions_that_can_not_all_be_made_leave_the_file_as_it_was(tmp_path: Path) -> None:
    file, outputs = tmp_path / "predictions.npy", np.ones((1, 2), np.float32)
    save_predictions(file, outputs)

    def torn() -> Iterator[np.ndarray]:
        yield outputs + 1
        raise OSError

    with pytest.raises(OSError, match=r"^$"):
        save_in_parts(file, 2, torn())
    found = read_predictions(file)
    assert found is not None
    assert found.tolist() == [[1.0, 1.0]]
