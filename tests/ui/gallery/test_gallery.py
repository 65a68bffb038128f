"""The gallery: from a cell of the confusion matrix to its samples, filters by keys and by typing, and one sample large."""

from collections.abc import Sequence

import numpy as np
import pytest

from tests.conftest import Write
from tests.factories import append, whole_run
from tests.ui.conftest import NARROW, ROOMY, Opener
from tuinn.data.inspection import save_arrays
from tuinn.data.label_issues import LabelIssues
from tuinn.data.label_verdicts import read_verdicts
from tuinn.data.learning_history import append_epoch
from tuinn.data.loader import load
from tuinn.data.predictions import save_predictions
from tuinn.runs.commands import FindNearest
from tuinn.runs.events import Reported
from tuinn.runs.folder import RunFolder
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task
from tuinn.spec.presets.catalog import PRESETS, default_draft
from tuinn.ui.gallery.controller import GalleryController, GalleryState
from tuinn.ui.gallery.label_decisions import LabelDecisions
from tuinn.ui.gallery.screen import Gallery
from tuinn.ui.workbench.inference.sample_galleries import training_answer, walked
from tuinn.ui.workbench.panes.test_samples import TestSamples
from tuinn.view.gallery import Filter, Order

CLOTHES = ("Shirt", "Coat", "Bag")


def clothes(outputs: Sequence[Sequence[float]], truth: Sequence[int], count: int = 0) -> TestSamples:
    """Rows of a table of which the first are predicted."""
    count = count or len(truth)
    facts = DataFacts(Task.CLASSES, (2,), "float32", 0, 9, CLOTHES, 1, count, features=("width", "height"))
    x = np.arange(2 * count, dtype=np.float32).reshape(count, 2)
    return TestSamples(DatasetSpec.at("/x"), facts, x, np.array(truth), np.array(outputs, np.float32), 3)


def opened(samples: TestSamples, state: GalleryState | None = None) -> GalleryController:
    controller = GalleryController(samples, "test", state or GalleryState())
    controller.take(controller.choose())
    return controller


SHOWN = clothes([[0.9, 0.1, 0], [0.2, 0.8, 0], [0.4, 0.6, 0], [0, 0, 1]], [0, 0, 0, 2], count=4)


def test_a_cell_of_the_matrix_begins_with_what_is_most_surely_wrong() -> None:
    controller = opened(SHOWN, GalleryState(Filter(true=0, said=1)))
    assert [int(at) for at in controller.choose()] == [1, 2]
    assert controller.head() == "Shirt said to be Coat · most surely wrong first"
    assert controller.count_words() == "2 of 4 samples"
    assert controller.status() == "#2 · predicted Coat, true Shirt · 80 % · 1 of 2"


def test_the_mark_stays_on_its_sample_when_others_leave() -> None:
    controller = opened(SHOWN)
    controller.move(2)
    assert controller.sample == 0
    assert controller.next_class(said=False, by=1)
    controller.take(controller.choose())
    assert (controller.sample, controller.count) == (0, 3)
    controller.move(-5)
    assert controller.sample == 1


def test_classes_and_verdicts_go_round() -> None:
    controller = opened(SHOWN)
    walked_over = []
    for _ in range(4):
        controller.next_class(said=True, by=1)
        walked_over.append(controller.state.wanted.said)
    assert walked_over == [0, 1, 2, None]
    controller.next_class(said=False, by=-1)
    assert controller.state.wanted.true == 2
    verdicts = []
    for _ in range(3):
        controller.next_verdict()
        verdicts.append(controller.state.wanted.verdict)
    assert verdicts == ["wrong", "right", "all"]
    assert controller.clear()
    assert not controller.clear()


def test_the_orders_go_round_without_a_rank_that_nobody_gave() -> None:
    controller = opened(SHOWN)
    orders = []
    for _ in range(4):
        controller.next_order()
        orders.append(controller.state.order)
    assert orders == [Order.UNSURE, Order.SUREST, Order.STORED, Order.WORST]


def test_a_number_is_neither_right_nor_of_a_class() -> None:
    facts = DataFacts(Task.REGRESSION, (2,), "float32", 0, 9, (), 1, 2, target="price")
    said = np.array([[1.0], [5.0]], np.float32)
    samples = TestSamples(DatasetSpec.at("/x"), facts, np.zeros((2, 2)), np.array([1.5, 2.0]), said, 1)
    controller = opened(samples)
    assert (controller.next_verdict(), controller.next_class(said=False, by=1)) == (False, False)
    assert controller.status() == "#2 · price 2 · predicted 5 · 3 too high · 1 of 2"
    assert controller.captions(1) == ("true 2", "")
    assert training_answer(controller, 1).steps == "true 2"


@pytest.mark.parametrize(
    ("wanted", "only"),
    [
        (Filter(), "all"),
        (Filter(true=1, said=2), (1, 2)),
        (Filter(true=1, said=1), "all"),
        (Filter(true=1, verdict="wrong"), "mistakes"),
    ],
)
def test_after_a_sample_was_chosen_its_like_are_walked_over(wanted: Filter, only: object) -> None:
    assert walked(wanted) == only


def predicted(folder: RunFolder, dataset: DatasetSpec, classes: int) -> None:
    """A file of predictions: everything is surely of the class after its own, but every third sample is right."""
    truth = load(dataset).y_test.astype(int)
    said = np.where(np.arange(len(truth)) % 3 == 0, truth, (truth + 1) % classes)
    shares = np.full((len(truth), classes), 0.01, np.float32)
    shares[np.arange(len(truth)), said] = 0.5 + np.arange(len(truth)) / 4000
    save_predictions(folder.predictions_file, shares)


@pytest.fixture
def fashion(write_run: Write) -> RunFolder:
    folder = write_run(whole_run())
    predicted(folder, default_draft().dataset, 10)
    return folder


async def test_enter_on_a_cell_opens_its_samples_and_enter_on_a_tile_shows_it_large(
    bench: Opener, fashion: RunFolder
) -> None:
    async with bench(NARROW, run=fashion) as here:
        await here.press("5", "c", "enter")
        gallery = here.top(Gallery)
        assert "said to be" in here.text()
        wanted = gallery.controller.state.wanted
        assert wanted.true is not None
        assert wanted.said == (wanted.true + 1) % 10
        assert here.text().count("✗") == gallery.controller.per_page
        await here.press("right", "enter")
        assert here.app.screen is here.screen
        assert here.screen.predict_pane.at == gallery.controller.state.sample
        assert "m all again" in here.words()
        await here.press("g")
        assert here.top(Gallery).controller.state == gallery.controller.state


async def test_the_gallery_is_found_as_it_was_left_and_filters_are_typed(
    bench: Opener, fashion: RunFolder
) -> None:
    async with bench(ROOMY, run=fashion) as here:
        await here.press("5", "g", "m", "greater_than_sign", "slash")
        await here.type("sure:..60")
        await here.press("enter")
        here.top(Gallery)
        assert "only wrong · sure:..60 · least sure first" in here.text()
        await here.press("slash")
        await here.type(" red")
        await here.press("enter")
        assert "There are no words to find red in." in here.words()
        await here.press("escape", "escape", "g")
        assert "only wrong · sure:..60 · least sure first" in here.text()
        await here.press("0")
        assert "1,000 samples" in here.text()


async def test_rows_of_a_table_are_lines_and_a_click_marks_one(bench: Opener, write_run: Write) -> None:
    spec = PRESETS["iris-lab"]()
    folder = write_run(whole_run(), spec)
    predicted(folder, spec.dataset, 3)
    async with bench(NARROW, run=folder) as here:
        await here.press("5", "g")
        gallery = here.top(Gallery)
        assert await here.pilot.click(gallery.tiles, offset=(20, 4))
        await here.settle()
        assert gallery.controller.at == 3
        lines = here.text().splitlines()
        assert lines[6].startswith(" ▸")
        assert "✗" in lines[6]
        await here.press("m", "m", "p", "c", "c")
        assert "No sample is like that. 0 takes the filters away." in here.text()


async def test_without_predictions_there_is_no_gallery(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("5", "g")
        assert "Nothing is predicted yet." in here.words()


def doubted() -> GalleryController:
    """A gallery of two labels in doubt; nothing is decided yet."""
    decisions = LabelDecisions(DatasetSpec("iris"), SHOWN.x, SHOWN.y)
    state = GalleryState(order=Order.RANKED)
    controller = GalleryController(SHOWN, "labels", state, np.array([2, 1]), decisions=decisions)
    controller.take(controller.choose())
    return controller


def test_what_is_decided_about_labels_is_written_down_at_once() -> None:
    controller = doubted()
    assert controller.status() == "#3 · predicted Coat, label Shirt · 60 % · 1 of 2"
    controller.decide("relabel")
    assert controller.sample == 1
    controller.decide("leave_out")
    assert controller.decisions is not None
    assert [controller.decisions.words(at) for at in (2, 1, 0)] == ["now Coat", "left out", ""]
    kept = read_verdicts(DatasetSpec("iris"))
    assert [(one.at, one.kind, one.label) for one in kept] == [(2, "relabel", "Coat"), (1, "leave_out", "")]
    controller.undecide()
    assert [one.at for one in read_verdicts(DatasetSpec("iris"))] == [2]
    assert controller.count_words() == "2 samples"


async def test_where_no_label_is_left_nothing_is_said_of_several_labels(bench: Opener) -> None:
    controller = doubted()
    controller.filter_by(Filter(true=2))
    async with bench(NARROW) as here:
        here.app.push_screen(Gallery(controller))
        await here.settle()
        await here.press("1")
        assert "No sample is like that" in here.text()


def test_only_what_was_ranked_is_shown_in_every_order() -> None:
    controller = doubted()
    shown = []
    for _ in Order:
        shown.append([int(at) for at in controller.choose()])
        controller.next_order()
    assert shown == [[2, 1], [1, 2], [2, 1], [1, 2], [1, 2]]


def test_without_doubts_nothing_is_decided() -> None:
    controller = opened(SHOWN)
    assert not controller.can_decide("keep")
    controller.decide("keep")
    controller.undecide()
    assert read_verdicts(DatasetSpec("iris")) == ()


async def test_labels_in_doubt_are_decided_by_keys(bench: Opener, fashion: RunFolder) -> None:
    arrays = load(default_draft().dataset)
    outputs = np.eye(10, dtype=np.float32)[(arrays.y_train.astype(int) + 1) % 10]
    issues = LabelIssues(outputs, np.arange(len(outputs))[::-1].copy(), 7)
    fashion.model_file.write_bytes(b"")
    issues.write(fashion.label_issues_file)
    async with bench(NARROW, run=fashion) as here:
        await here.press("5", "W")
        gallery = here.top(Gallery)
        assert "labels · about 7 look wrong" in here.text()
        assert gallery.controller.sample == 4999
        await here.press("2", "3", "1", "u")
        kinds = [one.kind for one in read_verdicts(default_draft().dataset)]
        assert kinds == ["relabel", "leave_out"], "u takes back the last decision, and its sample is marked"
        assert gallery.controller.sample == 4997
        await here.press("u")
        assert [one.kind for one in read_verdicts(default_draft().dataset)] == ["relabel"]
        await here.press("3", "enter")
        assert "training sample #4998" in here.text()
        assert "Set labels to checked" in here.words()


async def test_the_labels_of_other_data_are_not_mixed_up(bench: Opener, fashion: RunFolder) -> None:
    fashion.model_file.write_bytes(b"")
    LabelIssues(np.eye(10, dtype=np.float32), np.arange(10), 1).write(fashion.label_issues_file)
    async with bench(NARROW, run=fashion) as here:
        await here.press("5", "W")
        assert "has changed since its labels were checked." in here.words()


async def test_a_key_says_when_the_network_got_a_sample_right(bench: Opener, fashion: RunFolder) -> None:
    truth = load(default_draft().dataset).y_test[:100]
    for epoch, shift in ((1, 1), (2, 0), (3, 1), (4, 0)):
        outputs = np.eye(10, dtype=np.float32)[(truth.astype(int) + shift) % 10]
        append_epoch(fashion.learning_file, epoch, outputs, truth, Task.CLASSES)
    async with bench(NARROW, run=fashion) as here:
        await here.press("5", "g", "greater_than_sign", "greater_than_sign", "greater_than_sign", "w")
        assert here.top(Gallery).controller.sample == 0
        assert "▁█▁█ 100 % · right since epoch 4, before mostly" in here.text()
        await here.press("end")
        assert "What it said of this sample after each epoch is not known." in here.text()
        await here.press("w")
        assert "after each epoch" not in here.text()


async def test_the_nearest_training_samples_of_a_test_sample_are_asked_for_and_shown(
    bench: Opener, fashion: RunFolder
) -> None:
    async with bench(NARROW, run=fashion) as here:
        await here.press("5", "g", "right", "n")
        assert here.app.screen is here.screen
        *_, question = fashion.commands().read_all()
        assert isinstance(question, FindNearest)
        outputs = np.eye(10, dtype=np.float32)[:3]
        found = {"places": np.array([7, 3, 9]), "outputs": outputs, "test": np.array(question.test)}
        save_arrays(fashion.nearest_file, {**found, "distances": np.arange(3.0)})
        append(fashion, Reported(request=question.request, file="reports/nearest.npz"))
        await here.tick()
        gallery = here.top(Gallery)
        assert f"training samples nearest to test sample #{question.test + 1}" in here.text()
        assert [int(at) for at in gallery.controller.choose()] == [7, 3, 9]
        assert "nearest first" in here.text()
        await here.press("escape")
        assert here.top(Gallery).controller.state.sample == question.test
        await here.press("escape")
        assert here.app.screen is here.screen
