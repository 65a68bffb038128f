"""Skip links drawn beside the rows of a summary, as rails of box characters."""

from tuinn.spec.shapes import Summary


def rails(summary: Summary) -> tuple[str, ...]:
    """A string per row, all of one width; empty ones where each layer takes the one above.

    A rail starts at its source with `╭`, passes by with `│`, and ends at its last taker with `╰`; takers between
    have `├`. A rail from the input starts above the first row.
    """
    links = _links(summary)
    columns = _columns(links)
    width = max(columns.values(), default=-1) + 1
    lines = [[" "] * width for _ in summary.rows]
    for source, takers in links.items():
        column, last = columns[source], takers[-1]
        for at in range(max(source, 0), last + 1):
            lines[at][column] = "╭" if at == source else "╰" if at == last else "├" if at in takers else "│"
    for source, takers in links.items():
        for at in (source, *takers):
            if at >= 0:
                _reach_out(lines[at], columns[source])
    return tuple("".join(line) for line in lines)


def _links(summary: Summary) -> dict[int, list[int]]:
    """Source → the rows that take it and don't stand just below it."""
    links: dict[int, list[int]] = {}
    above = -1
    for at, row in enumerate(summary.rows):
        if row.layer.disabled:
            continue
        for place in row.places:
            if place != above and at not in links.get(place, []):
                links.setdefault(place, []).append(at)
        above = at
    return dict(sorted(links.items()))


def _columns(links: dict[int, list[int]]) -> dict[int, int]:
    """The leftmost column that is free from the source to the last taker."""
    free_from: list[int] = []
    columns = {}
    for source, takers in links.items():
        column = next((at for at, row in enumerate(free_from) if row < source), len(free_from))
        free_from[column:] = [takers[-1], *free_from[column + 1 :]]
        columns[source] = column
    return columns


def _reach_out(line: list[str], column: int) -> None:
    """From the rail to the row's text, across whatever passes by on its right."""
    for at in range(column + 1, len(line)):
        line[at] = {" ": "─", "│": "┼"}.get(line[at], line[at])
