"""A regression with several targets in the predict pane and in the gallery."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import r2_score

from tests.ui.conftest import NARROW, Opener
from tuinn.data.predictions import save_predictions
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.presets.catalog import default_draft
from tuinn.spec.training.outputs import numbers_words
from tuinn.ui.gallery.controller import GalleryController, GalleryState
from tuinn.ui.workbench.inference.sample_galleries import training_answer
from tuinn.ui.workbench.panes.predict_text import OwnAnswer, answer_head
from tuinn.ui.workbench.panes.regression_plot import RegressionPlot
from tuinn.ui.workbench.panes.test_samples import TestSamples, load_test_samples


@pytest.fixture
def wells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DatasetSpec:
    monkeypatch.setenv("TUINN_HOME", str(tmp_path / "home"))
    lines = ["x,depth,cost", *(f"{at},{at}.5,{1000 * (at % 7)}.5" for at in range(50))]
    (tmp_path / "wells.csv").write_text("\n".join(lines))
    return DatasetSpec.at(str(tmp_path / "wells.csv"), target="depth, cost")


@pytest.fixture
def samples(wells: DatasetSpec, tmp_path: Path) -> TestSamples:
    """The test samples with predictions that are off by 1 and by 100, the last one of the costs by 3000."""
    from tuinn.data import loader

    truth = loader.load(wells).y_test
    said = (truth + np.array([1, -100])).astype(np.float32)
    said[-1, 1] += 3000
    save_predictions(tmp_path / "said.npy", said)
    return load_test_samples(wells, tmp_path / "said.npy", epoch=3)


def test_a_sample_is_told_with_each_target_and_its_prediction(samples: TestSamples) -> None:
    true = samples.numbers(0)
    right, words = samples.verdict(0)
    assert right is None
    assert words.startswith(f"depth {true[0]:g}, predicted {true[0] + 1:g} · cost ")
    assert samples.truth(0) is None


def test_the_scores_are_those_of_scikit_learn(samples: TestSamples) -> None:
    each = r2_score(samples.y, samples.outputs, multioutput="raw_values")
    assert samples.score_words == (
        f"mean R² {each.mean():.3f}: depth {each[0]:.3f}, cost {each[1]:.3f} · 10 samples"
    )


def test_predictions_that_are_not_finite_are_counted_of_either_target(samples: TestSamples) -> None:
    from dataclasses import replace

    said = np.array(samples.outputs)
    said[2, 1] = np.nan
    broken = replace(
        samples,
        outputs=said,
        regressions=tuple(
            replace(one, predicted=said[:, at].astype(float)) for at, one in enumerate(samples.regressions)
        ),
    )
    assert broken.score_words.endswith("· 10 samples · 1 not finite")
    assert "predicted" in broken.verdict(2)[1]


def test_the_gallery_begins_with_the_largest_error_in_standard_deviations(samples: TestSamples) -> None:
    controller = GalleryController(samples, "test", GalleryState())
    controller.places = controller.choose()
    assert controller.sample == samples.count - 1
    assert controller.captions(0)[0] == f"true {samples.numbers(0)[0]:g}"
    assert "cost" in controller.status()
    assert training_answer(controller, 0).steps == f"true {numbers_words(samples.numbers(0), samples.facts)}"


def test_an_answer_names_each_target(samples: TestSamples) -> None:
    answer = OwnAnswer("row", samples.facts, (1.5, None))
    assert answer_head(answer).plain == "row · depth 1.5 · cost –"


async def test_the_chart_turns_through_the_plots_of_each_target(
    bench: Opener, wells: DatasetSpec, samples: TestSamples
) -> None:
    async with bench(NARROW, draft=default_draft().with_dataset(wells)) as here:
        await here.press("5")
        pane, plot = here.screen.predict_pane, here.screen.query_one(RegressionPlot)
        pane.samples = samples
        pane._draw()
        await here.settle()
        assert "depth: " in here.text()
        seen = [(plot.targets[plot.target], plot.plot)]
        for _ in range(6):
            pane.action_plot()
            await here.settle()
            seen.append((plot.targets[plot.target], plot.plot))
        assert seen[:3] == [("depth", "curve"), ("depth", "scatter"), ("depth", "residuals")]
        assert seen[3:6] == [("cost", "curve"), ("cost", "scatter"), ("cost", "residuals")]
        assert seen[6] == seen[0]
