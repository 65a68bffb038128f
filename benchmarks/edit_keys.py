"""From a key that edits the stack to the screen that shows it, in a real terminal at 120×40; and a long way back.

    python -m benchmarks.edit_keys [EDITS]

Each of EDITS (40) adds a layer by line entry, is taken back, and duplicates one: for each, milliseconds until the last
byte of the answer and the bytes it took, medians and 95th percentiles (goal ≤ 50 ms and ≤ 10 kB), and
the milliseconds that tuinn computed, which don't depend on who else computes. Then 1,000 edits of
a draft in this process, all taken back and done again: milliseconds a step and bytes of memory an edit (goal: instant,
flat).
"""

import os
import statistics
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

from tests.e2e.terminal import Terminal
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.presets.catalog import default_draft
from tuinn.view.draft import Draft, EditHistory

QUIET = 0.12
"""Seconds without a byte after which the answer is taken to be whole."""

MANY = 1000


Answer = tuple[float, float, float, int]
"""Milliseconds until the first byte and until the last one, milliseconds of processor, and how many bytes there were."""

TICK = 1000 / os.sysconf("SC_CLK_TCK")


def processor(pid: int) -> float:
    """Milliseconds that a process has computed so far, in steps of a clock tick."""
    return TICK * sum(map(int, Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))


def answer(terminal: Terminal, keys: str) -> Answer:
    """What a key changes on the screen."""
    before, computed, began = terminal.written, processor(terminal.pid), time.perf_counter()
    terminal.press(keys)
    first = last = began
    while terminal.wait_for_byte(QUIET if last > began else 2.0) is not None:
        last = time.perf_counter()
        first = first if first > began else last
    took = processor(terminal.pid) - computed
    return 1000 * (first - began), 1000 * (last - began), took, terminal.written - before


def told(what: str, found: list[Answer]) -> None:
    firsts, lasts, computed, sizes = (sorted(column) for column in zip(*found, strict=True))
    p95 = int(0.95 * len(found))
    print(
        f"{what}: first byte {statistics.median(firsts):.0f} ms median, {firsts[p95]:.0f} ms p95; last byte "
        f"{statistics.median(lasts):.0f} ms median, {lasts[p95]:.0f} ms p95; processor {statistics.mean(computed):.0f} ms; "
        f"{statistics.median(sizes) / 1e3:.1f} kB median, {sizes[-1] / 1e3:.1f} kB most"
    )


def in_a_terminal(edits: int) -> None:
    with (
        tempfile.TemporaryDirectory() as home,
        Terminal(
            [sys.executable, "-m", "tuinn"], (120, 40), {"TUINN_HOME": home, "TUINN_STANDBY": "0"}
        ) as terminal,
    ):
        terminal.expect("131,460 parameters")
        terminal.pump(1)
        answer(terminal, "2")
        answer(terminal, "\x1b[B\x1b[B")
        added, undone, doubled = [], [], []
        for at in range(edits):
            answer(terminal, "i")
            answer(terminal, f"dense {32 + at} relu")
            added.append(answer(terminal, "\r"))
            undone.append(answer(terminal, "u"))
            doubled.append(answer(terminal, "D"))
            answer(terminal, "u")
        told("a typed layer added", added)
        told("taken back", undone)
        told("a layer doubled", doubled)


def a_long_way_back() -> None:
    history = EditHistory(Draft(default_draft()))
    tracemalloc.start()
    for at in range(MANY):
        if at == MANY // 10:
            early = tracemalloc.get_traced_memory()[0]
        model = history.draft.spec.model
        fresh = model.change(2, LayerSpec.of("Dense", units=at + 1, activation="relu"))
        history.edit(Draft(history.draft.spec.with_model(fresh)))
        shown(history.draft)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    steps = []
    for step in (history.undo, history.redo):
        for _ in range(MANY):
            began = time.perf_counter()
            step()
            shown(history.draft)
            steps.append(1000 * (time.perf_counter() - began))
    print(
        f"{MANY:,} edits taken back and done again: {statistics.median(steps):.3f} ms median, "
        f"{max(steps):.2f} ms worst; {(held - early) / (0.9 * MANY) / 1e3:.1f} kB kept an edit"
    )


def shown(draft: Draft) -> None:
    """What the screen asks of a draft."""
    assert draft.summary.rows
    assert draft.problems is not None


if __name__ == "__main__":
    in_a_terminal(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
    a_long_way_back()
