"""What of a run is brought home from a machine of the cluster."""

import pytest

from tests.conftest import Write
from tests.factories import whole_run
from tuinn.runner.cluster import files

HOME = {"model.keras", "history.csv"}


@pytest.mark.parametrize(
    ("checkpoint", "brought"),
    [("last", {"checkpoints/last.npz"}), ("best", {"checkpoints/best.npz"}), ("none", set())],
)
def test_the_checkpoint_that_is_asked_for_comes_and_no_other(
    write_run: Write, checkpoint: str, brought: set[str]
) -> None:
    folder = write_run(whole_run())
    folder.checkpoints.mkdir()
    for name in (*HOME, "checkpoints/last.npz", "checkpoints/best.npz", "checkpoints/epoch-3.npz", ".part"):
        (folder.path / name).write_bytes(b"12345")
    assert files.files_of(folder.name, checkpoint) == dict.fromkeys(HOME | brought, 5)


def test_large_files_come_in_parts_and_small_ones_at_once(
    write_run: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_run(whole_run())
    journal = folder.events_file.read_bytes()
    monkeypatch.setattr(files, "CHUNK", len(journal))
    (folder.path / "history.csv").write_bytes(b"12345")
    (folder.path / "model.keras").write_bytes(bytes(len(journal) + 1))
    packed = files.pack(folder.name, "last", 0)
    assert (packed.small, packed.large) == ({"history.csv": b"12345"}, ["model.keras"])
    assert packed.journal == journal
