"""Paths as terminals and file managers hand them over."""

import pytest

from tuinn.data.paths import as_path, completions, dropped
from tuinn.errors import SpecError


@pytest.fixture
def here(tmp_path, monkeypatch):
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
def test_a_dropped_path_is_read_whatever_the_terminal_wrapped_it_in(here, typed):
    assert as_path(typed.format(here)) == here / "my photos"


def test_a_file_that_is_really_called_so_is_taken_as_it_is(here):
    assert as_path(f"{here}/it's.csv") == here / "it's.csv"
    assert as_path(f"{here}/it\\'s.csv") == here / "it's.csv"
    (here / "'quoted'").touch()
    assert as_path("'quoted'") == here / "'quoted'"


def test_the_home_folder_is_known_by_its_sign(here, monkeypatch):
    monkeypatch.setenv("HOME", str(here))
    assert as_path("~/my photos") == here / "my photos"


def test_a_path_that_is_not_there_is_still_a_path(here):
    assert as_path("nowhere/at all") == here / "nowhere/at all"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("  ", "Type the path"),
        ("file://server/share/x.csv", "another machine"),
        ("~nobody-here/x", "home folder"),
    ],
)
def test_what_is_no_path_is_refused_in_a_sentence(here, typed, said):
    with pytest.raises(SpecError, match=said):
        as_path(typed)


def test_several_files_at_once_are_refused(here):
    with pytest.raises(SpecError, match="2 paths"):
        as_path(f"'{here}/my photos' \"{here}/it's.csv\"")


def test_a_path_goes_on_as_far_as_all_names_agree(here):
    (here / "my_flowers").mkdir()
    (here / ".hidden").touch()
    assert completions("m") == ("my", ["my photos/", "my_flowers/"])
    assert completions("my ") == ("my photos/", ["my photos/"])
    assert completions(f"{here}/it") == (f"{here}/it's.csv", ["it's.csv"])
    assert completions(".h") == (".hidden", [".hidden"])
    assert completions("zzz") == ("zzz", [])
    assert completions("nowhere/x") == ("nowhere/x", [])
    assert completions("a\0b/x")[1] == []


def test_only_the_path_of_something_that_is_there_counts_as_dropped(here):
    assert dropped(f"'{here}/my photos' ") == here / "my photos"
    assert dropped("./my photos") == here / "my photos"
    for text in ("Dense(10)", "my photos", f"{here}/nothing", "/\n/", "", "~nobody-here/x", "/" * 20_000):
        assert dropped(text) is None
