"""The user's own configuration: read where it is, and what is wrong with it in one sentence."""

from pathlib import Path

import pytest

from tuinn.errors import FolderError
from tuinn.runs.config import Config, TensorBoard, config_and_problem, config_file, read_config


def configure(text: str) -> None:
    config_file().parent.mkdir(parents=True, exist_ok=True)
    config_file().write_text(text)


def test_without_a_file_there_are_the_defaults(own_home: Path) -> None:
    assert config_file() == own_home / "config.toml"
    assert read_config() == Config()
    assert read_config().end_command == ()


def test_without_tuinn_home_it_lies_where_the_platform_keeps_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TUINN_HOME")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert config_file().name == "config.toml"
    assert config_file().parent.name == "tuinn"
    assert tmp_path in config_file().parents


def test_every_setting_is_read() -> None:
    configure(
        """
        on_end = "notify-send 'tuinn: {outcome}' {run}"
        bell = false
        keep_best = 3
        [tensorboard]
        histograms = true
        """
    )
    config = read_config()
    assert config.end_command == ("notify-send", "tuinn: {outcome}", "{run}")
    assert (config.bell, config.keep_best) == (False, 3)
    assert config.tensorboard == TensorBoard(histograms=True)


def test_a_command_may_be_a_list_of_words() -> None:
    configure('on_end = ["say", "it is done"]')
    assert read_config().end_command == ("say", "it is done")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("on_end = 3", "on_end"),
        ('on_end = "say \'it"', "No closing quotation"),
        ("keep_best = 0", "keep_best must be 1 or more"),
        ("keep_best = true", "keep_best"),
        ("onend = 'x'", "onend"),
        ("[tensorboard]\nimages = true", "images"),
        ("on_end = ", "Invalid value"),
    ],
)
def test_what_is_wrong_is_one_sentence_that_names_the_file_and_the_defaults_hold(text: str, why: str) -> None:
    configure(text)
    with pytest.raises(FolderError) as problem:
        read_config()
    assert why in str(problem.value)
    assert str(config_file()) in str(problem.value)
    assert "\n" not in str(problem.value)
    assert config_and_problem() == (Config(), str(problem.value))


def test_a_file_that_is_no_text_is_a_problem_and_no_crash() -> None:
    configure("")
    config_file().write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in config_and_problem()[1]
