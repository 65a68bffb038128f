"""Several devices in one machine. Parts of the processor stand for cards, in a process that has not computed yet."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.worker.conftest import Train, wait_for
from tuinn.errors import SpecError, WorkerError
from tuinn.runs.events import EpochEnded, ModelBuilt, Noted, RunEnded
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import Standby
from tuinn.runs.machine.card_check import Card, Verdict
from tuinn.spec.presets.catalog import digits_mlp, iris_lab

CHECKS = Path(__file__).with_name("on_two_devices.py")

GROUPS = {
    "losses": "losses or last_batch or from_the_disk",
    "resume-layers": "layers_with_states_go_on_exactly",
    "resume-optimizers": "optimizers_go_on_exactly or another_number",
    "steering": "not (losses or last_batch or from_the_disk or exactly or another_number)",
}
"""Each in a process of its own."""

pytestmark = pytest.mark.tf


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("group", GROUPS)
def test_two_devices_train_as_one_does(group: str, tmp_path: Path) -> None:
    words = (
        "-p",
        "no:xdist",
        "-p",
        "no:cacheprovider",
        "-k",
        GROUPS[group],
        f"--basetemp={tmp_path / 'checks'}",
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *words, str(CHECKS)],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        cwd=CHECKS.parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_a_worker_that_is_ready_before_it_knows_its_run_gives_way_to_a_fresh_one() -> None:
    """One that has computed can't divide the processor any more."""
    folder = RunFolder.create(iris_lab().with_fit(device="cpu:0,1", epochs=2))
    standby = Standby()
    worker = standby.take(folder)
    try:
        events = wait_for(folder, lambda event: isinstance(event, RunEnded))
    finally:
        worker.kill()
        worker.wait()
        standby.process.kill()
        standby.process.wait()
    assert worker is not standby.process
    assert [event.outcome for event in events if isinstance(event, RunEnded)] == ["finished"]
    (built,) = (event for event in events if isinstance(event, ModelBuilt))
    assert built.devices == 2
    assert len([event for event in events if isinstance(event, EpochEnded)]) == 2


# ------------------------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("gpu:0,0", "gpu:0,0 has device 0 twice. Name each once."),
        ("cpu:1,0,01", "cpu:1,0,01 has device 1 twice. Name each once."),
        ("gpu:0,", "must be auto, cpu, gpu, or gpu:N for the card with number N; gpu:0,1 or all for several"),
        ("gpu:0,cpu:1", "must be auto"),
        ("cpu:1", "must be auto"),
    ],
)
def test_a_device_that_cant_be_meant_is_a_sentence(wanted: str, words: str) -> None:
    with pytest.raises(SpecError) as problem:
        iris_lab().with_setting("fit.device", wanted)
    assert words in str(problem.value)


def test_blanks_between_the_numbers_do_no_harm() -> None:
    assert iris_lab().with_setting("fit.device", "gpu:0, 1").fit.device == "gpu:0,1"


@pytest.fixture
def two_cards(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """TensorFlow says that it sees two cards; those that are made visible come back."""
    import tensorflow as tf

    from tuinn.worker import devices

    visible: list[str] = []
    monkeypatch.setattr(devices, "physical_cards", lambda: ["first", "second"])
    monkeypatch.setattr(devices, "model_name", lambda card: f"the {card}")
    monkeypatch.setattr(devices, "_chosen", {})
    monkeypatch.setattr(tf.config, "set_visible_devices", lambda cards, kind: visible.extend(cards))
    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", lambda card, grows: None)
    return visible


def works(card: Card) -> Verdict:
    return Verdict("works")


@pytest.mark.parametrize(("wanted", "names"), [("all", "GPU:0,1"), ("gpu:1,0", "GPU:1,0")])
def test_the_cards_that_are_asked_for_train_together(two_cards: list[str], wanted: str, names: str) -> None:
    from tuinn.worker import devices

    device = devices.choose(wanted, works)
    assert device.words.startswith(f"{names} · the ")
    assert sorted(two_cards) == ["first", "second"]
    assert device.names == ("/gpu:0", "/gpu:1")


def test_a_card_that_is_not_there_is_named(two_cards: list[str]) -> None:
    from tuinn.worker import devices

    with pytest.raises(WorkerError, match="device is gpu:0,2, but TensorFlow sees 2 GPUs, counted from 0"):
        devices.choose("gpu:0,2", works)


def test_of_several_cards_those_that_work_train(two_cards: list[str]) -> None:
    from tuinn.worker import devices

    device = devices.choose(
        "all", lambda card: Verdict("works" if card.number else "crashed", "matmul", "SIGABRT")
    )
    assert (device.words, device.names, two_cards) == ("GPU:1 · the second", (), ["second"])
    assert "GPU:0 (the first) can't be used: TensorFlow crashed on it" in device.notes[0]


def test_all_is_the_processor_where_there_is_no_card(train: Train) -> None:
    from tuinn.worker import devices

    if devices.physical_cards():
        pytest.skip("here is a card")
    training = train(digits_mlp().with_fit(epochs=1, device="all"))
    (built,) = training.events_of(ModelBuilt)
    assert (built.devices, built.device[:6]) == (1, "CPU · ")
    assert any(
        "TensorFlow sees no GPU: the CPU computes" in note.message for note in training.events_of(Noted)
    )


def test_a_processor_that_has_computed_is_not_divided(train: Train) -> None:
    train(iris_lab().with_fit(epochs=1))
    with pytest.raises(WorkerError, match="can't be divided any more"):
        train(iris_lab().with_fit(device="cpu:0,1"))
