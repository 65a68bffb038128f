"""Paths as terminals and file managers hand them over."""

from pathlib import Path

import pytest

from tuinn.data.paths import complete_path, dropped_path, parse_path
from tuinn.errors import SpecError


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my photos").mkdir()
    (tmp_path / "it's.csv").touch()
    return tmp_path


@pytest.mark.parametrize(
    "typed",
    [
        "{}/my photos",
        "  {}/my photos \n",
        "'{}/my photos'",
        '"{}/my photos" ',
        "{}/my\\ photos ",
        "file://{}/my%20photos",
        "'file://{}/my%20photos'",
        "file://localhost{}/my%20photos\r\n",
        "my photos",
        "./my photos",
    ],
)
def test_a_dropped_path_is_read_whatever_the_terminal_wrapped_it_in(here: Path, typed: str) -> None:
    assert parse_path(typed.format(here)) == here / "my photos"


def test_a_file_that_is_really_called_so_is_taken_as_it_is(here: Path) -> None:
    assert parse_path(f"{here}/it's.csv") == here / "it's.csv"
    assert parse_path(f"{here}/it\\'s.csv") == here / "it's.csv"
    (here / "'quoted'").touch()
    assert parse_path("'quoted'") == here / "'quoted'"


def test_the_home_folder_is_known_by_its_sign(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here))
    assert parse_path("~/my photos") == here / "my photos"


def test_a_path_that_is_not_there_is_still_a_path(here: Path) -> None:
    assert parse_path("nowhere/at all") == here / "nowhere/at all"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("  ", "Type the path"),
        ("file://server/share/x.csv", "another machine"),
        ("~nobody-here/x", "home folder"),
    ],
)
def test_what_is_no_path_is_refused_in_a_sentence(here: Path, typed: str, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        parse_path(typed)


def test_several_files_at_once_are_refused(here: Path) -> None:
    with pytest.raises(SpecError, match="2 paths"):
        parse_path(f"'{here}/my photos' \"{here}/it's.csv\"")


def test_a_path_goes_on_as_far_as_all_names_agree(here: Path) -> None:
    (here / "my_flowers").mkdir()
    (here / ".hidden").touch()
    assert complete_path("m") == ("my", ["my photos/", "my_flowers/"])
    assert complete_path("my ") == ("my photos/", ["my photos/"])
    assert complete_path(f"{here}/it") == (f"{here}/it's.csv", ["it's.csv"])
    assert complete_path(".h") == (".hidden", [".hidden"])
    assert complete_path("zzz") == ("zzz", [])
    assert complete_path("nowhere/x") == ("nowhere/x", [])
    assert complete_path("a\0b/x")[1] == []


def test_only_the_path_of_something_that_is_there_counts_as_dropped(here: Path) -> None:
    assert dropped_path(f"'{here}/my photos' ") == here / "my photos"
    assert dropped_path("./my photos") == here / "my photos"
    for text in ("Dense(10)", "my photos", f"{here}/nothing", "/\n/", "", "~nobody-here/x", "/" * 20_000):
        assert dropped_path(text) is None
