"""Texts of the user's own, in folders, files or a CSV: understood, cut, kept, and refused in a sentence."""

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from tuinn.data import loader
from tuinn.data.dataset_arrays import Arrays
from tuinn.data.tables import csv_dialect
from tuinn.data.text import reader
from tuinn.data.text.source import is_text_source, unlabeled_texts
from tuinn.errors import SpecError
from tuinn.spec.advice.advise import data_problems
from tuinn.spec.dataset import DatasetSpec, Task
from tuinn.spec.run import RunSpec

WriteTexts = Callable[..., DatasetSpec]

GOOD, BAD = "what a lovely film number {}", "what a dreadful film number {}"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUINN_HOME", str(tmp_path / "home"))
    csv_dialect._detect.cache_clear()
    reader.read_remembered.cache_clear()
    loader.forget_inspected()


@pytest.fixture
def put(tmp_path: Path) -> WriteTexts:
    def write(files: dict[str, str | bytes], **options: object) -> DatasetSpec:
        for name, content in files.items():
            file = tmp_path / "texts" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        return DatasetSpec.at(str(tmp_path / "texts"), **options)

    return write


def folders(count: int = 10) -> dict[str, str | bytes]:
    return {
        f"{name}/{at}.txt": text.format(at)
        for name, text in (("good", GOOD), ("bad", BAD))
        for at in range(count)
    }


def lines(text: str, count: int = 10) -> str:
    return "\n\n".join(text.format(at) for at in range(count))


def prose(count: int = 20) -> str:
    rows = (
        f'"{(GOOD if at % 2 else BAD).format(at)}, truly",{"good" if at % 2 else "bad"}'
        for at in range(count)
    )
    return "text,label\n" + "\n".join(rows) + "\n"


def all_texts(arrays: Arrays) -> list[str]:
    return sorted(text.decode() for part in (arrays.x_train, arrays.x_test) for text in part[:])


@pytest.mark.parametrize(
    "files",
    [folders(), {"good.txt": lines(GOOD), "bad.txt": lines(BAD)}],
    ids=["a folder for each class", "a file for each class"],
)
def test_texts_of_two_classes_are_read_whichever_way_they_lie(files: dict[str, str], put: WriteTexts) -> None:
    dataset = put(files)
    facts, arrays = loader.describe(dataset).facts, loader.load(dataset)
    assert (facts.task, facts.classes, facts.shape, facts.dtype) == (Task.BINARY, ("bad", "good"), (), "str")
    assert (facts.train, facts.test) == (len(arrays.x_train), len(arrays.x_test)) == (16, 4)
    assert all_texts(arrays) == sorted(text.format(at) for text in (GOOD, BAD) for at in range(10))
    for texts, labels in ((arrays.x_train, arrays.y_train), (arrays.x_test, arrays.y_test)):
        assert [("lovely" in texts.text(at)) for at in range(len(texts))] == [label == 1 for label in labels]


def test_a_csv_of_texts_and_labels_is_not_taken_for_a_table(put: WriteTexts, tmp_path: Path) -> None:
    put({"reviews.csv": prose()})
    dataset = DatasetSpec.at(str(tmp_path / "texts" / "reviews.csv"))
    entry, arrays = loader.describe(dataset), loader.load(dataset)
    assert entry.dataset is not None
    assert (entry.dataset.kind, entry.facts.target, entry.facts.classes) == ("text", "label", ("bad", "good"))
    assert arrays.x_train.text(0) == "what a dreadful film number 0, truly"


def test_the_columns_of_text_and_label_may_stand_in_any_order(put: WriteTexts, tmp_path: Path) -> None:
    rows = "".join(f"{at},{'spam' if at % 3 else 'ham'},{GOOD.format(at)} I say\n" for at in range(20))
    put({"sms.csv": "id,v1,v2\n" + rows})
    dataset = DatasetSpec.at(str(tmp_path / "texts" / "sms.csv"), target="v1")
    assert loader.load(dataset).x_train.text(0).endswith("I say")


def test_a_number_can_be_predicted_from_texts(put: WriteTexts, tmp_path: Path) -> None:
    put({"stars.csv": "review,stars\n" + "".join(f"{GOOD.format(at)},{at / 8}\n" for at in range(40))})
    facts = loader.describe(DatasetSpec.at(str(tmp_path / "texts" / "stars.csv"))).facts
    assert (facts.task, facts.classes, facts.target) == (Task.REGRESSION, (), "stars")


def test_train_and_test_folders_are_kept_as_they_are(put: WriteTexts) -> None:
    files = {f"train/{name}": text for name, text in folders(5).items()}
    files |= {f"test/{name}": text for name, text in folders(2).items()}
    arrays = loader.load(put(files))
    assert (arrays.y_train.tolist(), arrays.y_test.tolist()) == ([0] * 5 + [1] * 5, [0, 0, 1, 1])


def test_browsing_shows_what_reading_will_give(put: WriteTexts) -> None:
    dataset = put(folders())
    browser = loader.browse(dataset)
    shown = [browser.sample("test", at) for at in range(4)]
    arrays = loader.load(dataset)
    assert shown == [arrays.x_test.text(at) for at in range(4)]
    assert browser.labels("test").tolist() == arrays.y_test.tolist()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_texts_in_other_encodings_are_read(encoding: str, put: WriteTexts) -> None:
    arrays = loader.load(put({**folders(), "good/0.txt": "schön für alle".encode(encoding)}))
    assert "schön für alle" in all_texts(arrays)


def test_reading_again_after_a_change_takes_the_new_text(put: WriteTexts) -> None:
    dataset = put(folders())
    loader.load(dataset)
    put({"good/0.txt": "something else entirely"})
    loader.forget_inspected()
    assert "something else entirely" in all_texts(loader.load(dataset))


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"good/0.txt": "a", "good/1.txt": "b"}, "one class only .good."),
        ({"good.txt": "a\nb\n", "bad.txt": "x\0y"}, "NUL bytes"),
    ],
)
def test_a_folder_that_cannot_be_learned_from_is_refused(
    files: dict[str, str], sentence: str, put: WriteTexts
) -> None:
    with pytest.raises(SpecError, match=sentence):
        loader.describe(put(files))


def test_a_text_file_that_holds_nul_bytes_is_named(put: WriteTexts) -> None:
    with pytest.raises(SpecError, match=r"3\.txt holds NUL bytes"):
        loader.load(put({**folders(), "good/3.txt": b"\0\1\2"}))


def test_a_folder_without_texts_says_what_may_be_in_it(put: WriteTexts) -> None:
    with pytest.raises(SpecError, match=r"a folder of \.txt files for each class"):
        loader.describe(put({"readme.md": "nothing"}, kind="text"))


def test_links_in_a_circle_are_not_followed(put: WriteTexts, tmp_path: Path) -> None:
    dataset = put(folders())
    (tmp_path / "texts" / "good" / "again").symlink_to(tmp_path / "texts")
    assert loader.describe(dataset).facts.train == 16


def test_names_with_spaces_emoji_and_escape_codes_are_shown_printable(put: WriteTexts) -> None:
    files = {f"{name}/{at}.txt": f"text {at}" for name in ("gut 🐱", "[b]\x1b[31m") for at in range(6)}
    assert loader.describe(put(files)).facts.classes == ("[b] [31m", "gut 🐱")


def test_empty_texts_are_found(put: WriteTexts) -> None:
    said = [f.message for f in loader.describe(put({**folders(), "good/4.txt": b""})).facts.findings]
    assert said == ["1 text is empty, such as 4.txt; take them away, or they are learned from too."]


def test_copies_and_lopsided_classes_are_found(put: WriteTexts) -> None:
    dataset = put({"yes.txt": "the same\n" * 40, "no.txt": lines(BAD)})
    said = [finding.message for finding in loader.describe(dataset).facts.findings]
    assert any("lopsided" in one for one in said)
    assert any("also among the training texts" in one for one in said)


def test_rows_without_text_or_label_are_left_out_and_counted(put: WriteTexts, tmp_path: Path) -> None:
    put({"reviews.csv": prose() + ",good\nno label at all here,\n"})
    dataset = DatasetSpec.at(str(tmp_path / "texts" / "reviews.csv"))
    assert loader.describe(dataset).facts.findings[0].message.startswith("2 rows have no text or no label")
    assert np.isin(loader.load(dataset).y_train, [0, 1]).all()


def test_the_texts_of_a_csv_are_found_with_and_without_labels(tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_text(prose(4))
    assert unlabeled_texts(file)[:2] == [BAD.format(0) + ", truly", GOOD.format(1) + ", truly"]
    file.write_text("comment\nwhat a film\n\n")
    csv_dialect._detect.cache_clear()
    assert unlabeled_texts(file) == ["what a film"]


def test_cells_beyond_the_columns_that_are_empty_in_the_first_rows_alone_are_columns(tmp_path: Path) -> None:
    file = tmp_path / "spam.csv"
    rows = [f'{("ham", "spam")[at % 2]},"{(GOOD, BAD)[at % 2].format(at)}, truly",,,' for at in range(2_000)]
    file.write_text("v1,v2,,,\n" + "\n".join(rows) + '\nham,"a film, truly",too,late,here\n')
    assert file.stat().st_size > csv_dialect.HEAD_CHARACTERS
    facts = loader.describe(DatasetSpec.at(str(file))).facts
    assert facts.is_text
    assert facts.train + facts.test == 2_001


@pytest.mark.parametrize("before", ["Films of the year\n", "# films\n# of the year\n"])
def test_what_stands_before_the_names_is_no_text(tmp_path: Path, before: str) -> None:
    rows = [f"{at},{(GOOD, BAD)[at % 2].format(at)},{('good', 'bad')[at % 2]}" for at in range(40)]
    file = tmp_path / "films.csv"
    file.write_text(before + "id,text,label\n" + "\n".join(rows) + "\n")
    described = loader.describe(DatasetSpec.at(str(file)))
    assert described.facts.is_text
    assert (described.facts.target, described.facts.train + described.facts.test) == ("label", 40)


def test_text_and_label_are_found_among_columns_that_are_as_good_as_empty(tmp_path: Path) -> None:
    spam = tmp_path / "spam.csv"
    rows = [
        f'{("ham", "spam")[at % 2]},"{(GOOD, BAD)[at % 2].format(at)}, truly",{" over" if at == 3 else ""},,'
        for at in range(60)
    ]
    spam.write_text("v1,v2,,,\n" + "\n".join(rows) + "\n", encoding="utf-8")
    described = loader.describe(DatasetSpec.at(str(spam)))
    assert described.facts.is_text
    assert (described.facts.target, described.facts.classes) == ("v1", ("ham", "spam"))
    assert described.facts.train + described.facts.test == 60
    assert "texts in the column v2, labels in v1; left out, as good as empty: column 3" in " ".join(
        described.notes
    )


def test_a_folder_of_texts_without_a_label_can_be_left_out_by_a_fix(put: WriteTexts) -> None:
    files = {
        f"{part}/{name}/{at}.txt": f"{name} text number {at}"
        for part, names in (("train", ("pos", "neg", "unsup")), ("test", ("pos", "neg")))
        for name in names
        for at in range(12)
    }
    dataset = put(files)
    facts = loader.describe(dataset).facts
    assert facts.classes == ("neg", "pos", "unsup")
    (problem,) = [one for one in data_problems(RunSpec(dataset), facts) if one.fixes]
    assert problem.fixes[0].label == "leave unsup out"
    mended = problem.fixes[0].spec.dataset
    facts = loader.describe(mended).facts
    assert (mended.ignore, facts.task, facts.classes) == (("unsup",), Task.BINARY, ("neg", "pos"))
    assert (facts.train, facts.test, facts.findings) == (24, 24, ())


def test_files_without_a_suffix_are_texts_where_each_class_has_a_folder_of_them(put: WriteTexts) -> None:
    files: dict[str, str | bytes] = {
        f"{name}/{38900 + at}": f"Subject: {word}\n\nCitro\u00ebn {word} {at}\n".encode("latin-1")
        for name, word in (("comp.graphics", "pixel"), ("rec.autos", "engine"))
        for at in range(25)
    }
    dataset = put(files)
    arrays, facts = loader.load(dataset), loader.describe(dataset).facts
    assert (facts.task, facts.classes, facts.train + facts.test) == (
        Task.BINARY,
        ("comp.graphics", "rec.autos"),
        50,
    )
    assert "Citro\u00ebn" in arrays.x_train[0]


@pytest.mark.parametrize(
    "files",
    [
        {"a/Makefile": "all:", "a/LICENSE": "free", "b/x.py": "1", "b/y.py": "2"},
        {"a/1": b"\x7fELF\x00\x01", "a/2": b"\x00", "b/1": b"\x00", "b/2": b"\x00"},
        {"a/README": "one file", "b/README": "alone"},
    ],
)
def test_other_folders_with_files_without_a_suffix_are_no_texts(
    files: dict[str, str | bytes], put: WriteTexts, tmp_path: Path
) -> None:
    put(files)
    assert not is_text_source(tmp_path / "texts")


def test_a_name_composed_and_decomposed_is_one_class_of_texts(put: WriteTexts) -> None:
    forms: tuple[tuple[str, Literal["NFC", "NFD"]], ...] = (("train", "NFC"), ("test", "NFD"))
    files: dict[str, str | bytes] = {
        f"{part}/{unicodedata.normalize(form, name)}/{at}.txt": f"{name} {part} {at}"
        for part, form in forms
        for name in ("\u00c4pfel", "Birnen")
        for at in range(10)
    }
    files["train/@eaDir/thumb.txt"] = "of a storage device"
    facts = loader.describe(put(files)).facts
    assert (facts.classes, facts.train, facts.test, facts.findings) == (("Birnen", "\u00c4pfel"), 20, 20, ())
