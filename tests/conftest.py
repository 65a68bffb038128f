"""What every test shares: a home of its own, and runs written by hand."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import settings

from tests.factories import append
from tuinn.runs.events import AnyEvent
from tuinn.runs.folder import RunFolder
from tuinn.spec.presets.catalog import default_draft
from tuinn.spec.run import RunSpec

Write = Callable[..., RunFolder]

settings.register_profile("tuinn", max_examples=40, deadline=None)
settings.load_profile(
    "tuinn"
)  # a shared machine of two cores: no deadline, and a suite that is done in a minute


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees or touches the runs of the user."""
    home = tmp_path / "home"
    monkeypatch.setenv("TUINN_HOME", str(home))
    monkeypatch.setenv("TUINN_STANDBY", "0")
    return home


@pytest.fixture
def write_run() -> Write:
    """A run folder with these events in its journal."""

    def write(events: Iterable[AnyEvent] = (), spec: RunSpec | None = None) -> RunFolder:
        folder = RunFolder.create(spec or default_draft())
        append(folder, *events)
        return folder

    return write
