"""Every exception becomes a sentence that says what to do next."""

import errno
import os

import numpy as np
import pytest

from tuinn.errors import SpecError, WorkerError
from tuinn.worker.errors import first_line, user_message

pytestmark = pytest.mark.tf


def test_a_problem_of_our_own_reaches_the_user_unchanged() -> None:
    assert user_message(WorkerError("Do this.")) == "Do this."
    assert user_message(SpecError("must be 1.", "fit.epochs")) == "fit.epochs: must be 1."


def test_memory_that_does_not_suffice_suggests_a_smaller_batch() -> None:
    import tensorflow as tf

    with pytest.raises(tf.errors.ResourceExhaustedError) as real:
        tf.fill([1 << 44], 1.0)
    for error in (real.value, MemoryError()):
        assert "smaller batch_size" in user_message(error)


def test_a_full_disk_is_called_so() -> None:
    assert user_message(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))).startswith(
        "The disk of the run folder is full"
    )


def test_tensorflow_that_cannot_be_loaded_says_how_to_install_it() -> None:
    assert "pip install" in user_message(ImportError("libtensorflow.so: cannot open shared object file"))


def test_a_tuinn_that_was_updated_while_a_run_started_is_not_taken_for_a_broken_tensorflow() -> None:
    try:
        exec("from tuinn.runs.commands import NoSuchCommand")
    except ImportError as error:
        said = user_message(error)
    assert said.startswith("tuinn cannot be loaded (cannot import name 'NoSuchCommand'")
    assert "pip" not in said


def test_an_error_inside_a_graph_is_reported_by_what_is_wrong_and_not_by_where() -> None:
    import tensorflow as tf

    def broken(x: object) -> object:
        return tf.gather(x, [7])

    with pytest.raises(tf.errors.InvalidArgumentError) as real:
        tf.function(broken)(tf.constant([1.0, 2.0]))
    assert "7 is not in [0, 2)" in user_message(real.value)
    assert "worker.log" in user_message(real.value)


def test_a_long_error_is_cut_and_an_empty_one_is_named() -> None:
    assert len(first_line(ValueError("x" * 5000))) == 200
    assert first_line(ValueError()) == "ValueError"


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "uint16", "float32", "float64"])
def test_samples_keep_their_values_in_the_types_that_a_gpu_can_gather(
    dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tuinn.worker.data import batches

    values = np.arange(128).astype(dtype)
    assert batches.gatherable(values) is values
    monkeypatch.setattr(batches, "computes_on_gpu", lambda: True)
    assert np.array_equal(batches.gatherable(values), values)
    assert batches.gatherable(values).dtype.kind == "f"


@pytest.mark.parametrize(
    ("wanted", "found", "sees"),
    [("gpu", 0, "no GPU"), ("gpu:1", 1, "1 GPU, counted from 0"), ("gpu:4", 2, "2 GPUs, counted from 0")],
)
def test_a_card_that_is_not_there_is_answered_with_how_many_there_are(
    wanted: str, found: int, sees: str
) -> None:
    from tuinn.worker.devices import missing_card_error

    told = str(missing_card_error(wanted, found))
    assert told.startswith(f"device is {wanted}, but TensorFlow sees {sees}. Set device to auto or cpu")
    assert ("tuinn[cuda]" in told) == (found == 0)
