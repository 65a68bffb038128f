"""What is chosen in the table of runs, without an app."""

import pytest

from tests.conftest import Write
from tests.factories import whole_run
from tests.ui.workbench.fake_host import FakeHost
from tuinn.runs.annotations import change_annotations
from tuinn.runs.folder import RunFolder
from tuinn.spec.presets.catalog import default_draft
from tuinn.spec.run import RunSpec
from tuinn.ui.runs.comparison_screen import ComparisonScreen
from tuinn.ui.workbench import run_controller
from tuinn.ui.workbench.run_controller import RunController
from tuinn.ui.workbench.run_selection import RunSelection
from tuinn.view.run_view import RunView


class Outcome:
    """What the selection led to."""

    def __init__(self) -> None:
        self.copied: list[RunSpec] = []
        self.curves: list[int] = []
        """How many other runs were drawn, each time."""
        self.reports = 0

    def show(self, views: list[RunView]) -> None:
        assert all(view.epoch for view in views), "their journals are read"
        self.curves.append(len(views))

    def report(self) -> None:
        self.reports += 1


@pytest.fixture
def outcome() -> Outcome:
    return Outcome()


@pytest.fixture
def selection(host: FakeHost, runs: RunController, outcome: Outcome) -> RunSelection:
    return RunSelection(host, runs, outcome.copied.append, outcome.show, outcome.report)


def attached(runs: RunController) -> RunFolder | None:
    return runs.run.folder if runs.run else None


def test_a_run_of_the_table_is_attached_to_or_its_spec_copied(
    host: FakeHost, runs: RunController, selection: RunSelection, outcome: Outcome, write_run: Write
) -> None:
    spec = default_draft().with_fit(epochs=9)
    folder = write_run(whole_run(), spec)
    selection.open_table()
    host.answer(None)
    assert attached(runs) is None
    selection.open_table()
    host.answer(("attach", (folder.name,)))
    assert attached(runs) == folder
    selection.open_table()
    host.answer(("draft", (folder.name,)))
    assert outcome.copied == [spec]


def test_the_report_of_a_run_is_one_key_from_the_table(
    host: FakeHost, runs: RunController, selection: RunSelection, outcome: Outcome, write_run: Write
) -> None:
    folder = write_run(whole_run())
    selection.open_table()
    host.answer(("report", (folder.name,)))
    assert (attached(runs), outcome.reports) == (folder, 1)


def test_a_run_that_was_deleted_meanwhile_is_said(
    host: FakeHost, selection: RunSelection, outcome: Outcome
) -> None:
    for what in ("draft", "under"):
        selection.open_table()
        host.answer((what, ("no-such-run",)))
    assert len(host.problems) == 2
    assert (outcome.copied, outcome.curves, selection.compared) == ([], [], [])


@pytest.mark.parametrize("long", [False, True], ids=["at once", "in a thread"])
def test_compared_runs_add_up_until_the_comparison_ends(
    host: FakeHost,
    runs: RunController,
    selection: RunSelection,
    outcome: Outcome,
    write_run: Write,
    monkeypatch: pytest.MonkeyPatch,
    long: bool,
) -> None:
    first, second, third = (write_run(whole_run()) for _ in range(3))
    runs.attach(first.name)
    if long:
        monkeypatch.setattr(run_controller, "READ_AT_ONCE", 0)
    for folder in (second, third):
        selection.choose_compared()
        host.answer(("under", (folder.name,)))
        assert len(host.work) == long
        host.do_work()
    assert outcome.curves == [1, 2]
    assert [run.folder for run in selection.compared] == [second, third]
    selection.end_comparison()
    selection.open_comparison()
    assert host.dialogs == []


def test_the_runs_are_compared_side_by_side_under_their_titles(
    host: FakeHost, runs: RunController, selection: RunSelection, write_run: Write
) -> None:
    first, second = (write_run(whole_run()) for _ in range(2))
    selection.open_comparison()
    runs.attach(first.name)
    selection.open_comparison()
    assert [words for _, words in host.messages] == ["Press c first to compare this run with another."] * 2
    selection.choose_compared()
    host.answer(("under", (second.name,)))
    change_annotations(second, title="wider")
    selection.open_comparison()
    assert isinstance(host.dialog, ComparisonScreen)
    assert list(host.dialog.titles) == ["fashion-lab", "wider"]
