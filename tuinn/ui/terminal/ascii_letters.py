"""Plain ASCII for a terminal that shows nothing else: each letter becomes one of as many cells."""

import unicodedata
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

LIKE = {
    "+": "╭╮╰╯┌┐└┘├┤┬┴┼✚",
    "-": "─━═┈╸−–—⁻",
    "|": "│┃┊‖",
    ">": "→▸▶≥»",
    "<": "←◂◄≤«",
    "v": "↓▾▼√",
    "^": "↑▴▲",
    "=": "↔",
    "x": "×✓✗",
    "*": "·•●◆★✚◉",
    "o": "○◌◍□°",
    "#": "█▀▄▌▐■▪▁▂▃▅▆▇▏▎▍▋▊▉▘▝▖▞▛▗▚▜▙▟",
    "d": "∂δ",
    "a": "α",
    "b": "β",
    "e": "ε€",
    "g": "γ",
    "s": "σ",
    "F": "Φ",
    "S": "Σ",
    "~": "±…",
    "'": "‘’′",
    '"': "“”„",
    ",": "‚",
    "/": "∕",
    "!": "≠",
    "[": "⌊⌈",
    "]": "⌋⌉",
    "L": "£",
    "Y": "¥",
    "R": "₹",
    "c": "©",
}
"""Sign → those that it takes the place of."""

_SIGNS = {letter: sign for sign, letters in LIKE.items() for letter in letters}

UNKNOWN = "?"


class AsciiLetters(LineFilter):
    """Replaces what isn't ASCII in everything that is drawn. Styles and widths stay."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments of a line in ASCII."""
        return [Segment(ascii_text(text), style, control) for text, style, control in segments]


@lru_cache(4096)
def ascii_text(text: str) -> str:
    """Return the text in as many cells of ASCII; a dot between blanks, which parts clauses, becomes a dash."""
    if text.isascii():
        return text
    return "".join(map(_ascii_letter, text.replace(" · ", " - ")))


@lru_cache(4096)
def _ascii_letter(letter: str) -> str:
    if letter.isascii() or letter in _SIGNS:
        return _SIGNS.get(letter, letter)
    width = cell_len(letter)
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return plain[:1].ljust(width) if plain and width else UNKNOWN * width
