"""What the form of the training shows of a draft: batches, updates, and the table of losses."""

import pytest

from tuinn.spec.fit import OPTIMIZER
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.presets.catalog import PRESETS, default_draft
from tuinn.ui.dialogs.fit_form import epoch_picture, loss_table, rate_words, updates_line
from tuinn.ui.dialogs.pick_list import matching, picks_of
from tuinn.ui.themes import DARK
from tuinn.view.draft import Draft

COLOURS = {"success": DARK.success or "", "warning": DARK.warning or "", **DARK.variables}


def picture(ascii_only: bool = False, **fit: object) -> str:
    return epoch_picture(Draft(default_draft().with_fit(**fit)), ascii_only, COLOURS).plain


@pytest.mark.parametrize(
    ("fit", "line"),
    [
        ({}, "4,500 samples / 128 → 36 updates an epoch × 15 epochs = 540"),
        ({"batch_size": 4500, "epochs": 1}, "4,500 samples / 4,500 → 1 update an epoch × 1 epoch = 1"),
        (
            {"batch_size": 1, "epochs": 1000},
            "4,500 samples / 1 → 4,500 updates an epoch × 1,000 epochs = 4,500,000",
        ),
    ],
)
def test_updates_are_counted(fit: dict[str, object], line: str) -> None:
    assert updates_line(Draft(default_draft().with_fit(**fit))) == line


def test_an_epoch_is_a_row_of_batches() -> None:
    assert picture().splitlines() == [
        "an epoch  " + "■" * 35 + "□",
        "          36 batches of 128, the last has 20",
        "kept      500 to validate on after each epoch",
    ]
    assert picture(ascii_only=True).startswith("an epoch  " + "#" * 35 + "-\n")


@pytest.mark.parametrize("batch_size", [1, 2, 7, 64, 69, 70, 71, 1000, 4499, 4500])
def test_the_row_of_batches_has_room_in_the_form(batch_size: int) -> None:
    lines = picture(batch_size=batch_size).splitlines()
    assert len(lines) == 3
    assert max(map(len, lines)) <= 74


def test_of_many_batches_a_block_stands_for_several() -> None:
    assert "4,500 batches of 1, all of them full; a ■ is 71 batches" in picture(batch_size=1)


def test_a_batch_larger_than_the_data_is_said() -> None:
    words = picture(batch_size=9000)
    assert "One batch has room for all 4,500 samples and would stay 50% full." in words
    assert "It is trained as batch_size 4,500: each epoch is one update, by all of them." in words


@pytest.mark.parametrize(
    ("preset", "row", "now"),
    [
        ("fashion-lab", "one of several classes", "softmax ✓ → sparse_categorical_crossentropy"),
        ("breast-cancer-logistic", "yes or no  ", "sigmoid ✓ → binary_crossentropy"),
        ("diabetes-regression", "a number  ", "linear ✓ → mean_squared_error"),
    ],
)
def test_the_row_of_the_draft_is_marked_in_the_table_of_losses(preset: str, row: str, now: str) -> None:
    lines = loss_table(Draft(PRESETS[preset]()), COLOURS).plain.splitlines()
    (marked,) = [line for line in lines if line.startswith("▸")]
    assert marked.startswith(f"▸ {row}")
    assert lines[-1] == f"this draft: {now}"


def test_an_activation_that_does_not_fit_is_marked_as_such() -> None:
    draft = default_draft()
    relu = draft.with_model(draft.model.change(5, LayerSpec.of("Dense", units=10, activation="relu")))
    assert "this draft: relu ✗" in loss_table(Draft(relu), COLOURS).plain


@pytest.mark.parametrize(
    ("typed", "first"), [("ada", "adam"), ("AdaG", "adagrad"), ("nester", "nadam"), ("grad", "adagrad")]
)
def test_names_come_before_notes_in_a_filtered_list(typed: str, first: str) -> None:
    assert matching(picks_of(OPTIMIZER), typed)[0].value == first


def test_a_filter_that_nothing_has_leaves_nothing() -> None:
    assert matching(picks_of(OPTIMIZER), "zzz") == ()


@pytest.mark.parametrize(
    ("rates", "words"),
    [([0.01] * 5, "0.01 throughout"), ([0.1, 0.01], "0.1 to 0.01"), ([0.1, 0.2, 0.1], "0.1 to 0.1")],
)
def test_a_constant_rate_is_said_once(rates: list[float], words: str) -> None:
    assert rate_words(rates) == words
