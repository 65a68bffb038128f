"""Controllers of the workbench without an app."""

import pytest

from tests.ui.workbench.fake_host import FakeDisplay, FakeHost, FakeTimer
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
    return RunController(host, display, FakeTimer())


@pytest.fixture
def shown() -> list[Draft]:
    """Drafts in the order in which they were drawn."""
    return []


@pytest.fixture
def drafts(host: FakeHost, shown: list[Draft]) -> DraftController:
    """A controller of the first draft."""
    return DraftController(host, Draft(default_draft()), shown.append)
