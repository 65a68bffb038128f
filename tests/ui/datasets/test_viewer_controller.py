"""The controller of the dataset viewer, without an app: position, cache, slices and statistics."""

import numpy as np
import numpy.typing as npt
import pytest

from tuinn.data import loader
from tuinn.data.dataset_arrays import ArraysBrowser
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec
from tuinn.ui.datasets.viewer_controller import CACHED, Mode, ViewerController


def opened(name: str) -> ViewerController:
    dataset = DatasetSpec(name)
    controller = ViewerController(dataset, loader.describe(dataset))
    controller.state = controller.open()
    return controller


def array(sample: object) -> npt.NDArray[np.generic]:
    assert isinstance(sample, np.ndarray)
    return sample


def read_missing(controller: ViewerController) -> None:
    controller.store(controller.read(controller.missing()))


def test_before_the_dataset_is_open_no_step_does_anything() -> None:
    controller = ViewerController(DatasetSpec("iris"), loader.describe(DatasetSpec("iris")))
    controller.step(1)
    controller.move(1)
    controller.next_class(1)
    controller.shuffle()
    controller.other_part()
    assert controller.state is None
    assert controller.missing() == []
    assert not controller.next_channel()
    assert not controller.has_axes


def test_a_page_is_missing_until_it_is_read_and_then_it_is_the_samples_themselves() -> None:
    controller = opened("digits")
    assert controller.missing() == [("train", at) for at in range(25)]
    read_missing(controller)
    assert controller.missing() == []
    assert np.array_equal(array(controller.sample(3)), loader.load(DatasetSpec("digits")).x_train[3])


def test_steps_go_by_pages_in_the_grid_and_by_samples_elsewhere_and_stop_at_the_ends() -> None:
    controller = opened("iris")
    controller.step(-1)
    assert controller.places == range(25)
    for _ in range(9):
        controller.step(1)
    assert controller.places == range(100, 120)
    controller.mode = Mode.SAMPLE
    controller.step(1)
    assert controller.places == range(101, 102)


def test_the_cache_drops_what_is_not_shown_and_keeps_what_is() -> None:
    controller = opened("digits")
    while len(controller.samples) <= CACHED:
        read_missing(controller)
        controller.step(1)
    read_missing(controller)
    assert len(controller.samples) < CACHED
    assert controller.missing() == []


def test_a_sample_that_can_not_be_read_becomes_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    controller = opened("digits")

    def gone(browser: ArraysBrowser, part: str, at: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(ArraysBrowser, "sample", gone)
    read_missing(controller)
    assert str(controller.sample(0)) == "It can’t be read (Input/output error)."
    with pytest.raises(SpecError, match="Input/output error"):
        controller.try_slice("[0]")


def test_a_slice_is_cut_out_of_every_sample_and_one_that_leaves_nothing_is_an_error() -> None:
    controller = opened("digits")
    read_missing(controller)
    controller.index, part = controller.try_slice("[2:-2, 0]")
    assert part.shape == (4,)
    assert np.array_equal(array(controller.sliced(7)), array(controller.sample(7))[2:-2, 0])
    with pytest.raises(SpecError, match="outside"):
        controller.try_slice("[99]")


def test_statistics_count_every_class_of_both_parts() -> None:
    controller = opened("iris")
    controller.compute_statistics()
    assert controller.statistics is not None
    assert controller.statistics.counts == (40, 40, 40)
    assert controller.statistics.test_counts == (10, 10, 10)
