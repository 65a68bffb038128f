"""Labels that look wrong: by hand-made probabilities, and labels that were flipped on purpose in real data."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from tests.worker.conftest import Train
from tuinn.data import loader
from tuinn.data.cache import ReportProgress, no_progress
from tuinn.data.dataset_arrays import Arrays
from tuinn.data.label_issues import LabelIssues
from tuinn.data.label_verdicts import decide, fingerprint, read_verdicts
from tuinn.data.text_store import Texts
from tuinn.runs.commands import FindLabelIssues
from tuinn.runs.events import DataLoaded, Noted, Reported
from tuinn.spec.dataset import DataFacts, DatasetSpec, LabelVerdict, Task
from tuinn.spec.presets.catalog import PRESETS
from tuinn.worker.inference.label_issues import FOLDS, MOST_BYTES, folds, looked_at, out_of_sample, ranked


def facts(task: Task, classes: int) -> DataFacts:
    names = tuple(f"class {at}" for at in range(classes))
    return DataFacts(task=task, shape=(4,), dtype="float32", low=0, high=1, classes=names, train=10, test=10)


def test_the_least_likely_label_comes_first_and_what_looks_wrong_is_counted() -> None:
    shares = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.3, 0.7]])
    truth = np.array([0, 0, 0, 1, 1])  # the third one is surely of class 1
    order, suspects = ranked(shares, truth, facts(Task.CLASSES, 2))
    assert order.tolist() == [2, 4, 1, 3, 0]
    assert suspects == 1
    single, count = ranked(shares[:, 1:], truth, facts(Task.BINARY, 2))
    assert (single.tolist(), count) == (order.tolist(), suspects)


def test_a_class_without_samples_and_outputs_that_are_not_finite_break_nothing() -> None:
    shares = np.array([[0.9, 0.1, 0.0], [np.nan, 0.2, 0.1], [0.1, 0.9, 0.0]])
    order, _ = ranked(shares, np.array([0, 0, 1]), facts(Task.CLASSES, 3))
    assert sorted(order.tolist()) == [0, 1, 2]


def test_of_several_labels_the_least_likely_one_counts() -> None:
    shares = np.array([[0.9, 0.1], [0.9, 0.8], [0.2, 0.1], [0.9, 0.9]])
    truth = np.array([[1, 0], [1, 1], [0, 0], [1, 0]])  # the last one lacks its second label
    order, suspects = ranked(shares, truth, facts(Task.LABELS, 2))
    assert order[0] == 3
    assert suspects == 1


@pytest.mark.parametrize("truth", [np.arange(31) % 3, np.eye(4, dtype=int)[np.arange(31) % 4]])
def test_no_sample_is_asked_about_by_a_network_that_learned_from_it(truth: np.ndarray) -> None:
    seen: list[int] = []

    def ask(learned: np.ndarray, asked: np.ndarray) -> np.ndarray:
        assert not set(learned) & set(asked)
        assert len(learned) + len(asked) == 31
        seen.extend(asked)
        return np.repeat(asked[:, None], 2, axis=1).astype(np.float32)

    outputs = out_of_sample(truth, ask)
    assert outputs[:, 0].tolist() == list(range(31))
    assert sorted(seen) == list(range(31))


def test_every_class_gives_each_fold_its_share() -> None:
    truth = np.array([0] * 30 + [1] * 6 + [2] * 3)
    fold = folds(truth)
    for label, count in ((0, 10), (1, 2), (2, 1)):
        assert [int(((fold == at) & (truth == label)).sum()) for at in range(FOLDS)] == [count] * FOLDS


def test_only_so_many_samples_are_looked_at_as_memory_holds_of_what_the_network_takes() -> None:
    texts = Texts.of(["a word"] * 9_000)
    arrays = Arrays(texts, np.zeros(9_000), texts, np.zeros(9_000))
    assert len(looked_at(arrays, np.arange(9_000), 200)) == 9_000
    assert len(looked_at(arrays, np.arange(9_000), 25_000)) == MOST_BYTES // 100_000


def flipped(arrays: Arrays, share: float, classes: int) -> tuple[Arrays, np.ndarray]:
    """The arrays with this share of the training labels changed to another class, and which."""
    rng = np.random.default_rng(5)
    y = np.array(arrays.y_train)
    chosen = rng.permutation(len(y))[: int(share * len(y))]
    y[chosen] = (y[chosen] + rng.integers(1, classes, len(chosen))) % classes
    return Arrays(arrays.x_train, y, arrays.x_test, arrays.y_test), chosen


@pytest.mark.tf
def test_of_labels_that_were_flipped_four_of_five_are_in_the_first_tenth(
    train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, wrong = loader.load, list[int]()

    def load_flipped(dataset: DatasetSpec, report: ReportProgress = no_progress) -> Arrays:
        arrays, chosen = flipped(read(dataset, report), 0.05, 10)
        wrong[:] = chosen.tolist()
        return arrays

    monkeypatch.setattr(loader, "load", load_flipped)
    training = train(PRESETS["digits-mlp"]())
    before = [weight.copy() for weight in training.evaluator.model.get_weights()]
    told = training.evaluator.answer(FindLabelIssues(request="r"))
    assert told == Reported(request="r", file="reports/labels.npz")
    found = LabelIssues.read(training.folder.path / told.file)
    first = set(found.order[: len(found.order) // 10].tolist())
    assert len(first & set(wrong)) / len(wrong) >= 0.8
    assert 0.7 * len(wrong) <= found.suspects <= 2 * len(wrong)
    assert np.isfinite(found.outputs).all()
    after = training.evaluator.model.get_weights()
    assert all(np.array_equal(was, now) for was, now in zip(before, after, strict=True))


@pytest.mark.tf
@pytest.mark.parametrize("preset", ["wine-mlp", "breast-cancer-logistic"])
def test_what_was_adapted_to_the_samples_stays_adapted(train: Train, preset: str) -> None:
    training = train(PRESETS[preset]().with_fit(epochs=30))
    told = training.evaluator.answer(FindLabelIssues(request="r"))
    found = LabelIssues.read(training.folder.path / told.file)
    truth = training.evaluator.arrays.y_train.astype(int)
    said = found.outputs.argmax(axis=1) if found.outputs.shape[1] > 1 else found.outputs[:, 0] > 0.5
    assert (said == truth).mean() > 0.85


@pytest.mark.tf
def test_the_networks_learn_with_the_rate_of_the_spec_whatever_it_was_at_the_end(train: Train) -> None:
    training = train(PRESETS["wine-mlp"]().with_fit(epochs=30, schedule="cosine"))
    told = training.evaluator.answer(FindLabelIssues(request="r"))
    assert not told.problem
    found = LabelIssues.read(training.folder.path / told.file)
    truth = training.evaluator.arrays.y_train.astype(int)
    assert (found.outputs.argmax(axis=1) == truth).mean() > 0.85


@pytest.mark.tf
def test_where_no_label_can_be_wrong_that_is_said(train: Train) -> None:
    training = train(PRESETS["diabetes-regression"]().with_fit(epochs=1))
    told = training.evaluator.answer(FindLabelIssues(request="r"))
    assert told.problem == "A number is no label, so it can't be a wrong one."
    training = train(PRESETS["iris-lab"]().with_fit(epochs=1))
    evaluator = training.evaluator
    arrays = evaluator.arrays
    evaluator.arrays = replace(arrays, y_train=np.zeros_like(arrays.y_train))
    told = evaluator.answer(FindLabelIssues(request="r"))
    assert told.problem.startswith("All training samples have the same label")
    evaluator.save_network = None
    told = evaluator.answer(FindLabelIssues(request="r"))
    assert told.problem.startswith("The network still trains.")


@pytest.mark.tf
def test_a_run_uses_what_was_decided_and_keeps_to_it_when_it_is_resumed(train: Train) -> None:
    spec = PRESETS["iris-lab"]().with_fit(epochs=2)
    given = loader.load(spec.dataset)
    for at, kind in ((0, "relabel"), (1, "leave_out"), (2, "leave_out")):
        sample = fingerprint(given.x_train[at], given.y_train[at])
        label = "virginica" if kind == "relabel" else ""
        decide(spec.dataset, sample, LabelVerdict(sample, at, kind, label))  # type: ignore[arg-type]
    as_given = train(spec)
    assert as_given.events_of(DataLoaded)[0].train == 108
    checked = spec.with_dataset(msgspec.structs.replace(spec.dataset, labels="checked"))
    training = train(checked)
    (loaded,) = training.events_of(DataLoaded)
    assert loaded.train + loaded.validation == 118
    words = "As decided about labels: 1 changed, 2 samples left out."
    assert words in [note.message for note in training.events_of(Noted)]
    arrays = training.evaluator.arrays
    assert training.evaluator.info.facts.classes[int(arrays.y_train[0])] == "virginica"
    decide(spec.dataset, "other", None)
    for verdict in read_verdicts(spec.dataset):
        decide(spec.dataset, verdict.sample, None)
    resumed = train(checked, resume=training.folder, epochs=3)
    assert resumed.events_of(DataLoaded)[0].train == loaded.train
