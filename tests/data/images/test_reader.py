"""A folder with a folder per class: what is found in it, decoded, left out, and said of it."""

import os
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tuinn.data import loader
from tuinn.data.images import decoder_pool
from tuinn.data.images.decode import open_image
from tuinn.data.images.folder_scan import PROGRAM_FOLDERS
from tuinn.data.images.preprocess import preprocess_image
from tuinn.data.images.reader import FolderBrowser
from tuinn.errors import SpecError
from tuinn.spec.advice.advise import data_problems
from tuinn.spec.dataset import DatasetSpec, Task
from tuinn.spec.run import RunSpec


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUINN_HOME", str(tmp_path / "home"))
    loader.forget_inspected()


def picture(seed: int = 0, size: tuple[int, int] = (8, 6), mode: str = "RGB") -> Image.Image:
    """Noise of width × height, another for each seed."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(pixels).convert(mode)


def folder(root: Path, suffix: str = ".png", **classes: int) -> Path:
    """So many different pictures of each class."""
    seed = 0
    for name, count in classes.items():
        (root / name).mkdir(parents=True, exist_ok=True)
        for at in range(count):
            seed += 1
            picture(seed).save(root / name / f"{at}{suffix}")
    return root


def at(path: Path, **options: object) -> DatasetSpec:
    return DatasetSpec.at(str(path), **options)


def findings(dataset: DatasetSpec) -> list[str]:
    return [finding.message for finding in loader.describe(dataset).facts.findings]


def refused(dataset: DatasetSpec) -> str:
    with pytest.raises(SpecError) as caught:
        loader.load(dataset)
    assert caught.value.message.endswith(".")
    return str(caught.value)


# ------------------------------------------------------------------------------------------------- what is read


def test_a_folder_per_class_becomes_arrays_with_a_stratified_test_set(tmp_path: Path) -> None:
    dataset = at(folder(tmp_path / "pets", cat=20, dog=10))
    facts = loader.describe(dataset).facts
    assert (facts.task, facts.classes, facts.shape) == (Task.BINARY, ("cat", "dog"), (6, 8, 3))
    assert (facts.train, facts.test) == (24, 6)
    arrays = loader.load(dataset)
    assert arrays.fit(loader.describe(dataset).facts)
    assert np.bincount(arrays.y_train).tolist() == [16, 8]
    assert np.bincount(arrays.y_test).tolist() == [4, 2]
    assert isinstance(arrays.x_train, np.memmap)


def test_every_sample_is_the_picture_of_its_label(tmp_path: Path) -> None:
    root = tmp_path / "shades"
    for name, shade in (("dark", 10), ("light", 240), ("middle", 128)):
        (root / name).mkdir(parents=True)
        for i in range(6):
            Image.new("L", (5, 5), shade + i).save(root / name / f"{i}.png")
    arrays = loader.load(at(root))
    for x, y in ((arrays.x_train, arrays.y_train), (arrays.x_test, arrays.y_test)):
        assert x.shape[1:] == (5, 5, 1)
        assert (np.abs(x[:, 0, 0, 0].astype(int) - np.array([10, 240, 128])[y]) < 6).all()


def test_what_is_browsed_before_is_what_is_read_after(tmp_path: Path) -> None:
    dataset = at(folder(tmp_path / "pets", ".jpg", cat=9, dog=7))
    before = loader.browse(dataset)
    seen = {
        part: [before.sample(part, i) for i in range(len(before.labels(part)))] for part in ("train", "test")
    }
    arrays = loader.load(dataset)
    assert (np.stack(seen["train"]) == arrays.x_train).all()
    assert (np.stack(seen["test"]) == arrays.x_test).all()
    assert before.labels("train").tolist() == arrays.y_train.tolist()
    assert before.labels("test").tolist() == arrays.y_test.tolist()


def test_several_decoders_give_the_same_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = at(folder(tmp_path / "pets", cat=150, dog=120))
    alone = loader.load(dataset)
    monkeypatch.setattr(decoder_pool, "MAX_IN_PROCESS", 10)
    monkeypatch.setenv("TUINN_HOME", str(tmp_path / "other"))
    together = loader.load(dataset)
    assert (alone.x_train == together.x_train).all()
    assert (alone.y_test == together.y_test).all()


def test_a_picture_of_ones_own_is_prepared_exactly_as_those_of_the_folder(tmp_path: Path) -> None:
    root = folder(tmp_path / "pets", cat=4, dog=4)
    picture(99, (50, 20)).save(root / "cat" / "wide.jpg", exif=turned(6))
    for fitting in (True, False):
        dataset = at(root, test=0.0, pad_to_aspect_ratio=fitting, image_size=(9, 9))
        browser, entry = loader.browse(dataset), loader.describe(dataset)
        assert isinstance(browser, FolderBrowser)
        place = browser.layout.train.files.index("cat/wide.jpg")
        own = preprocess_image(root / "cat" / "wide.jpg", entry).pixels
        assert (own == loader.load(dataset).x_train[place]).all()
        assert own.std() > 0


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize("suffix", [".png", ".jpeg", ".JPG", ".gif", ".bmp", ".webp"])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "I;16", "1"])
def test_every_format_and_mode_is_read(tmp_path: Path, suffix: str, mode: str) -> None:
    root = folder(tmp_path / "pets", cat=3, dog=3)
    image = (
        Image.fromarray(np.full((8, 6), 40_000, np.uint16)) if mode == "I;16" else picture(5).convert(mode)
    )
    try:
        image.save(root / "cat" / f"odd{suffix}")
    except (OSError, ValueError):
        pytest.skip(f"Pillow writes no {mode} into {suffix}")
    assert len(loader.load(at(root, test=0.0)).x_train) == 7


def test_a_turned_picture_stands_upright_and_its_size_is_known_from_the_header(tmp_path: Path) -> None:
    root = tmp_path / "pets"
    for name in ("cat", "dog"):
        (root / name).mkdir(parents=True)
        for i in range(3):
            picture(i, (20, 10)).save(root / name / f"{i}.jpg", exif=turned(6))
    assert loader.describe(at(root)).facts.shape == (20, 10, 3)


def test_proportions_are_kept_on_the_colour_of_the_border_or_stretched(tmp_path: Path) -> None:
    root = tmp_path / "pets"
    for name in ("cat", "dog"):
        (root / name).mkdir(parents=True)
        wide = Image.new("RGB", (20, 10), (200, 30, 30))
        wide.paste((0, 0, 255), (8, 3, 12, 7))
        wide.save(root / name / "a.png")
    padded = loader.load(at(root, test=0.0, image_size=(20, 20))).x_train[0]
    assert padded[0, 0].tolist() == [200, 30, 30]
    assert padded[10, 10].tolist() == [0, 0, 255]
    stretched = loader.load(at(root, test=0.0, image_size=(20, 20), pad_to_aspect_ratio=False)).x_train[0]
    assert (stretched[..., 2] > 200).sum() > 1.5 * (padded[..., 2] > 200).sum()


def test_part_folders_are_taken_as_they_are_and_validation_is_learned_from(tmp_path: Path) -> None:
    root = tmp_path / "pets"
    for part, count in (("train", 6), ("validation", 2), ("test", 3)):
        folder(root / part, cat=count, dog=count)
    facts = loader.describe(at(root)).facts
    assert (facts.train, facts.test, facts.classes) == (16, 6, ("cat", "dog"))
    assert "train + validation are learned from" in loader.describe(at(root)).notes


def test_without_a_test_folder_that_of_validation_is_the_test(tmp_path: Path) -> None:
    root = tmp_path / "pets"
    folder(root / "train", cat=6, dog=6)
    folder(root / "val", cat=2, dog=2)
    facts = loader.describe(at(root)).facts
    assert (facts.train, facts.test) == (12, 4)


def test_nested_folders_belong_to_the_class_at_the_top(tmp_path: Path) -> None:
    root = folder(tmp_path / "pets", cat=2, dog=2)
    folder(root / "cat", indoors=3)
    assert loader.describe(at(root, test=0.0)).facts.train == 7


def test_a_size_is_proposed_that_most_have_and_that_is_not_too_large(tmp_path: Path) -> None:
    root = tmp_path / "pets"
    for name in ("cat", "dog"):
        (root / name).mkdir(parents=True)
        for i, size in enumerate([(400, 300), (300, 400), (500, 320)]):
            picture(i, size).save(root / name / f"{i}.jpg")
    assert loader.describe(at(root)).facts.shape == (128, 128, 3)
    assert loader.describe(at(root, image_size=(30, 40))).facts.shape == (30, 40, 3)
    assert loader.describe(at(root, color_mode="grayscale")).facts.shape == (128, 128, 1)


def test_three_classes_are_no_binary_task_and_a_folder_no_regression(tmp_path: Path) -> None:
    root = folder(tmp_path / "pets", cat=2, dog=2, emu=2)
    assert loader.describe(at(root)).facts.task is Task.CLASSES
    assert "set it to classes" in refused(at(root, task="binary"))
    assert "set it to auto" in refused(at(root, task="regression"))


def test_a_second_opening_reads_nothing_and_a_changed_folder_is_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = at(folder(tmp_path / "pets", cat=5, dog=5))
    loader.load(dataset)
    with monkeypatch.context() as no_more:
        no_more.setattr("tuinn.data.images.reader.decode_parts", None)
        assert len(loader.load(dataset).x_train) == 8
    picture(77).save(tmp_path / "pets" / "cat" / "new.png")
    assert loader.load_if_ready(dataset) is None
    assert len(loader.load(dataset).x_train) == 9


# ------------------------------------------------------------------------------------------------- bad input


def damaged(root: Path) -> None:
    """A truncated, an empty, and one that is a text."""
    (root / "cat" / "cut.png").write_bytes((root / "cat" / "0.png").read_bytes()[:90])
    (root / "cat" / "empty.png").write_bytes(b"")
    (root / "dog" / "text.png").write_text("this is no image")


def test_images_that_cannot_be_read_are_counted_named_and_refused_or_left_out(tmp_path: Path) -> None:
    root = folder(tmp_path / "pets", cat=20, dog=20)
    damaged(root)
    dataset = at(root)
    # The look sees headers only; what is cut off shows when everything is decoded.
    assert findings(dataset)[0].startswith("2 of 43 images can't be read: cat/empty.png and dog/text.png")
    arrays = loader.load(dataset)
    assert len(arrays.x_train) + len(arrays.x_test) == 40
    said = findings(dataset)[0]
    assert said.startswith("3 of 43 images can't be read: cat/empty.png, ")
    assert "cat/cut.png" in said
    problem = next(data_problems(RunSpec(dataset), loader.describe(dataset).facts))
    assert (problem.severity, problem.message) == ("error", said)
    cured = problem.fixes[0].spec
    assert cured.dataset.unreadable == "skip"
    assert [p for p in data_problems(cured, loader.describe(cured.dataset).facts) if p.message == said] == []
    assert loader.load_if_ready(cured.dataset) is not None, "nothing is decoded twice for it"


def test_what_is_left_out_leaves_no_hole(tmp_path: Path) -> None:
    root = folder(tmp_path / "pets", cat=30, dog=30)
    for i in range(0, 30, 3):
        (root / "cat" / f"{i}.png").write_text("no image")
    arrays = loader.load(at(root))
    assert np.bincount(np.concatenate([arrays.y_train, arrays.y_test])).tolist() == [20, 30]
    assert arrays.x_train.reshape(len(arrays.x_train), -1).any(axis=1).all()


def test_an_empty_folder_one_class_and_loose_images_are_said(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "has no images in it" in refused(at(empty))
    assert "one class only, cat" in refused(at(folder(tmp_path / "one", cat=3)))
    loose = tmp_path / "loose"
    loose.mkdir()
    picture().save(loose / "a.png")
    assert "no folder per class" in refused(at(loose))
    wrapped = folder(tmp_path / "wrapped" / "inner", cat=3, dog=3).parent
    assert "give inner as the path" in refused(at(wrapped))


def test_a_folder_in_which_nothing_can_be_read_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "pets"
    for name in ("cat", "dog"):
        (root / name).mkdir(parents=True)
        (root / name / "a.png").write_text("no image")
    assert "no image that can be read. Tried: cat/a.png and dog/a.png (" in refused(at(root))
    empty = tmp_path / "empty"
    for name in ("cat", "dog"):
        (empty / name).mkdir(parents=True)
        (empty / name / "a.png").write_bytes(b"")
    assert "all 2 are empty" in refused(at(empty))


def test_an_image_cut_off_behind_its_header_in_every_class_is_refused_once_it_is_decoded(
    tmp_path: Path,
) -> None:
    root = folder(tmp_path / "pets", cat=1, dog=1)
    for file in root.rglob("*.png"):
        file.write_bytes(file.read_bytes()[:60])
    assert "no image that can be read" in refused(at(root))


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    root = folder(tmp_path / "pets", cat=4, dog=4)
    (root / "cat" / "up").symlink_to(root)
    (root / "cat" / "self").symlink_to(root / "cat")
    (root / "loop").symlink_to(root)
    (root / "dog" / "nowhere.png").symlink_to(root / "dog" / "nowhere.png")
    entry = loader.describe(at(root, test=0.0))
    assert (entry.facts.train, entry.facts.classes) == (8, ("cat", "dog"))
    assert any("links in a circle" in note for note in entry.notes)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(
        st.one_of(
            st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=20),
            st.sampled_from(["[bold]markup[]", "a b", "🐱", "\x1b[31mred", "new\nline", "ž" * 20]),
        ).filter(
            lambda name: (
                not name.startswith((".", "__MACOSX"))
                and name.lower() not in ("train", "training")
                and name.lower() not in PROGRAM_FOLDERS
            )
        ),
        min_size=2,
        max_size=4,
        unique_by=lambda name: unicodedata.normalize("NFC", name),
    )
)
def test_any_names_are_shown_safely_and_lead_to_their_files(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    root = tmp_path_factory.mktemp("odd")
    for name in names:
        (root / name).mkdir()
        picture().save(root / name / f"{name[:50]}.png")
    facts = loader.describe(at(root, test=0.0)).facts
    assert len(set(facts.classes)) == len(names)
    assert all(name.isprintable() for name in facts.classes)
    assert sorted(loader.load(at(root, test=0.0)).y_train) == list(range(len(names)))


def test_names_that_are_no_utf_8_are_read_in_other_processes_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder_pool, "MAX_IN_PROCESS", 0)
    root = folder(tmp_path / "pets", cat=3, dog=3)
    os.rename(os.fsencode(root / "cat" / "0.png"), os.fsencode(root / "cat") + b"/\xff\xfe.png")  # noqa: PTH104
    os.rename(os.fsencode(root / "dog"), os.fsencode(root) + b"/d\xff")  # noqa: PTH104
    arrays = loader.load(at(root, test=0.0))
    assert len(arrays.x_train) == 6
    facts = loader.describe(at(root, test=0.0)).facts
    assert facts.classes == ("cat", "d\\udcff")


def test_a_decoder_that_dies_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder_pool, "MAX_IN_PROCESS", 0)
    monkeypatch.setattr(decoder_pool, "own_program", lambda module: ("/bin/false", "-m", module))
    assert "died" in refused(at(folder(tmp_path / "pets", cat=3, dog=3)))
    assert list((tmp_path / "home" / "cache" / "data").iterdir()) == []


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tuinn.data.npy_writer.reserve", full)
    assert "No space left" in refused(at(folder(tmp_path / "pets", cat=3, dog=3)))
    assert list((tmp_path / "home" / "cache" / "data").iterdir()) == []


def test_a_wish_to_stop_ends_the_preparation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class EnoughError(Exception):
        pass

    def tell(done: int, total: int, what: str) -> None:
        assert (total, what) == (300, "images")
        if done:
            raise EnoughError

    monkeypatch.setattr(decoder_pool, "MAX_IN_PROCESS", 10)
    with pytest.raises(EnoughError):
        loader.load(at(folder(tmp_path / "pets", cat=200, dog=100)), tell)
    assert list((tmp_path / "home" / "cache" / "data").iterdir()) == []


# ------------------------------------------------------------------------------------------------- what is odd


def test_classes_out_of_balance_have_a_fix(tmp_path: Path) -> None:
    dataset = at(folder(tmp_path / "pets", cat=40, dog=8), test=0.0)
    finding = loader.describe(dataset).facts.findings[0]
    assert finding.message == "The classes are lopsided: 40 samples of cat, 8 samples of dog."
    assert finding.settings == {"fit.class_weights": "balanced"}


def test_a_class_with_one_file_is_learned_from_and_named(tmp_path: Path) -> None:
    dataset = at(folder(tmp_path / "pets", cat=10, dog=1))
    assert any(message.startswith("dog has fewer than 5") for message in findings(dataset))
    assert 1 in loader.load(dataset).y_train


def test_images_that_are_in_training_never_are_in_a_test_of_our_own(tmp_path: Path) -> None:
    root = folder(tmp_path / "pets", cat=10, dog=10)
    for i in range(10):
        (root / "cat" / f"copy{i}.png").write_bytes((root / "cat" / f"{i}.png").read_bytes())
    arrays = loader.load(at(root))
    known = {sample.tobytes() for sample in arrays.x_train}
    assert len(arrays.x_test)
    assert not any(sample.tobytes() in known for sample in arrays.x_test)
    assert any("the test leaves" in message for message in findings(at(root)))
    assert any("more than once" in message for message in findings(at(root)))


def test_test_images_of_the_users_own_that_are_in_training_are_said(tmp_path: Path) -> None:
    root = tmp_path / "pets"
    folder(root / "train", cat=6, dog=6)
    folder(root / "test", cat=6, dog=6)  # the same ones
    loader.load(at(root))
    assert any("12 of 12 test images are trained on as well" in m for m in findings(at(root)))


def test_one_picture_in_two_classes_and_pictures_that_are_all_alike_are_said(tmp_path: Path) -> None:
    root = folder(tmp_path / "pets", cat=10, dog=10)
    (root / "dog" / "same.png").write_bytes((root / "cat" / "3.png").read_bytes())
    loader.load(at(root, test=0.0))
    assert any(
        "1 image is there with another class as well, such as" in m for m in findings(at(root, test=0.0))
    )
    alike = tmp_path / "alike"
    for name in ("cat", "dog"):
        (alike / name).mkdir(parents=True)
        for i in range(6):
            picture(1).save(alike / name / f"{i}.png")
    loader.load(at(alike))
    assert any("All training images are the same" in message for message in findings(at(alike)))


def test_images_of_one_size_but_for_a_few_are_said(tmp_path: Path) -> None:
    root = folder(tmp_path / "pets", cat=15, dog=14)
    picture(500, (30, 30)).save(root / "cat" / "large.png")
    assert any(
        "Most images are 8×6, but not all: some are 30×30" in message for message in findings(at(root))
    )


def test_a_class_of_the_test_alone_is_left_out_and_a_class_without_test_is_named(tmp_path: Path) -> None:
    root = tmp_path / "pets"
    folder(root / "train", cat=6, dog=6)
    folder(root / "test", cat=3, emu=3)
    (root / "train" / "fox").mkdir()
    said = findings(at(root))
    assert any("test images of emu are left out" in message for message in said)
    assert any("No test sample shows dog" in message for message in said)
    assert any("folder of fox has no images" in message for message in said)
    assert loader.describe(at(root)).facts.test == 3


# ------------------------------------------------------------------------------------ folders as people bring them

HEIC = bytes.fromhex("0000001c667479706865696300000000686569636d696631") + bytes(300)


def test_validation_is_the_test_beside_a_test_folder_without_classes(tmp_path: Path) -> None:
    root = tmp_path / "pets"
    for part, count in (("train", 12), ("validation", 6)):
        folder(root / part, cats=count, dogs=count)
    (root / "test").mkdir()
    for i in range(10):
        picture(i).save(root / "test" / f"{i}.png")
    described = loader.describe(at(root))
    assert (described.facts.train, described.facts.test) == (24, 12)
    assert "validation is the test" in described.notes
    assert "left out: 10 images outside the class folders" in described.notes


def test_validation_is_the_test_beside_a_test_folder_of_a_class_unknown(tmp_path: Path) -> None:
    root = tmp_path / "pets"
    folder(root / "train", cats=8, dogs=8)
    folder(root / "test", unknown=5)
    for name in ("val", "valid"):
        folder(root / name, cats=3, dogs=3)
    facts = loader.describe(at(root)).facts
    assert (facts.train, facts.test, facts.classes) == (16, 12, ("cats", "dogs"))


def test_a_name_composed_and_decomposed_is_one_class(tmp_path: Path) -> None:
    root = tmp_path / "fruit"
    folder(root / "train", ".png", **{unicodedata.normalize("NFC", "Äpfel"): 10, "Birnen": 10})
    folder(root / "test", ".png", **{unicodedata.normalize("NFD", "Äpfel"): 5, "Birnen": 5})
    assert findings(at(root)) == []
    arrays = loader.load(at(root))
    assert (len(arrays.y_train), np.bincount(arrays.y_test).tolist()) == (20, [5, 5])


def test_folders_that_devices_make_are_neither_classes_nor_samples(tmp_path: Path) -> None:
    root = folder(tmp_path / "pets", cat=8, dog=8)
    for place in ("@eaDir", "cat/@eaDir/0.jpg", "#recycle", ".ipynb_checkpoints", "dog/.ipynb_checkpoints"):
        (root / place).mkdir(parents=True)
        picture(99).save(root / place / "thumb.png")
    described = loader.describe(at(root))
    assert described.facts.classes == ("cat", "dog")
    assert described.facts.train + described.facts.test == 16
    assert not [note for note in described.notes if note.startswith("left out")]


def test_heic_is_named_and_counted_by_its_name_and_by_its_content(tmp_path: Path) -> None:
    root = folder(tmp_path / "pets", cat=6, dog=6)
    (root / "cat" / "IMG_9.HEIC").write_bytes(HEIC)
    (root / "dog" / "IMG_9.jpg").write_bytes(HEIC)
    said = findings(at(root))[0]
    assert said.startswith("2 of 14 images can't be read: ")
    assert "IMG_9.HEIC is a HEIC picture, which can't be read here" in said
    with pytest.raises(SpecError, match=r"IMG_9.jpg is a HEIC picture, .*; save it as JPEG"):
        open_image(root / "dog" / "IMG_9.jpg")
    only = tmp_path / "only"
    for name in ("cat", "dog"):
        (only / name).mkdir(parents=True)
        (only / name / "IMG_0.HEIC").write_bytes(HEIC)
    assert "IMG_0.HEIC is a HEIC picture" in refused(at(only))


def test_a_jpeg_that_is_called_heic_is_read(tmp_path: Path) -> None:
    root = folder(tmp_path / "pets", ".jpg", cat=6, dog=6)
    for file in root.rglob("*.jpg"):
        file.rename(file.with_suffix(".HEIC"))
    assert findings(at(root)) == []
    assert len(loader.load(at(root, test=0.0)).x_train) == 12


def test_twelve_bits_in_sixteen_are_said_and_sixteen_are_not(tmp_path: Path) -> None:
    for highest, root in ((4096, tmp_path / "dim"), (65536, tmp_path / "full")):
        for seed, name in enumerate(("dark", "light")):
            (root / name).mkdir(parents=True)
            for i in range(6):
                pixels = np.random.default_rng(10 * seed + i).integers(0, highest >> (1 - seed), (9, 9))
                Image.fromarray(pixels.astype(np.uint16)).save(root / name / f"{i}.png")
    said = [one for one in findings(at(tmp_path / "dim")) if "6.2% of the range" in one]
    assert len(said) == 1
    assert "Multiply their values by 16" in said[0]
    loader.load(at(tmp_path / "dim"))
    assert said[0] in findings(at(tmp_path / "dim")), "it is said of what was decoded, too"
    assert not [one for one in findings(at(tmp_path / "full")) if "of the range" in one]


def test_masks_beside_images_are_doubted_and_numbered_files_of_two_classes_are_not(tmp_path: Path) -> None:
    assert [one for one in findings(at(folder(tmp_path / "a", images=20, masks=20))) if "same names" in one]
    assert findings(at(folder(tmp_path / "b", cats=20, dogs=20))) == []


def test_names_that_a_camera_gave_are_no_classes(tmp_path: Path) -> None:
    for i in range(6):
        picture(i).save(tmp_path / f"{('IMG', 'DSC')[i % 2]}_{i}.png")
    assert "into a folder of its own" in refused(at(tmp_path))


def test_classes_can_be_left_out(tmp_path: Path) -> None:
    root = folder(tmp_path / "pets", cat=8, dog=8, masks=8)
    (root / "masks" / "empty.png").write_bytes(b"")
    assert len(loader.describe(at(root)).facts.classes) == 3
    dataset = at(root, ignore=["masks"])
    facts = loader.describe(dataset).facts
    assert (facts.classes, facts.task, facts.findings) == (("cat", "dog"), Task.BINARY, ())
    assert len(loader.load(dataset).x_train) == facts.train == 13
    assert set(loader.load(at(root, unreadable="skip")).y_train) == {0, 1, 2}, "not what is in the cache"
    assert "one class only, dog" in refused(at(root, ignore=["cat", "masks"]))
