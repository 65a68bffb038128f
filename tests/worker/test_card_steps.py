"""The program that computes on a card, here on the processor; and a machine without a card, where it isn't started."""

import subprocess
from typing import IO

import pytest

from tests.worker.conftest import Train
from tests.worker.test_resume import digits
from tuinn.programs import own_code, own_program
from tuinn.runs.events import ModelBuilt, Noted
from tuinn.runs.machine import card_check
from tuinn.runs.machine.card_check import Card, Verdict, check_card, sentence

pytestmark = pytest.mark.tf


def on_the_processor(_number: int, log: IO[bytes]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        own_program("tuinn.worker", "card-steps", "cpu"),
        stdout=subprocess.PIPE,
        stderr=log,
        start_new_session=True,
    )


def test_the_steps_work_on_a_processor() -> None:
    assert check_card(Card(0, "a processor"), start=on_the_processor) == Verdict("works", "compiled")


def test_a_card_that_is_not_there_is_a_python_error() -> None:
    verdict = check_card(Card(77, "none"))
    assert verdict.kind == "fails"
    assert verdict.step == "loaded"
    assert "IndexError" in sentence(Card(77, "none"), verdict)


def test_a_wrong_result_is_not_passed_over() -> None:
    from tuinn.worker import card_steps

    with pytest.raises(ArithmeticError, match=r"the card computes 2\.0 where 3 is right"):
        card_steps.must_be(3, [3.0, 2.0])


@pytest.mark.parametrize("wanted", ["auto", "cpu"])
def test_where_there_is_no_card_nothing_is_started(wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from tuinn.worker import devices

    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a process was started"))
    device = devices.choose(wanted)
    assert device.card is None
    assert device.notes == ()
    assert device.words.startswith("CPU · ")


def crashing(_number: int, log: IO[bytes]) -> "subprocess.Popen[bytes]":
    code = "import os; print('loaded', flush=True); print('matmul', flush=True); os.abort()"
    return subprocess.Popen(own_code(code), stdout=subprocess.PIPE, stderr=log, start_new_session=True)


@pytest.fixture
def two_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    """TensorFlow says that it sees two cards; the process that tries one crashes."""
    from tuinn.worker import devices

    monkeypatch.setattr(devices, "physical_cards", lambda: ["first", "second"])
    monkeypatch.setattr(devices, "model_name", lambda card: f"the {card}")
    monkeypatch.setattr(card_check, "start_steps", crashing)


@pytest.mark.parametrize(
    ("wanted", "tried"), [("auto", [0, 1]), ("gpu", [0, 1]), ("gpu:1", [1]), ("cpu", [])]
)
def test_where_no_card_can_be_used_the_processor_computes_and_each_is_named(
    two_cards: None, wanted: str, tried: list[int]
) -> None:
    from tuinn.worker import devices

    device = devices.choose(wanted)
    assert device.card is None
    assert [note[:5] for note in device.notes] == [f"GPU:{number}" for number in tried]
    assert all(note.endswith(" Meanwhile the CPU computes.") for note in device.notes)


def test_a_run_says_why_its_card_is_not_used_and_trains_on_the_processor(
    two_cards: None, train: Train
) -> None:
    training = train(digits(epochs=1))
    (built,) = training.events_of(ModelBuilt)
    assert built.device.startswith("CPU · ")
    notes = [(note.level, note.message) for note in training.events_of(Noted)]
    assert notes[0] == ("info", "GPU:0 (the first) is tried first, once for this driver and this TensorFlow.")
    (level, words) = next(note for note in notes if "GPU:0" in note[1] and "can't" in note[1])
    assert level == "warning"
    assert "TensorFlow crashed on it in a matrix product (SIGABRT)" in words
    assert training.ending.outcome == "finished"
