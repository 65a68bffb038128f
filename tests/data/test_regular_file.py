"""Paths that the user gave: pipes, devices and files that the system makes up neither block nor fill the memory."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tuinn.data import loader
from tuinn.data.images.folder_scan import scan_again
from tuinn.data.paths import dataset_path
from tuinn.data.regular_file import open_regular
from tuinn.data.tables.csv_dialect import detect_dialect
from tuinn.data.text.source import read_text
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec

pytestmark = pytest.mark.timeout(20)


@pytest.mark.parametrize("kind", ["auto", "images", "arrays", "text", "table"])
@pytest.mark.parametrize("name", ["pipe.csv", "pipe.npy", "pipe.npz", "pipe.txt"])
def test_a_pipe_is_refused_as_a_dataset_of_any_kind(tmp_path: Path, kind: str, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(
        SpecError, match="not a file but a pipe or a device; give the path of a folder or a file"
    ):
        loader.describe(DatasetSpec.at(str(tmp_path / name), kind=kind))


def test_an_endless_device_is_refused_as_a_dataset() -> None:
    with pytest.raises(SpecError, match="zero is not a file but a pipe or a device"):
        loader.describe(DatasetSpec.at("/dev/zero", kind="table"))


def test_a_pipe_beside_an_array_is_not_waited_for(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((4, 2)))
    os.mkfifo(tmp_path / "y.npy")
    with pytest.raises(SpecError, match=r"y\.npy is not a file but a pipe"):
        loader.describe(DatasetSpec.at(str(tmp_path / "x.npy")))


@pytest.mark.parametrize("read", [read_text, lambda path: detect_dialect(DatasetSpec.at(str(path)), path)])
@pytest.mark.parametrize("path", ["pipe", "/dev/zero"])
def test_texts_and_rows_from_the_command_line_are_read_from_files_only(
    tmp_path: Path, read: Callable[[Path], object], path: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SpecError, match="not a file but a pipe or a device"):
        read(tmp_path / path)


def test_a_table_that_the_system_makes_up_while_it_is_read_holds_no_rows() -> None:
    path = Path("/proc/kmsg")
    if not path.exists():
        pytest.skip("needs Linux's /proc")
    with pytest.raises(SpecError, match="kmsg holds no rows"):
        detect_dialect(DatasetSpec.at(str(path)), path)


def test_a_file_beyond_the_bound_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(SpecError, match=r"large is larger than 1 GB; choose a smaller one"):
        open_regular(tmp_path / "large", 10**9)


def test_a_text_that_the_system_makes_up_is_refused_and_an_empty_one_is_empty(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to("/proc/self/status")
    with pytest.raises(SpecError, match=r"link\.txt is made by the system as it is read.*; give a text file"):
        read_text(tmp_path / "link.txt")
    (tmp_path / "empty.txt").touch()
    assert read_text(tmp_path / "empty.txt") == ""


def test_folders_that_the_kernel_makes_up_are_no_data_and_links_to_them_are_not_followed(
    tmp_path: Path,
) -> None:
    if not Path("/proc/self").exists():
        pytest.skip("needs Linux's /proc")
    with pytest.raises(SpecError, match="is a folder of the system's kernel"):
        dataset_path(DatasetSpec.at("/proc/self"))
    (tmp_path / "cats").mkdir()
    (tmp_path / "cats" / "link").symlink_to("/proc/self")
    scan = scan_again(tmp_path)
    assert scan.unreadable_folders == 1
    assert not scan.classes["cats"]
