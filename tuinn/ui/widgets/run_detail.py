"""What a table of runs has no room for: all that is known of one run, in five lines."""

from functools import partial
from pathlib import Path

from rich.text import Text

from tuinn.runs.listing import ListedRun
from tuinn.ui.widgets.lines import Lines
from tuinn.view.run_table import BY_NAME, Sizes, shown_state
from tuinn.view.words import count, duration, metrics_line, printable, size


class RunDetail(Lines):
    """Name and place, result, network, and what was noted."""

    def show(self, run: ListedRun | None, sizes: Sizes) -> None:
        """None: there is no run to speak of."""
        damaged = run is not None and bool(run.known.problem)
        self.show_text(partial(self._fitted, run, sizes, damaged), wrap=damaged)

    def _fitted(self, run: ListedRun | None, sizes: Sizes, damaged: bool, width: int) -> Text:
        if run is None:
            return Text()
        text = self._text(run, sizes)
        if damaged:
            return text  # it is wrapped
        lines = text.split("\n", allow_blank=True)
        for line in lines:
            line.truncate(width, overflow="ellipsis")
        return Text("\n").join(lines)

    def _text(self, run: ListedRun, sizes: Sizes) -> Text:
        colours = self.app.theme_variables
        title = printable(run.about.title)
        name = Text.assemble((title or printable(run.name), "bold"))
        if title:
            name.append(f"  {printable(run.name)}", style="dim")
        if run.known.problem:
            return Text("\n").join([name, Text(f"✗ {printable(run.known.problem)}", style=colours["error"])])
        lines = [name, self._result(run), self._best(run), self._facts(run, sizes)]
        said = " ".join(
            [*(f"#{printable(tag)}" for tag in run.about.tags), printable(run.about.note)]
        ).strip()
        lines.append(Text(said or short_path(run.folder.path), style="" if said else "dim"))
        return Text("\n", no_wrap=True).join(lines)

    def _result(self, run: ListedRun) -> Text:
        digest = run.digest
        if digest.outcome == "failed":
            return Text(f"failed: {printable(digest.message)}")
        parts = [f"{shown_state(run)} {digest.done}/{run.epochs}"]
        if digest.tested:
            parts.append(f"test {metrics_line(digest.tested)}")
        if run.made:
            parts.append(BY_NAME["when"].text(run, {}))
        return Text(" · ".join(parts))

    def _best(self, run: ListedRun) -> Text:
        best = run.digest.best
        if best is None:
            return Text("no epoch yet", style="dim")
        validated = {name: value for name, value in best.metrics.items() if name.startswith("val_")}
        return Text(f"best epoch {best.epoch}: {metrics_line(validated or best.metrics)}")

    def _facts(self, run: ListedRun, sizes: Sizes) -> Text:
        digest = run.digest
        parts = [run.known.network]
        if digest.parameters:
            parts.append(f"{count(digest.parameters)} parameters")
        if digest.clock.seconds:
            parts.append(duration(digest.clock.seconds))
        if run.name in sizes:
            parts.append(f"{size(sizes[run.name])} on disk")
        if digest.device:
            parts.append(digest.device)
        return Text(printable(" · ".join(parts)), style="dim")


def short_path(path: Path) -> str:
    """With `~` for the user's own folder."""
    try:
        return printable(f"~/{path.relative_to(Path.home())}")
    except ValueError:
        return printable(str(path))
