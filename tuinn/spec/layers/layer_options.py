"""Options that only layers have: sides, calls such as `l2(0.01)`, names, and the layers one takes from."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from tuinn.spec.options import Option, Required, Value

LAYER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,99}")
SAVED_LAYER = re.compile(r"[A-Za-z0-9_.\-]{1,100}(/[A-Za-z0-9_.\-]{1,100}){0,7}")
INPUT_NAME = "input"
"""The name by which a layer takes the samples themselves."""


@dataclass(frozen=True)
class AxisPadding(Option):
    """How much at the start and the end of each axis. One number stands for all, one per axis for both its ends."""

    axes: int = 2
    high: int = 4096

    @property
    def allowed(self) -> str:
        counts = " or ".join(str(n) for n in sorted({1, self.axes, 2 * self.axes}))
        return f"{counts} whole numbers from 0 to {self.high:,}"

    def check(self, value: object) -> tuple[int, ...]:
        given = _flat(value)
        numbers = [n for n in given if isinstance(n, int) and not isinstance(n, bool) and 0 <= n <= self.high]
        if len(numbers) < len(given) or len(numbers) not in (1, self.axes, 2 * self.axes):
            raise self.refuse(value)
        if len(numbers) == 2 * self.axes:
            return tuple(numbers)
        ends = numbers * self.axes if len(numbers) == 1 else numbers
        return tuple(n for n in ends for _ in range(2))

    def parse(self, text: str) -> tuple[int, ...]:
        words = [word for word in re.split(r"[\s,×x()\[\]]+", text) if word]
        try:
            return self.check([int(word) for word in words])
        except ValueError:
            raise self.refuse(text.strip()) from None

    def show(self, value: object) -> str:
        if not isinstance(value, tuple):
            return ""
        return str(value[0]) if len(set(value)) == 1 else ", ".join(str(n) for n in value)

    def keras(self, value: object) -> object:
        assert isinstance(value, tuple)
        return value if self.axes == 1 else tuple(zip(value[::2], value[1::2], strict=True))

    def code(self, value: object) -> str:
        return repr(self.keras(value))


def _flat(value: object) -> list[object]:
    if not isinstance(value, list | tuple):
        return [value]
    return [one for part in value for one in (part if isinstance(part, list | tuple) else [part])][:9]


@dataclass(frozen=True)
class Floats(Option):
    """A few finite numbers, in rising order."""

    count: int = 0
    """How many; 0: any number of them."""
    optional: bool = False

    @property
    def allowed(self) -> str:
        number = {0: "numbers", 2: "two numbers"}[self.count]
        return f"{number} in rising order{', or nothing' * self.optional}"

    def check(self, value: object) -> tuple[float, ...] | None:
        if value is None and self.optional:
            return None
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= 1000:
            raise self.refuse(value)
        for number in value:
            if isinstance(number, bool) or not isinstance(number, int | float):
                raise self.refuse(value)
        try:
            numbers = tuple(float(number) for number in value)
        except OverflowError:
            raise self.refuse(value) from None
        rising = all(a < b for a, b in pairwise(numbers))
        if not rising or not all(map(math.isfinite, numbers)) or self.count not in (0, len(numbers)):
            raise self.refuse(value)
        return numbers

    def parse(self, text: str) -> tuple[float, ...] | None:
        words = [word for word in re.split(r"[\s,()\[\]]+", text) if word]
        if not words:
            return self.check(None)
        try:
            return self.check([float(word) for word in words])
        except ValueError:
            raise self.refuse(text.strip()) from None

    def show(self, value: object) -> str:
        return (
            ", ".join(_number(n) for n in value if not isinstance(n, str)) if isinstance(value, tuple) else ""
        )


@dataclass(frozen=True)
class CallOption(Option):
    """Nothing, or a class of Keras with its numbers: `l2(0.01)`."""

    default: Value | Required = None
    module: str = ""
    """Where Keras keeps the classes, such as `regularizers`."""
    calls: Mapping[str, tuple[str, dict[str, float]]] = field(default_factory=dict, hash=False)
    """Our word → the class's name, and its arguments with the values that stand in for missing ones."""

    @property
    def allowed(self) -> str:
        forms = [
            f"{word}({', '.join(map(_number, args.values()))})" for word, (_, args) in self.calls.items()
        ]
        return f"nothing or such as {', '.join(form.removesuffix('()') for form in forms)}"

    def check(self, value: object) -> str | None:
        if value is None:
            return None
        match = (
            re.fullmatch(r"\s*(\w{1,20})\s*(?:\(([^()]{0,80})\))?\s*", value)
            if isinstance(value, str)
            else None
        )
        if not match or match[1].lower() not in self.calls:
            raise self.refuse(value)
        word = match[1].lower()
        stand_in = list(self.calls[word][1].values())
        try:
            given = [float(part) for part in (match[2] or "").split(",") if part.strip()]
        except ValueError:
            raise self.refuse(value) from None
        if len(given) > len(stand_in) or not all(math.isfinite(n) and n >= 0 for n in given):
            raise self.refuse(value)
        numbers = given + stand_in[len(given) :]
        return f"{word}({', '.join(map(_number, numbers))})" if numbers else word

    def parse(self, text: str) -> str | None:
        return self.check(text.strip() or None)

    def _parts(self, value: str) -> tuple[str, dict[str, float]]:
        word, _, rest = value.partition("(")
        name, args = self.calls[word]
        numbers = [float(part) for part in rest.rstrip(")").split(",") if part]
        return name, dict(zip(args, numbers, strict=True))

    def keras(self, value: object) -> object:
        if not isinstance(value, str):
            return None
        name, config = self._parts(value)
        return {"class_name": name, "config": config}

    def code(self, value: object) -> str:
        if not isinstance(value, str):
            return "None"
        name, config = self._parts(value)
        args = ", ".join(f"{key}={number!r}" for key, number in config.items())
        return f"keras.{self.module}.{name}({args})"


def _number(value: float) -> str:
    return f"{value:g}" if float(f"{value:g}") == value else repr(value)


@dataclass(frozen=True)
class NameOption(Option):
    """A layer's name, or nothing for the one that Keras gives."""

    default: Value | Required = None

    @property
    def allowed(self) -> str:
        return "letters, digits, _ - and . without a space or slash, or nothing"

    def check(self, value: object) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str) or not LAYER_NAME.fullmatch(value) or value == INPUT_NAME:
            raise self.refuse(value)
        return value

    def parse(self, text: str) -> str | None:
        return self.check(text.strip() or None)


@dataclass(frozen=True)
class SavedLayer(NameOption):
    """A layer of a saved network by its name; of a network within it, with that one's name and a slash before it."""

    @property
    def allowed(self) -> str:
        return "the name of a layer, such as conv2d or backbone/conv2d, or nothing"

    def check(self, value: object) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str) or not SAVED_LAYER.fullmatch(value):
            raise self.refuse(value)
        return value


@dataclass(frozen=True)
class Sources(Option):
    """Names of the layers whose output this one takes; nothing means the one above."""

    default: Value | Required = None

    @property
    def allowed(self) -> str:
        return "the name of a layer above, or several in a list, or nothing for the layer above"

    def check(self, value: object) -> tuple[str, ...] | None:
        if value is None:
            return None
        names = [value] if isinstance(value, str) else value
        if not isinstance(names, list | tuple) or not 1 <= len(names) <= 32:
            raise self.refuse(value)
        if not all(isinstance(name, str) and LAYER_NAME.fullmatch(name) for name in names):
            raise self.refuse(value)
        return tuple(names)

    def parse(self, text: str) -> tuple[str, ...] | None:
        words = [word for word in re.split(r"[\s,\[\]\"']+", text) if word]
        return self.check(words or None)

    def show(self, value: object) -> str:
        return ", ".join(str(name) for name in value) if isinstance(value, tuple) else ""

    def code(self, value: object) -> str:
        return json.dumps(value)
