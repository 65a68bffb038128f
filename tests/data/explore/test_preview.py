"""What a pane shows of a dataset."""

import numpy as np
import pytest

from tuinn.data import loader
from tuinn.data.catalog.catalog import BUNDLED_DATASETS, find
from tuinn.data.dataset_arrays import Arrays, ArraysBrowser
from tuinn.data.explore.preview import ColumnPreview, preview
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task


def test_fashion_mini_has_as_many_of_each_class() -> None:
    glance = preview(loader.browse(DatasetSpec("fashion_mnist_mini")))
    assert glance.counts == (500,) * 10
    assert glance.test_counts == (100,) * 10
    assert glance.columns == ()


@pytest.mark.parametrize("name", [entry.name for entry in BUNDLED_DATASETS if entry.facts.classes])
def test_the_samples_are_the_first_of_each_class_in_the_order_of_the_labels(name: str) -> None:
    labels = loader.load(DatasetSpec(name)).y_train.tolist()
    assert preview(loader.browse(DatasetSpec(name))).samples == tuple(
        labels.index(label) for label in range(len(find(name).facts.classes))
    )


def test_a_table_shows_how_far_each_column_reaches() -> None:
    glance = preview(loader.browse(DatasetSpec("iris")))
    assert [column.name for column in glance.columns] == list(find("iris").facts.features)
    assert all(column.low < column.mean < column.high for column in glance.columns)


def test_a_regression_shows_how_far_its_target_reaches_and_no_classes() -> None:
    glance = preview(loader.browse(DatasetSpec("diabetes")))
    assert (glance.counts, glance.test_counts, glance.samples) == ((), (), ())
    assert [(target.low, target.high) for target in glance.targets] == [(31.0, 346.0)]


def test_a_class_without_a_training_sample_counts_zero_and_shows_none() -> None:
    facts = DataFacts(Task.CLASSES, (1,), "float32", 1, 4, ("a", "b", "c"), 3, 1, ("size",))
    x = np.array([[1], [2], [3]], dtype=np.float32)
    glance = preview(ArraysBrowser(Arrays(x, np.array([2, 0, 2]), np.array([[4.0]]), np.array([1])), facts))
    assert (glance.counts, glance.test_counts, glance.samples) == ((1, 0, 2), (0, 1, 0), (1, 0))
    assert glance.columns == (ColumnPreview("size", 1.0, 2.0, 3.0),)
