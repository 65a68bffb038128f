"""Whole lines in, whole lines out, whatever happens to the file between."""

import json
import multiprocessing
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Write
from tests.factories import whole_run
from tuinn.data.predictions import read_predictions
from tuinn.errors import FolderError
from tuinn.runs.annotations import Annotations, annotations_file, read_annotations
from tuinn.runs.commands import AnyCommand, Evaluate, Predict, Quit, Stop
from tuinn.runs.events import AnyEvent, BatchEnded, EpochStarted, Noted, PictureAnswered, finite
from tuinn.runs.journal import JournalReader, JournalWriter
from tuinn.runs.launch import open_log
from tuinn.runs.worker_record import FILE, read_record
from tuinn.ui.dialogs.log_view import last_lines
from tuinn.worker.heartbeat import LONG, Heartbeat

STORY = [
    *(msgspec.structs.replace(event, at=float(event.at)) for event in whole_run()),
    Noted(message="Ein Wörtchen\u2028mit \x1b[2J und \u0085 darin", level="warning"),
    PictureAnswered(request="a", file="/a b.png", outputs=(0.25, None), steps=("made grey",)),
]
LINES = [msgspec.json.encode(event) + b"\n" for event in STORY]
JOURNAL = b"".join(LINES)


def read(path: Path, **more: int) -> tuple[list[AnyEvent], int]:
    reader: JournalReader[AnyEvent] = JournalReader(path, AnyEvent, **more)
    return reader.read_all(), reader.skipped


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


@given(cuts=st.lists(st.integers(0, len(JOURNAL))), limit=st.integers(1, 2000))
def test_a_journal_read_in_any_pieces_tells_the_same_story(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], limit: int
) -> None:
    path = tmp_path_factory.mktemp("run") / "events.jsonl"
    reader: JournalReader[AnyEvent] = JournalReader(path, AnyEvent)
    told = reader.read_new(limit)
    with path.open("wb", buffering=0) as growing:
        for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(JOURNAL)], strict=True):
            growing.write(JOURNAL[start:end])
            told += reader.read_new(limit)
    told += reader.read_all()
    assert told == STORY
    assert reader.skipped == 0


def test_an_event_decoded_and_encoded_again_is_the_same_line() -> None:
    for line in LINES:
        assert msgspec.json.encode(msgspec.json.decode(line, type=AnyEvent)) + b"\n" == line


@pytest.mark.parametrize(
    "command", [Stop(), Quit(), Predict(request="a", file="/é.png"), Evaluate(request="b")]
)
def test_a_command_comes_back_as_it_went(tmp_path: Path, command: Stop | Quit | Predict | Evaluate) -> None:
    appender = JournalWriter(tmp_path / "commands.jsonl")
    appender.append(command)
    appender.close()
    assert JournalReader(tmp_path / "commands.jsonl", AnyCommand).read_all() == [command]


def test_a_journal_that_is_not_there_yet_tells_nothing(journal: Path) -> None:
    assert read(journal) == ([], 0)


def test_a_torn_last_line_is_left_for_later_and_not_counted(journal: Path) -> None:
    journal.write_bytes(LINES[0] + LINES[1][:-10])
    reader: JournalReader[AnyEvent] = JournalReader(journal, AnyEvent)
    assert reader.read_all() == STORY[:1]
    with journal.open("ab") as growing:
        growing.write(LINES[1][-10:])
    assert reader.read_all() == STORY[1:2]
    assert reader.skipped == 0


BAD_LINES = {
    "torn": LINES[1][:-10] + b"\n",
    "of a kind from a newer version": b'{"kind":"Dreamt","at":3.0}\n',
    "without a kind": b'{"at":3.0}\n',
    "with a field missing": b'{"kind":"EpochStarted","epoch":1}\n',
    "with a field of another type": b'{"kind":"EpochStarted","epoch":"one","steps":2}\n',
    "of NUL bytes, as a power cut leaves them": b"\0" * 500 + b"\n",
    "not in UTF-8": b'{"kind":"Noted","message":"\xff\xfe"}\n',
    "no object": b"[1]\n",
    "nested beyond reason": b"[" * 100_000 + b"\n",
    "with a new field nested beyond reason": b'{"kind":"EpochStarted","mood":' + b"[" * 100_000 + b"\n",
    "with a carriage return inside": b'{"kind":"Noted",\r"message":3}\n',
}


@pytest.mark.parametrize("bad", BAD_LINES.values(), ids=BAD_LINES)
def test_a_line_that_cannot_be_read_is_skipped_and_counted(journal: Path, bad: bytes) -> None:
    journal.write_bytes(LINES[0] + bad + LINES[1])
    assert read(journal) == (STORY[:2], 1)


def test_fields_from_a_newer_version_are_passed_over(journal: Path) -> None:
    journal.write_bytes(b'{"kind":"EpochStarted","epoch":1,"steps":2,"mood":"good"}\n')
    assert read(journal) == ([EpochStarted(epoch=1, steps=2)], 0)


def test_empty_lines_are_nothing(journal: Path) -> None:
    journal.write_bytes(b"\n" + LINES[0] + b"\n\n" + LINES[1])
    assert read(journal) == (STORY[:2], 0)


def test_a_line_longer_than_a_read_is_read_whole(journal: Path) -> None:
    long = Noted(message="x" * 10_000)
    journal.write_bytes(LINES[0] + msgspec.json.encode(long) + b"\n")
    assert JournalReader(journal, AnyEvent).read_new(limit=100) == STORY[:1]
    assert read(journal) == ([STORY[0], long], 0)


def test_reading_from_an_offset_tells_what_came_after_it(journal: Path) -> None:
    journal.write_bytes(JOURNAL)
    assert read(journal, offset=len(LINES[0])) == (STORY[1:], 0)


def test_a_writer_that_died_in_mid_line_costs_its_line_only(journal: Path) -> None:
    journal.write_bytes(LINES[0] + LINES[1][:-10])
    appender = JournalWriter(journal)
    appender.append(STORY[2])
    appender.close()
    assert read(journal) == ([STORY[0], STORY[2]], 1)


def append_many(path: Path, writer: int) -> None:
    appender = JournalWriter(path)
    for number in range(500):
        appender.append(Noted(message=f"{writer} {number} " + "x" * (number % 300)))
    appender.close()


def test_a_reader_that_is_far_behind_passes_over_reports_and_nothing_else(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tuinn.runs.journal.FAR_BEHIND", 2000)
    reports = [
        BatchEnded(epoch=1, step=step, samples=step, metrics={"loss": 1.0 / step}) for step in range(1, 500)
    ]
    lines = [msgspec.json.encode(event) + b"\n" for event in [*STORY, *reports, *STORY]]
    journal.write_bytes(b"".join(lines))
    reader: JournalReader[AnyEvent] = JournalReader(journal, AnyEvent)
    told: list[AnyEvent] = []
    while new := reader.read_bulk(5000):
        told += new
    assert [event for event in told if not isinstance(event, BatchEnded)] == [
        event for event in [*STORY, *STORY] if not isinstance(event, BatchEnded)
    ]
    assert 10 < sum(isinstance(event, BatchEnded) for event in told) < 250
    assert reader.offset == journal.stat().st_size
    assert reader.skipped == 0


def test_two_that_append_at_once_keep_their_lines_whole_and_in_order(journal: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=append_many, args=(journal, name)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    told, skipped = read(journal)
    assert skipped == 0
    messages = [event.message for event in told if isinstance(event, Noted)]
    assert len(messages) == len(told)
    for name in "ab":
        numbers = [int(text.split()[1]) for text in messages if text.startswith(name)]
        assert numbers == list(range(500))


def test_what_is_not_finite_travels_as_null() -> None:
    metrics = finite({"loss": float("nan"), "val_loss": float("-inf"), "accuracy": 0.5})
    assert metrics == {"loss": None, "val_loss": None, "accuracy": 0.5}
    assert json.loads(msgspec.json.encode(metrics)) == metrics


@pytest.mark.parametrize("damage", [b'{"title":"\xff"}', b'{"mood":' + b"[" * 100_000, b"[]", b""])
def test_a_damaged_file_of_a_run_counts_as_none(write_run: Write, damage: bytes) -> None:
    folder = write_run()
    for file in (folder.facts_file, folder.path / FILE, annotations_file(folder), folder.heartbeat_file):
        file.write_bytes(damage)
    assert folder.data_info() is None
    assert read_record(folder.path) is None
    assert read_annotations(folder) == Annotations()
    assert not folder.is_overdue()


@pytest.mark.timeout(20)
def test_a_pipe_in_the_place_of_a_file_is_never_waited_for(write_run: Write) -> None:
    folder = write_run()
    names = (
        "spec.toml",
        "events.jsonl",
        "facts.json",
        "heartbeat",
        "worker.json",
        "about.json",
        "lock",
        "worker.log",
    )
    for name in (*names, "predictions.npy"):
        (folder.path / name).unlink(missing_ok=True)
        os.mkfifo(folder.path / name)
    with pytest.raises(FolderError, match="pipe or a device"):
        folder.spec()
    with pytest.raises(OSError, match="pipe or a device"):
        folder.events().read_new()
    assert folder.data_info() is None
    assert read_record(folder.path) is None
    assert read_annotations(folder) == Annotations()
    assert read_predictions(folder.predictions_file) is None
    assert not folder.is_overdue()
    assert not folder.is_alive()
    os.mkfifo(folder.commands_file)
    with pytest.raises(FolderError, match="pipe or a device"):
        folder.ask(Stop())
    with pytest.raises(FolderError, match=r"worker\.log cannot be written"):
        open_log(folder.log_file)
    Heartbeat(folder.heartbeat_file).expect(LONG)
    os.mkfifo(folder.reserve_file)
    folder.reserve_room()
    assert "pipe or a device" in last_lines(folder.log_file)[0]
