"""A card that TensorFlow can't use is found out in another process, which may crash, hang or fail; here it is a script."""

import subprocess
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import IO

import pytest

from tuinn.runs.machine import card_check, graphics_card
from tuinn.runs.machine.card_check import Card, Verdict, check_card, first_usable, sentence, try_card
from tuinn.runs.machine.graphics_card import CardMemory

H200 = Card(0, "NVIDIA H200")
OTHER = Card(1, "NVIDIA T4")

GB = 1_000_000_000


def program(code: str) -> Callable[[int, IO[bytes]], "subprocess.Popen[bytes]"]:
    """What starts these lines of Python in place of the program that computes."""

    def start(_number: int, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-u", "-c", f"import os, sys, time\n{code}"],
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )

    return start


def tried(code: str) -> Verdict:
    return try_card(0, lambda: None, program(code))


WORKS = "for word in ('loaded', 'matmul', 'convolution', 'compiled', 'works'): print(word)"
HANGS = "print('loaded'); print('matmul'); time.sleep(600)"
NO_KERNEL = "CUDA error: no kernel image is available for execution on the device"


def test_a_card_that_works_has_nothing_to_be_said() -> None:
    verdict = tried(WORKS)
    assert verdict.kind == "works"
    assert sentence(H200, verdict) == ""


CRASHES = {
    "aborts": (
        "print('loaded'); print('matmul'); os.abort()",
        "GPU:0 (NVIDIA H200) can't be used: TensorFlow crashed on it in a matrix product (SIGABRT). "
        "Another version of TensorFlow or of the driver may help. `tuinn doctor --deep` tries it again.",
    ),
    "no kernels": (
        f"print('loaded'); print('matmul'); sys.stderr.write({NO_KERNEL!r}); os.abort()",
        "in a matrix product (SIGABRT). This TensorFlow has no kernels for a card of its generation. "
        "Use a newer build of TensorFlow that has them. `tuinn doctor --deep` tries it again.",
    ),
    "segmentation fault": (
        "print('loaded'); print('convolution'); os.kill(os.getpid(), 11)",
        "TensorFlow crashed on it in a convolution (SIGSEGV).",
    ),
    "a Python error": (
        "print('loaded'); print('compiled'); raise ValueError('[/device:GPU:0] is odd')",
        "TensorFlow failed on it in a compiled function: ValueError: [/device:GPU:0] is odd. Another version",
    ),
    "cuDNN": (
        "print('loaded'); print('convolution'); raise ValueError('DNN library is not found.')",
        "DNN library is not found. cuDNN is missing, or doesn't fit this TensorFlow. Install it: pip install",
    ),
    "libdevice": (
        "print('loaded'); print('compiled'); raise ValueError('libdevice not found at ./libdevice.10.bc')",
        "CUDA's libdevice is missing. Install it: pip install 'tuinn[cuda]'.",
    ),
    "a wrong result": (
        "print('loaded'); print('matmul'); raise ArithmeticError('the card computes 63 where 64 is right')",
        "in a matrix product: ArithmeticError: the card computes 63 where 64 is right. Another",
    ),
    "leaves early": ("print('loaded'); print('matmul')", "TensorFlow failed on it in a matrix product. An"),
    "nonsense": (
        "print('works not'); print('what'); sys.exit(3)",
        "TensorFlow failed on it while it was load",
    ),
    "bytes": (
        "sys.stdout.buffer.write(b'\\xff\\n' * 9000 + b'loaded\\n'); sys.stdout.flush(); os.abort()",
        "TensorFlow crashed on it while it made the card ready (SIGABRT)",
    ),
}


@pytest.mark.parametrize(("code", "words"), CRASHES.values(), ids=CRASHES)
def test_a_process_that_ends_badly_becomes_a_sentence(code: str, words: str) -> None:
    told = sentence(H200, tried(code))
    assert told.startswith("GPU:0 (NVIDIA H200) can't be used: ")
    assert words in told


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (HANGS, "gave no answer in a matrix product within 1 s"),
        ("time.sleep(600)", "gave no answer while it was loaded within 1 s"),
        (f"{WORKS}\ntime.sleep(600)", "gave no answer in a compiled function within 1 s"),
        (
            "print('loaded')\nwhile True: print('loaded')",
            "gave no answer while it made the card ready within",
        ),
    ],
)
def test_a_process_that_hangs_is_ended_and_becomes_a_sentence(
    monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    monkeypatch.setattr(card_check, "LOAD_SECONDS", 1.0)
    monkeypatch.setattr(card_check, "TRY_SECONDS", 1.0)
    begun = time.monotonic()
    assert words in sentence(H200, tried(code))
    assert time.monotonic() - begun < 20


def test_the_time_for_the_steps_begins_when_tensorflow_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_check, "LOAD_SECONDS", 60.0)
    monkeypatch.setattr(card_check, "TRY_SECONDS", 0.5)
    begun = time.monotonic()
    assert tried(HANGS).kind == "hangs"
    assert time.monotonic() - begun < 30


def test_a_user_who_stops_the_run_does_not_wait_for_a_card_that_hangs() -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start(number: int, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        started.append(program(HANGS)(number, log))
        return started[0]

    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        try_card(0, stop, start)
    assert started[0].returncode == -9


def test_a_program_that_cannot_be_started_is_a_failure() -> None:
    def start(_number: int, _log: IO[bytes]) -> "subprocess.Popen[bytes]":
        raise FileNotFoundError(2, "No such file or directory")

    verdict = try_card(0, lambda: None, start)
    assert (verdict.kind, verdict.detail, verdict.is_lasting) == ("fails", "No such file or directory", False)


# ------------------------------------------------------------------------------------------- what is remembered


def counted(code: str, times: list[int]) -> Callable[[int, IO[bytes]], "subprocess.Popen[bytes]"]:
    def start(number: int, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        times.append(number)
        return program(code)(number, log)

    return start


@pytest.mark.parametrize("code", [WORKS, "print('loaded'); os.abort()"])
def test_a_verdict_is_remembered_and_tried_anew_when_asked_to(code: str) -> None:
    times: list[int] = []
    began: list[Card] = []
    first = check_card(H200, began=began.append, start=counted(code, times))
    assert check_card(H200, began=began.append, start=counted(code, times)) == first
    assert (times, began) == ([0], [H200])
    check_card(H200, again=True, start=counted(code, times))
    assert times == [0, 0]


def test_a_verdict_holds_for_one_card_one_driver_and_one_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[int] = []
    check_card(H200, start=counted(WORKS, times))
    check_card(OTHER, start=counted(WORKS, times))
    monkeypatch.setattr(card_check, "_tensorflow", lambda: "tensorflow 99")
    check_card(H200, start=counted(WORKS, times))
    monkeypatch.setattr(card_check, "find_cards", lambda: graphics_card.CardFacts(driver="999.1"))
    check_card(H200, start=counted(WORKS, times))
    monkeypatch.setattr(card_check, "card_identity", lambda _: "GPU-of-the-same-kind")
    check_card(H200, start=counted(WORKS, times))
    assert times == [0, 1, 0, 0, 0]
    check_card(H200, start=counted(WORKS, times))
    assert len(times) == 5


NOT_LASTING = {
    "no memory": "print('loaded'); print('matmul'); raise MemoryError('CUDA_ERROR_OUT_OF_MEMORY')",
    "not loaded": "raise ImportError('no module named tensorflow')",
}


@pytest.mark.parametrize("code", NOT_LASTING.values(), ids=NOT_LASTING)
def test_what_may_pass_is_not_remembered(code: str) -> None:
    assert check_card(H200, start=program(code)).kind in ("full", "fails")
    assert check_card(H200, start=program(WORKS)).kind == "works"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"a": 3}', "\xff"])
def test_a_damaged_file_of_verdicts_costs_one_more_try(content: str) -> None:
    file = card_check.verdicts_file()
    file.parent.mkdir(parents=True)
    file.write_text(content, encoding="latin-1")
    times: list[int] = []
    check_card(H200, start=counted(WORKS, times))
    check_card(H200, start=counted(WORKS, times))
    assert times == [0]


def test_a_file_that_cannot_be_written_costs_one_more_try() -> None:
    card_check.verdicts_file().mkdir(parents=True)
    assert check_card(H200, start=program(WORKS)).kind == "works"


# ------------------------------------------------------------------------------------ which card, and its memory

WORKING, BROKEN = Verdict("works", "compiled"), Verdict("crashed", "matmul", "SIGABRT")


def test_another_card_computes_where_the_first_one_cannot() -> None:
    found = first_usable([H200, OTHER], lambda card: BROKEN if card is H200 else WORKING, lambda _: None)
    assert found.card is OTHER
    (problem,) = found.problems
    assert problem.startswith("GPU:0 (NVIDIA H200) can't be used: TensorFlow crashed")


def test_where_no_card_can_be_used_each_is_named() -> None:
    found = first_usable([H200, OTHER], lambda _: BROKEN, lambda _: None)
    assert found.card is None
    assert [problem[:5] for problem in found.problems] == ["GPU:0", "GPU:1"]


def test_a_full_card_is_not_even_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_check, "FREE_SECONDS", 0.0)
    memory = {0: CardMemory(GB // 3, 80 * GB, (4711, 4712)), 1: CardMemory(15 * GB, 16 * GB)}
    asked: list[Card] = []

    def check(card: Card) -> Verdict:
        asked.append(card)
        return WORKING

    found = first_usable([H200, OTHER], check, memory.get)
    assert (found.card, asked, found.warning) == (OTHER, [OTHER], "")
    assert found.problems == (
        "GPU:0 (NVIDIA H200) is full: 333.3 MB of 80.0 GB are free, held by process 4711, 4712. Stop what holds it, or wait.",
    )


def test_a_card_that_gets_free_in_time_is_taken() -> None:
    rooms = iter([CardMemory(0, 80 * GB), CardMemory(0, 80 * GB), CardMemory(79 * GB, 80 * GB)])
    ticks: list[int] = []
    found = first_usable([H200], lambda _: WORKING, lambda _: next(rooms), lambda: ticks.append(1))
    assert (found.card, found.problems, len(ticks)) == (H200, (), 2)


def test_a_card_that_others_use_too_is_taken_with_a_warning() -> None:
    found = first_usable([H200], lambda _: WORKING, lambda _: CardMemory(20 * GB, 80 * GB, (7,)))
    assert found.card is H200
    assert found.warning == (
        "GPU:0 (NVIDIA H200) is shared: 20.0 GB of 80.0 GB are free, held by process 7. "
        "If the training runs out of memory, set a smaller batch_size."
    )


class NVMLError(Exception):
    pass


def refuse(*_: object) -> None:
    raise NVMLError


def driver(**more: object) -> SimpleNamespace:
    """What pynvml looks like; `more` replaces a question."""
    return SimpleNamespace(
        **{
            "NVMLError": NVMLError,
            "nvmlInit": lambda: None,
            "nvmlDeviceGetHandleByIndex": lambda number: number,
            "nvmlDeviceGetMemoryInfo": lambda card: SimpleNamespace(used=30 * GB, total=80 * GB),
            "nvmlDeviceGetComputeRunningProcesses": lambda card: [
                SimpleNamespace(pid=12),
                SimpleNamespace(pid=13),
            ],
            "nvmlDeviceGetUUID": lambda card: f"GPU-{card}",
            **more,
        }
    )


def test_memory_and_identity_are_those_of_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,5")
    monkeypatch.setitem(sys.modules, "pynvml", driver())
    assert graphics_card.card_memory(1) == CardMemory(50 * GB, 80 * GB, (12, 13))
    assert graphics_card.card_identity(1) == "GPU-5"
    monkeypatch.setitem(sys.modules, "pynvml", driver(nvmlDeviceGetComputeRunningProcesses=refuse))
    assert graphics_card.card_memory(1) == CardMemory(50 * GB, 80 * GB)


@pytest.mark.parametrize("module", [None, driver(nvmlInit=refuse), driver(nvmlDeviceGetHandleByIndex=refuse)])
def test_without_a_driver_nothing_is_known_of_memory(module: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", module)
    assert graphics_card.card_memory(0) is None
    assert graphics_card.card_identity(0) == "0"
