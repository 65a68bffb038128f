"""A network in a `.keras` file without a run, and so many samples that they go into a CSV."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.worker.conftest import Train
from tests.worker.test_export import FIT, exported, table, texts
from tuinn.data import loader
from tuinn.data.catalog import catalog
from tuinn.errors import SpecError, WorkerError
from tuinn.runs.commands import Inspect, Predict
from tuinn.runs.decision import keep_threshold
from tuinn.runs.events import Inspected, PictureAnswered
from tuinn.runs.folder import DataInfo, RunFolder
from tuinn.runs.jobs import (
    AnyAnswer,
    DataJudged,
    EvaluateOn,
    FilesPredicted,
    JobNote,
    JobProgress,
    NetworkOpened,
    PredictFiles,
    SamplePredicted,
    SavedNetwork,
    network_in_file,
    network_of,
)
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.run import RunSpec, stack

pytestmark = pytest.mark.tf

DIGITS = RunSpec(
    DatasetSpec("digits"),
    stack(LayerSpec.of("Flatten"), LayerSpec.of("Rescaling", scale=1 / 16), LayerSpec.of("Dense", units=10)),
    FIT,
)
"""Its last layer gives logits."""


def do(job: PredictFiles | EvaluateOn) -> list[AnyAnswer]:
    """All answers, in this process."""
    from tuinn.worker.jobs.program import do as work

    said: list[AnyAnswer] = []
    said.append(work(job, said.append))
    return said


def predicted(network: SavedNetwork, *sources: Path, out: Path | None = None) -> list[SamplePredicted]:
    job = PredictFiles(network=network, sources=tuple(map(str, sources)), out=str(out or ""))
    return [answer for answer in do(job) if isinstance(answer, SamplePredicted)]


def lines(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A one, photographed: dark on white, in colour, larger, and not in the middle."""
    picture = Image.new("RGB", (320, 240), (244, 243, 238))
    ImageDraw.Draw(picture).rectangle((60, 40, 90, 200), fill=(25, 30, 60))
    picture.save(tmp_path / "photo.jpg")
    return tmp_path / "photo.jpg"


def test_the_exported_file_alone_says_of_a_photo_what_the_run_says(
    train: Train, tmp_path: Path, photo: Path
) -> None:
    training = train(DIGITS.with_fit(epochs=20))
    answer = training.evaluator.answer(Predict(request="a", file=str(photo)))
    assert isinstance(answer, PictureAnswered)
    assert "inverted: the object was darker than the ground" in answer.steps
    assert int(np.argmax(np.array(answer.outputs, float))) == 1
    file = tmp_path / "digits.keras"
    exported(training.folder, "keras", file)
    (alone,) = predicted(network_in_file(file), photo)
    assert alone.steps == answer.steps
    assert alone.outputs == pytest.approx(answer.outputs, abs=1e-6)
    (of_run,) = predicted(network_of(training.folder.path), photo)
    assert of_run.outputs == pytest.approx(answer.outputs, abs=1e-6)

    import keras

    # And Keras without tuinn, given the pixels that the run has kept: these are logits.
    pixels = np.load(training.folder.pictures / answer.pixels)
    logits = np.asarray(keras.saving.load_model(file, safe_mode=True)(pixels[None].astype("float32")))[0]
    shares = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    assert shares == pytest.approx(np.array(answer.outputs, float), abs=1e-6)


def test_a_folder_becomes_a_csv_and_bad_pictures_are_lines_of_their_own(train: Train, tmp_path: Path) -> None:
    folder = train(DIGITS).folder
    place = tmp_path / "pictures"
    (place / "more").mkdir(parents=True)
    x = loader.load(DIGITS.dataset).x_test
    for at in range(70):
        name = place / ("more" if at % 2 else "") / f"{at:02}.png"
        Image.fromarray((x[at] * 15).astype("uint8")).save(name)
    Image.new("L", (1, 1)).save(place / "tiny.png")
    noise = np.random.default_rng(0).integers(0, 256, (64, 64)).astype("uint8")
    Image.fromarray(noise).save(tmp_path / "whole.png")
    (place / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:2000])
    frames = [Image.fromarray(np.full((9, 9), shade, "uint8")) for shade in (10, 200)]
    frames[0].save(place / "moving.gif", save_all=True, append_images=frames[1:])
    Image.fromarray(np.full((9, 9), 40_000, "uint16")).save(place / "deep.png")
    (place / "notes.txt").write_text("no picture")
    out = tmp_path / "said.csv"
    *_, last = do(PredictFiles(network=network_of(folder.path), sources=(str(place),), out=str(out)))
    assert isinstance(last, FilesPredicted)
    assert (last.samples, last.problems) == (72, 2)
    assert "cut.png is damaged or cut off" in last.first_problem
    found = lines(out)
    assert len(found) == 74
    problems = {Path(line["file"]).name: line["problem"] for line in found if line["problem"]}
    assert problems["tiny.png"] == "tiny.png is 1 × 1 pixels; a picture needs at least 2 × 2."
    for line in found:
        if not line["problem"]:
            shares = {name: float(share) for name, share in line.items() if name.startswith("p(")}
            assert sum(shares.values()) == pytest.approx(1, abs=1e-4)
            assert max(shares, key=lambda name: shares[name]) == f"p({line['prediction']})"


def test_a_picture_of_20000_by_20000_is_refused_by_its_header(train: Train, tmp_path: Path) -> None:
    folder = train(DIGITS).folder
    huge = tmp_path / "huge.png"
    Image.new("1", (20_000, 20_000)).save(huge)
    (answer,) = predicted(network_of(folder.path), huge)
    assert "huge.png has more than 100 million pixels" in answer.problem


def test_rows_with_other_columns_in_another_order_are_predicted_by_their_names(
    train: Train, tmp_path: Path
) -> None:
    folder = train(table(tmp_path)).folder
    (tmp_path / "asked.csv").write_text("id,town,size\n1,Bonn,10\n2,Köln,\n3,Bonn,much\n4,Bonn,10\n")
    out = tmp_path / "said.csv"
    *said, last = do(
        PredictFiles(network=network_of(folder.path), sources=(str(tmp_path / "asked.csv"),), out=str(out))
    )
    assert isinstance(last, FilesPredicted)
    assert (last.samples, last.problems) == (3, 1)
    assert "size is a number, not 'much'" in last.first_problem
    assert "(row 3)" in last.first_problem
    found = lines(out)
    assert [line["row"] for line in found] == ["1", "2", "3", "4"]
    assert found[0]["prediction"] == found[3]["prediction"] != found[1]["prediction"]
    (tmp_path / "lacks.csv").write_text("town\nBonn\n")
    *said, last = do(PredictFiles(network=network_of(folder.path), sources=(str(tmp_path / "lacks.csv"),)))
    (note,) = [one for one in said if isinstance(one, JobNote)]
    assert "lacks.csv has no size: a number counts as its mean" in note.message
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    *said, last = do(PredictFiles(network=network_of(folder.path), sources=(str(tmp_path / "other.csv"),)))
    assert isinstance(last, FilesPredicted)
    assert "has no column that this network knows" in last.first_problem


def test_texts_are_predicted_from_csv_and_files_and_with_the_threshold_of_the_run(
    train: Train, tmp_path: Path
) -> None:
    folder = train(texts(tmp_path)).folder
    (tmp_path / "one.txt").write_text("good film")
    keep_threshold(folder, "yes", 0.01)
    out = tmp_path / "said.csv"
    do(
        PredictFiles(
            network=network_of(folder.path),
            sources=(str(tmp_path / "texts.csv"), str(tmp_path / "one.txt")),
            samples=("bad film",),
            out=str(out),
        )
    )
    found = lines(out)
    assert len(found) == 82
    assert {line["prediction"] for line in found} == {"yes"}
    assert found[-1]["file"].endswith("one.txt")


Make = Callable[..., Path]


@pytest.fixture
def foreign(tmp_path: Path) -> Make:
    """Save a network that Keras alone has made, of layers after an input of this shape."""

    def make(shape: tuple[int, ...], *layers: object, dtype: str = "float32") -> Path:
        import keras

        model = keras.Sequential([keras.Input(shape, dtype=dtype), *layers])
        file = tmp_path / "foreign.keras"
        model.save(file)
        return file

    return make


def test_a_network_from_elsewhere_is_guessed_by_its_first_and_last_layer(
    foreign: Make, tmp_path: Path
) -> None:
    import keras

    Image.fromarray(np.full((8, 8), 255, "uint8")).save(tmp_path / "white.png")
    ones = keras.layers.Dense(3, kernel_initializer="ones", activation="linear")
    file = foreign((8, 8, 1), keras.layers.Flatten(), ones)
    said = do(PredictFiles(network=network_in_file(file), sources=(str(tmp_path / "white.png"),)))
    (opened,) = [one for one in said if isinstance(one, NetworkOpened)]
    assert opened.is_guess
    assert opened.facts.classes == ("0", "1", "2")
    assert (opened.facts.low, opened.facts.high) == (0, 1)
    (answer,) = [one for one in said if isinstance(one, SamplePredicted)]
    assert answer.outputs == pytest.approx((1 / 3, 1 / 3, 1 / 3))  # of logits
    number = keras.layers.Dense(1, kernel_initializer="ones")
    file = foreign((8, 8), keras.layers.Flatten(), number)
    for pixels, told in ((None, 64.0), ((0.0, 255.0), 64 * 255.0), ((-1.0, 1.0), 64.0)):
        network = msgspec.structs.replace(network_in_file(file), pixels=pixels)
        (answer,) = predicted(network, tmp_path / "white.png")
        assert answer.outputs == pytest.approx((told,))
    file = foreign((8, 8), keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), number)
    (answer,) = predicted(network_in_file(file), tmp_path / "white.png")
    assert answer.outputs == pytest.approx((64.0,))


def test_a_network_from_elsewhere_is_judged_on_data_whose_classes_it_has(
    foreign: Make, train: Train, tmp_path: Path
) -> None:
    import keras

    file = foreign((8, 8), keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax"))
    *_, last = do(EvaluateOn(network=network_in_file(file), dataset=DatasetSpec("digits").raw()))
    assert isinstance(last, DataJudged)
    assert last.report.samples == catalog.find("digits").facts.test
    info = catalog.find("fashion_mnist_mini")
    like = DataInfo(info.facts, info.title)
    with pytest.raises(WorkerError, match=r"takes samples of shape \(8, 8\), and these have \(28, 28\)"):
        do(
            EvaluateOn(
                network=SavedNetwork(str(file), "", like), dataset=DatasetSpec("fashion_mnist_mini").raw()
            )
        )
    with pytest.raises(WorkerError, match="knows 10 classes, and these data have 3"):
        do(EvaluateOn(network=network_in_file(file), dataset=DatasetSpec("iris").raw()))


def test_a_run_is_judged_on_its_own_data_by_name_as_on_its_test_part(train: Train, tmp_path: Path) -> None:
    training = train(DIGITS)
    *_, last = do(EvaluateOn(network=network_of(training.folder.path), dataset=DatasetSpec("digits").raw()))
    assert isinstance(last, DataJudged)
    accuracy = {score.name: score.value for score in last.report.scores}["accuracy"]
    assert accuracy == pytest.approx(training.evaluator.evaluate().metrics["accuracy"])


def test_a_file_whose_classes_are_others_is_refused(train: Train, tmp_path: Path) -> None:
    folder: RunFolder = train(DIGITS).folder
    with pytest.raises(WorkerError, match="doesn't know setosa"):
        do(EvaluateOn(network=network_of(folder.path), dataset=DatasetSpec("iris").raw()))


def test_an_exported_file_holds_what_its_data_were_and_no_path_of_them(train: Train, tmp_path: Path) -> None:
    folder = train(table(tmp_path)).folder
    file = tmp_path / "prices.keras"
    exported(folder, "keras", file)
    network = network_in_file(file)
    assert network.info is not None
    assert [column.name for column in network.info.facts.columns] == ["size", "town"]
    assert str(tmp_path) not in json.dumps(msgspec.to_builtins(network.info))
    said = do(PredictFiles(network=network, samples=({"size": "10", "town": "Bonn"},)))
    (alone,) = [one for one in said if isinstance(one, SamplePredicted)]
    said = do(PredictFiles(network=network_of(folder.path), samples=({"size": "10", "town": "Bonn"},)))
    (of_run,) = [one for one in said if isinstance(one, SamplePredicted)]
    assert alone.outputs == pytest.approx(of_run.outputs)
    *_, last = do(EvaluateOn(network=network, dataset=DatasetSpec.at(str(tmp_path / "prices.csv")).raw()))
    assert isinstance(last, DataJudged)


def test_nothing_to_predict_and_a_file_that_is_there_are_said(train: Train, tmp_path: Path) -> None:
    network = network_of(train(DIGITS).folder.path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SpecError, match="There is nothing to predict there: no picture"):
        predicted(network, tmp_path / "empty")
    (tmp_path / "there.csv").touch()
    with pytest.raises(WorkerError, match="is there already"):
        predicted(network, tmp_path / "empty.png", out=tmp_path / "there.csv")


def test_progress_counts_to_the_number_of_files(train: Train, tmp_path: Path) -> None:
    for at in range(3):
        Image.new("L", (8, 8), 40 * at).save(tmp_path / f"{at}.png")
    said = do(
        PredictFiles(
            network=network_of(train(DIGITS).folder.path),
            sources=tuple(str(tmp_path / f"{at}.png") for at in range(3)),
        )
    )
    last = [one for one in said if isinstance(one, JobProgress)][-1]
    assert (last.done, last.total) == (3, 3)


def test_a_file_that_stops_being_text_is_a_problem_of_its_own(tmp_path: Path) -> None:
    from tuinn.worker.jobs.predict_files import Counter, FileList, _samples

    damaged = tmp_path / "damaged.csv"
    damaged.write_bytes(b"\xef\xbb\xbfsepal length (cm),x\n" + b"5.1,2\n" * 400_000 + b"\xff\n")
    (tmp_path / "whole.csv").write_text("sepal length (cm),x\n4.9,3\n5.0,2\n")
    facts = DataFacts(
        Task.CLASSES, (1,), "float32", 0, 8, ("a", "b"), 10, 10, features=("sepal length (cm)",)
    )
    counter = Counter(2, lambda answer: None)
    files = FileList((str(damaged), str(tmp_path / "whole.csv")), (".csv",), False)
    found = list(_samples(files, facts, counter, lambda answer: None))
    assert [one.row for one in found if one.file.endswith("whole.csv")] == [1, 2]
    assert counter.problems == 1
    assert "damaged.csv: it is not all text in utf-8" in counter.first_problem


def test_a_packed_csv_in_a_folder_is_predicted_row_by_row(tmp_path: Path) -> None:
    import gzip

    from tuinn.worker.jobs.predict_files import Counter, FileList, _endings, _samples

    (tmp_path / "rows.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n3,4\n"))
    (tmp_path / "notes.gz").write_bytes(b"")
    facts = DataFacts(Task.CLASSES, (1,), "float32", 0, 8, ("a", "b"), 10, 10, features=("a",))
    files = FileList((str(tmp_path),), _endings(facts), False)
    found = list(_samples(files, facts, Counter(1, lambda answer: None), lambda answer: None))
    assert [(one.row, one.content) for one in found] == [(1, {"a": "1"}), (2, {"a": "3"})]


def test_samples_of_another_shape_and_constant_ones_are_no_riddle() -> None:
    from tuinn.data.catalog.catalog import find
    from tuinn.worker.jobs.evaluate_on import as_the_network_takes

    fashion = find("fashion_mnist_mini").facts
    with pytest.raises(WorkerError, match="samples of 8 × 8, and the network takes 28 × 28"):
        as_the_network_takes(np.zeros((1, 8, 8), np.uint8), find("digits").facts, fashion)
    grey = msgspec.structs.replace(fashion, shape=(28, 28, 1), low=7.0, high=7.0)
    same = as_the_network_takes(np.full((1, 28, 28, 1), 7, np.uint8), grey, fashion)
    assert np.isfinite(same).all()


def test_arrays_are_predicted_as_the_samples_that_were_learned_from(train: Train, tmp_path: Path) -> None:
    import keras

    run = train(DIGITS).folder
    arrays = loader.load(DatasetSpec("digits"))
    x = np.asarray(arrays.x_test[:70])
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "more.npz", x_test=x[:2].astype(np.float64)[..., None], y_test=arrays.y_test[:2])
    answers = predicted(network_of(run.path), tmp_path / "x.npy", tmp_path / "more.npz")
    assert [(Path(one.file).name, one.row) for one in answers[68:]] == [
        *(("x.npy", 69), ("x.npy", 70)),
        *(("more.npz", 1), ("more.npz", 2)),
    ]
    again = np.array([one.outputs for one in answers], np.float32)
    assert np.allclose(again[:70].sum(axis=1), 1, atol=1e-5)
    assert np.allclose(again[70:], again[:2], atol=1e-6)
    keras_says = keras.ops.softmax(keras.saving.load_model(run.model_file)(x.astype(np.float32)))
    assert np.allclose(again[:70], keras_says, atol=1e-6)
    out = tmp_path / "said.csv"
    bad = x.astype(np.float32)
    bad[1, 0, 0] = np.nan
    np.save(tmp_path / "x.npy", bad)
    done = do(PredictFiles(network=network_of(run.path), sources=(str(tmp_path / "x.npy"),), out=str(out)))[
        -1
    ]
    assert isinstance(done, FilesPredicted)
    assert (done.samples, done.problems) == (69, 1)
    assert done.first_problem == f"{tmp_path}/x.npy: it holds values that are not finite. (row 2)"
    written = lines(out)
    assert len(written) == 70
    assert written[1]["problem"] == "it holds values that are not finite."


def test_a_folder_of_arrays_is_predicted_and_another_shape_is_one_sentence(
    train: Train, tmp_path: Path
) -> None:
    run, folder = train(DIGITS).folder, tmp_path / "arrays"
    folder.mkdir()
    np.save(folder / "x.npy", np.zeros((3, 8, 8), np.uint8))
    np.save(folder / "y.npy", np.zeros(3))
    assert len(predicted(network_of(run.path), folder)) == 3
    np.save(folder / "x.npy", np.zeros((3, 9, 8), np.uint8))
    (done,) = (
        answer
        for answer in do(PredictFiles(network=network_of(run.path), sources=(str(folder),)))
        if isinstance(answer, FilesPredicted)
    )
    assert (done.samples, done.problems) == (0, 1)
    assert done.first_problem == "x.npy holds 3 samples of 9 × 8, and this network takes 8 × 8."


def test_a_sample_of_an_array_is_answered_and_looked_into_as_the_test_sample_that_it_is(
    train: Train, tmp_path: Path
) -> None:
    training = train(DIGITS)
    x = np.asarray(loader.load(DatasetSpec("digits")).x_test[:4])
    np.save(tmp_path / "x.npy", x)
    answer = training.evaluator.answer(Predict(request="a", file=f"{tmp_path}/x.npy[2]"))
    assert isinstance(answer, PictureAnswered)
    assert np.allclose(
        np.array(answer.outputs, float), training.evaluator.network.outputs(x[2:3], 1)[0], atol=1e-6
    )
    assert answer.steps == ("sample 2 of 4",)
    looked = training.evaluator.answer(Inspect(request="b", file=f"{tmp_path}/x.npy[2]"))
    assert isinstance(looked, Inspected)
    assert looked.problem == ""
    beyond = training.evaluator.answer(Predict(request="c", file=f"{tmp_path}/x.npy[4]"))
    assert isinstance(beyond, PictureAnswered)
    assert beyond.problem == "x.npy has 4 samples, counted from 0; there is no 4."


def test_an_hdf5_file_predicts_what_keras_predicts_with_it_and_what_differs_is_said(tmp_path: Path) -> None:
    import keras
    from keras import layers

    keras.utils.set_random_seed(2)
    inner = keras.Sequential(
        [layers.Conv2D(3, 3), layers.BatchNormalization(), layers.GlobalAveragePooling2D()]
    )
    model = keras.Sequential([keras.Input((8, 8, 1)), inner, layers.Dense(3, activation="softmax")])
    model.save(tmp_path / "net.h5")
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8)).astype("uint8")
    Image.fromarray(pixels).save(tmp_path / "grey.png")
    network = msgspec.structs.replace(network_in_file(tmp_path / "net.h5"), pixels=(0.0, 255.0))
    (found,) = predicted(network, tmp_path / "grey.png")
    expected = np.asarray(model(pixels[None, :, :, None].astype("float32")))[0]
    assert found.outputs == pytest.approx(expected.tolist(), abs=1e-6)
    steps = keras.Input((5, 4))
    attended = layers.MultiHeadAttention(2, 3)(steps, steps, use_causal_mask=True)
    outputs = layers.Dense(2)(layers.GlobalAveragePooling1D()(attended))
    keras.Model(steps, outputs).save(tmp_path / "causal.h5")
    with pytest.raises(
        WorkerError, match=r"causal\.h5 can't be rebuilt as it was\. .* holds no causal mask\."
    ):
        do(
            PredictFiles(
                network=network_in_file(tmp_path / "causal.h5"), sources=(str(tmp_path / "grey.png"),)
            )
        )


def test_a_file_whose_weights_can_not_be_loaded_is_said_before_anything_starts(tmp_path: Path) -> None:
    file = tmp_path / "net.json"
    file.write_text(json.dumps({"class_name": "Sequential", "config": {"layers": []}}))
    with pytest.raises(
        SpecError, match="can be opened as a stack of layers, and its weights can't be loaded"
    ):
        network_in_file(file)
