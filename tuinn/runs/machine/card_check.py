"""Whether TensorFlow can compute on a card: tried in a process of its own, which may crash or hang, and remembered.

Without TensorFlow in this process. `tuinn.worker.card_steps` is the program that computes.
"""

import os
import re
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import IO, Literal

import msgspec

from tuinn.atomic_io import read_stored, write_whole
from tuinn.programs import own_program
from tuinn.runs.folder import home
from tuinn.runs.machine.graphics_card import CardMemory, card_identity, card_memory, find_cards
from tuinn.text import format_bytes

LOAD_SECONDS = 90.0
"""That the process gets to load TensorFlow: a disk may be slow."""

TRY_SECONDS = 20.0
"""That it gets for all steps afterwards."""

LEAST_FREE = 1_000_000_000
"""Bytes of a card below which not even CUDA, cuDNN and a small network have room."""

FREE_SECONDS = 10.0
"""That a full card is watched: a worker that has just ended may be about to leave."""

UNNAMED = "unnamed card"
"""The name of a card that has none."""

LOOK = 0.2
"""Seconds between two calls of `tick`."""

MOST_LOG = 200_000
"""Bytes of the process's stderr that are read, from its end."""

STEPS = {
    "loaded": "while it made the card ready",
    "matmul": "in a matrix product",
    "convolution": "in a convolution",
    "compiled": "in a compiled function",
}
"""What the process says before each step → where it was when it ended."""

WORDS = (*STEPS, "works")
"""All that the process says; other lines are passed over."""

HINTS = (
    (
        r"no kernel image|not built with CUDA kernel|NO_BINARY_FOR_GPU|INVALID_PTX|UNSUPPORTED_PTX",
        "This TensorFlow has no kernels for a card of its generation. Use a newer build of TensorFlow that has them.",
    ),
    (r"libdevice", "CUDA's libdevice is missing. Install it: pip install 'tuinn[cuda]'"),
    (r"ptxas", "CUDA's ptxas is missing or too old. Install it: pip install 'tuinn[cuda]'"),
    (
        r"DNN library|(?i:cudnn).*(not found|could not|mismatch|initiali|compiled with)|CUDNN_STATUS",
        "cuDNN is missing, or doesn't fit this TensorFlow. Install it: pip install 'tuinn[cuda]'",
    ),
    (
        r"driver version is insufficient|INSUFFICIENT_DRIVER|SYSTEM_DRIVER_MISMATCH",
        "The driver is too old for this TensorFlow. Install a newer one.",
    ),
)
"""What the log of the process may hold → what is wrong, and what to do."""

NO_ROOM = r"RESOURCE_EXHAUSTED|ResourceExhausted|OUT_OF_MEMORY|out of memory"

Start = Callable[[int, IO[bytes]], "subprocess.Popen[bytes]"]
"""Starts the process for a card's number, with its stderr in this file and a pipe for its stdout."""


@dataclass(frozen=True)
class Card:
    """A card that TensorFlow sees."""

    number: int
    """As TensorFlow counts."""
    name: str
    """Of the product."""

    @property
    def label(self) -> str:
        return f"GPU:{self.number} ({self.name})"


class Verdict(msgspec.Struct, frozen=True):
    """What became of a process that computed on a card."""

    kind: Literal["works", "crashed", "hangs", "fails", "full"]
    step: str = ""
    """One of STEPS, the last that began; empty: TensorFlow was not even loaded."""
    detail: str = ""
    """The signal, or what the error says."""
    hint: str = ""
    """What is wrong, and what to do, where the log tells."""

    @property
    def is_lasting(self) -> bool:
        """Whether it would be the same next time. Memory comes and goes, and loading may be slow once."""
        return self.kind != "full" and bool(self.step)


def sentence(card: Card, verdict: Verdict) -> str:
    """Which card can't be used, why, and what to do; empty where it works."""
    where = f" {STEPS[verdict.step]}" if verdict.step in STEPS else " while it was loaded"
    match verdict.kind:
        case "works":
            return ""
        case "crashed":
            what = f"TensorFlow crashed on it{where} ({verdict.detail})"
        case "hangs":
            what = f"TensorFlow gave no answer{where} within {verdict.detail}"
        case "full":
            what = "its memory was taken by other programs when it was tried"
        case "fails":
            what = f"TensorFlow failed on it{where}" + (f": {verdict.detail}" if verdict.detail else "")
    fix = verdict.hint or (
        "Try again later."
        if verdict.kind == "full"
        else "Another version of TensorFlow or of the driver may help."
    )
    again = " `tuinn doctor --deep` tries it again." if verdict.is_lasting else ""
    return f"{card.label} can't be used: {what.rstrip('.')}. {fix.rstrip('.')}.{again}"


@dataclass(frozen=True)
class Found:
    """A card to compute on, and what the user has to know."""

    card: Card | None
    """None: no card can be used."""
    problems: tuple[str, ...] = ()
    """Why those before it can't be used."""
    warning: str = ""
    """What may go wrong with this one."""


def first_usable(
    cards: Sequence[Card],
    check: Callable[[Card], Verdict],
    memory: Callable[[int], CardMemory | None] = card_memory,
    tick: Callable[[], None] = lambda: None,
) -> Found:
    """The first of these cards that has room and that TensorFlow can use, and why others can't be.

    `check` says how a card does; `tick` is called again and again while that takes time.
    """
    problems: list[str] = []
    for card in cards:
        room = _await_room(card, memory, tick)
        if room is not None and room.free < LEAST_FREE:
            problems.append(f"{card.label} is full: {_taken(room)}. Stop what holds it, or wait.")
            continue
        verdict = check(card)
        if verdict.kind == "works":
            shared = room is not None and room.free < room.total / 2
            advice = "If the training runs out of memory, set a smaller batch_size."
            warning = f"{card.label} is shared: {_taken(room)}. {advice}" if room and shared else ""
            return Found(card, tuple(problems), warning)
        problems.append(sentence(card, verdict))
    return Found(None, tuple(problems))


def _await_room(
    card: Card, memory: Callable[[int], CardMemory | None], tick: Callable[[], None]
) -> CardMemory | None:
    """The card's memory, as soon as there is some, or at the end of patience; None where its driver doesn't say."""
    until = time.monotonic() + FREE_SECONDS
    while (room := memory(card.number)) is not None and room.free < LEAST_FREE and time.monotonic() < until:
        tick()
        time.sleep(LOOK)
    return room


def _taken(room: CardMemory) -> str:
    holders = ", ".join(str(pid) for pid in room.processes[:4])
    by = f", held by process {holders}" if holders else ""
    return f"{format_bytes(room.free)} of {format_bytes(room.total)} are free{by}"


# ------------------------------------------------------------------------------------------- what is remembered


def verdicts_file() -> Path:
    return home() / "cards.json"


def check_card(
    card: Card,
    tick: Callable[[], None] = lambda: None,
    began: Callable[[Card], None] = lambda card: None,
    again: bool = False,
    start: "Start | None" = None,
) -> Verdict:
    """Whether TensorFlow can compute on this card: as it is remembered, or else tried. `again`: tried in any case.

    Remembered for each version of driver and TensorFlow. `began` is called where it is tried, `tick` again and again
    meanwhile; whatever that raises ends it.
    """
    key = f"{_tensorflow()} · driver {find_cards().driver or 'unknown'} · {card.name} · {card_identity(card.number)}"
    known = _read()
    if not again and key in known:
        return known[key]
    began(card)
    verdict = try_card(card.number, tick, start or start_steps)
    if verdict.is_lasting:
        _write({**_read(), key: verdict})
    return verdict


def _tensorflow() -> str:
    """The version that is installed."""
    for name in ("tensorflow", "tensorflow-cpu", "tf-nightly"):
        with suppress(metadata.PackageNotFoundError):
            return f"{name} {metadata.version(name)}"
    return "tensorflow"


def _read() -> dict[str, Verdict]:
    try:
        return msgspec.json.decode(read_stored(verdicts_file()), type=dict[str, Verdict])
    except (OSError, ValueError):
        return {}


def _write(verdicts: dict[str, Verdict]) -> None:
    """A disk that refuses costs that it is tried once more."""
    with suppress(OSError):
        home().mkdir(parents=True, exist_ok=True)
        write_whole(verdicts_file(), msgspec.json.format(msgspec.json.encode(verdicts)), durable=False)


# --------------------------------------------------------------------------------------------- the process itself


def start_steps(number: int, log: IO[bytes]) -> "subprocess.Popen[bytes]":
    """Start the program that computes on this card."""
    return subprocess.Popen(
        own_program("tuinn.worker", "card-steps", str(number)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        start_new_session=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "0", "PYTHONUNBUFFERED": "1"},
    )


def try_card(number: int, tick: Callable[[], None], start: Start = start_steps) -> Verdict:
    """Compute on this card in a process of its own, and say what became of it. Whatever `tick` raises ends it."""
    with tempfile.TemporaryFile() as log:
        try:
            process = start(number, log)
        except OSError as error:
            return Verdict("fails", "", error.strerror or str(error))
        try:
            said = _listen(process, tick)
        finally:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if process.stdout:
                process.stdout.close()
        log.seek(max(log.seek(0, os.SEEK_END) - MOST_LOG, 0))
        return _verdict(said, log.read(MOST_LOG).decode(errors="replace"))


@dataclass
class _Said:
    """What the process said, and how it ended."""

    words: list[str]
    code: int | None = None
    """None: it took too long."""


def _listen(process: "subprocess.Popen[bytes]", tick: Callable[[], None]) -> _Said:
    """Read what the process says until it ends, or has taken too long."""
    said, line = _Said([]), b""
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        until = time.monotonic() + LOAD_SECONDS
        while time.monotonic() < until:
            tick()
            if not selector.select(LOOK):
                continue
            part = os.read(process.stdout.fileno(), 4096)
            if not part:  # it has ended, or is about to
                with suppress(subprocess.TimeoutExpired):
                    said.code = process.wait(max(until - time.monotonic(), 0))
                return said
            *lines, line = (line + part).split(b"\n")
            line = line[-4096:]
            new = [word for word in (one.decode(errors="replace").strip() for one in lines) if word in WORDS]
            if new and not said.words:
                until = time.monotonic() + TRY_SECONDS
            said.words += new
    return said


def _verdict(said: _Said, log: str) -> Verdict:
    step = next((word for word in reversed(said.words) if word in STEPS), "")
    if said.code == 0 and "works" in said.words:
        return Verdict("works", step)
    hint = next((words for pattern, words in HINTS if re.search(pattern, log)), "")
    if said.code is None:
        seconds = TRY_SECONDS if said.words else LOAD_SECONDS
        return Verdict("hangs", step, f"{seconds:.0f} s", hint)
    if not hint and re.search(NO_ROOM, log):
        return Verdict("full", step)
    if said.code < 0:
        return Verdict("crashed", step, _signal_name(-said.code), hint)
    return Verdict("fails", step, _error_in(log), hint)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _error_in(log: str) -> str:
    """The line of the log that says most: the last of an exception, else the last of all; cut to 200 characters."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"[\w.]+(Error|Exception)\b", line)]
    return (errors or lines or [""])[-1][:200]
