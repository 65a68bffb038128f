"""The arithmetic of `tuinn bench`, and its words."""

from dataclasses import replace
from typing import Any

import pytest

from tuinn.view.reports.benchmark_text import (
    Benchmark,
    NetworkTimes,
    as_object,
    lines,
    what_helps,
    what_limits,
)

TIMES = NetworkTimes(
    name="lab",
    title="Fashion lab net",
    layers="dense",
    batch=100,
    samples=1000,
    steps=10,
    weights=131_460,
    flops=50_000_000,
    script_seconds=(0.06, 0.04, 0.05),
    tuinn_seconds=(0.03, 0.01, 0.02),
    fixed_seconds=(0.0005, 0.0004, 0.0006),
    reading_seconds=(0.0001, 0.0, 0.0001),
    peak_flops=(1e11, 3e11, 1e11),
)
FOUND = Benchmark("CPU · 2 cores", "TensorFlow 2.21.0, Keras 3.15.1", 1024, 3, (TIMES,))


def test_rates_are_medians_and_the_ratio_that_of_the_rounds() -> None:
    assert TIMES.script_rate == pytest.approx(20_000)
    assert TIMES.tuinn_rate == pytest.approx(50_000)
    assert TIMES.ratio == pytest.approx(2.5)  # of 2, 4 and 2.5


def test_the_share_of_the_peak_is_taken_within_a_round() -> None:
    # 500 M operations in 30, 10 and 20 ms: 16.7, 50 and 25 GFLOP/s, of 100, 300 and 100.
    assert TIMES.share == pytest.approx(0.5 / 3)


def test_a_step_is_split_into_parts_that_make_it_up() -> None:
    assert TIMES.step == pytest.approx(0.002)
    assert TIMES.split == pytest.approx({"fixed": 0.0005, "arithmetic": 0.0014, "reading": 0.0001})
    busy = replace(TIMES, fixed_seconds=(0.01,) * 3, reading_seconds=(0.01,) * 3)
    assert busy.split == pytest.approx({"fixed": 0.002, "arithmetic": 0, "reading": 0})


FIXED: dict[str, Any] = {"fixed_seconds": (0.0015,) * 3}
READING: dict[str, Any] = {"reading_seconds": (0.0014,) * 3}


def test_what_limits_is_the_largest_part() -> None:
    assert what_limits(TIMES) == (
        "Of a step's 2.00 ms, 1.40 ms are arithmetic; the whole step reaches 17 % of the peak."
    )
    assert what_limits(replace(TIMES, **FIXED)) == (
        "Of a step's 2.00 ms, 1.50 ms are a fixed cost: starting operations, and the optimizer's pass over "
        "131,460 weights."
    )
    assert (
        what_limits(replace(TIMES, **READING))
        == "Of a step's 2.00 ms, 1.40 ms are spent gathering the 100 samples of a batch."
    )


@pytest.mark.parametrize(
    ("changes", "on_gpu", "words"),
    [
        (FIXED, False, "batch_size 200 instead of 100"),
        ({**FIXED, "batch": 2048}, False, "Fewer layers"),
        (READING, False, "uint8"),
        ({}, False, "fewer units; the shapes of its layers"),
        ({"layers": "convolutions"}, False, "fewer filters"),
        ({"peak_flops": (3e10,) * 3}, False, "little left to give"),
        ({}, True, "Mixed precision"),
    ],
)
def test_what_helps_answers_what_limits(changes: dict[str, Any], on_gpu: bool, words: str) -> None:
    told = what_helps(replace(TIMES, **changes), on_gpu)
    assert words in told
    assert told.endswith(".")


def test_the_report_fits_80_columns_and_says_how_it_was_measured() -> None:
    quiet = replace(TIMES, script_seconds=(0.05,) * 3, tuinn_seconds=(0.02,) * 3)
    told = list(lines(replace(FOUND, networks=(quiet,) * 3)))
    assert max(map(len, told)) < 80
    text = "\n".join(told)
    assert "Fashion lab net     100   20,000   50,000   2.50 ×          25 %" in text
    assert "matrix multiplication, 1,024 × 1,024, float32: 300 GFLOP/s" in text
    assert "medians of 3 rounds" in text
    assert "other programs were busy" not in text


def test_the_report_of_a_busy_machine_has_room_on_a_screen_of_24_rows() -> None:
    assert len(list(lines(replace(FOUND, networks=(TIMES,) * 3)))) < 24


def test_rounds_that_differ_are_said_to() -> None:
    assert "took up to 3.0 × as long" in "\n".join(lines(FOUND))


def test_json_has_plain_values() -> None:
    networks: Any = as_object(FOUND)["networks"]
    (network,) = networks
    assert network["step_seconds"] == pytest.approx(
        {"whole": 0.002, "fixed": 0.0005, "arithmetic": 0.0014, "reading": 0.0001}
    )
    assert network["script"]["epoch_seconds"] == [0.06, 0.04, 0.05]
    assert network["limit"] == "arithmetic"
