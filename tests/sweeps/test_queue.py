"""The queue's two folds: what is asked, in the order of the file, and what became of it."""

from hypothesis import given
from hypothesis import strategies as st

from tuinn.sweeps.commands import Add, AnyQueueCommand, GoOn, Hold, Move, Remove, SetParallel, StopAll
from tuinn.sweeps.events import EntryEnded, EntryStarted
from tuinn.sweeps.queue import Queue


def queue_of(*commands: AnyQueueCommand) -> Queue:
    queue = Queue()
    for command in commands:
        queue.apply_command(command)
    return queue


THREE = [Add(entry=name, spec="") for name in "abc"]


def names(queue: Queue) -> str:
    return "".join(entry.entry for entry in queue.waiting)


def test_drafts_wait_in_the_order_in_which_they_came() -> None:
    assert names(queue_of(*THREE)) == "abc"


def test_a_draft_is_moved_and_removed_as_long_as_it_waits() -> None:
    assert names(queue_of(*THREE, Move(entry="c", place=1))) == "cab"
    assert names(queue_of(*THREE, Move(entry="a", place=99))) == "bca"
    queue = queue_of(*THREE)
    queue.apply(EntryStarted(entry="a", run="run-a"))
    for command in (Remove(entry="a"), Move(entry="a", place=3), Remove(entry="b")):
        queue.apply_command(command)
    assert names(queue) == "c"
    assert [entry.run for entry in queue.training] == ["run-a"]


def test_what_ended_neither_waits_nor_trains() -> None:
    queue = queue_of(*THREE)
    queue.apply(EntryStarted(entry="a", run="run-a"))
    queue.apply(EntryEnded(entry="a", outcome="failed", message="No memory."))
    entry = queue.find("a")
    assert entry is not None
    assert (names(queue), queue.training, entry.message) == ("bc", [], "No memory.")


def test_holding_and_stopping_last_until_it_is_told_to_go_on() -> None:
    assert queue_of(Hold()).paused
    assert queue_of(StopAll()).paused
    assert not queue_of(StopAll(), GoOn()).paused


COMMANDS = st.one_of(
    st.sampled_from([*THREE, Hold(), GoOn(), StopAll()]),
    st.builds(Remove, entry=st.sampled_from("abcx")),
    st.builds(Move, entry=st.sampled_from("abcx"), place=st.integers(-9, 9)),
    st.builds(SetParallel, parallel=st.integers(-9, 999)),
)


@given(st.lists(COMMANDS, max_size=20))
def test_no_order_of_commands_loses_or_doubles_a_draft(commands: list[AnyQueueCommand]) -> None:
    queue = queue_of(*commands)
    added = {command.entry for command in commands if isinstance(command, Add)}
    assert sorted(entry.entry for entry in queue.entries) == sorted(added)
    assert 1 <= queue.parallel <= 64
