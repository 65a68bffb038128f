"""Each private name of Keras that the worker uses is there and means what it did; the test that fails names it."""

from typing import Any, SupportsFloat

import keras
import numpy as np
import pytest
import tensorflow as tf

from tuinn.worker import keras_internals

pytestmark = pytest.mark.tf


def test_the_global_seed_generator_gives_the_same_numbers_again() -> None:
    keras.utils.set_random_seed(3)
    keras.random.normal((2,))
    state = keras_internals.global_random_state()
    assert state is not None
    first = np.array(keras.random.normal((4,)))
    keras_internals.set_global_random_state(state)
    assert np.array_equal(np.array(keras.random.normal((4,))), first)


def test_an_optimizer_takes_its_rate_from_the_schedule_that_was_put_in() -> None:
    optimizer = keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5))
    assert isinstance(keras_internals.rate_of(optimizer), keras.optimizers.schedules.ExponentialDecay)
    keras_internals.set_schedule(
        optimizer, keras.optimizers.schedules.PiecewiseConstantDecay([5], [0.25, 0.5])
    )
    assert float(optimizer.learning_rate) == 0.25


def test_a_plain_rate_is_a_variable() -> None:
    rate = keras_internals.rate_of(keras.optimizers.Adam(0.5))
    assert isinstance(rate, SupportsFloat)
    assert float(rate) == 0.5


def test_the_weights_of_words_are_where_they_were_and_can_be_set_again() -> None:
    from tuinn.worker.model.first_weights import adapted_of, restore_adapted

    def vectorization() -> Any:
        return keras.layers.TextVectorization(max_tokens=8, output_mode="tf_idf", pad_to_max_tokens=True)

    texts = tf.constant(["hat cat", "cat dog cat", "sun"])
    learned, other = vectorization(), vectorization()
    learned.adapt(texts)
    assert len(keras_internals.inverse_document_frequencies(learned, 5)) == 5
    restore_adapted(other, adapted_of(learned))
    assert np.array_equal(np.asarray(other(texts)), np.asarray(learned(texts)))


def test_an_optimizer_asks_for_the_sums_of_gradients_by_the_name_that_is_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[object] = []
    weight = keras.Variable(1.0)
    optimizer = keras.optimizers.SGD(0.5)

    def note(pairs: object) -> object:
        asked.append(pairs)
        return pairs

    monkeypatch.setattr(optimizer, "_all_reduce_sum_gradients", note)
    optimizer.apply([tf.constant(1.0)], [weight])
    assert asked
    keras_internals.take_summed_gradients(optimizer)
    optimizer.apply([tf.constant(1.0)], [weight])
    assert len(asked) == 1
    assert float(weight) == 0.0
