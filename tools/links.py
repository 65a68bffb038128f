"""Links in the Markdown pages of the repository: each must lead to a file that is there, and to a heading in it."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
"""The target of a link or of a picture."""

ELSEWHERE = ("http://", "https://", "mailto:")


def pages(root: Path) -> list[Path]:
    """Every page: those beside the README, those of docs and of benchmarks."""
    return sorted([*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("benchmarks/**/*.md")])


def broken(root: Path) -> Iterator[str]:
    """A sentence for each link to a file or a heading that isn't there."""
    for page in pages(root):
        for number, target in targets(page.read_text()):
            where = f"{page.relative_to(root)}:{number}"
            file, _, anchor = target.partition("#")
            to = page.parent / file if file else page
            if not to.exists():
                yield f"{where}: there is no file {file}."
            elif anchor and anchor not in anchors(to.read_text()):
                yield f"{where}: {to.name} has no heading #{anchor}."


def targets(text: str) -> Iterator[tuple[int, str]]:
    """Line, counted from 1, and target of every link to this repository. Code is passed over."""
    for number, line in prose(text):
        for target in LINK.findall(re.sub(r"`[^`]*`", "", line)):
            if not target.startswith(ELSEWHERE):
                yield number, target


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings; a heading that comes again gets a number, as on GitHub."""
    found: set[str] = set()
    seen: Counter[str] = Counter()
    for _, line in prose(text):
        if heading := re.match(r"#{1,6}\s+(.*?)\s*#*$", line):
            name = slug(heading[1])
            found.add(f"{name}-{seen[name]}" if seen[name] else name)
            seen[name] += 1
    return found


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading: small letters, no punctuation, hyphens for blanks."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def prose(text: str) -> Iterator[tuple[int, str]]:
    """The lines outside of fenced code, with their numbers."""
    fence = ""
    for number, line in enumerate(text.splitlines(), start=1):
        mark = re.match(r"\s*(```+|~~~+)", line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and line.strip() == mark[1]:
            fence = ""
        elif not fence:
            yield number, line
