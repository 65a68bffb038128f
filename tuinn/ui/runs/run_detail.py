"""Details of the run under the cursor: name, result, best epoch, network, tags and note."""

import textwrap
from functools import partial
from pathlib import Path

from rich.text import Text

from tuinn.runs.listing import ListedRun
from tuinn.runs.provenance import Provenance, provenance_lines, read_provenance
from tuinn.text import format_bytes, format_count, format_duration, format_metric, format_metrics, printable
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.view.run_columns import BY_NAME, Sizes, shown_state
from tuinn.view.run_rows import RunRow, common_metric, score_values, spread_text


class RunDetail(CellLines):
    """Name, result, best epoch, network, annotations; below them, where there is room, where the run came from."""

    def show(self, row: RunRow | None, sizes: Sizes) -> None:
        """Show this row; None: no run is under the cursor."""
        damaged = row is not None and bool(row.first.known.problem)
        self.show_text(partial(self._fitted, row, sizes, damaged), wrap=damaged)

    def _fitted(self, row: RunRow | None, sizes: Sizes, damaged: bool, width: int) -> Text:
        if row is None:
            return Text()
        text = self._repeats(row, sizes) if row.is_group else self._text(row.first, sizes)
        if damaged:
            return text  # it is wrapped
        lines = list(text.split("\n", allow_blank=True))
        if not row.is_group and row.first.summary.best is None and 0 < width < len(lines[1]):
            lines[1:3] = [Text(part) for part in textwrap.wrap(lines[1].plain, width)[:2]]
        for line in lines:
            line.truncate(width, overflow="ellipsis")
        return Text("\n").join(lines)

    def _repeats(self, row: RunRow, sizes: Sizes) -> Text:
        """What the repeats of one spec have in common."""
        seeds = [run.setting("seed") for run in row.runs]
        metric = common_metric(row.runs)
        best = [value for value in score_values(row.runs) if value is not None]
        lines = [
            Text.assemble(
                (printable(row.runs[-1].title), "bold"), f" · {len(row.runs)} runs with other seeds"
            ),
            Text(f"seeds {', '.join(seeds)}"),
            Text(
                f"best {metric} {spread_text(best)}, from {format_metric(min(best))} to {format_metric(max(best))}"
            ),
            self._facts(row.first, {}),
            Text("→ or Enter shows them, c compares them, ← folds them again", style="dim"),
        ]
        return Text("\n", no_wrap=True).join(lines)

    def _text(self, run: ListedRun, sizes: Sizes) -> Text:
        colours = self.app.theme_variables
        name = Text.assemble((printable(run.title), "bold"))
        if run.title != run.name:
            name.append(f"  {printable(run.name)}", style="dim")
        if run.copy_of:
            name.append(f"  copy of {printable(run.copy_of)}", style="dim")
        if run.known.problem:
            return Text("\n").join([name, Text(f"✗ {printable(run.known.problem)}", style=colours["error"])])
        lines = [name, self._result(run), self._best(run), self._facts(run, sizes)]
        annotations = " ".join(
            [*(f"#{printable(tag)}" for tag in run.annotations.tags), printable(run.annotations.note)]
        ).strip()
        lines.append(Text(annotations or short_path(run.folder.path), style="" if annotations else "dim"))
        lines += [Text(printable(line), style="dim") for line in _origin(read_provenance(run.folder.path))]
        return Text("\n", no_wrap=True).join(lines)

    def _result(self, run: ListedRun) -> Text:
        summary = run.summary
        if summary.outcome == "failed":
            return Text(f"failed: {printable(summary.message)}")
        parts = [f"{shown_state(run)} {summary.done}/{run.epochs}"]
        if run.trouble:
            return Text(f"{parts[0]} · {printable(run.trouble)}")
        if summary.tested:
            parts.append(f"test {format_metrics(summary.tested)}")
        if run.made:
            parts.append(BY_NAME["when"].text(run, {}))
        return Text(" · ".join(parts))

    def _best(self, run: ListedRun) -> Text:
        best = run.summary.best
        if best is None:
            return Text("no epoch yet", style="dim")
        validated = {name: value for name, value in best.metrics.items() if name.startswith("val_")}
        return Text(f"best epoch {best.epoch}: {format_metrics(validated or best.metrics)}")

    def _facts(self, run: ListedRun, sizes: Sizes) -> Text:
        summary = run.summary
        parts = [run.known.network]
        if summary.parameters:
            parts.append(f"{format_count(summary.parameters)} parameters")
        if summary.clock.seconds:
            parts.append(format_duration(summary.clock.seconds))
        if run.name in sizes:
            parts.append(f"{format_bytes(sizes[run.name])} on disk")
        if summary.device:
            parts.append(summary.device)
        return Text(printable(" · ".join(parts)), style="dim")


def _origin(provenance: Provenance) -> list[str]:
    """Where a run came from, in three lines: command, place, versions; nothing of an older run."""
    known = dict(provenance_lines(provenance))
    if not known:
        return ["It was trained before tuinn wrote down where a run comes from."]
    place = [f"in {known['started in']}"] if "started in" in known else []
    place += [f"on {known['host']}"] if "host" in known else []
    commit = f" · git {known['git commit']}" if "git commit" in known else ""
    return [f"$ {known.get('command', '')}", " ".join(place) + commit, f"with {known.get('versions', '')}"]


def short_path(path: Path) -> str:
    """The path, with `~` for the home folder."""
    try:
        return printable(f"~/{path.relative_to(Path.home())}")
    except ValueError:
        return printable(str(path))
