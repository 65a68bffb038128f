"""Rounds, and processes that answer: small programs in place of those that train."""

import sys
from collections.abc import Callable

import pytest

from tuinn.errors import WorkerError
from tuinn.runs.benchmark import (
    BENCH_NETWORKS,
    EpochProcess,
    MeasurePeak,
    NetworkReady,
    OpenNetwork,
    interleave,
    median_ratio,
)

WORK = OpenNetwork(spec="", samples=10)


def program(lines: str) -> tuple[str, ...]:
    """A program that reads a question into `question`, and then does this."""
    return (
        sys.executable,
        "-c",
        f"import json, os, sys\nfor question in map(json.loads, sys.stdin):\n{lines}",
    )


def test_every_way_has_one_turn_in_a_round_after_one_that_does_not_count() -> None:
    turns: list[str] = []

    def way(name: str) -> Callable[[], float]:
        def turn() -> float:
            turns.append(name)
            return float(len(turns))

        return turn

    found = interleave({"a": way("a"), "b": way("b")}, rounds=3)
    assert "".join(turns) == "ab" + "ba" + "ab" + "ba"
    assert found == {"a": (4.0, 5.0, 8.0), "b": (3.0, 6.0, 7.0)}


def test_a_ratio_is_taken_within_a_round() -> None:
    # The machine is three times as slow in the second round, which is no difference between the two.
    assert median_ratio((2.0, 6.0, 2.0), (1.0, 3.0, 1.0)) == 2.0


def test_what_bench_measures_has_data_that_come_with_tuinn() -> None:
    assert {network.make().dataset.name for network in BENCH_NETWORKS} == {"fashion_mnist_mini"}


def test_a_process_is_asked_and_answers() -> None:
    lines = """
 if question["ask"] == "OpenNetwork": print('{"kind": "NetworkReady", "samples": %d, "steps": 2}' % question["samples"], flush=True)
 else: print('{"kind": "Measured", "value": 0.5}', flush=True)
"""
    with EpochProcess(program(lines)) as process:
        assert process.open(WORK) == NetworkReady(samples=10, steps=2)
        assert process.train() == 0.5
        assert process.measure(MeasurePeak()) == 0.5
    assert process.process.returncode == 0


def test_what_a_process_can_not_do_is_its_own_sentence() -> None:
    lines = """ print('{"kind": "Failed", "message": "No room."}', flush=True)"""
    with EpochProcess(program(lines)) as process, pytest.raises(WorkerError, match=r"^No room\.$"):
        process.open(WORK)


@pytest.mark.parametrize(
    ("death", "words"),
    [
        ("os.kill(os.getpid(), 9)", "was killed: perhaps the memory was not enough"),
        ("os.kill(os.getpid(), 6)", "crashed, or was ended \\(signal 6\\)"),
        ("sys.exit('Nothing works.')", "exit code 1\\). Its last words: Nothing works."),
        ("print('torn', end='', flush=True), os._exit(3)", "exit code 3\\)"),
    ],
)
def test_a_process_that_dies_is_a_sentence(death: str, words: str) -> None:
    with pytest.raises(WorkerError, match=words), EpochProcess(program(f" {death}")) as process:
        process.open(WORK)


def test_a_process_ends_when_the_benchmark_is_interrupted() -> None:
    with pytest.raises(KeyboardInterrupt), EpochProcess(program(" sys.stdin.read()")) as process:
        raise KeyboardInterrupt
    assert process.process.returncode == -9
