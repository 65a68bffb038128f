"""Shortcuts for tests of datasets."""

from pathlib import Path

from tests.ui.conftest import Bench
from tuinn.spec.dataset import DatasetSpec
from tuinn.ui.datasets.options_form import DatasetOptionsForm


async def use_path(here: Bench, path: Path) -> None:
    """Open this path and keep the detected settings."""
    await here.press("o")
    await here.paste(str(path))
    await here.press("enter")
    assert isinstance(here.app.screen, DatasetOptionsForm), here.words()
    await here.press("enter")


def dataset_of(here: Bench) -> DatasetSpec:
    return here.screen.draft.spec.dataset
