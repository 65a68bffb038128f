"""Controllers of the workbench without an app."""

from pathlib import Path

import pytest

from tests.ui.workbench.fake_host import FakeDisplay, FakeHost, FakeTimer
from tuinn.data import loader
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.presets.catalog import default_draft
from tuinn.ui.workbench.draft_controller import DraftController
from tuinn.ui.workbench.run_controller import RunController
from tuinn.view.draft import Draft


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


@pytest.fixture
def display() -> FakeDisplay:
    return FakeDisplay()


@pytest.fixture
def runs(host: FakeHost, display: FakeDisplay) -> RunController:
    """A controller without a run."""
    runs = RunController(host, display)
    runs.timer = FakeTimer()
    return runs


@pytest.fixture
def shown() -> list[Draft]:
    """Drafts in the order in which they were drawn."""
    return []


@pytest.fixture
def drafts(host: FakeHost, shown: list[Draft]) -> DraftController:
    """A controller of the first draft."""
    return DraftController(host, Draft(default_draft()), shown.append)


@pytest.fixture
def flats(tmp_path: Path) -> DatasetSpec:
    """A table of the user's own, of which nothing is known yet."""
    loader.forget_inspected()
    rows = [f"{at * 7 % 31},{at * 3 % 5},{at * 37 % 101}" for at in range(60)]
    (tmp_path / "flats.csv").write_text("rooms,floor,price\n" + "\n".join(rows) + "\n")
    return DatasetSpec.at(str(tmp_path / "flats.csv"))
