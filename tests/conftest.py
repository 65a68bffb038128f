"""What every test shares: a home of its own, and runs written by hand."""

import ctypes
import gc
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation

from tests.factories import append
from tuinn.runs.events import AnyEvent
from tuinn.runs.folder import RunFolder
from tuinn.runs.machine import lifetime
from tuinn.spec.presets.catalog import default_draft
from tuinn.spec.run import RunSpec

Write = Callable[..., RunFolder]

# A shared machine of two cores: no deadline, and unit tests that are done in a minute.
settings.register_profile("tuinn", max_examples=40, deadline=None)
settings.load_profile("tuinn")

E2E = Path(__file__).parent / "e2e"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what opens the app: pilots of the workbench, and programs in a real terminal."""
    for item in items:
        if E2E in item.path.parents or "bench" in getattr(item, "fixturenames", ()):
            item.add_marker("app")


def pytest_collection_finish() -> None:
    """Look through objects more seldom, never through what is imported: this is a third of what a pilot costs."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees or touches the runs of the user."""
    home = tmp_path / "home"
    monkeypatch.setenv("TUINN_HOME", str(home))
    monkeypatch.setenv("TUINN_STANDBY", "0")
    # Nor does it hear what logind, or a Slurm job around it, does to processes here.
    monkeypatch.setattr(lifetime, "CGROUP", tmp_path / "no-cgroup")
    monkeypatch.setattr(lifetime, "_remembered", lifetime._Remembered())
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    return home


@pytest.fixture
def write_run() -> Write:
    """A run folder with these events in its journal."""

    def write(events: Iterable[AnyEvent] = (), spec: RunSpec | None = None) -> RunFolder:
        folder = RunFolder.create(spec or default_draft())
        append(folder, *events)
        return folder

    return write


@pytest.fixture(autouse=True, scope="session")
def parsed_once() -> Iterator[None]:
    """Parse each style sheet once for all apps of the session: parsing is a tenth of what a pilot costs."""
    parse = Stylesheet._parse_rules
    known: dict[object, list[RuleSet]] = {}

    def parse_once(
        sheet: Stylesheet, css: str, read_from: CSSLocation, *args: object, **options: object
    ) -> list[RuleSet]:
        variables = tuple(sorted(sheet._variables.items()))
        key = (css, read_from, args, tuple(sorted(options.items())), variables)
        if key not in known:
            known[key] = parse(sheet, css, read_from, *args, **options)  # type: ignore[arg-type]
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_once)
        yield


def without_root_s_rights() -> None:
    """In a child, before it becomes a program: modes of files hold for root too, as they do for anybody else."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for capability in (1, 2, 3):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER; PR_CAPBSET_DROP
            libc.prctl(24, capability)


@pytest.fixture
def keras_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Optimizers take Keras' own steps, as a script's do."""
    monkeypatch.setenv("TUINN_KERAS_STEPS", "1")
