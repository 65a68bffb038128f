"""Tables that tests write row by row."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tuinn.data import loader
from tuinn.spec.dataset import DatasetSpec

WriteTable = Callable[..., DatasetSpec]
"""Lines of a CSV and dataset options → the dataset."""


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WriteTable:
    monkeypatch.setenv("TUINN_HOME", str(tmp_path / "home"))

    def write(lines: list[str], **options: object) -> DatasetSpec:
        file = tmp_path / "rows.csv"
        file.write_text("\n".join(lines) + "\n")
        loader.forget_inspected()
        return DatasetSpec.at(str(file), **options)

    return write
