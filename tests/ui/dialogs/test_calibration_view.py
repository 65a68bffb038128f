"""The calibration: what is said of the probabilities, and thresholds that are moved by keys."""

from msgspec.structs import replace

from tests.ui.conftest import NARROW, Bench, Opener
from tuinn.runs.calibration import THRESHOLDS, Calibration, ReliabilityBin, ThresholdCounts
from tuinn.ui.dialogs.calibration_view import CalibrationAnswer, CalibrationView
from tuinn.view.reports.calibration_text import curve_lines, sentences, threshold_line, threshold_sentence

SHARES = [at / 100 for at in range(100)]
"""Probabilities of 100 samples; the upper half are of the class."""

COUNTS = ThresholdCounts(
    "malignant",
    100,
    50,
    tuple(sum(share > cut for share in SHARES[50:]) for cut in THRESHOLDS),
    tuple(sum(share > cut for share in SHARES[:50]) for cut in THRESHOLDS),
)
FOUND = Calibration(100, 0.081, (ReliabilityBin(0.9, 1.0, 100, 0.95, 0.87),), 1.84, 0.02, (COUNTS,))


def open_view(
    here: Bench, found: Calibration, thresholds: dict[str, float]
) -> list[CalibrationAnswer | None]:
    """The list gets the answer."""
    answers: list[CalibrationAnswer | None] = []
    here.app.push_screen(CalibrationView(found, thresholds), answers.append)
    return answers


async def test_precision_and_recall_move_with_the_threshold(bench: Opener) -> None:
    async with bench(NARROW) as here:
        answers = open_view(here, FOUND, {"malignant": 0.3})
        await here.settle()
        assert "malignant             0.30      0.725   1.000" in here.text()
        await here.press("shift+right", "shift+right", "shift+right", "right")
        assert "malignant             0.61      1.000   0.760" in here.text()
        assert "Of 50 samples of malignant 38 found; of 50 others 0 taken for it." in here.words()
        await here.press("b", "enter")
        assert answers == [{"malignant": 0.49}]


async def test_a_temperature_is_kept_where_it_helps(bench: Opener) -> None:
    async with bench(NARROW) as here:
        answers = open_view(here, FOUND, {})
        await here.settle()
        assert "90 to 100 % 100 87.0 %" in here.words()
        assert "Calibration error 0.081: on average 8.0 points surer than right." in here.words()
        await here.press("t")
        assert answers == ["keep"]
        answers = open_view(here, replace(FOUND, error_after=0.09, thresholds=()), {})
        await here.settle()
        assert "t temperature" not in here.text()
        await here.press("t", "b", "right", "0", "enter")
        assert answers == [None]


def test_what_is_said_fits_what_was_found() -> None:
    assert sentences(FOUND)[1] == ("A temperature of 1.84 (logits divided by it) makes that 0.020.")
    assert sentences(replace(FOUND, kept=1.84))[1] == "The temperature 1.84 is in the saved network."
    assert sentences(replace(FOUND, temperature=1.0))[1].startswith("Every decision is right")
    assert sentences(replace(FOUND, error_after=0.09))[1] == "No temperature makes it smaller."


def test_a_class_without_samples_has_dashes_and_a_sentence() -> None:
    empty = ThresholdCounts("rare", 100, 0, (0,) * 99, (0,) * 99)
    assert threshold_line(empty, 0.5).split() == ["rare", "0.50", "–", "–", "–", "0", "0"]
    assert threshold_sentence(empty, 0.5) == "No validation sample is of rare, so its recall is unknown."
    assert [drawn.strip() for _, drawn in curve_lines(empty, 0.5, 60, ascii_only=True)] == ["", "", "^"]
