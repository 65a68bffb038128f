"""How long a long journal takes to open: read, decoded, and folded into a view.

    python benchmarks/long_journal.py [--events 1000000]

The journal is written first: a hundred epochs of reports each. The goal is 2.5 s for a million events.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import msgspec

from tuinn.runs.events import (
    AnyEvent,
    BatchEnded,
    DataLoaded,
    EpochEnded,
    EpochStarted,
    Event,
    Predicted,
    RunStarted,
)
from tuinn.runs.journal import JournalReader
from tuinn.view.run_view import RunView

STEPS = 469


def main() -> None:
    told = arguments()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "events.jsonl"
        write(file, told.events, told.per_epoch)
        print(f"{told.events:,} events, {file.stat().st_size / 1e6:.0f} MB")
        file.read_bytes()  # in the cache, as a journal that was just written is
        began = time.perf_counter()
        reader: JournalReader[AnyEvent] = JournalReader(file, AnyEvent)
        view, count = RunView(), 0
        while events := reader.read_bulk():
            count += len(events)
            for event in events:
                view.apply(event)
        spent = time.perf_counter() - began
        print(f"opened in {spent:.2f} s: {count:,} events folded, {len(view.finished):,} epochs, goal 2.5 s")
        began = time.perf_counter()
        everything = len(JournalReader(file, AnyEvent).read_all())
        print(f"read_all, every event as an object: {time.perf_counter() - began:.2f} s for {everything:,}")
        print(
            f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB, with that list"
        )


def write(file: Path, events: int, per_epoch: int) -> None:
    encode = msgspec.json.Encoder().encode
    at, lines, epoch = 1.7e9, 0, 0
    with file.open("wb") as out:

        def say(event: Event) -> None:
            nonlocal lines
            out.write(encode(event) + b"\n")
            lines += 1

        say(RunStarted(at=at, run="long", host="box", pid=1, tuinn="0.1.0", epochs=10**6))
        say(DataLoaded(at=at, name="x", train=60000, validation=6000, test=10000, shape=(28, 28), classes=()))
        while lines < events:
            epoch += 1
            say(EpochStarted(at=at, epoch=epoch, steps=STEPS))
            for report in range(1, per_epoch + 1):
                at += 0.1
                step = STEPS * report // per_epoch
                metrics: dict[str, float | None] = {
                    "accuracy": 0.8123456789 + 1e-9 * step,
                    "loss": 0.5123456789 - 1e-9 * step,
                }
                say(BatchEnded(at=at, epoch=epoch, step=step, samples=step * 128, metrics=metrics))
            metrics = {"accuracy": 0.81, "loss": 0.51, "val_accuracy": 0.8, "val_loss": 0.5}
            say(EpochEnded(at=at, epoch=epoch, metrics=metrics, seconds=1.5, learning_rate=1e-3))
            say(Predicted(at=at, epoch=epoch, count=1000, mistakes=200))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--per-epoch", type=int, default=20, help="reports in an epoch")
    return parser.parse_args()


if __name__ == "__main__":
    main()
