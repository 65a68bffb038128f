"""The last lines of worker.log."""

from pathlib import Path

from tests.conftest import Write
from tests.factories import ending, opening
from tests.ui.conftest import NARROW, Opener
from tuinn.ui.dialogs.log_view import LogView, last_lines
from tuinn.ui.workbench.panes.charts import failure_words


def test_the_end_of_a_long_log_is_shown_and_nothing_in_it_is_obeyed(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_bytes(b"x" * 300 + b"\nfirst\n\x1b[31mred\x1b[0m\x07\t\xff\nlast\n")
    lines = last_lines(log, most=24)
    assert lines[0].startswith("… ")
    assert str(log) in lines[0]
    assert lines[-1] == "last"
    assert not any("\x1b" in line or "\x07" in line for line in lines)


def test_a_log_that_is_not_there_or_empty_says_so(tmp_path: Path) -> None:
    (line,) = last_lines(tmp_path / "worker.log")
    assert "cannot be read (No such file or directory)" in line
    (tmp_path / "worker.log").touch()
    assert last_lines(tmp_path / "worker.log") == ["The log is empty: the worker has said nothing."]


def test_the_log_is_named_once_where_a_run_failed() -> None:
    for message in ("TensorFlow failed. See worker.log in the run folder.", "The memory was not enough."):
        words = failure_words(message)
        assert words.count("worker.log") == 1
        assert words.startswith(message)
        assert " L " in words


async def test_the_log_opens_at_its_end_from_the_workbench_and_from_the_table(
    bench: Opener, write_run: Write
) -> None:
    folder = write_run(
        [*opening(), *ending("failed", "TensorFlow failed. See worker.log in the run folder.")]
    )
    folder.log_file.write_text(
        "".join(f"line {at} {'long ' * 30}\n" for at in range(200)) + "Traceback: the end\n"
    )
    async with bench(NARROW, run=folder) as here:
        await here.press("L")
        here.top(LogView)
        assert "Traceback: the end" in here.text()
        assert "line 1 " not in here.text()
        await here.press("g")
        assert "line 0 " in here.text()
        await here.press("escape", "l", "L")
        assert "Traceback: the end" in here.text()
