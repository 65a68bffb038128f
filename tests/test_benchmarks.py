"""What `python -m benchmarks` prints: goals, ratios, and what can't be measured."""

import ast
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks import __main__ as program
from benchmarks import rows
from benchmarks.rows import Line, Machine, times_faster
from tuinn.errors import WorkerError


def test_a_ratio_is_that_of_the_rounds_with_its_range() -> None:
    line = times_faster("net", "plain Keras", 2.5, (3.0, 8.0, 4.0), (1.0, 2.0, 2.0), "")
    assert (line.goal, line.measured, line.holds) == ("≥ 2.5 ×", "3.00 × (2.00 … 4.00)", True)
    assert not times_faster("net", "plain Keras", 3.1, (3.0, 8.0, 4.0), (1.0, 2.0, 2.0), "").holds


def test_the_table_says_what_is_missed_and_what_is_not_known() -> None:
    lines = [Line("a", "b", "≥ 2 ×", "1.00 ×", False, "c"), Line("longer", "b", "≥ 2 ×", "not here", None)]
    assert list(program.table(lines)) == [
        "work    against  goal   measured          tuinn's and the other's",
        "a       b        ≥ 2 ×  1.00 ×    missed  c",
        "longer  b        ≥ 2 ×  not here  –",
    ]


def test_a_row_that_fails_is_a_line_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: Machine) -> Iterator[Line]:
        raise WorkerError("It was killed.")

    monkeypatch.setitem(rows.ROWS, "lab", broken)
    with ExitStack() as stack:
        machine = Machine(stack, tmp_path, 1, "", program.say)
        (line,) = program.lines_of("lab", machine)
    assert (line.measured, line.holds) == ("could not be measured", None)
    assert "It was killed." in capsys.readouterr().err


def test_pytorch_that_is_not_here_leaves_its_lines_empty(tmp_path: Path) -> None:
    with ExitStack() as stack:
        assert Machine(stack, tmp_path, 1, "", program.say).torch_ways == {}


def test_the_rival_s_program_imports_nothing_of_tuinn() -> None:
    tree = ast.parse(rows.TORCH.read_text())
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    modules += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert "torch" in modules
    assert not [name for name in modules if name.startswith(("tuinn", "benchmarks"))]
