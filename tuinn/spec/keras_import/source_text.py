"""Code as it comes out of notebooks, consoles, books and web pages → a syntax tree with the same line numbers.

What surrounds the code is taken away line by line, never more than it needs; each thing that was taken away is said.
"""

import ast
import re
import textwrap
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tuinn.errors import SpecError
from tuinn.spec.keras_import.report import Note, refusal
from tuinn.text import shorten

_QUOTES = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "′": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'}
)
_BLANKS = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u202f\u3000", " "),
        **dict.fromkeys("\ufeff\u200b\u200c\u200d\u2060\u00ad"),
    }
)
_SIGNS = str.maketrans(
    {
        "–": "-",
        "—": "-",
        "−": "-",
        "×": "*",
        "，": ",",
        "（": "(",
        "）": ")",
        "：": ":",
        "＝": "=",
        "…": "...",
    }
)

MOST_PROSE = 200
"""Lines of prose around code that are passed over."""


@dataclass
class Source:
    """The lines of a text, while it is made readable."""

    lines: list[str]
    notes: list[Note] = field(default_factory=list)

    def say(self, at: int, what: str) -> None:
        """A line of the report; `at` counts from 0."""
        self.notes.append(
            Note(
                at + 1,
                "passed over" if what.endswith("passed over") else "changed",
                what.removesuffix(", passed over"),
            )
        )

    def tree(self) -> ast.Module:
        """Raises SyntaxError and what else Python raises for text that is no code."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of doubtful code, and prints it
            return ast.parse(textwrap.dedent("\n".join(self.lines)))


Repair = Callable[[Source], bool]
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


def read_text(text: str) -> tuple[ast.Module, list[Note]]:
    """The tree of a text and what was done to read it. Raises SpecError with the line and what is wrong there."""
    source = Source(text.translate(_BLANKS).replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    _prompts(source)  # `In [1]: x = 3` is Python, too
    error = _attempt(source)
    for repair in _REPAIRS:
        if not isinstance(error, Exception):
            return error, source.notes
        if repair(source):
            error = _attempt(source)
    for _ in range(MOST_PROSE):
        if not isinstance(error, Exception):
            return error, source.notes
        if not _without_prose(source, error):
            break
        error = _attempt(source)
    if not isinstance(error, Exception):
        return error, source.notes
    raise _problem(source, error) from None


def _attempt(source: Source) -> ast.Module | Exception:
    try:
        return source.tree()
    except _UNREADABLE as error:
        return error


def _each(source: Source, pattern: str, what: str, keep: str = "") -> bool:
    """Replace the pattern in each line by `keep`; true where any line had it."""
    changed = False
    for at, line in enumerate(source.lines):
        new = re.sub(pattern, keep, line)
        if new != line:
            source.lines[at], changed = new, True
            source.say(at, what)
    return changed


def _fences(source: Source) -> bool:
    """Code between ``` and ```, with prose around it."""
    marks = [at for at, line in enumerate(source.lines) if re.match(r"\s*(```|~~~)", line)]
    if not marks:
        return False
    inside = False
    for at, line in enumerate(source.lines):
        if at in marks:
            inside = not inside
            source.lines[at] = ""
        elif not inside and len(marks) > 1 and line.strip():
            source.lines[at] = ""
            source.say(at, f"{shorten(line.strip())}, passed over")
    return True


def _prompts(source: Source) -> bool:
    """`>>> x`, `... x`, `In [1]: x`; what stands between them is output."""
    prompt = re.compile(r"^\s*(?:>>>|\.\.\.|In\s*\[[\d* ]*\]:|\.\.\.+:)(?: |$)")
    if not any(re.match(r"^\s*(?:>>>|In\s*\[[\d* ]*\]:)", line) for line in source.lines):
        return False
    console = any(re.match(r"^\s*>>>", line) for line in source.lines)
    for at, line in enumerate(source.lines):
        if prompt.match(line):
            source.lines[at] = prompt.sub("", line)
        elif re.match(r"^\s*Out\s*\[\d*\]:", line) or (console and line.strip()):
            source.lines[at] = ""
            source.say(at, f"{shorten(line.strip())}, passed over")
    return True


def _magics(source: Source) -> bool:
    """`%matplotlib inline`, `%%time`, `!pip install keras`, `?model`."""
    pattern = r"^(\s*)(?:[%!?]|\w+\?+\s*$).*"
    changed = False
    for at, line in enumerate(source.lines):
        if re.match(pattern, line):
            source.say(at, f"{shorten(line.strip())}, passed over")
            source.lines[at], changed = re.sub(pattern, r"\1pass", line), True
    return changed


def _line_numbers(source: Source) -> bool:
    """`1 x = 3`, `1. x = 3`, `1: x = 3`, counted in order."""
    pattern = re.compile(r"^\s*(\d{1,4})(?:[.:|)]\s?|\s|$)")
    found = [(at, pattern.match(line)) for at, line in enumerate(source.lines) if line.strip()]
    numbers = [int(match[1]) for _, match in found if match]
    if len(numbers) < max(2, len(found)) or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        return False
    for at, match in found:
        assert match is not None
        source.lines[at] = source.lines[at][match.end() :]
    return True


def _quotes(source: Source) -> bool:
    changed = False
    for at, line in enumerate(source.lines):
        if (new := line.translate(_QUOTES)) != line:
            source.lines[at], changed = new, True
            source.say(at, "curly quotes are read as straight ones")
    return changed


def _signs(source: Source) -> bool:
    changed = False
    for at, line in enumerate(source.lines):
        if (new := line.translate(_SIGNS)) != line:
            source.lines[at], changed = new, True
            source.say(at, "signs of a word processor are read as those of a keyboard")
    return changed


def _doubled_quotes(source: Source) -> bool:
    return _each(source, r"(?<!')''([\w.-]+)''(?!')", "doubled quotes are read as single ones", r"'\1'")


def _run_together(source: Source) -> bool:
    """`net.add(a) net.add(b)` in one line."""
    return _each(source, r"\)[ \t]+(?=\w+\.(?:add|compile|fit)\()", "two statements in one line", "); ")


def _indented_rest(source: Source) -> bool:
    """The first line was copied from its first letter on, the others with their indentation."""
    first = next((at for at, line in enumerate(source.lines) if line.strip()), None)
    if first is None or source.lines[first][:1].isspace():
        return False
    rest = textwrap.dedent("\n".join(source.lines[first + 1 :])).split("\n")
    if rest == source.lines[first + 1 :]:
        return False
    source.lines[first + 1 :] = rest
    return True


def _list_parts(source: Source) -> bool:
    """A few lines out of a list, perhaps with the brackets that end it."""
    lines = list(source.lines)
    while lines and re.fullmatch(r"\s*[)\]]+,?\s*(#.*)?|\s*", lines[-1]):
        if lines[-1].strip():
            source.say(len(lines) - 1, f"{lines[-1].strip()}, passed over")
        lines.pop()
    if not lines:
        return False
    trial = Source([f"[{lines[0].lstrip()}", *lines[1:], "]"])
    if isinstance(_attempt(trial), Exception):
        source.notes = [note for note in source.notes if note.line <= len(lines)]
        return False
    source.lines = trial.lines
    return True


_REPAIRS: tuple[Repair, ...] = (
    *(_fences, _magics, _line_numbers, _quotes, _indented_rest, _list_parts, _run_together),
    *(_doubled_quotes, _signs),
)

_PROGRESS = re.compile(
    r"\s*(Epoch \d+/\d+|\d+/\d+ .*(\[|━|─|ms/step|s/step)|Downloading data|Model: |[─━═_=]{8})"
)


def _without_prose(source: Source, error: Exception) -> bool:
    """Empty the line at which Python stumbles, where it is a sentence or what a program printed."""
    at = (getattr(error, "lineno", None) or 0) - 1
    if not 0 <= at < len(source.lines) or not source.lines[at].strip():
        return False
    line = source.lines[at]
    if not _PROGRESS.match(line) and re.search(
        r"[()\[\]{}=]|^\s*(def|for|if|while|with|class|return|else|try)\b", line
    ):
        return False
    source.lines[at] = ""
    source.say(at, f"{shorten(line.strip())}, passed over")
    return True


def _problem(source: Source, error: Exception) -> SpecError:
    line = getattr(error, "lineno", None) or 1
    text = source.lines[line - 1].strip() if 0 < line <= len(source.lines) else ""
    return refusal(line, " ".join(_sentences(str(getattr(error, "msg", "") or ""), text, source)))


def _sentences(said: str, text: str, source: Source) -> Iterator[str]:
    whole = "\n".join(source.lines)
    if re.search(r"Layer \(type\)\s+.*Output Shape|Output Shape\s+.*Param #", whole):
        yield "This is the table of model.summary(), and it lacks the settings of the layers. Paste the code."
        return
    if match := re.search(r"'(.)' was never closed", said):
        yield f"The {match[1]} that opens here is never closed; the end of the code is missing."
        return
    reasons = {
        "forgot a comma": "Is a comma missing at its end or before it?",
        "unmatched": "A bracket closes here that nothing opens.",
        "does not match": "The brackets don't match.",
        "unterminated": "A quote is missing.",
        "unexpected indent": "It stands further right than the lines before it.",
        "unindent": "It stands at another depth than the lines before it.",
        "expected an indented block": "What belongs under it is missing.",
        "invalid non-printable": "It has a sign that is no code.",
        "invalid character": "It has a sign that is no code.",
    }
    yield f'This is not Python: "{shorten(text, 60)}".' if text else "This is not Python that can be read."
    yield next((reason for part, reason in reasons.items() if part in said), "Paste the lines of code alone.")
