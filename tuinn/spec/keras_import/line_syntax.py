"""Layers as they are typed, one a line, or as pasted Keras code. Read, never executed."""

import re

from tuinn.errors import SpecError
from tuinn.spec.keras_import.report import ParsedLayers
from tuinn.spec.keras_import.source_code import read_source
from tuinn.spec.layers.catalog import LAYER_TYPES, LayerSpec, find_layer_type
from tuinn.spec.layers.model import MAX_LAYERS
from tuinn.spec.options import Bool, Choice, Option, did_you_mean
from tuinn.text import shorten

MOST_TEXT = 200_000
"""Characters; a thousand layers with every option written out are fewer."""

_CODE = re.compile(
    r"\s*(?:[\[@\"'(]|[\w.]+\s*[(\[]|[\w., ()]+(?::[^=]*)?=[^=]|(?:import|from|for|while|if|def|class|with|try|return)\b"
    r"|>>>|[%!]|```|~~~|\{|In ?\[|\d+[.:)]?\s+[\w.]+\s*[=(]|Layer \(type\))"
)
_PART = r"""[^\s,(\["']|\([^)]*\)|\[[^\]]*\]|"[^"]*"|'[^']*'"""
_WORD = re.compile(rf"\w+=(?:{_PART}|,(?=[\w-]))+|(?:{_PART})+")
"""A word of a line. A comma ends it, but for one in a list such as `from=stem,conv2d`."""


def parse_lines(text: str) -> tuple[LayerSpec, ...]:
    """The layers of a text, as `read_lines` finds them. Raises SpecError."""
    return read_lines(text).layers


def read_lines(text: str) -> ParsedLayers:
    """The layers of a text: `conv2d 32 3 relu same` a line, or Keras code such as `layers.Dense(10),`. Of a whole
    script, the lines around the network are passed over.

    Raises SpecError with the line's number, counted from 1, as its path, and nothing else.
    """
    if len(text) > MOST_TEXT:
        raise SpecError(f"The text has {len(text):,} characters; at most {MOST_TEXT:,} are read.")
    text = text.lstrip("\ufeff")
    lines = [(at, line) for at, line in enumerate(text.splitlines(), start=1) if _without_comment(line)]
    if not lines:
        raise SpecError("There is no layer in it. Type one, such as dense 128 relu.")
    if _is_code([line for _, line in lines]):
        reading = read_source(text)
    else:
        reading = ParsedLayers(tuple(_numbered(at, _without_comment(line)) for at, line in lines))
    if (many := len(reading.layers)) > MAX_LAYERS:
        raise SpecError(f"These are {many:,} layers; at most {MAX_LAYERS:,} fit in one network.")
    return reading


def _without_comment(line: str) -> str:
    return line.partition("#")[0].strip()


def _is_code(lines: list[str]) -> bool:
    """True for code, and for any text with a line of code in it that doesn't begin with a typed layer."""
    return not _is_typed(lines[0]) and any(_CODE.match(line) and not _is_typed(line) for line in lines)


def _is_typed(line: str) -> bool:
    """True for a line such as `conv2d 32 3 name=stem`: a layer type, then a blank and no sign of an assignment."""
    word, *more = line.split()
    if not word.isidentifier() or (more and more[0][0] in "=(:.["):
        return False
    try:
        find_layer_type(word)
    except SpecError:
        return word.lower() in ("random", "global")
    return True


def _numbered(at: int, line: str) -> LayerSpec:
    try:
        return parse_line(line)
    except SpecError as problem:
        raise problem.under(f"line {at}") from None


def parse_line(line: str) -> LayerSpec:
    """One layer: its type, then values in the table's order, words for what they fit, and `option=value`.

    Raises SpecError.
    """
    first, *words = _WORD.findall(line) or [line]
    options = [*LAYER_TYPES[find_layer_type(first)].options]
    values: dict[str, object] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if equals:
            option = _by_name(options, name, find_layer_type(first))
            values[option.name] = option.parse(value.strip("\"'"))
        else:
            option = _by_value(options, values, word, find_layer_type(first))
            values[option.name] = True if option.name == word else option.parse(word)
    return LayerSpec.of(find_layer_type(first), **values)


def _by_name(options: list[Option], name: str, type_name: str) -> Option:
    fitting = [o for o in options if o.name == name] or [
        o for o in options if name and o.name.startswith(name)
    ]
    if len(fitting) != 1:
        raise SpecError(
            f"is not a setting of {type_name}. {did_you_mean(name, [o.name for o in options])}", shorten(name)
        )
    return fitting[0]


def _by_value(options: list[Option], taken: dict[str, object], word: str, type_name: str) -> Option:
    """The first option, in the table's order, that this value may be meant for."""
    number = re.match(r"[-+(\[]?\.?\d", word) is not None
    free = [option for option in options if option.name not in taken]
    for option in free:
        if isinstance(option, Bool) and option.name == word:
            return option
        if (isinstance(option, Choice | Bool) and number) or isinstance(option, Bool):
            continue
        # A number belongs to the next option that takes numbers, and is judged there.
        if number and not option.tuinn_only and not option.advanced:
            return option
        if not number and _takes(option, word):
            return option
    raise SpecError(f"{type_name} has no setting that {shorten(word)} would fit. Write it as option=value.")


def _takes(option: Option, word: str) -> bool:
    if option.tuinn_only or option.name == "name":
        return False
    try:
        option.parse(word)
    except SpecError:
        return False
    return True
