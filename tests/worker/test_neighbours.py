"""The training samples that a network sees as nearest to a test sample."""

import numpy as np
import pytest

from tests.worker.conftest import Train
from tuinn.data.inspection import read_arrays
from tuinn.runs.commands import FindNearest
from tuinn.spec.presets.catalog import PRESETS
from tuinn.worker.inference.neighbours import SHOWN


@pytest.mark.tf
@pytest.mark.parametrize("preset", ["digits-mlp", "breast-cancer-logistic"])
def test_neighbours_are_the_nearest_in_what_the_last_hidden_layer_gives(train: Train, preset: str) -> None:
    import keras

    training = train(PRESETS[preset]().with_fit(epochs=3))
    evaluator = training.evaluator
    told = evaluator.answer(FindNearest(request="r", test=4))
    assert told.file == "reports/nearest.npz"
    _, found = read_arrays(training.folder.nearest_file)
    model, arrays = evaluator.model, evaluator.arrays
    hidden = keras.Model(model.inputs, model.layers[-1].input)
    places = np.sort(evaluator.pipeline.training.numpy())
    given = hidden.predict(arrays.x_train[places], verbose=0).reshape(len(places), -1)
    wanted = hidden.predict(arrays.x_test[4:5], verbose=0).reshape(1, -1)
    distances = np.linalg.norm(given - wanted, axis=1)
    assert np.allclose(found["distances"].astype(float), np.sort(distances)[:SHOWN], rtol=1e-4, atol=1e-5)
    assert np.allclose(distances[np.searchsorted(places, found["places"].astype(int))], found["distances"], rtol=1e-4, atol=1e-5)  # fmt: skip
    assert found["outputs"].shape == (SHOWN, model.output.shape[-1])
    gone = evaluator.answer(FindNearest(request="r", test=10_000))
    assert gone.problem.startswith("There is no test sample 10001; the last one is")
