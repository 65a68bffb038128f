"""Arrays of one's own, in .npz and .npy: what they are taken for, what is read, and what is refused."""

import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinn.data import loader
from tuinn.data.arrays.roles import role_of, samples_in
from tuinn.data.npy_writer import NpyWriter
from tuinn.errors import SpecError
from tuinn.spec.advice.advise import data_problems
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task
from tuinn.spec.run import RunSpec

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 5)).astype(np.float32)
Y = np.arange(60) % 3


@pytest.fixture(autouse=True)
def looked_at_anew() -> None:
    loader.forget_inspected()


def saved(path: Path, **arrays: Any) -> DatasetSpec:
    np.savez(path, **arrays)
    return DatasetSpec.at(str(path))


def facts_of(tmp_path: Path, **arrays: Any) -> DataFacts:
    return loader.describe(saved(tmp_path / "own.npz", **arrays)).facts


def refused(dataset: DatasetSpec) -> str:
    with pytest.raises(SpecError) as caught:
        loader.load(dataset)
    assert caught.value.message.endswith(".")
    return str(caught.value)


def set_to(dataset: DatasetSpec, **options: Any) -> DatasetSpec:
    return DatasetSpec.of({**dataset.raw(), **options})


# ------------------------------------------------------------------------------------------------- what is read


def test_x_and_y_are_split_with_every_class_in_the_test(tmp_path: Path) -> None:
    dataset = saved(tmp_path / "own.npz", x=X, y=Y)
    arrays, facts = loader.load(dataset), loader.describe(dataset).facts
    assert (facts.task, facts.classes, facts.shape, facts.dtype) == (
        Task.CLASSES,
        ("0", "1", "2"),
        (5,),
        "float32",
    )
    assert np.bincount(arrays.y_train).tolist() == [16, 16, 16]
    assert np.bincount(arrays.y_test).tolist() == [4, 4, 4]
    # Every sample kept its target.
    where = {row.tobytes(): label for row, label in zip(X, Y, strict=True)}
    for x, y in ((arrays.x_train, arrays.y_train), (arrays.x_test, arrays.y_test)):
        assert [where[row.tobytes()] for row in x] == y.tolist()
    assert (facts.low, facts.high) == (X.min(), X.max())


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_test_set_of_the_file_is_taken_as_it_is(tmp_path: Path, save: Callable[..., None]) -> None:
    images = RNG.integers(0, 256, (30, 4, 4, 3), dtype=np.uint8)
    save(tmp_path / "own.npz", x_train=images[:20], y_train=Y[:20], x_test=images[20:], y_test=Y[20:30])
    arrays = loader.load(DatasetSpec.at(str(tmp_path / "own.npz")))
    assert (arrays.x_train == images[:20]).all()
    assert (arrays.x_test == images[20:]).all()
    assert arrays.y_test.tolist() == Y[20:30].tolist()


def test_those_called_validation_are_learned_from_or_are_the_test(tmp_path: Path) -> None:
    parts = {"train_images": X[:30], "train_labels": Y[:30], "val_images": X[30:40], "val_labels": Y[30:40]}
    facts = facts_of(tmp_path, **parts)
    assert (facts.train, facts.test) == (30, 10)
    dataset = saved(tmp_path / "all.npz", **parts, test_images=X[40:], test_labels=Y[40:])
    assert (loader.load(dataset).x_train == X[:40]).all()


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("x", ("x", "")),
        ("X_train", ("x", "train")),
        ("xtrain", ("x", "train")),
        ("TestLabels", ("y", "test")),
        ("test_labels", ("y", "test")),
        ("validation-images", ("x", "validation")),
        ("data", ("x", "")),
        ("target", ("y", "")),
        ("arr_0", None),
    ],
)
def test_arrays_are_known_by_their_names(name: str, role: tuple[str, str] | None) -> None:
    told = role_of(name)
    assert (told[0] if told else None) == role


def test_unnamed_arrays_and_odd_names(tmp_path: Path) -> None:
    np.savez(tmp_path / "own.npz", X, Y)
    assert loader.describe(DatasetSpec.at(str(tmp_path / "own.npz"))).facts.train == 48
    assert "has the arrays left and right. Name the arrays x and y" in refused(
        saved(tmp_path / "b.npz", left=X, right=Y)
    )
    assert "no targets for them, called y_train" in refused(saved(tmp_path / "c.npz", x_train=X))


def test_a_npy_has_its_targets_beside_it(tmp_path: Path) -> None:
    np.save(tmp_path / "flowers_x.npy", X)
    assert "no targets for them, called y" in refused(DatasetSpec.at(str(tmp_path / "flowers_x.npy")))
    np.save(tmp_path / "flowers_y.npy", Y)
    np.save(tmp_path / "other_y.npy", Y[:7])
    loader.forget_inspected()
    for name in ("flowers_x.npy", "flowers_y.npy"):
        assert len(loader.load(DatasetSpec.at(str(tmp_path / name))).x_train) == 48
    before = loader.source_key(DatasetSpec.at(str(tmp_path / "flowers_x.npy")))
    np.save(tmp_path / "flowers_y.npy", Y[::-1])
    assert loader.source_key(DatasetSpec.at(str(tmp_path / "flowers_x.npy"))) != before
    np.save(tmp_path / "table.npy", X)
    assert "nothing says what it is to teach" in refused(DatasetSpec.at(str(tmp_path / "table.npy")))


def test_a_folder_of_x_and_y_is_opened(tmp_path: Path) -> None:
    root = tmp_path / "own"
    (root / "more").mkdir(parents=True)
    dataset = DatasetSpec.at(str(root))
    for name, values in (("x_train", X), ("x_test", X[:12]), ("y_test", Y[:12]), ("table", X)):
        np.save(root / f"{name}.npy", values)
    assert "is a folder without x.npy and y.npy" in refused(DatasetSpec.at(str(root), kind="arrays"))
    np.save(root / "y_train.npy", Y)
    facts, arrays = loader.describe(dataset).facts, loader.load(dataset)
    assert (facts.train, facts.test, facts.task) == (60, 12, Task.CLASSES)
    assert arrays.fit(facts)
    before = loader.source_key(dataset)
    np.save(root / "y_train.npy", Y[::-1])
    assert loader.source_key(dataset) != before


def test_a_folder_of_several_datasets_is_not_guessed_at(tmp_path: Path) -> None:
    for name in ("cats", "dogs"):
        np.save(tmp_path / f"{name}_x.npy", X)
        np.save(tmp_path / f"{name}_y.npy", Y)
    assert samples_in(tmp_path) is None
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "y.npy", Y)
    assert samples_in(tmp_path) == tmp_path / "x.npy"
    (tmp_path / "dogs_y.npy").unlink()
    (tmp_path / "x.npy").unlink()
    assert samples_in(tmp_path) == tmp_path / "cats_x.npy"


@pytest.mark.parametrize("shape", [(), (7,), (6, 5), (6, 5, 3), (2, 6, 5, 3)])
@pytest.mark.parametrize("dtype", ["uint8", "bool", "int16", "int64", ">f4", "float16", "float64"])
def test_every_shape_and_type_is_read(tmp_path: Path, shape: tuple[int, ...], dtype: str) -> None:
    values = (RNG.integers(0, 2, (20, *shape)) * 3).astype(dtype)
    dataset = saved(tmp_path / "own.npz", x=values, y=np.arange(20) % 2)
    arrays, facts = loader.load(set_to(dataset, test=0.0)), loader.describe(set_to(dataset, test=0.0)).facts
    assert arrays.fit(facts)
    assert facts.shape == (shape or (1,))
    assert facts.task is Task.BINARY
    assert sorted(arrays.x_train.sum(axis=tuple(range(1, arrays.x_train.ndim)))) == sorted(
        values.astype(np.float64).reshape(20, -1).sum(axis=1)
    )


@pytest.mark.parametrize(
    ("y", "task", "classes", "first"),
    [
        (np.arange(60) % 10, Task.CLASSES, 10, 0),
        (np.arange(60) % 3 + 1.0, Task.CLASSES, 3, 0),
        (np.arange(60) % 2 == 0, Task.BINARY, 2, 1),
        (np.eye(3)[Y], Task.CLASSES, 3, 0),
        (np.eye(2, dtype=int)[Y % 2], Task.BINARY, 2, 0),
        (np.stack([Y == 0, Y > 0, Y < 2], 1), Task.LABELS, 3, [1, 0, 1]),
        (np.arange(60.0)[:, None] / 7, Task.REGRESSION, 0, 0.0),
        (np.arange(60) * 3, Task.REGRESSION, 0, 0.0),
        (np.array(["cat", "dog", "emu"])[Y], Task.CLASSES, 3, 0),
        (np.array([b"no", b"yes"])[Y % 2], Task.BINARY, 2, 0),
    ],
)
def test_the_task_follows_from_the_targets(
    tmp_path: Path, y: npt.NDArray[np.generic], task: Task, classes: int, first: list[int] | float
) -> None:
    dataset = set_to(saved(tmp_path / "own.npz", x_train=X, y_train=y, x_test=X, y_test=y))
    facts, arrays = loader.describe(dataset).facts, loader.load(dataset)
    assert (facts.task, len(facts.classes)) == (task, classes)
    assert arrays.fit(facts)
    assert arrays.y_train[0].tolist() == first


def numbered(first: int, count: int, per_class: int = 8, *, without: int = -1) -> npt.NDArray[np.int64]:
    values = [first + at % count for at in range(count * per_class)]
    return np.array([value for value in values if value != without])


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (numbered(0, 26), 26),
        (numbered(1, 26), 26),
        (numbered(1, 26).astype(float), 26),
        (numbered(0, 26, without=9), 25),
        (numbered(1, 26, 4), 0),
        (numbered(18, 60), 0),
        (numbered(0, 30) * 2, 0),
        (numbered(1, 26) + 0.5, 0),
    ],
)
def test_whole_numbers_from_0_or_1_are_classes_also_with_a_hole(
    tmp_path: Path, y: npt.NDArray[np.generic], classes: int
) -> None:
    dataset = saved(tmp_path / "own.npz", x=np.random.default_rng(0).normal(size=(len(y), 2)), y=y)
    described = loader.describe(dataset)
    assert (described.facts.task is Task.CLASSES, len(described.facts.classes)) == (classes > 0, classes)
    told = [note for note in described.notes if "task = " in note]
    assert len(told) == all(float(value).is_integer() for value in y.tolist())
    if classes:
        assert described.facts.classes == tuple(str(value) for value in np.unique(y).astype(int))
        assert len(np.unique(loader.load(dataset).y_train)) == classes


def test_channels_first_are_said_of_samples_that_look_like_it(tmp_path: Path) -> None:
    for shape, said in (((3, 16, 16), True), ((16, 16, 3), False), ((16, 16), False)):
        dataset = saved(tmp_path / f"{said}{len(shape)}.npz", x=np.zeros((60, *shape), np.uint8), y=Y)
        notes = loader.describe(dataset).notes
        assert any("Permute(2, 3, 1)" in note for note in notes) is said


def test_the_task_can_be_overruled_where_the_targets_allow_it(tmp_path: Path) -> None:
    few = saved(tmp_path / "few.npz", x=X, y=Y)
    assert loader.describe(set_to(few, task="regression")).facts.task is Task.REGRESSION
    many = saved(tmp_path / "many.npz", x=X, y=np.arange(60) * 3)
    assert len(loader.describe(set_to(many, task="classes")).facts.classes) == 60
    assert "several labels need a row" in refused(set_to(few, task="labels"))
    assert "binary needs two" in refused(set_to(few, task="binary"))
    words = saved(tmp_path / "words.npz", x=X, y=np.array(["a", "b"])[Y % 2])
    assert "predicts a number" in refused(set_to(words, task="regression"))


def test_classes_get_their_names_from_the_file(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, x=X, y=Y, class_names=np.array(["ant", "[bold]", "\x1b[31mbee"]))
    assert facts.classes == ("ant", "[bold]", "\\x1b[31mbee")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_what_is_browsed_before_is_what_is_read_after(
    tmp_path: Path, save: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path / "own.npz", x=X.astype(np.float64), y=Y)
    dataset = DatasetSpec.at(str(tmp_path / "own.npz"))
    browser = loader.browse(dataset)
    held = [browser.sample("train", at) for at in range(48)]
    monkeypatch.setattr("tuinn.data.arrays.file_access.MAX_LOADED_BYTES", 0)
    assert (np.stack(held) == np.stack([browser.sample("train", at) for at in range(48)])).all()
    arrays = loader.load(dataset)
    assert (np.stack(held) == arrays.x_train).all()
    assert browser.labels("test").tolist() == arrays.y_test.tolist()


def test_columns_first_and_many_chunks_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = saved(tmp_path / "own.npz", x=np.asfortranarray(X), y=Y)
    whole = loader.load(dataset).x_train.copy()
    monkeypatch.setattr("tuinn.data.arrays.file_access.StoredArray.chunks.__defaults__", (50,), raising=False)
    np.savez(tmp_path / "b.npz", x=X, y=Y)
    assert (loader.load(DatasetSpec.at(str(tmp_path / "b.npz"))).x_train == whole).all()


# ------------------------------------------------------------------------------------------------- bad input


class Evil:
    """Says so, should anybody unpickle it."""

    def __reduce__(self) -> tuple[Callable[..., None], tuple[str]]:
        return (print, ("unpickled!",))


def test_pickles_and_objects_are_never_opened(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    objects = np.array([Evil(), Evil()], object)
    np.savez(tmp_path / "own.npz", x=objects, y=np.arange(2))
    assert "x in own.npz holds Python objects" in refused(DatasetSpec.at(str(tmp_path / "own.npz")))
    assert "y in b.npz holds Python objects" in refused(saved(tmp_path / "b.npz", x=X[:2], y=objects))
    (tmp_path / "x.npy").write_bytes(pickle.dumps(Evil()))
    assert "is damaged" in refused(DatasetSpec.at(str(tmp_path / "x.npy")))
    assert "unpickled!" not in capfd.readouterr().out


@pytest.mark.parametrize(
    ("arrays", "why"),
    [
        ({"x": X, "y": Y[:-1]}, "60 samples in x and 59 targets in y"),
        ({"x": X[:0], "y": Y[:0]}, "has no samples"),
        ({"x": np.zeros((5, 0)), "y": Y[:5]}, "with nothing in them"),
        ({"x": X * 1j, "y": Y}, "complex"),
        ({"x": X, "y": Y * 1j}, "complex"),
        ({"x": np.zeros((9, 1, 1, 1, 1, 1)), "y": Y[:9]}, "5 axes"),
        ({"x": np.array(["a", "b"]), "y": Y[:2]}, "holds words"),
        ({"x": np.zeros(4, "M8[s]"), "y": Y[:4]}, "datetime64"),
        ({"x": np.zeros(4, [("a", "f4")]), "y": Y[:4]}, "of type"),
        ({"x": X, "y": np.zeros(60)}, "the same value for every sample"),
        ({"x": X, "y": RNG.normal(size=(60, 2))}, "2 numbers per sample"),
        ({"x": X, "y": np.zeros((60, 2, 2))}, "shape (60, 2, 2)"),
        ({"x": np.full((4, 2), 2**40), "y": Y[:4]}, "beyond 2,147,483,647"),
        ({"x_train": X, "y_train": Y, "x_test": X[:, :3], "y_test": Y}, "samples of the shape (3,)"),
        (
            {"x_train": X, "y_train": Y, "x_test": X, "y_test": np.eye(3)[Y]},
            "3 numbers per sample, and y_train has 1",
        ),
        ({"x": np.float32(3), "y": Y}, "0 samples in x"),
        ({}, "has no arrays"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(
    tmp_path: Path, arrays: dict[str, npt.ArrayLike], why: str
) -> None:
    assert why in refused(saved(tmp_path / "own.npz", **arrays))


def test_damaged_files_are_said(tmp_path: Path) -> None:
    good = io.BytesIO()
    np.savez_compressed(good, x=X, y=Y)
    raw = bytearray(good.getvalue())
    for name, content in {
        "cut.npz": raw[:300],
        "text.npz": b"this is no archive",
        "empty.npz": b"",
        "flipped.npz": raw[:200] + bytes(byte ^ 255 for byte in raw[200:260]) + raw[260:],
        "text.npy": b"no array",
        "empty.npy": b"",
    }.items():
        (tmp_path / name).write_bytes(bytes(content))
        assert "is damaged, cut off, or no" in refused(DatasetSpec.at(str(tmp_path / name))), name
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "y.npy", Y)
    (tmp_path / "x.npy").write_bytes((tmp_path / "x.npy").read_bytes()[:-8])
    assert "x.npy is damaged" in refused(DatasetSpec.at(str(tmp_path / "x.npy")))


def header(shape: tuple[int, ...], dtype: str = "<f4") -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": dtype, "fortran_order": False, "shape": shape})
    return file.getvalue()


def test_a_header_that_promises_more_than_there_is_unpacks_nothing(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "own.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", header((10**12, 10**3)) + bytes(1000))
        archive.writestr("y.npy", header((10**12,)))
    assert "is damaged" in refused(DatasetSpec.at(str(tmp_path / "own.npz")))


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuinn.data.arrays.file_access.BOMB_BYTES", 10_000_000)
    rows = 4
    with zipfile.ZipFile(tmp_path / "own.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("x.npy", "w", force_zip64=True) as file:
            file.write(header((rows, 1_000_000)))
            for _ in range(rows):
                file.write(bytes(4_000_000))
        archive.writestr("y.npy", header((rows,), "<i8") + (np.arange(rows) % 2).tobytes())
    assert "would unpack to" in refused(DatasetSpec.at(str(tmp_path / "own.npz")))


def test_samples_that_need_more_room_than_there_is_are_refused_before_they_are_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tuinn.data.arrays.reader.free_space", lambda: 1000)
    assert "GB left" in refused(saved(tmp_path / "own.npz", x=X, y=Y))


def test_values_that_are_not_finite_are_counted_and_left_out_if_asked(tmp_path: Path) -> None:
    x, y = X.copy(), Y.astype(float)
    x[3, 2], x[7], y[11] = np.nan, np.inf, np.nan
    dataset = saved(tmp_path / "own.npz", x=x, y=y)
    arrays = loader.load(dataset)
    assert len(arrays.x_train) + len(arrays.x_test) == 57
    assert np.isfinite(arrays.x_train).all()
    facts = loader.describe(dataset).facts
    problems = [p for p in data_problems(RunSpec(dataset), facts) if p.severity == "error"]
    assert "2 of 60 samples hold values that are not finite (6 NaN or infinite)" in problems[0].message
    assert "1 of 60 targets" in problems[1].message
    cured = problems[0].fixes[0].spec
    assert not [p for p in data_problems(cured, facts) if p.severity == "error"]
    nothing = saved(tmp_path / "nothing.npz", x=X * np.nan, y=Y)
    assert "Not one sample" in refused(nothing)


def test_a_test_of_our_own_has_no_image_that_is_trained_on_and_a_given_one_is_warned_of(
    tmp_path: Path,
) -> None:
    images = RNG.integers(0, 256, (20, 4, 4), dtype=np.uint8)
    twice = np.concatenate([images, images])
    labels = np.arange(40) % 2
    arrays = loader.load(saved(tmp_path / "own.npz", x=twice, y=labels))
    known = {sample.tobytes() for sample in arrays.x_train}
    assert not any(sample.tobytes() in known for sample in arrays.x_test)
    given_test = saved(
        tmp_path / "b.npz", x_train=images, y_train=labels[:20], x_test=images[:9], y_test=labels[:9]
    )
    loader.load(given_test)
    assert any(
        "9 of 9 test samples" in finding.message for finding in loader.describe(given_test).facts.findings
    )


@given(data=st.data(), count=st.integers(1, 40), width=st.integers(0, 5))
def test_rows_written_anywhere_and_thinned_out_are_those_that_were_wanted(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, count: int, width: int
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    rows = NpyWriter(folder / "x.npy", count, (width,), np.uint16)
    values = np.arange(count * width, dtype=np.uint16).reshape(count, width)
    places = np.array(data.draw(st.permutations(range(count))))
    rows.scatter(places, values)
    wanted = np.array(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)), bool)
    rows.keep(wanted)
    rows.close()
    expected = np.empty_like(values)
    expected[places] = values
    assert np.load(folder / "x.npy").tolist() == expected[wanted].tolist()
