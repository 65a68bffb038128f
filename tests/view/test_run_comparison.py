"""Runs side by side: a best is starred only where the numbers mean the same."""

from tests.factories import ending, epoch, opening
from tuinn.runs.events import AnyEvent
from tuinn.spec.presets.catalog import default_draft, iris_lab
from tuinn.spec.run import RunSpec
from tuinn.view.run_comparison import differences, last_values, results, short_titles, starless, without_stars
from tuinn.view.run_view import RunView


def view_of(loss: float, accuracy: float) -> RunView:
    view = RunView()
    events: list[AnyEvent] = [*opening(), *epoch(1, loss, accuracy), *ending()]
    for event in events:
        view.apply(event)
    return view


VIEWS = [view_of(1.0, 0.5), view_of(0.5, 0.9)]


def starred(specs: list[RunSpec]) -> set[str]:
    which, _ = starless(VIEWS, specs)
    return {row.name for row in without_stars([*results(VIEWS), *last_values(VIEWS)], which) if row.best}


def test_the_best_of_runs_on_the_same_data_with_the_same_loss_is_starred() -> None:
    specs = [default_draft(), default_draft().with_setting("fit.learning_rate", "0.01")]
    assert starless(VIEWS, specs) == ("", "")
    assert {"last loss", "best val_accuracy", "test accuracy"} <= starred(specs)


def test_nothing_is_starred_across_different_data() -> None:
    which, why = starless(VIEWS, [default_draft(), iris_lab()])
    assert which == "all"
    assert "fashion_mnist_mini and iris" in why
    assert starred([default_draft(), iris_lab()]) == set()
    split = [default_draft(), default_draft().with_setting("dataset.validation", "0.3")]
    assert "split in different ways" in starless(VIEWS, split)[1]
    assert starred(split) == set()


def test_different_losses_are_not_starred_but_an_accuracy_is() -> None:
    specs = [default_draft(), default_draft().with_setting("fit.label_smoothing", "0.1")]
    which, why = starless(VIEWS, specs)
    assert which == "loss"
    assert "sparse_categorical_crossentropy smoothed 0.1" in why
    names = starred(specs)
    assert "last accuracy" in names
    assert not [name for name in names if name.endswith("loss")]


def test_settings_that_differ_go_by_their_names_for_people() -> None:
    other = default_draft().with_setting("fit.learning_rate", "0.01").with_setting("layers[3].units", "8")
    rows = {row.name: row.path for row in differences([default_draft(), other])}
    assert rows == {"layer 3": "layer 3", "learning rate": "fit.learning_rate"}


def test_a_run_that_has_not_trained_keeps_no_star_from_the_others() -> None:
    views, specs = [*VIEWS, RunView()], [default_draft(), default_draft(), iris_lab()]
    assert starless(views, specs) == ("", "")


def test_in_narrow_columns_a_beginning_that_titles_share_is_left_out() -> None:
    titles = ["iris-lab, units 32", "iris-lab, epochs 20 (2)", "iris-lab", "wine-mlp, epochs 12"]
    assert short_titles(titles) == ["units 32", "epochs 20 (2)", "iris-lab", "wine-mlp, epochs 12"]
