"""Numbers as people write them: decimal comma, marks between thousands, currency and percent signs."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

CURRENCY = r"(?:[$€£¥₹]|EUR|USD|GBP|CHF)"
BEFORE = rf"^([+-]?)\s*{CURRENCY}\s*([+-]?)"
AFTER = rf"\s*(?:%|{CURRENCY})$"
DIGITS = r"^[+-]?[\d.,' ]*\d[\d.,' ]*$"
"""What looks like a number in some notation."""
EXPONENT = r"(?:[eE][+-]?\d+)?$"
NUMBER_SHARE = 0.95
"""A column of which this share are numbers holds numbers; the rest counts as missing."""
POINT_FIRST = (("", "."), (",", "."), ("", ","), (".", ","), (" ", "."), (" ", ","), ("'", "."), ("'", ","))
"""Notations of a column: the mark between thousands and the decimal sign. Of equally good ones the first is taken."""
COMMA_FIRST = (("", ","), (".", ","), ("", "."), (",", "."), (" ", ","), (" ", "."), ("'", ","), ("'", "."))
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf", re.IGNORECASE)
COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+")
GROUPED_NUMBER = re.compile(r"[+-]?[1-9]\d{0,2}(?:([,. '])\d{3})(?:\1\d{3})*(?:[.,]\d+)?")


@dataclass(frozen=True)
class NumberFormat:
    """How the numbers of a column are written, where that is not the usual way."""

    thousands: str
    """The mark between thousands; empty where there is none."""
    example: str
    """A cell as it stands in the file."""
    value: float
    """What it is read as."""


def grouped(thousands: str, decimal: str) -> str:
    """The regular expression of a number with marks between thousands."""
    return rf"^[+-]?[1-9]\d{{0,2}}(?:{re.escape(thousands)}\d{{3}})+(?:{re.escape(decimal)}\d*)?$"


def plain(decimal: str) -> str:
    """The regular expression of a number without such marks."""
    sign = re.escape(decimal)
    return rf"^[+-]?(?:\d+{sign}?\d*|{sign}\d+){EXPONENT}"


def bare_number(word: str) -> str:
    """Take away currency and percent signs, and write blanks, apostrophes and minus signs in one way."""
    word = re.sub("[\u00a0\u2009\u202f]", " ", word).replace("\u2019", "'").replace("\u2212", "-").strip()
    return re.sub(AFTER, "", re.sub(BEFORE, r"\1\2", word))


def parse_written(word: str, thousands: str = "") -> float | None:
    """Return the number that a cell or a user's entry holds, or None.

    `thousands`: the mark that its column has. Without it a single comma is a decimal comma, and a number is
    grouped only where that can't be mistaken, as in 1.240,91.
    """
    word = bare_number(word)
    notations = POINT_FIRST if not thousands else [one for one in POINT_FIRST if one[0] == thousands]
    for mark, decimal in notations:
        if mark and re.search(grouped(mark, decimal), word):
            if not thousands and mark in ",." and word.count(mark) == 1 and decimal not in word:
                continue
            return float(word.replace(mark, "").replace(decimal, "."))
    try:
        return float(word.replace(",", ".") if word.count(",") == 1 else word)
    except ValueError:
        return None


def read_numbers(words: "pl.Series", decimal_comma: bool) -> "tuple[pl.Series, NumberFormat | None]":
    """Read a column of words (null where missing) as Float64, null where a word is no number.

    All cells decide on the notation: the one that reads most of them.
    """
    import polars as pl

    best = finite(words.cast(pl.Float64, strict=False))
    told = len(words) - words.null_count()
    if len(best) - best.null_count() == told and not decimal_comma:
        return best, None
    bare = words.str.replace_all("[\u00a0\u2009\u202f]", " ").str.replace_all("\u2019", "'", literal=True)
    bare = bare.str.replace_all("\u2212", "-", literal=True).str.strip_chars()
    bare = bare.str.replace(BEFORE, "${1}${2}").str.replace(AFTER, "")
    if int((bare.str.contains(DIGITS) | best.is_not_null()).sum()) < NUMBER_SHARE * told:
        return best, None
    count, used = 0 if decimal_comma else len(best) - best.null_count(), ""
    for mark, decimal in COMMA_FIRST if decimal_comma else POINT_FIRST:
        numbers = _in_notation(bare, mark, decimal)
        read = len(numbers) - numbers.null_count()
        if read > count:
            best, count, used = numbers, read, mark
        if count == told:
            break
    changed = best.is_not_null() & (best != words.cast(pl.Float64, strict=False)).fill_null(value=True)
    with_mark = changed & words.str.contains(used, literal=True) if used else changed
    if not changed.any():
        return best, None
    at = int((with_mark if with_mark.any() else changed).arg_true()[0])
    return best, NumberFormat(used, str(words[at]), float(best[at]))


def _in_notation(bare: "pl.Series", mark: str, decimal: str) -> "pl.Series":
    import polars as pl

    text, valid = bare, bare.str.contains(plain(decimal))
    if mark:
        in_groups = bare.str.contains(grouped(mark, decimal))
        if not in_groups.any():
            return pl.Series(bare.name, [None], pl.Float64).new_from_index(0, len(bare))
        text, valid = bare.str.replace_all(mark, "", literal=True), valid | in_groups
    if decimal == ",":
        text = text.str.replace(",", ".", literal=True)
    return finite(text.cast(pl.Float64, strict=False).set(~valid, None))


def finite(numbers: "pl.Series") -> "pl.Series":
    """Return them with null for infinite ones."""
    return numbers.set(~numbers.is_finite(), None)


def is_number(cell: str) -> bool:
    """True for a number as people write them."""
    bare = bare_number(cell)
    return bool(NUMBER.fullmatch(bare) or COMMA_NUMBER.fullmatch(bare) or GROUPED_NUMBER.fullmatch(bare))
