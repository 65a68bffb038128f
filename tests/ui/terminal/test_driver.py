"""What is read from the terminal becomes keys, or one paste where nobody can have typed it."""

from textual.events import Key, MouseMove, Paste
from textual.message import Message

from tuinn.ui.terminal.driver import LARGEST_PASTE, TYPED_AT_MOST, Bursts

CODE = "layers.Dense(32, activation='relu'),\r\n\tlayers.Dropout(0.3),\r"


def events_of(*reads: str) -> list[Message]:
    """What is sent for these reads, the pause after them included."""
    sent: list[Message] = []
    bursts = Bursts(sent.append)
    for text in reads:
        bursts.take(text)
    bursts.end()
    return sent


def typed(events: list[Message]) -> list[str]:
    return [event.key for event in events if isinstance(event, Key)]


def pasted(events: list[Message]) -> list[str]:
    return [event.text for event in events if isinstance(event, Paste)]


def test_a_network_typed_ahead_stays_keys() -> None:
    text = ("adense\r64 relu\r" * 40)[:TYPED_AT_MOST]
    assert len(typed(events_of(text))) == TYPED_AT_MOST
    assert pasted(events_of(text)) == []
    assert typed(events_of("ab", "", "\r")) == ["a", "b", "enter"]


def test_arrows_held_down_stay_keys() -> None:
    assert typed(events_of("\x1b[B" * 1000)) == ["down"] * 1000


def test_more_than_hands_can_type_is_one_paste() -> None:
    text = CODE * 100
    cut = [text[at : at + 1000] for at in range(0, len(text), 1000)]
    events = events_of(*cut)
    assert pasted(events) == [text.replace("\r\n", "\n").replace("\r", "\n")]
    assert len(events) == 1


def test_its_short_rest_belongs_to_it_and_what_comes_later_does_not() -> None:
    sent: list[Message] = []
    bursts = Bursts(sent.append)
    bursts.take("x" * 300)
    bursts.take("q")
    bursts.end()
    bursts.take("q")
    bursts.end()
    assert pasted(sent) == ["x" * 300 + "q"]
    assert typed(sent) == ["q"]


def test_control_sequences_in_it_are_no_text_and_a_moved_mouse_is_told() -> None:
    events = events_of("x" * 300 + "\x1b[31m\x07y", "z\x00" * 200, "\x1b[<35;5;5M", "a\x1b[Ab")
    assert pasted(events) == ["x" * 300 + "y" + "z" * 200 + "ab"]
    assert [type(event) for event in events] == [MouseMove, Paste]


def test_a_paste_in_brackets_stays_as_it_is() -> None:
    text = "y" * 2000
    events = events_of("\x1b[200~" + text[:1000], text[1000:], "\x1b[20", "1~q")
    assert pasted(events) == [text]
    assert typed(events) == ["q"]


def test_text_without_end_is_not_kept_without_end() -> None:
    (text,) = pasted(events_of("y" * 300, *["y\r" * 500_000] * 6))
    assert LARGEST_PASTE <= len(text) <= LARGEST_PASTE + 1_000_000
