"""Classes of pictures from a table or from their names: what is read, offered, left out and said."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tuinn.data import loader
from tuinn.data.dataset_arrays import Arrays
from tuinn.data.images.label_offers import name_source
from tuinn.data.images.label_table import ImageNames, read_label_table
from tuinn.errors import SpecError
from tuinn.spec.advice.advise import data_problems
from tuinn.spec.dataset import DatasetSpec, Task
from tuinn.spec.run import RunSpec

KINDS = ("cat", "dog")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUINN_HOME", str(tmp_path / "home"))
    loader.forget_inspected()


def pictures(root: Path, names: Sequence[str]) -> Path:
    """A picture of one colour per name: red is its place, so that a sample tells which it was."""
    for at, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4), (at, 0, 0)).save(root / name)
    return root


def flat(root: Path, count: int = 20) -> Path:
    return pictures(root, [f"{at}.png" for at in range(count)])


def labels_csv(root: Path, lines: Sequence[str], name: str = "labels.csv") -> Path:
    (root / name).write_text("\n".join(lines) + "\n")
    return root


def kind(at: int) -> str:
    return KINDS[at % 2]


def at(path: Path, **options: object) -> DatasetSpec:
    return DatasetSpec.at(str(path), **options)


def messages(dataset: DatasetSpec) -> list[str]:
    return [finding.message for finding in loader.describe(dataset).facts.findings]


def refused(dataset: DatasetSpec) -> SpecError:
    with pytest.raises(SpecError) as caught:
        loader.load(dataset)
    assert caught.value.message.endswith(".")
    return caught.value


def by_place(dataset: DatasetSpec) -> dict[int, str]:
    """The class of each picture by its place, as the samples have it."""
    arrays: Arrays = loader.load(dataset)
    classes = loader.describe(dataset).facts.classes
    x, y = np.concatenate([arrays.x_train, arrays.x_test]), np.concatenate([arrays.y_train, arrays.y_test])
    return {int(sample[0, 0, 0]): classes[label] for sample, label in zip(x, y, strict=True)}


EVERY = {place: kind(place) for place in range(20)}


@pytest.mark.parametrize(
    "line",
    ["{at}.png,{kind}", "{at},{kind}", "pets/{at}.png,{kind}", "./{at}.PNG,{kind}", "a\\pets\\{at}.png,{kind}", "{at}.jpg,{kind}"],
)  # fmt: skip
def test_a_table_names_images_with_or_without_suffix_and_folder(tmp_path: Path, line: str) -> None:
    root = flat(tmp_path / "pets")
    labels_csv(root, ["file,class", *(line.format(at=at, kind=kind(at)) for at in range(20))])
    dataset = at(root, label_source="labels.csv")
    described = loader.describe(dataset)
    assert (described.facts.classes, described.facts.task) == (KINDS, Task.BINARY)
    assert "classes from labels.csv (class)" in described.notes
    assert described.facts.findings == ()
    assert not [note for note in described.notes if "left out" in note]
    assert by_place(dataset) == EVERY


@pytest.mark.parametrize("separator", [",", ";", "\t", " ", "|"])
def test_a_table_needs_no_header_and_any_separator_will_do(tmp_path: Path, separator: str) -> None:
    root = labels_csv(flat(tmp_path / "pets"), [f"{at}.png{separator}{kind(at)}" for at in range(20)])
    assert by_place(at(root, label_source="labels.csv")) == EVERY


def test_a_table_may_lie_anywhere_and_name_images_that_lie_deep(tmp_path: Path) -> None:
    root = pictures(tmp_path / "pets", [f"photos/{at % 3}/{at}.png" for at in range(20)])
    labels_csv(tmp_path, ["id,kind", *(f"{at},{kind(at)}" for at in range(20))], "truth.tsv")
    assert by_place(at(root, label_source="../truth.tsv")) == EVERY
    assert by_place(at(root, label_source=str(tmp_path / "truth.tsv"))) == EVERY


def test_what_has_no_label_and_what_has_no_image_is_counted_and_named(tmp_path: Path) -> None:
    root = flat(tmp_path / "pets", 23)
    lines = [f"{at}.png,{kind(at)}" for at in range(20)]
    labels_csv(root, ["file,class", *lines, "20.png,", "gone.png,cat", "3.png,cat"])
    dataset = at(root, label_source="labels.csv")
    said = [
        "3 images have no class by labels.csv (class), and are left out: 20.png, 21.png and 22.png.",
        "1 line of labels.csv (class) names no image that is here: gone.png.",
        "1 image has two different classes by labels.csv (class), and is left out: 3.png.",
    ]
    assert messages(dataset) == said
    loader.load(dataset)
    loader.forget_inspected()
    assert messages(dataset)[:3] == said, "also when they were read"
    assert by_place(dataset) == {place: label for place, label in EVERY.items() if place != 3}


def test_a_name_that_fits_several_images_is_said(tmp_path: Path) -> None:
    root = pictures(tmp_path / "pets", [*(f"a/{at}.png" for at in range(20)), "b/0.png"])
    labels_csv(
        root, ["file,class", "0.png,cat", "a/0.png,cat", *(f"{at}.png,{kind(at)}" for at in range(1, 20))]
    )
    assert messages(at(root, label_source="labels.csv"))[1:] == [
        "1 line of labels.csv (class) may mean several images, and is left out: 0.png. Write the folder before the name."
    ]


def test_the_column_with_the_classes_is_told_by_its_name_or_asked_for(tmp_path: Path) -> None:
    root = flat(tmp_path / "pets")
    rows = [f"{at},{at % 4},{at}.png,{kind(at)},{at * 1.5}" for at in range(20)]
    labels_csv(root, [",age,image,label,weight", *rows])
    labels_csv(root, [",age,image,coat,weight", *rows], "coats.csv")
    assert by_place(at(root, label_source="labels.csv")) == EVERY
    problem = refused(at(root, label_source="coats.csv"))
    assert problem.path == "dataset.target"
    assert "several columns beside the names of the files: column 1, age, coat and 1 more" in problem.message
    assert by_place(at(root, label_source="coats.csv", target="coat")) == EVERY
    assert by_place(at(root, label_source="coats.csv", target="column 4")) == EVERY
    assert "no column fur" in refused(at(root, label_source="coats.csv", target="fur")).message


def test_a_column_of_0_and_1_per_class_is_read(tmp_path: Path) -> None:
    root = flat(tmp_path / "pets")
    labels_csv(root, ["image,cat,dog", *(f"{at},{float(at % 2 == 0)},{float(at % 2)}" for at in range(20))])
    assert by_place(at(root, label_source="labels.csv")) == EVERY


def test_numbers_as_classes_are_in_their_own_order(tmp_path: Path) -> None:
    root = labels_csv(flat(tmp_path / "pets", 60), ["file,label", *(f"{at},{at % 12}.0" for at in range(60))])
    assert loader.describe(at(root, label_source="labels.csv")).facts.classes == tuple(map(str, range(12)))


def test_labels_that_are_measured_values_are_refused(tmp_path: Path) -> None:
    root = labels_csv(flat(tmp_path / "pets"), ["file,age", *(f"{at},{at + 0.5}" for at in range(20))])
    assert "20 different labels for 20 images" in refused(at(root, label_source="labels.csv")).message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "There is no labels.csv in "),
        (b"", "is empty (0 bytes)"),
        (b"a,b\nx.png,cat\n", "names none of the images, and begins with 'a,b'"),
        (b"\n\n", "names none of the images."),
        (b"file\n0.png\n1.png\n", "names none of the images"),
        (b'file,class\n0.png,"cat\n', "All images are cat by"),
        ("file,class\n0.png,cat\n1.png,cat\n".encode("utf-16"), "All images are cat"),
        (b"file,class\n0.png,\n1.png,\n", "no column with their classes"),
    ],
)  # fmt: skip
def test_a_table_that_gives_no_classes_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    root = flat(tmp_path / "pets", 4)
    if content is not None:
        (root / "labels.csv").write_bytes(content)
    assert said in refused(at(root, label_source="labels.csv")).message


def test_a_test_folder_without_labels_is_no_test_and_one_with_labels_is(tmp_path: Path) -> None:
    names = [f"{part}/{place}.png" for place, part in enumerate(["train"] * 12 + ["val"] * 4 + ["test"] * 4)]
    root = pictures(tmp_path / "pets", names)
    lines = [f"{name},{kind(place)}" for place, name in enumerate(names)]
    labels_csv(root, lines[:12], "train.csv")
    labels_csv(root, lines[:16], "known.csv")
    labels_csv(root, lines, "all.csv")
    counts = {
        file: (info.facts.train, info.facts.test, info.notes)
        for file in ("train.csv", "known.csv", "all.csv")
        for info in [loader.describe(at(root, label_source=file, test=0.25))]
    }
    assert counts["train.csv"][:2] == (9, 3)
    assert counts["known.csv"][:2] == (12, 4)
    assert "val is the test" in counts["known.csv"][2]
    assert counts["all.csv"][:2] == (16, 4)
    assert "train + val are learned from" in counts["all.csv"][2]


# ------------------------------------------------------------------------------------------------- names of files


@pytest.mark.parametrize(
    "source", ["name:(cat|dog)", "name:^([a-z]+)", r"name:pets/(\w+)_\d", "name:_(?:[0-9]+)_?()|^(.)"]
)
def test_a_pattern_gives_the_first_group_as_the_class(tmp_path: Path, source: str) -> None:
    root = pictures(tmp_path, [f"pets/{kind(at)}_{at}.png" for at in range(20)])
    if "()" in source:
        assert "No image to learn from" in refused(at(root, label_source=source)).message
        return
    dataset = at(root, label_source=source)
    assert by_place(dataset) == EVERY
    assert f"classes from the names, {source}" in loader.describe(dataset).notes


def test_a_name_without_the_pattern_is_left_out_and_counted(tmp_path: Path) -> None:
    root = pictures(tmp_path, [*(f"{kind(at)}{at}.png" for at in range(20)), "emu.png"])
    assert messages(at(root, label_source="name:(cat|dog)")) == [
        "1 image has no class by the names, name:(cat|dog), and is left out: emu.png."
    ]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(cat", "unclosed group"),
        ("(?<=x)(cat)", "look-around"),
        (r"(cat)\1", "backreferences"),
        ("(a{1000}){1000}", "size limit"),
        ("cat", "has no group"),
        ("", "has no group"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_with_the_reason(
    tmp_path: Path, pattern: str, why: str
) -> None:
    problem = refused(at(flat(tmp_path), label_source=f"name:{pattern}"))
    assert (why in problem.message, problem.path) == (True, "dataset.label_source")


@pytest.mark.parametrize("pattern", ["((a+)+)+$", "((a|a)*)*$", "(.*)(.*)(.*)(.*)b$"])
def test_a_pattern_with_nested_quantifiers_ends(tmp_path: Path, pattern: str) -> None:
    root = pictures(tmp_path, [f"{'a' * 200}{at}!.png" for at in range(4)])
    assert "No image to learn from has a class" in refused(at(root, label_source=f"name:{pattern}")).message


# ------------------------------------------------------------------------------------------------------- what is offered


def test_images_without_class_folders_are_offered_the_table_beside_them_and_their_names(
    tmp_path: Path,
) -> None:
    names = [f"{kind(at)}_{at}.png" for at in range(20)]
    root = labels_csv(
        pictures(tmp_path / "pets", names), ["file,class", *(f"{one},{one[:3]}" for one in names[:15])]
    )
    (root / "README.txt").write_text("Pictures of pets.\n")
    spec = RunSpec(at(root))
    described = loader.describe(spec.dataset)
    table, pattern = [one for one in data_problems(spec, described.facts) if one.severity == "error"]
    assert "labels.csv has a class for 15 of 20, 2 classes in all." in table.message
    assert "The names give 20 of 20 a class" in pattern.message
    assert (table.fixes[0].label, pattern.fixes[0].label) == (
        "set label_source to labels.csv",
        "set label_source to name:^(cat|dog)",
    )
    assert described.dataset is not None
    assert described.dataset.label_source == "labels.csv", "taken in the form"
    for problem in (table, pattern):
        spec = problem.fixes[0].spec
        facts = loader.describe(spec.dataset).facts
        assert facts.classes == KINDS
        assert not [one for one in data_problems(spec, facts) if one.severity == "error"]
    loader.load(at(root))
    loader.forget_inspected()
    assert len([one for one in loader.describe(at(root)).facts.findings if one.severity == "error"]) == 2


def test_a_single_folder_of_images_beside_a_table_is_offered_the_table(tmp_path: Path) -> None:
    root = pictures(tmp_path / "pets", [f"images/{at}.png" for at in range(20)])
    labels_csv(root, ["file,class", *(f"{at},{kind(at)}" for at in range(20))], "train.csv")
    assert "train.csv has a class for 20 of 20" in messages(at(root))[0]


def test_images_of_which_nothing_tells_the_class_are_refused_with_what_to_do(tmp_path: Path) -> None:
    root = labels_csv(flat(tmp_path / "pets"), ["x,y", "1.5,2"])
    message = refused(at(root)).message
    assert "20 images, but no folder per class" in message
    assert "labels.csv names none of them" in message
    assert "name:(cat|dog)" in message


@pytest.mark.parametrize(
    ("names", "source"),
    [
        (["cat.0.jpg", "cat.1.jpg", "dog.0.jpg", "dog.1.jpg"], "name:^(cat|dog)"),
        (["cat (1).jpg", "cat (2).jpg", "dog (1).jpg", "dog (2).jpg"], "name:^(cat|dog)"),
        (["big_cat_1.jpg", "big_cat_2.jpg", "big_dog_1.jpg", "big_dog_2.jpg"], "name:^(big_cat|big_dog)"),
        (["1_cat.jpg", "2_cat.jpg", "3_dog.jpg", "4_dog.jpg"], r"name:^\d+[ _.\-]*([^\W\d_].*?)\.[^.]*$"),
        (["IMG_1.jpg", "IMG_2.jpg", "DSC_1.jpg", "DSC_2.jpg"], ""),
        (["a1.jpg", "b1.jpg", "c1.jpg"], ""),
        (["1.jpg", "2.jpg"], ""),
    ],
)
def test_what_names_may_give_as_classes(names: list[str], source: str) -> None:
    assert name_source(names) == source


# ---------------------------------------------------------------------------------------------------------- the setting


def test_labels_in_a_spec_may_name_the_table_and_checked_labels_stay_what_they_are() -> None:
    assert DatasetSpec.at("x", labels="labels.csv") == DatasetSpec.at("x", label_source="labels.csv")
    assert DatasetSpec.at("x", labels="name:(a|b)").label_source == "name:(a|b)"
    both = DatasetSpec.at("x", labels="checked", label_source="labels.csv")
    assert (both.labels, both.label_source) == ("checked", "labels.csv")
    assert DatasetSpec.of(both.raw()) == both
    changed = RunSpec(DatasetSpec.at("x")).with_setting("dataset.labels", "labels.csv")
    assert changed.dataset.label_source == "labels.csv"
    with pytest.raises(SpecError, match="labels"):
        DatasetSpec.at("x", labels="wrong")


def test_other_data_refuse_a_source_of_labels(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n" + "1,2\n" * 20)
    for dataset in (
        at(tmp_path / "t.csv", label_source="labels.csv"),
        DatasetSpec("iris", label_source="name:(a)"),
    ):
        with pytest.raises(SpecError, match="has labels of its own") as caught:
            loader.describe(dataset)
        assert caught.value.path == "dataset.label_source"


def test_a_changed_table_is_read_again(tmp_path: Path) -> None:
    root = labels_csv(flat(tmp_path / "pets"), [f"{at},{kind(at)}" for at in range(20)])
    dataset = at(root, label_source="labels.csv")
    before = loader.source_key(dataset)
    labels_csv(root, [f"{at},{kind(at + 1)}, " for at in range(20)])
    assert loader.source_key(dataset) != before
    loader.forget_inspected()
    assert by_place(dataset) == {place: kind(place + 1) for place in range(20)}


NAME = st.text(st.characters(blacklist_characters="/\\\0\n\r,;\t| \"", blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=8)  # fmt: skip


@given(names=st.lists(NAME, min_size=1, max_size=8, unique_by=lambda name: name.casefold()))
def test_every_image_is_found_by_its_own_path(names: list[str]) -> None:
    files = [f"pets/{name}.png" for name in names]
    found = ImageNames(files)
    assert all(found.find(file) in (at, -1) for at, file in enumerate(files))


@given(content=st.binary(max_size=200))
def test_any_bytes_are_a_table_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.csv"
    file.write_bytes(content)
    with suppress(SpecError):
        assert len(read_label_table(file, ["0.png", "1.png", "a/2.png"]).labels) == 3
