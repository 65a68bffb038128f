"""A network with residual links, built by hand in a real terminal, with keys alone and as fast as the line takes them."""

import re
import sys
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.presets.catalog import residual_cnn

DOWN, UNDO_LINE, MARK_ALL, NEW_LINE, HOME = "\x1b[B", "\x15", "\x01", "\n", "\x1b[H"
F2 = "\x1bOQ"

BLOCK = NEW_LINE.join(
    (
        "sepconv 64 3 same",
        "bn",
        "relu",
        "sepconv 64 3 same",
        "bn",
        "maxpool 3 2 same name=block64",
        "conv 64 1 2 same name=link64 from=stem",
        "add name=sum64 from=block64,link64",
    )
)


def to(row: int) -> str:
    """The cursor on this layer, counted from 1."""
    return HOME + DOWN * (row - 1)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
def test_the_residual_network_is_built_by_hand_with_keys_alone(size: tuple[int, int], own_home: Path) -> None:
    command = (sys.executable, "-m", "tuinn")
    with Terminal(command, size, {"TUINN_STANDBY": "0"}) as terminal:
        terminal.expect("131,460 parameters")
        terminal.press("2" + MARK_ALL + "d")
        terminal.expect("There are no layers yet")
        terminal.press("i" + NEW_LINE.join(("rescaling 1/255", "reshape 28x28x1", "flip horizontal")) + "\r")
        terminal.expect("RandomFlip")  # more than 256 letters at once would be a paste
        terminal.press("arotation\r0.05\r")
        # By the form: filters, kernel, strides; padding is the next field's next word.
        terminal.press("aconv2d\r32" + DOWN + "3" + DOWN + UNDO_LINE + "2" + DOWN + "\x0e" + F2)
        terminal.press("abn\r\r")
        terminal.press("irelu name=stem\r")
        terminal.expect("stem")
        terminal.press("i" + BLOCK + "\r")
        terminal.press(to(8) + " " * 8 + "D")
        terminal.expect("sum64_1")
        for row in (16, 19, 22):
            terminal.press(to(row) + "e" + UNDO_LINE + "128\r")
        terminal.press(to(23) + "i" + NEW_LINE.join(("gap", "dropout 0.25", "dense 10 softmax")) + "\r")
        total = summarize(residual_cnn().model, (28, 28)).total
        terminal.expect(f"{total:,} parameters")
        terminal.expect("✗", gone=True)
        screen = terminal.expect("26 +Dense 10 softmax")
        assert re.search("╰─* Add", screen)
        terminal.press("3")
        terminal.expect("separable_conv2d")
        terminal.press("q")
        assert terminal.wait() == 0
