"""The interpreter against Python itself: small made-up programs give the same numbers, or are refused with a line."""

import random

import pytest

from tuinn.errors import SpecError
from tuinn.spec.keras_import.line_syntax import read_lines

UNKNOWN = "random()"
"""What only running the code would tell."""


class Writer:
    """Writes programs at random: a handful of numbers and two lists, changed by whatever Python has."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def name(self) -> str:
        return self.random.choice("abc")

    def values(self) -> str:
        return self.random.choice("uv")

    def number(self) -> str:
        return str(self.random.randint(-3, 9))

    def value(self, depth: int = 2) -> str:
        if depth == 0 or self.random.random() < 0.2:
            return self.random.choice([self.number(), self.name(), f"len({self.values()})"])
        x, y = self.value(depth - 1), self.value(depth - 1)
        operator = self.random.choice(["+", "-", "*", "//", "%", "/", "**"])
        compared = self.random.choice(["<", "==", ">=", "!="])
        return self.random.choice(
            [
                *(
                    f"({x} {operator} {y})",
                    f"max({x}, {y})",
                    f"abs({x})",
                    f"int({x})",
                    f"sum({self.values()})",
                ),
                *(f"({x} if {x} {compared} {y} else {y})", f"{self.values()}[{self.random.randint(-2, 2)}]"),
                *(
                    f"(lambda n, m={x}: n + m)({y})",
                    f"int(f'{{{x}}}')",
                    f"twice({x})",
                    f"grown({x}, step={y})",
                ),
                *(f"({x} and {y})", f"({x} or {y})", f"(not {x})"),
            ]
        )

    def simple(self, loop: bool) -> list[str]:
        name, other, values, value = self.name(), self.name(), self.values(), self.value()
        operator = self.random.choice(["+", "-", "*", "//"])
        lines = [
            *(f"{name} = {value}", f"{name} {operator}= {value}", f"{name}, {other} = {other}, {name}"),
            *(f"{values} = [{value}, {name}]", f"{values} = {self.values()}", f"{values}.append({value})"),
            *(f"{values} += [{value}]", f"{values}.insert(0, {value})", f"{values}.reverse()"),
            *(f"{values}.extend({self.values()})", f"{values} = {values}[{self.random.randint(-2, 2)}:]"),
            *(f"{values} = [n + {name} for n in {values} if n > {self.number()}]", f"{values}[0] = {value}"),
            *(f"{name} = {values}.pop()", f"{name} = table.get({value}, {self.number()})"),
            *(f"table[{value}] = {name}", f"shuffle({values})", f"{name} = {UNKNOWN}"),
            *(f"{name} = {name} if {UNKNOWN} > 0.5 else {value}", f"box.n = {value}", f"{name} = box.n"),
            *(f"{name} = box.plus({value})", f"{values}.sort()", f"{values}.pop(0)"),
        ]
        return [self.random.choice([*lines, *(["break", "continue"] if loop else [])])]

    def statement(self, depth: int, loop: bool = False) -> list[str]:
        if depth == 0 or self.random.random() < 0.6:
            return self.simple(loop)
        name, value = self.name(), self.value()
        body, rest = self.inside(depth, loop), self.inside(depth, loop)
        turn = self.inside(depth, True)
        return self.random.choice(
            [
                [f"if {value} > {self.number()}:", *body, "else:", *rest],
                [f"if {UNKNOWN} > 0.5:", *body, "else:", *rest],
                [f"for {name} in range({self.random.randint(0, 4)}):", *turn],
                [f"for {name} in list({self.values()}):", *turn, "else:", *rest],
                [f"for {name} in choices():", *turn],
                [f"left = {self.random.randint(0, 4)}", "while left > 0:", "    left -= 1", *turn],
                ["try:", *body, "except ValueError:", *rest],
                ["def changed():", f"    global {name}", f"    {name} = {value}", "changed()"],
                [
                    *("def given(n, kept=[]):", "    kept.append(n)", "    if n > 3:", "        return n"),
                    *("    return len(kept)", f"{name} = given({value}) + given(1)"),
                ],
                [
                    *(
                        "def outer():",
                        f"    n = {value}",
                        "    def inner():",
                        "        nonlocal n",
                        "        n += 1",
                    ),
                    *("    inner()", "    return n", f"{name} = outer()"),
                ],
                ["with open_box() as n:", *body],
            ]
        )

    def inside(self, depth: int, loop: bool) -> list[str]:
        lines = [*self.statement(depth - 1, loop), *self.statement(depth - 1, loop)]
        return [f"    {line}" for line in lines]

    def program(self) -> str:
        return "\n".join(line for _ in range(self.random.randint(1, 5)) for line in self.statement(2))


HEAD = """\
a, b, c = 1, 2, 3
u, v = [4, 5], [6]
table = {1: 2}
def twice(n):
    return n * 2
def grown(n, step=1):
    if n > step:
        return n
    return n + step
class Box:
    n = 4
    def plus(self, m):
        self.n += m
        return self.n
box = Box()
"""
UNITS = "\nunits = [a, b, c, box.n, *u, *v]\n"
NETWORK = "model = keras.Sequential([layers.Rescaling(n) for n in units])\n"


class Opened:
    def __enter__(self) -> int:
        return 1

    def __exit__(self, *_error: object) -> None:
        pass


def run(code: str, seed: int) -> list[object] | None:
    """What Python makes of it; None where it stops with an error."""
    drawn = random.Random(seed)
    scope: dict[str, object] = {
        "random": drawn.random,
        "shuffle": drawn.shuffle,
        "choices": lambda: [drawn.randint(0, 5) for _ in range(drawn.randint(0, 3))],
        "open_box": Opened,
    }
    try:
        exec(code, scope)
    except Exception:
        return None
    units = scope["units"]
    assert isinstance(units, list)
    return units


@pytest.mark.parametrize("part", range(4))
def test_a_program_gives_the_numbers_that_python_gives_or_is_refused(part: int) -> None:
    read = 0
    for seed in (*range(80 * part, 80 * part + 80), 4108):
        code = HEAD + Writer(seed).program() + UNITS
        truth = run(code, seed)
        if truth is None or not all(isinstance(n, int | float) and abs(n) < 1e6 for n in truth):
            continue
        try:
            reading = read_lines(code + NETWORK)
        except SpecError as problem:
            assert problem.path.startswith("line "), code  # noqa: PT017 - either outcome is right
            continue
        read += 1
        assert [layer.options["scale"] for layer in reading.layers] == list(truth), code
    assert read > 10
