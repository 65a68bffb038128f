"""With `TUINN_ASCII=1` nothing else is drawn, on any screen."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

import tuinn
from tests.conftest import Write
from tests.factories import whole_run
from tests.ui.conftest import NARROW, Opener
from tuinn.ui.terminal.ascii_letters import UNKNOWN, ascii_text

FREE_TEXT = {"，", "（", "）", "：", "＝"}
"""In data and pasted code alone."""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Fashion-MNIST mini · 131,460", "Fashion-MNIST mini - 131,460"),
        ("1.30·x₁ + 2", "1.30*x1 + 2"),
        ("╭─ x² ─╮", "+- x2 -+"),
        ("café", "cafe"),
        ("a 猫 b", "a ?? b"),
        ("long na…", "long na~"),
        ("−0.5 → 2 × 3", "-0.5 > 2 x 3"),
    ],
)
def test_a_line_is_read_without_other_letters(text: str, shown: str) -> None:
    assert ascii_text(text) == shown


@given(st.text(max_size=40))
def test_any_text_keeps_its_width_and_becomes_ascii(text: str) -> None:
    shown = ascii_text(text)
    assert shown.isascii()
    assert cell_len(shown) == sum(map(cell_len, text))


def test_every_sign_that_is_drawn_has_one_in_its_place() -> None:
    folder = Path(tuinn.__file__).parent
    files = [file for kind in ("*.py", "*.toml") for file in folder.rglob(kind)]
    signs = {letter for file in files for letter in file.read_text() if not letter.isascii()} - FREE_TEXT
    assert len(signs) > 100
    assert [sign for sign in signs if UNKNOWN in ascii_text(sign)] == []


@pytest.mark.parametrize("keys", ["1", "2", "3", "4", "5", "0", "question_mark", "t", "l"])
async def test_a_screen_has_no_other_letter(
    bench: Opener, write_run: Write, monkeypatch: pytest.MonkeyPatch, keys: str
) -> None:
    monkeypatch.setenv("TUINN_ASCII", "1")
    async with bench(NARROW, run=write_run(whole_run())) as here:
        await here.press(keys)
        assert here.text().isascii()
        assert len(here.words()) > 300


async def test_the_enter_key_has_its_name(bench: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUINN_ASCII", "1")
    async with bench(NARROW) as here:
        await here.press("1")
        assert "Enter Use" in here.words()
