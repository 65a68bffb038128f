"""A worker without TensorFlow, started as `python -m tuinn.worker` is: an epoch every so often, with a checkpoint after each.

    python -m tests.runner.cluster.fake_trial run FOLDER [--resume] [--commands-from OFFSET]

The loss is the learning rate over the epoch, not finite above 0.9. `TUINN_FAKE_EPOCH` has the seconds of an epoch. Who
was started when stands in `starts` of its TUINN_HOME, and with which card in `cards`.
"""

import os
import sys
import time
from pathlib import Path

from tuinn.runs.commands import AnyCommand, Pause, Quit, Resume, Stop
from tuinn.runs.events import Checkpointed, EpochEnded, Paused, Resumed, RunEnded, RunResumed, RunStarted
from tuinn.runs.folder import RunFolder, home
from tuinn.runs.journal import JournalReader, JournalWriter

EPOCH_SECONDS = float(os.environ.get("TUINN_FAKE_EPOCH", "0.02"))
IDLE_SECONDS = 60.0


def train(run: RunFolder, resume: bool, offset: int) -> None:
    say, asked = JournalWriter(run.events_file), run.commands(offset)
    done = int(run.last_checkpoint.read_text()) if resume and run.last_checkpoint.exists() else 0
    with (home() / "starts").open("a") as starts:
        starts.write(f"{run.name} {done + 1}\n")
    with (home() / "cards").open("a") as cards:
        cards.write(os.environ.get("CUDA_VISIBLE_DEVICES", "none") + "\n")
    epochs, rate = run.spec().fit.epochs, run.spec().fit.learning_rate
    if resume:
        say.append(RunResumed(at=time.time(), epoch=done + 1, step=0, epochs=epochs))
    else:
        say.append(
            RunStarted(at=time.time(), run=run.name, host="box", pid=os.getpid(), tuinn="0", epochs=epochs)
        )
    run.checkpoints.mkdir(exist_ok=True)
    paused = False
    while done < epochs:
        for command in asked.read_all():
            if isinstance(command, Stop):
                save(run, say, done)
                say.append(RunEnded(at=time.time(), outcome="stopped", message="Stopped."))
                serve(asked)
                return
            if isinstance(command, Pause):
                paused = True
                say.append(Paused(at=time.time(), epoch=done, step=0))
            if isinstance(command, Resume):
                paused = False
                say.append(Resumed(at=time.time(), epoch=done, step=0, seconds=1.0))
        run.write_whole(run.heartbeat_file, b"30")
        if not paused:
            done += 1
            loss = rate / done if rate < 0.9 else None
            say.append(
                EpochEnded(
                    at=time.time(), epoch=done, metrics={"val_loss": loss}, seconds=1.0, learning_rate=rate
                )
            )
            run.write_whole(run.last_checkpoint, str(done).encode())
            run.write_whole(run.checkpoints / "best.npz", str(done).encode())
            say.append(Checkpointed(at=time.time(), epoch=done, file="checkpoints/last.npz"))
        time.sleep(EPOCH_SECONDS)
    save(run, say, done)
    say.append(RunEnded(at=time.time(), outcome="finished"))
    serve(asked)


def save(run: RunFolder, say: JournalWriter, done: int) -> None:
    run.write_whole(run.model_file, f"{run.name} {done}".encode())
    (run.path / "reports").mkdir(exist_ok=True)
    (run.path / "reports" / "test.json").write_text("{}")
    say.append(Checkpointed(at=time.time(), epoch=done, file="model.keras"))


def serve(asked: JournalReader[AnyCommand]) -> None:
    """Until it is told to quit, or a minute is over."""
    until = time.monotonic() + IDLE_SECONDS
    while time.monotonic() < until and not any(isinstance(one, Quit) for one in asked.read_all()):
        time.sleep(0.02)


if __name__ == "__main__":
    folder, words = RunFolder(Path(sys.argv[2])), sys.argv[3:]
    resumes = "--resume" in words
    first = int(words[words.index("--commands-from") + 1]) if "--commands-from" in words else 0
    with folder.hold_lock() as held:
        assert held, "another worker has it"
        train(folder, resumes, first)
