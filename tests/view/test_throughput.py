"""Speed and time left, from reports alone: they settle, and what comes once doesn't count."""

import pytest

from tuinn.runs.events import (
    AnyEvent,
    BatchEnded,
    DevicesMeasured,
    EpochEnded,
    EpochStarted,
    LoadMeasured,
    ModelBuilt,
    Paused,
    Resumed,
    RunResumed,
)
from tuinn.view.throughput import Throughput, bottleneck, device_words

STEPS, BATCH = 100, 32


def told(
    number: int, start: float, step_seconds: float, validation: float = 0.0, tracing: float = 0.0
) -> list[AnyEvent]:
    """An epoch of 100 steps with a report every ten; the first one late by `tracing`."""
    events: list[AnyEvent] = [EpochStarted(at=start, epoch=number, steps=STEPS)]
    for step in range(10, STEPS + 1, 10):
        at = start + tracing + step * step_seconds
        events.append(BatchEnded(at=at, epoch=number, step=step, samples=step * BATCH, metrics={}))
    seconds = tracing + STEPS * step_seconds + validation
    events.append(
        EpochEnded(at=start + seconds, epoch=number, metrics={}, seconds=seconds, learning_rate=0.1)
    )
    return events


def pace_of(*stories: list[AnyEvent]) -> Throughput:
    throughput = Throughput()
    for story in stories:
        for event in story:
            throughput.apply(event)
    return throughput


def test_the_making_of_the_graph_does_not_count() -> None:
    throughput = pace_of(told(1, 0, 0.01, tracing=30.0)[:4])
    assert throughput.step_seconds == pytest.approx(0.01)
    assert throughput.samples_per_second == pytest.approx(3200)
    assert throughput.epoch_seconds_left == pytest.approx(0.7)
    assert throughput.seconds_left(epochs=9) == pytest.approx(0.7 + 9)


def test_nothing_is_guessed_before_two_reports() -> None:
    for upto in (0, 1, 2):
        throughput = pace_of(told(1, 0, 0.01)[:upto])
        assert (throughput.step_seconds, throughput.epoch_seconds_left, throughput.seconds_left(3)) == (
            None,
            None,
            None,
        )


def test_validation_counts_for_the_epoch_once_it_was_seen() -> None:
    first = told(1, 0, 0.01, validation=3.0, tracing=20.0)
    throughput = pace_of(first, told(2, 30, 0.01, validation=0.5))
    assert throughput.validation_seconds == pytest.approx(0.5)
    assert throughput.epoch_seconds == pytest.approx(1.5)
    assert throughput.epoch_seconds_left == 0
    assert throughput.seconds_left(epochs=4) == pytest.approx(6)
    half = pace_of(first, told(2, 30, 0.01, validation=0.5), told(3, 40, 0.01)[:6])
    assert half.epoch_seconds_left == pytest.approx(1.0)


def test_the_time_left_settles_when_steps_are_uneven() -> None:
    throughput, guesses, at = Throughput(), [], 0.0
    throughput.apply(EpochStarted(at=at, epoch=1, steps=100_000))
    for number in range(1, 400):
        at += 0.5 if number % 2 else 1.5
        throughput.apply(BatchEnded(at=at, epoch=1, step=number * 100, samples=number, metrics={}))
        guesses.append((throughput.step_seconds or 0) * 100)
    assert all(guess == pytest.approx(1.0, rel=0.05) for guess in guesses[40:])


def test_a_change_of_speed_is_followed_within_two_minutes() -> None:
    quick = [event for number in range(1, 40) for event in told(number, 2.0 * number, 0.02)]
    slow = [event for number in range(40, 50) for event in told(number, 80 + 10.0 * (number - 40), 0.1)]
    assert pace_of(quick, slow).step_seconds == pytest.approx(0.1, rel=0.15)


@pytest.mark.parametrize("ready", ["network", "epoch"])
def test_pauses_and_the_time_until_another_worker_is_ready_do_not_count(ready: str) -> None:
    first = told(1, 0, 0.01)
    rest: list[AnyEvent] = [Paused(at=1.0, epoch=2, step=0), Resumed(at=500.0, epoch=2, step=0, seconds=499)]
    again: list[AnyEvent] = [RunResumed(at=8000, epoch=2, step=0, epochs=9)]
    if ready == "network":
        again.append(ModelBuilt(at=9001, layers=(), trainable=1, non_trainable=0, loss="mse", device="CPU"))
    throughput = pace_of(first, rest, told(2, 500, 0.01), again, told(3, 9001, 0.01, tracing=40))
    assert throughput.clock.seconds == pytest.approx(3 + 40, abs=1.1)
    assert throughput.step_seconds == pytest.approx(0.01)
    assert throughput.epoch_seconds == pytest.approx(1.0)


def test_a_clock_that_is_set_back_costs_a_report_and_nothing_else() -> None:
    throughput = pace_of(told(1, 9000, 0.01), told(2, 5000, 0.01), told(3, 5001, 0.01)[:5])
    assert throughput.step_seconds == pytest.approx(0.01)
    assert throughput.clock.seconds == pytest.approx(2.4, abs=0.2)
    assert throughput.epoch_seconds_left == pytest.approx(0.6)


def load(
    own: float, cpu: float = 0.5, gpu: float | None = None, reading: float | None = None
) -> LoadMeasured:
    return LoadMeasured(cpu=cpu, own=own, cores=2, memory=1, ram=0.1, gpu=gpu, reading=reading)


@pytest.mark.parametrize(
    ("loads", "says"),
    [
        ([load(1.9)] * 2, ""),
        ([load(1.9)] * 3, "Computing sets the pace. A GPU"),
        ([load(0.5, cpu=0.95)] * 3, "Other programs use the cores, too; this run has 25%."),
        ([load(0.5, cpu=0.3)] * 3, "Small steps set the pace (cores 25% busy). Raise batch_size."),
        ([load(0.1), *[load(1.9)] * 5], "Computing sets the pace"),
        ([load(0.9, reading=0.95)] * 3, "Reading samples sets the pace (95%). Try smaller samples."),
        ([load(1.9, reading=0.2)] * 3, "Computing sets the pace"),
        ([load(1.0, gpu=0.9)] * 3, "Computing sets the pace (card 90%). Try mixed precision"),
        ([load(1.8, gpu=0.3)] * 3, "The cores set the pace (card 30%)."),
        (
            [load(0.6, gpu=0.3)] * 3,
            "Small steps set the pace (card 30%). Raise batch_size",
        ),
    ],
)
def test_what_sets_the_pace_is_said_with_a_fix(loads: list[LoadMeasured], says: str) -> None:
    assert says in bottleneck(loads)
    assert bool(bottleneck(loads)) == bool(says)
    assert len(bottleneck(loads)) <= 60


@pytest.mark.parametrize(
    ("together", "alone", "says"),
    [
        (900.0, 1170.0, "One device alone is 1.3 × as fast as these 2. Use one."),
        (1170.0, 900.0, ""),
        (900.0, 900.0, ""),
    ],
)
def test_devices_that_are_slower_than_one_are_told_of(together: float, alone: float, says: str) -> None:
    words = device_words(DevicesMeasured(devices=2, together=together, alone=alone))
    assert words == says
    assert len(words) <= 60
    assert not device_words(None)
