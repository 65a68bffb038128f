"""Keep the documentation in step with the code: `python -m tools.docs [--check | --messages | --screens]`.

Without an option it writes the tables of keys, commands, settings and layers into the pages that hold their markers.
`--check` changes nothing: it names the pages that are not current, the links that lead nowhere, and a README that is too
long, and exits with 1 where there are any. `--messages` lists every sentence in the code that a user may read.
`--screens` trains for some minutes and makes the pictures in docs/screens.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools import links, messages
from tools.tables import GENERATORS

ROOT = Path(__file__).resolve().parents[1]

MOST_WORDS = 900
"""Words that the README may have."""

REGION = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
"""A part of a page that is written by this program; its name is one of GENERATORS."""


def main(words: Sequence[str], root: Path = ROOT) -> int:
    """Do what the command line says. Returns the exit code."""
    if list(words) == ["--messages"]:
        for message in messages.in_folder(root / "tuinn", root):
            say(str(message))
        return 0
    if list(words) == ["--screens"]:
        from tools import screens

        for file in screens.make(root / "docs" / "screens"):
            say(f"written: {file.relative_to(root)}")
        return 0
    if list(words) == ["--check"]:
        found = list(problems(root))
        for problem in found:
            say(problem)
        return bool(found)
    if words:
        say((__doc__ or "").strip())
        return 2
    for page in stale(root):
        page.write_text(filled(page.read_text()))
        say(f"written: {page.relative_to(root)}")
    return 0


def problems(root: Path) -> Iterator[str]:
    """What is wrong with the documentation, a sentence each."""
    for page in stale(root):
        yield f"{page.relative_to(root)} is not current. Run: python -m tools.docs"
    yield from links.broken(root)
    if (count := len((root / "README.md").read_text().split())) > MOST_WORDS:
        yield f"README.md has {count} words; at most {MOST_WORDS} are allowed."


# ------------------------------------------------------------------------------------------- generated parts


def stale(root: Path) -> list[Path]:
    """The pages whose generated parts differ from what the code says now."""
    return [page for page in links.pages(root) if (text := page.read_text()) != filled(text)]


def filled(text: str) -> str:
    """A page with its generated parts written anew. Raises KeyError for a part that GENERATORS doesn't have."""
    return REGION.sub(lambda part: f"{part[1]}\n{GENERATORS[part[2]]()}\n\n{part[3]}", text)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
