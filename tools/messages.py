"""Every sentence in the code that a user may read, with its place, found in the syntax trees."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WAYS = {
    "notify": "notify",
    "echo": "echo",
    "confirm": "echo",
    "prompt": "echo",
    "write": "echo",
    "option": "help",
    "argument": "help",
    "Key": "help",
    "Binding": "help",
}
"""Name of what is called → how its words reach the user."""

PROBLEM = re.compile(r"(Problem|Error|Exception|Finding|Fix|Fix|Noted|RunEnded|Abort|Exit)$")
"""Names of what is raised, or of what tells about something that is wrong."""

WORD = re.compile(r"[^\W\d_]{2,}")

CODE = re.compile(
    r"[{;]\s*[\w-]+:\s|^\s*(import|from|def|return|yield|with|for)\s.*[:(.]|^\s*\w+ = |\(\?|\\[wsd]"
)
"""Style sheets, lines of Python, regular expressions."""


@dataclass(frozen=True, order=True)
class Message:
    """A text in the code."""

    file: str
    """Relative to the root."""
    line: int
    way: str
    """`raise`, `notify`, `echo`, `help`, or `text` for one that is handed on by other ways."""
    text: str
    """As it is written; what is filled in stands in braces."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.way}: {' '.join(self.text.split())}"


def in_folder(folder: Path, root: Path) -> list[Message]:
    """The messages of all modules below a folder, in the order of files and lines."""
    return sorted(
        Message(str(file.relative_to(root)), line, way, text)
        for file in folder.rglob("*.py")
        for line, way, text in set(in_source(file.read_text()))
    )


def in_source(source: str) -> Iterator[tuple[int, str, str]]:
    """Line, way and text of each message in a module. Docstrings are none, but for the help of a command."""
    finder = Finder()
    finder.visit(ast.parse(source))
    yield from finder.found


class Finder(ast.NodeVisitor):
    """Walks a module and knows in which call it is."""

    def __init__(self) -> None:
        self.found: list[tuple[int, str, str]] = []
        self.way = "text"

    def visit_Raise(self, node: ast.Raise) -> None:
        self._within("raise", node)

    def visit_Call(self, node: ast.Call) -> None:
        name = name_of(node.func)
        if name in ("compile", "getattr", "hasattr"):
            return
        self._within(WAYS.get(name, "raise" if PROBLEM.search(name) else self.way), node)

    def _within(self, way: str, node: ast.AST) -> None:
        before, self.way = self.way, way
        self.generic_visit(node)
        self.way = before

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        is_command = any(name_of(one).endswith(("command", "group")) for one in node.decorator_list)
        if is_command and (text := ast.get_docstring(node)):
            self.found.append((node.lineno, "help", text))
        self._body(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._body(node)

    def _body(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Annotations hold no messages."""
        for part in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults, *node.body):
            if part is not None:
                self.visit(part)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring, or what stands below an attribute
            self.visit(node.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._keep(node, node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._keep(node, text_of(node))
        for part in node.values:  # a text may stand in what is filled in
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(node.op, ast.Add) and is_text(node):
            self._keep(node, text_of(node))
            for part in ast.walk(node):
                if isinstance(part, ast.IfExp):
                    self.visit(part)
        else:
            self.generic_visit(node)

    def _keep(self, node: ast.expr, text: str) -> None:
        """One word is enough in what is raised, notified or printed, if it is written as a sentence; else two are."""
        bare = text_of(node, filled=False)
        words, blank = len(WORD.findall(bare)), re.search(r"\S\s+\S", bare)
        told = self.way != "text" and words and (blank or bare[:1].isupper())
        if (told or (words > 1 and blank)) and not CODE.search(bare):
            self.found.append((node.lineno, self.way, text))


def name_of(node: ast.expr) -> str:
    """The last part of what is called: `echo` of `click.echo(…)`."""
    match node:
        case ast.Call(func=func):
            return name_of(func)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""


def is_text(node: ast.expr) -> bool:
    """Whether a sum has a literal text at its top."""
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return is_text(left) or is_text(right)
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case _:
            return False


def text_of(node: ast.expr, filled: bool = True) -> str:
    """A text as it is written. What is filled in stands between braces, which are empty without `filled`."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(text_of(part, filled) for part in values)
        case ast.FormattedValue(value=value):
            return "{" + ast.unparse(value) * filled + "}"
        case ast.BinOp(left=left, op=ast.Add(), right=right) if is_text(node):
            return text_of(left, filled) + text_of(right, filled)
        case _:
            return "{" + ast.unparse(node) * filled + "}"
