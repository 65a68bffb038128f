"""Each sample once per epoch, in an order that follows from the seed and the epoch alone."""

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuinn.data import loader
from tuinn.data.dataset_arrays import Arrays
from tuinn.spec.dataset import DataFacts, DatasetSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.presets.catalog import PRESETS
from tuinn.spec.run import stack

if TYPE_CHECKING:
    from tuinn.worker.data.batches import InputPipeline

Places = npt.NDArray[np.int64]
Part = Literal["training", "validation", "test"]

pytestmark = pytest.mark.tf

sizes = st.integers(1, 60)
batches = st.integers(1, 70)
seeds = st.integers(0, 2**31 - 1)
few = settings(max_examples=25, deadline=None)


def samples_of(
    train: int, validation: int, test: int, seed: int
) -> tuple["InputPipeline", Places, Places, npt.NDArray[np.float32]]:
    """Every sample is its own number; training and validation are interleaved."""
    from tuinn.worker.data.batches import InputPipeline

    x = np.arange(train + validation + test, dtype=np.float32)[:, None]
    known, unseen = np.split(x, [train + validation])
    places = np.arange(train + validation)
    aside = places[::2][:validation] if validation else places[:0]
    aside = aside if len(aside) == validation else places[:validation]
    chosen = np.setdiff1d(places, aside)
    arrays = Arrays(known, known[:, 0], unseen, unseen[:, 0])
    return InputPipeline(arrays, (known, unseen), chosen, aside, seed), chosen, aside, unseen[:, 0]


def pass_over(samples: "InputPipeline", part: Part, batch: int) -> list[Places]:
    taken = []
    for span in samples.spans(part, batch):
        x, y = samples.take(span)
        assert np.array_equal(np.asarray(x), np.asarray(y))
        taken.append(np.asarray(x)[:, 0].astype(int))
    return taken


@few
@given(train=sizes, validation=sizes, test=sizes, batch=batches, seed=seeds)
def test_an_epoch_takes_each_training_sample_once_and_no_other(
    train: int, validation: int, test: int, batch: int, seed: int
) -> None:
    samples, chosen, aside, unseen = samples_of(train, validation, test, seed)
    for epoch in (0, 1):
        samples.shuffle(epoch)
        taken = pass_over(samples, "training", batch)
        assert sorted(np.concatenate(taken)) == list(chosen)
        assert [len(one) for one in taken[:-1]] == [batch] * (len(taken) - 1)
        assert list(np.concatenate(pass_over(samples, "validation", batch))) == list(aside)
        assert list(np.concatenate(pass_over(samples, "test", batch))) == list(unseen)


@few
@given(train=sizes, seed=seeds, epoch=st.integers(0, 10**6), before=st.lists(st.integers(0, 99), max_size=3))
def test_the_order_of_an_epoch_does_not_depend_on_what_came_before(
    train: int, seed: int, epoch: int, before: list[int]
) -> None:
    straight, *_ = samples_of(train, 0, 1, seed)
    straight.shuffle(epoch)
    resumed, *_ = samples_of(train, 0, 1, seed)
    for other in before:
        resumed.shuffle(other)
    resumed.shuffle(epoch)
    assert np.array_equal(straight.order, resumed.order)


def test_another_epoch_and_another_seed_have_another_order() -> None:
    samples, *_ = samples_of(50, 0, 1, seed=1)
    orders = []
    for epoch in range(5):
        samples.shuffle(epoch)
        orders.append(tuple(samples.order.numpy()))
    other, *_ = samples_of(50, 0, 1, seed=2)
    other.shuffle(0)
    assert len({*orders, tuple(other.order.numpy())}) == 6


@few
@given(steps=st.integers(1, 200), batch=st.integers(1, 512), units=st.integers(1, 4096))
def test_an_execution_has_between_one_step_and_fifty_and_executions_are_even(
    steps: int, batch: int, units: int
) -> None:
    from tuinn.worker.data.batches import MOST_STEPS, steps_per_execution

    summary = summarize(stack(LayerSpec.of("Dense", units=units)), (784,))
    together = steps_per_execution(summary, batch, steps)
    assert 1 <= together <= min(MOST_STEPS, steps)
    executions = -(-steps // together)
    assert executions * together - steps < executions


@pytest.mark.parametrize("together", [1, 2, 3, 7, 50])
def test_steps_per_execution_changes_how_often_hooks_come_and_not_what_is_learned(together: int) -> None:
    import keras

    from tuinn.spec.training.losses import resolve_loss
    from tuinn.worker.model import build, compilation

    spec = PRESETS["iris-lab"]()
    seen, ends = [], []
    for per_execution in (1, together):
        keras.utils.set_random_seed(1)
        samples, *_ = iris_samples()
        model = build.build(spec.model, (4,))
        loss = resolve_loss("auto", spec.model, iris_facts(), 3)
        compilation.compile_model(model, spec.fit, loss, iris_facts().task, per_execution)
        samples.attach(model)
        hooks: list[int] = []
        tell = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs, hooks=hooks: hooks.append(batch)
        )
        past: Any = model.fit(samples.spans("training", 16), shuffle=False, verbose=0, callbacks=[tell])
        seen.append(len(hooks))
        ends.append((past.history["loss"][0], int(model.optimizer.iterations)))
    assert seen == [8, -(-8 // together)]
    assert ends[0] == pytest.approx(ends[1])
    assert ends[1][1] == 8


def iris_facts() -> DataFacts:
    from tuinn.data.catalog import catalog

    return catalog.find("iris").facts


def iris_samples() -> tuple["InputPipeline", Arrays]:
    from tuinn.worker.data.batches import InputPipeline

    arrays = loader.load(DatasetSpec("iris"))
    labels = (arrays.y_train.astype(np.int64), arrays.y_test.astype(np.int64))
    return InputPipeline(arrays, labels, np.arange(120), np.arange(0), seed=3), arrays
