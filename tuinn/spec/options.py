"""What a setting may be. One row describes it; form, check, help, TOML and script all read that row."""

import difflib
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from tuinn.errors import SpecError
from tuinn.text import shorten

Value = bool | int | float | str | tuple[int, ...] | tuple[float, ...] | tuple[str, ...] | None


class Required(Enum):
    """The default of an option that has none."""

    REQUIRED = "required"


REQUIRED: Final = Required.REQUIRED
"""Stands for the default of an option that has none."""


@dataclass(frozen=True)
class Option:
    """A setting by its Keras name. Subclasses know how to check a value and how to read one as typed."""

    name: str
    default: Value | Required = REQUIRED
    help: str = ""
    always_written: bool = False
    """Keras has no default for it, though we have: it is always written out."""
    advanced: bool = False
    """Few ever change it; a form may fold it away."""
    tuinn_only: bool = False
    """tuinn's own, unknown to Keras: it says where the layer stands, not what it is."""
    formula: str = ""
    """What it does to a number, where a line says it."""

    @property
    def allowed(self) -> str:
        """What may be given, as it ends the sentence "… must be"."""
        raise NotImplementedError

    def check(self, value: object) -> Value:
        """The value in its own type. Raises SpecError, with this option's name as path."""
        raise NotImplementedError

    def parse(self, text: str) -> Value:
        """The value a user typed. Raises SpecError, with this option's name as path."""
        raise NotImplementedError

    def show(self, value: object) -> str:
        """The value as a user would type it."""
        return "" if value is None else str(value)

    def code(self, value: object) -> str:
        """The value as Python source."""
        return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)

    def keras(self, value: object) -> object:
        """The value as Keras' constructor takes it."""
        return value

    def refuse(self, value: object) -> SpecError:
        """The problem to raise for this value."""
        shown = "nothing" if value in ("", None) else _repr(value)
        return SpecError(f"must be {self.allowed}, not {shown}.", self.name)


def _repr(value: object) -> str:
    try:
        return shorten(repr(value))
    except ValueError:  # Python refuses to write out whole numbers of more than 4,300 digits
        return "a number of thousands of digits"


_WHOLE_NUMBER = re.compile(r"[+-]?(\d+(_\d+)*|\d{1,3}(,\d{3})+)")
"""A comma stands between thousands only: `12,8` is no 128."""


@dataclass(frozen=True)
class Int(Option):
    """A whole number between two bounds, both included."""

    low: int = 1
    high: int = 1_000_000_000
    optional: bool = False
    """None is allowed."""

    @property
    def allowed(self) -> str:
        return f"a whole number from {self.low:,} to {self.high:,}{', or nothing' * self.optional}"

    def check(self, value: object) -> int | None:
        if value is None and self.optional:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            raise self.refuse(value)
        return value

    def parse(self, text: str) -> int | None:
        if self.optional and not text.strip():
            return None
        if not _WHOLE_NUMBER.fullmatch(word := text.strip()):
            raise self.refuse(word)
        try:
            number = int(word.replace("_", "").replace(",", ""))
        except ValueError:  # Python reads no whole number of more than 4,300 digits
            raise self.refuse(word) from None
        return self.check(number)


@dataclass(frozen=True)
class Float(Option):
    """A finite number. `low` itself is refused when `above` is set, `high` itself when `below` is."""

    low: float = -math.inf
    high: float = math.inf
    exclude_low: bool = False
    exclude_high: bool = False
    optional: bool = False
    """None is allowed."""

    @property
    def allowed(self) -> str:
        return self._range() + ", or nothing" * self.optional

    def _range(self) -> str:
        if math.isinf(self.low) and math.isinf(self.high):
            return "a number"
        floor = f"above {self.low:g}" if self.exclude_low else f"from {self.low:g}"
        if math.isinf(self.high):
            return f"a number {floor}"
        return f"a number {floor} {'to below' if self.exclude_high else 'to'} {self.high:g}"

    def check(self, value: object) -> float | None:
        if value is None and self.optional:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(value)
        try:
            number = float(value)
        except OverflowError:
            raise self.refuse(value) from None
        low_ok = number > self.low if self.exclude_low else number >= self.low
        high_ok = number < self.high if self.exclude_high else number <= self.high
        if not (math.isfinite(number) and low_ok and high_ok):
            raise self.refuse(value)
        return number

    def parse(self, text: str) -> float | None:
        if self.optional and not text.strip():
            return None
        top, slash, bottom = text.strip().partition("/")
        try:
            # "1/255" is how every course writes the scale of an image.
            number = float(top) / float(bottom) if slash else float(top)
        except (ValueError, ZeroDivisionError):
            raise self.refuse(text.strip()) from None
        return self.check(number)

    def show(self, value: object) -> str:
        if not isinstance(value, int | float):
            return ""
        inverse = 1 / value if value else 0.0
        if 1 < inverse < 1e6 and math.isclose(inverse, round(inverse)) and round(inverse) == 255:
            return "1/255"
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)

    def code(self, value: object) -> str:
        return "1 / 255" if value == 1 / 255 else repr(value)


@dataclass(frozen=True)
class Choice(Option):
    """One of a few words."""

    choices: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)
    """What each word stands for, where there is more to say."""

    @property
    def allowed(self) -> str:
        return "one of " + ", ".join(self.choices)

    def check(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.choices:
            raise self.refuse(value)
        return value

    def parse(self, text: str) -> str:
        word = text.strip()
        return self.check({choice.lower(): choice for choice in self.choices}.get(word.lower(), word))


@dataclass(frozen=True)
class Bool(Option):
    """Yes or no."""

    @property
    def allowed(self) -> str:
        return "true or false"

    def check(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise self.refuse(value)
        return value

    def parse(self, text: str) -> bool:
        word = text.strip().lower()
        if word in ("true", "yes", "on", "1"):
            return True
        if word in ("false", "no", "off", "0"):
            return False
        raise self.refuse(text.strip())

    def show(self, value: object) -> str:
        return "true" if value else "false"


@dataclass(frozen=True)
class Text(Option):
    """A short line of text without control characters. A pattern of its own is the caller's business."""

    max_length: int = 200
    optional: bool = False
    """Empty is allowed."""
    strip: bool = True
    """Blanks around what is typed mean nothing."""

    @property
    def allowed(self) -> str:
        if self.max_length == 1:
            return "one character" + ", or nothing" * self.optional
        return f"a line of 1 to {self.max_length} printable characters" + ", or nothing" * self.optional

    def check(self, value: object) -> str:
        if self.optional and value in ("", None):
            return ""
        # A tab separates columns, and is no printable character.
        fine = isinstance(value, str) and (value.isprintable() or (value == "\t" and self.max_length == 1))
        if not fine or not isinstance(value, str) or not 1 <= len(value) <= self.max_length:
            raise self.refuse(value)
        return value

    def parse(self, text: str) -> str:
        if not self.strip:
            return self.check("\t" if text in ("\\t", "tab") else text)
        return self.check(text.strip())


@dataclass(frozen=True)
class Texts(Option):
    """Any number of short lines of text, such as names of columns."""

    max_length: int = 1000
    """How many."""

    @property
    def allowed(self) -> str:
        return f"a list of up to {self.max_length:,} names, with commas between them"

    def check(self, value: object) -> tuple[str, ...]:
        names = [value] if isinstance(value, str) else value
        if not isinstance(names, list | tuple) or len(names) > self.max_length:
            raise self.refuse(value)
        if not all(isinstance(name, str) and name and name.isprintable() for name in names):
            raise self.refuse(value)
        return tuple(names)

    def parse(self, text: str) -> tuple[str, ...]:
        """A name with a comma in it stands in a JSON list: `["a, b"]`."""
        stripped = text.strip()
        if stripped.startswith("["):
            try:
                return self.check(json.loads(stripped))
            except (ValueError, RecursionError):
                raise self.refuse(stripped) from None
        return self.check([word.strip() for word in stripped.split(",") if word.strip()])

    def show(self, value: object) -> str:
        if not isinstance(value, tuple):
            return ""
        names = [str(name) for name in value]
        if any("," in name or name != name.strip() or name.startswith("[") for name in names):
            return json.dumps(names, ensure_ascii=False)
        return ", ".join(names)


@dataclass(frozen=True)
class Ints(Option):
    """A few whole numbers: a shape, or a size per axis. With `each`, so many: one stands for all."""

    low: int = 1
    high: int = 1_000_000_000
    length: int = 0
    """How many numbers; 0: any number of them up to eight."""
    optional: bool = False
    """None is allowed: Keras then decides, as MaxPooling2D's strides follow its pool size."""
    allow_rest: bool = False
    """One -1 is allowed, standing for whatever is left over."""

    @property
    def allowed(self) -> str:
        bounds = f"whole numbers from {self.low:,} to {self.high:,}"
        if self.length:
            bounds = (("a", "one or two", "one or three")[self.length - 1]) + f" {bounds}"
            bounds = bounds.replace("a whole numbers", "a whole number")
        if self.allow_rest:
            bounds += " (one may be -1: what is left over)"
        return bounds + (", or nothing" if self.optional else "")

    def check(self, value: object) -> tuple[int, ...] | None:
        if value is None and self.optional:
            return None
        numbers = (value,) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(numbers, list | tuple) or not numbers or len(numbers) > 8:
            raise self.refuse(value)
        for number in numbers:
            fine = isinstance(number, int) and not isinstance(number, bool)
            if not fine or not (self.low <= number <= self.high or (self.allow_rest and number == -1)):
                raise self.refuse(value)
        if self.allow_rest and list(numbers).count(-1) > 1:
            raise self.refuse(value)
        if self.length:
            if len(numbers) not in (1, self.length):
                raise self.refuse(value)
            return tuple(numbers) if len(numbers) == self.length else tuple(numbers) * self.length
        return tuple(numbers)

    def parse(self, text: str) -> tuple[int, ...] | None:
        cleaned = text.strip().strip("()[]").replace("×", ",").replace("x", ",")
        words = [word for word in cleaned.replace(" ", ",").split(",") if word]
        if not words:
            return self.check(None)
        try:
            return self.check([int(word) for word in words])
        except ValueError:
            raise self.refuse(text.strip()) from None

    def show(self, value: object) -> str:
        if not isinstance(value, tuple):
            return ""
        if self.length and len(set(value)) == 1:
            return str(value[0])
        return " × ".join(str(number) for number in value)

    def code(self, value: object) -> str:
        if isinstance(value, tuple) and self.length and len(set(value)) == 1:
            return repr(value[0])
        return repr(value)

    def keras(self, value: object) -> object:
        # Some layers for sequences take a number but no tuple of one.
        return value[0] if isinstance(value, tuple) and self.length == 1 else value


def check_options(options: Iterable[Option], raw: Mapping[str, object], whose: str) -> dict[str, Any]:
    """Every option's value, defaults filled in.

    Raises SpecError for a key that is not an option, a value that is not allowed, or one that is missing.
    """
    table = {option.name: option for option in options}
    for key in raw:
        if key not in table:
            raise SpecError(
                f"is not a setting of {whose}. {did_you_mean(str(key), table)}", shorten(str(key))
            )
    values = {}
    for name, option in table.items():
        value = raw.get(name, option.default)
        if value is REQUIRED:
            raise SpecError(f"is missing; it must be {option.allowed}.", name)
        values[name] = option.default if name not in raw else option.check(value)
    return values


MAX_LISTED = 20
"""Names that a sentence may list."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The closing sentence for a name nobody knows: the nearest one that somebody does, or all of them."""
    names = list(known)
    near = difflib.get_close_matches(word, names, n=1)
    if near:
        return f"Did you mean {near[0]}?"
    if len(names) > MAX_LISTED + 1:
        return f"There are {', '.join(names[:MAX_LISTED])} and {len(names) - MAX_LISTED} more."
    return f"There are {', '.join(names)}."
