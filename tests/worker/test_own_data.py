"""Data of one's own, from a path to a network that is asked: trainings that are real and small."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from PIL import Image

from tests.worker.conftest import Start, Train, Training, finite, journal_of
from tuinn.data import cache, loader
from tuinn.runs.commands import Evaluate, MakeReport, Predict, Stop
from tuinn.runs.events import (
    DataLoaded,
    DataPrepared,
    EpochEnded,
    Evaluated,
    Event,
    Noted,
    PictureAnswered,
    Reported,
    RunEnded,
)
from tuinn.runs.folder import DataInfo, RunFolder
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.presets.catalog import make_preset
from tuinn.spec.run import RunSpec, stack

if TYPE_CHECKING:
    from tuinn.worker.inference.evaluator import Evaluator

pytestmark = pytest.mark.tf

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "cats_dogs"


def photos(root: Path, count: int = 40) -> Path:
    """Two classes, brighter on the left or on the right; of odd sizes."""
    rng = np.random.default_rng(0)
    for name, side in (("left", 0), ("right", 1)):
        (root / name).mkdir(parents=True)
        for at in range(count):
            pixels = rng.integers(0, 90, (9 + at % 3, 12, 3), dtype=np.uint8)
            pixels[:, 6 * side : 6 * side + 6] += 140
            Image.fromarray(pixels).save(root / name / f"{at}.png")
    return root


def perceptron(dataset: DatasetSpec, **fit: object) -> RunSpec:
    layers = (
        LayerSpec.of("Rescaling", scale=1 / 255),
        LayerSpec.of("Flatten"),
        LayerSpec.of("Dense", units=1, activation="sigmoid"),
    )
    return RunSpec(
        dataset, ModelSpec(layers), FitSpec.of({"learning_rate": 0.02, "epochs": 4, "batch_size": 8, **fit})
    )


def asked(evaluator: "Evaluator", file: Path) -> PictureAnswered:
    answer = evaluator.answer(Predict(request="q", file=str(file)))
    assert isinstance(answer, PictureAnswered)
    return answer


def test_a_run_on_a_folder_goes_on_and_answers_when_the_folder_has_changed_or_is_gone(
    train: Train, tmp_path: Path
) -> None:
    from tuinn.errors import WorkerError
    from tuinn.worker.training import saved_network

    root = photos(tmp_path / "sides")
    (root / "left" / "broken.png").write_text("no image")
    outside = tmp_path / "outside.png"
    shutil.copy(root / "right" / "7.png", outside)
    spec = perceptron(DatasetSpec.at(str(root), image_size=(8, 8), unreadable="skip"))

    first = train(spec)
    assert [first.events_of(DataPrepared)[at].done for at in (0, -1)] == [0, 81]
    (loaded,) = first.events_of(DataLoaded)
    assert (loaded.train + loaded.validation, loaded.test, loaded.classes) == (64, 16, ("left", "right"))
    assert "1 of 81 images can't be read" in first.events_of(Noted)[0].message
    (evaluated,) = first.events_of(Evaluated)
    assert evaluated.metrics["accuracy"] == 1
    answer = asked(first.evaluator, outside)
    assert finite(answer.outputs[0]) > 0.5
    assert any("fitted into 8×8" in step for step in answer.steps)

    # The folder changes: the run goes on with the samples that it began with.
    shutil.rmtree(root / "left")
    loader.forget_inspected()
    again = train(spec, resume=first.folder, epochs=5)
    assert (again.events_of(DataLoaded)[0].train, again.events_of(DataPrepared)) == (loaded.train, [])
    assert again.ending.outcome == "finished"

    told: list[Event] = []
    evaluator = saved_network.load_evaluator(first.folder, spec, told.append)
    asked(evaluator, outside)
    assert told == [], "the samples don't matter to a picture from outside"
    tested = evaluator.answer(Evaluate(request="e"))
    assert isinstance(tested, Evaluated)
    assert tested.samples == 16
    (note,) = told
    assert isinstance(note, Noted)
    assert note.message.startswith("The files of sides were changed or moved since this run began.")
    assert isinstance(evaluator.answer(MakeReport(request="r")), Reported)
    assert told == [note, note]

    # It is gone: the network is tested on what the cache has.
    shutil.rmtree(root)
    loader.forget_inspected()
    evaluator = saved_network.load_evaluator(first.folder, spec, print)
    assert evaluator.evaluate().samples == 16

    # The cache is empty: it still says what pictures show, prepared as those of the folder were.
    before = asked(evaluator, outside)
    cache.empty_cache()
    evaluator = saved_network.load_evaluator(first.folder, spec, print)
    after = asked(evaluator, outside)
    assert after.outputs == pytest.approx(before.outputs)
    assert after.steps == before.steps
    with pytest.raises(WorkerError, match="are gone or have changed"):
        evaluator.answer(Evaluate(request="e"))
    with pytest.raises(WorkerError, match="are gone or have changed"):
        evaluator.answer(MakeReport(request="r"))

    # Other data have come in its place: it can't go on with those.
    photos(root, count=12)
    loader.forget_inspected()
    with pytest.raises(WorkerError, match="is not what it was when this run began"):
        train(spec, resume=first.folder, epochs=6)


def table(root: Path) -> tuple[RunSpec, Path]:
    """Sixty rows of two columns and a class, and a spec for them."""
    file = root / "rows.csv"
    rng = np.random.default_rng(0)
    rows = [f"{rng.normal():.3f},{rng.normal():.3f},{'ab'[at % 2]}" for at in range(60)]
    file.write_text("\n".join(["width,height,kind", *rows]))
    layers = (LayerSpec.of("Dense", units=1, activation="sigmoid"),)
    return RunSpec(DatasetSpec.at(str(file)), ModelSpec(layers), FitSpec.of({"batch_size": 8})), file


def change_one_value(file: Path) -> None:
    first, row, *rest = file.read_text().splitlines()
    _, *others = row.split(",")
    file.write_text("\n".join([first, ",".join(["0.5", *others]), *rest]))
    loader.forget_inspected()


def began(spec: RunSpec) -> DataInfo:
    """What the folder of a run keeps that has just loaded its data."""
    from tuinn.worker.data import run_data

    folder = RunFolder.create(spec)
    run_data.save_info(folder, run_data.load(spec))
    known = folder.data_info()
    assert known is not None
    return known


def test_data_that_changed_in_place_are_said_and_the_run_keeps_to_its_samples(tmp_path: Path) -> None:
    from tuinn.worker.data import run_data

    spec, file = table(tmp_path)
    known = began(spec)
    before = run_data.load(spec, known=known)
    assert before.notes == ()
    change_one_value(file)
    after = run_data.load(spec, known=known)
    (note,) = after.notes
    assert note.message.startswith("The files of rows.csv were changed or moved since this run began.")
    assert np.array_equal(after.arrays.x_train, before.arrays.x_train, equal_nan=True)
    assert after.source == before.source, "the next resume compares with the data of the beginning"


def test_data_that_changed_in_place_are_refused_once_the_cache_is_empty(tmp_path: Path) -> None:
    from tuinn.errors import WorkerError
    from tuinn.worker.data import run_data

    spec, file = table(tmp_path)
    known = began(spec)
    change_one_value(file)
    cache.empty_cache()
    with pytest.raises(
        WorkerError, match=r"rows.csv is not what it was when this run began, so it can't go on"
    ):
        run_data.load(spec, known=known)
    assert len(run_data.load_for_questions(spec, known).arrays.x_test) == 0

    # A folder of before there were fingerprints goes on, and says that nobody can tell.
    old = msgspec.structs.replace(known, fingerprint="", signature="")
    assert "kept nothing to compare the samples with" in run_data.load(spec, known=old).notes[-1].message


def test_files_that_were_only_touched_or_moved_are_the_same_data(tmp_path: Path) -> None:
    from tuinn.worker.data import run_data

    root = photos(tmp_path / "sides", count=6)
    spec = perceptron(DatasetSpec.at(str(root), image_size=(8, 8)), batch_size=2)
    known = began(spec)
    moved = root.rename(tmp_path / "elsewhere")
    (moved / "left" / "0.png").touch()
    spec = perceptron(DatasetSpec.at(str(moved), image_size=(8, 8)), batch_size=2)
    loader.forget_inspected()
    cache.empty_cache()
    after = run_data.load(spec, known=known)
    assert after.notes == ()
    assert after.source.fingerprint == known.fingerprint
    assert after.source.cache_key != known.kept


def test_images_that_cannot_be_read_keep_a_run_from_starting_unless_they_are_skipped(
    train: Train, tmp_path: Path
) -> None:
    from tuinn.errors import WorkerError

    root = photos(tmp_path / "sides", count=10)
    (root / "left" / "0.png").write_bytes((root / "left" / "0.png").read_bytes()[:70])
    with pytest.raises(WorkerError, match=r"1 of 20 images can't be read: left/0\.png"):
        train(perceptron(DatasetSpec.at(str(root))))


def test_a_run_without_a_test_set_ends_well(train: Train, tmp_path: Path) -> None:
    root = photos(tmp_path / "sides", count=8)
    training = train(perceptron(DatasetSpec.at(str(root), test=0.0), epochs=1))
    assert training.ending.outcome == "finished"
    assert training.events_of(Evaluated)[0].samples == 0


def test_a_stop_ends_the_preparation_of_data(train: Train, start: Start, tmp_path: Path) -> None:
    from tuinn.errors import StopRequested

    spec = perceptron(DatasetSpec.at(str(photos(tmp_path / "sides", count=90))))

    def stop(event: Event, folder: RunFolder) -> None:
        if isinstance(event, DataPrepared):
            folder.ask(Stop())

    with pytest.raises(StopRequested):
        train(spec, then=stop)
    folder = RunFolder.create(spec)
    folder.ask(Stop())
    assert start(folder).wait(90) == 0
    ending = journal_of(folder)[-1]
    assert isinstance(ending, RunEnded)
    assert (ending.outcome, ending.message.split(",")[0]) == (
        "stopped",
        "Stopped before the training began.",
    )


@pytest.mark.skipif(not SHARED.is_dir(), reason="shared/data/cats_dogs isn't here")
def test_cats_and_dogs_are_classified_and_photos_predicted(train: Train) -> None:
    dataset = DatasetSpec.at(str(SHARED))
    spec = make_preset("fashion-cnn", dataset, loader.describe(dataset).facts).with_fit(epochs=15)
    training = train(spec)
    assert finite(training.events_of(Evaluated)[0].metrics["accuracy"]) > 0.58
    right = [
        (finite(asked(training.evaluator, photo).outputs[0]) > 0.5) == (name == "dog")
        for name in ("cat", "dog")
        for photo in sorted((SHARED / name).iterdir())[::10]
    ]
    assert sum(right) > 0.55 * len(right)


def numbers(training: Training) -> list[tuple[int, dict[str, float | None]]]:
    return [(ended.epoch, ended.metrics) for ended in training.events_of(EpochEnded)]


def test_a_set_larger_than_memory_trains_to_the_very_same_numbers_and_is_resumed_exactly(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tuinn.worker.data.streaming import StreamingPipeline

    dataset = DatasetSpec.at(str(photos(tmp_path / "sides")), image_size=(8, 8))
    spec = perceptron(dataset, epochs=3, class_weights="balanced")
    layers = (*spec.model.layers[:2], LayerSpec.of("Dropout", rate=0.2), *spec.model.layers[2:])
    spec = spec.with_model(ModelSpec(layers))
    held = train(spec)

    monkeypatch.setattr("tuinn.worker.data.streaming.memory_budget", lambda: 1000)
    streamed = train(spec)
    assert isinstance(streamed.evaluator.pipeline, StreamingPipeline)
    assert (streamed.evaluator.pipeline.seconds_read or 0) > 0
    assert held.evaluator.pipeline.seconds_read is None
    assert numbers(streamed) == numbers(held)
    assert streamed.events_of(Evaluated)[0].metrics == held.events_of(Evaluated)[0].metrics

    def stop_in_the_second_epoch(event: Event, folder: RunFolder) -> None:
        if isinstance(event, EpochEnded) and event.epoch == 1:
            folder.ask(Stop())

    broken = train(spec, then=stop_in_the_second_epoch)
    assert broken.ending.outcome == "stopped"
    resumed = train(spec, resume=broken.folder)
    assert {**dict(numbers(broken)), **dict(numbers(resumed))} == dict(numbers(held))


def test_what_a_large_set_is_scaled_by_is_measured_batch_by_batch(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tuinn.worker.training import trainer

    rng = np.random.default_rng(0)
    np.savez(tmp_path / "own.npz", x=rng.normal(5, 3, (200, 4)), y=np.arange(200) % 2)
    layers = (LayerSpec.of("Normalization"), LayerSpec.of("Dense", units=1, activation="sigmoid"))
    spec = perceptron(DatasetSpec.at(str(tmp_path / "own.npz")), epochs=1).with_model(ModelSpec(layers))
    held = train(spec)
    monkeypatch.setattr("tuinn.worker.data.streaming.memory_budget", lambda: 100)
    monkeypatch.setattr(trainer, "inference_batch", lambda summary: 32)
    streamed = train(spec)
    for name in ("mean", "variance"):
        first, second = (getattr(one.evaluator.model.layers[1], name) for one in (held, streamed))
        assert np.allclose(first, second, rtol=1e-5)


def test_a_run_on_drawings_of_ones_own_knows_that_they_are_light_on_dark(
    train: Train, tmp_path: Path
) -> None:
    drawn = np.zeros((40, 8, 8), np.uint8)
    drawn[::2, 2:6, 2:4], drawn[1::2, 2:4, 2:6] = 255, 255
    np.savez(tmp_path / "drawn.npz", x=drawn, y=np.arange(40) % 2)
    image = tmp_path / "one.png"
    Image.fromarray(255 - drawn[0]).save(image)
    layers = stack(LayerSpec.of("Flatten"), LayerSpec.of("Dense", units=1, activation="sigmoid"))
    spec = RunSpec(DatasetSpec.at(str(tmp_path / "drawn.npz")), layers, FitSpec(epochs=1, batch_size=8))
    training = train(spec)
    known = training.folder.data_info()
    assert known is not None
    assert known.dark_corners
    answer = asked(training.evaluator, image)
    assert answer.steps[-1] == "inverted: the training images are light on dark"
    from tuinn.worker.training import saved_network

    again = asked(saved_network.load_evaluator(training.folder, spec, print), image)
    assert again.steps == answer.steps
    assert again.outputs == pytest.approx(answer.outputs)
