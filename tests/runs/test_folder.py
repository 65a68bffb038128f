"""A run's folder: made, found, held and refused."""

import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tuinn.errors import FolderError
from tuinn.runs.commands import Quit, Stop
from tuinn.runs.folder import RunFolder, all_runs, find_run, home, runs_folder
from tuinn.spec.presets.catalog import default_draft, iris_lab
from tuinn.spec.run import RunSpec

Hold = Callable[[RunFolder], tuple[subprocess.Popen[str], bool]]

HOLD = """
import sys
from pathlib import Path
from tuinn.runs.folder import RunFolder
with RunFolder(Path(sys.argv[1])).hold_lock() as mine:
    print(mine, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder() -> Iterator[Hold]:
    """Start a process that holds a run's lock until its stdin ends; it is gone after the test."""
    started = []

    def hold(folder: RunFolder) -> tuple[subprocess.Popen[str], bool]:
        command = [sys.executable, "-c", HOLD, str(folder.path)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().strip() == "True"

    yield hold
    for process in started:
        process.kill()
        process.communicate()


def named(name: str, spec: RunSpec | None = None) -> RunFolder:
    """A run folder of this name."""
    folder = RunFolder(runs_folder() / name)
    folder.path.mkdir(parents=True)
    folder.spec_file.write_text((spec or iris_lab()).toml())
    return folder


def test_a_new_folder_is_private_and_holds_the_spec() -> None:
    folder = RunFolder.create(default_draft())
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert folder.spec() == default_draft()
    assert re.fullmatch(r"\d{8}-\d{6}-fashion_mnist_mini-[0-9a-f]{4}", folder.name)
    assert folder.age() < 60
    assert [file.name for file in folder.path.iterdir()] == ["spec.toml"]


def test_a_dataset_s_name_cannot_lead_out_of_the_folder() -> None:
    spec = iris_lab().with_setting("dataset.name", "../../etc/passwd é")
    assert RunFolder.create(spec).path.parent == runs_folder()


def test_where_no_folder_can_be_made_one_sentence_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TUINN_HOME", str(tmp_path / "file"))
    with pytest.raises(FolderError, match="set TUINN_HOME to a folder you may write to"):
        RunFolder.create(default_draft())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_home_that_is_read_only_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    monkeypatch.setenv("TUINN_HOME", str(closed))
    with pytest.raises(FolderError, match="No run folder can be made"):
        RunFolder.create(default_draft())


def test_the_home_follows_the_environment_and_its_tilde(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TUINN_HOME", "~/kept")
    assert home() == tmp_path / "kept"
    monkeypatch.delenv("TUINN_HOME")
    assert tmp_path in home().parents


def test_a_run_is_alive_while_another_process_holds_its_lock_and_no_longer(holder: Hold) -> None:
    folder = RunFolder.create(default_draft())
    assert not folder.is_alive()
    process, mine = holder(folder)
    assert mine
    assert folder.is_alive()
    process.communicate()
    assert not folder.is_alive()


def test_a_worker_that_is_killed_leaves_its_lock_free(holder: Hold) -> None:
    folder = RunFolder.create(default_draft())
    process, _ = holder(folder)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not folder.is_alive()
    with folder.hold_lock(patience=0) as mine:
        assert mine


def test_a_second_worker_does_not_get_the_lock(holder: Hold) -> None:
    folder = RunFolder.create(default_draft())
    holder(folder)
    with folder.hold_lock(patience=0) as mine:
        assert not mine
    assert folder.is_alive()


def test_wishes_are_appended_in_order() -> None:
    folder = RunFolder.create(default_draft())
    folder.ask(Stop(), Quit())
    folder.ask(Stop())
    assert folder.commands().read_all() == [Stop(), Quit(), Stop()]


def test_a_wish_that_cannot_be_written_says_so() -> None:
    folder = RunFolder.create(default_draft())
    folder.commands_file.mkdir()
    with pytest.raises(FolderError, match="The worker cannot be reached"):
        folder.ask(Stop())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"[fit]\nepochs = 0", "is damaged or from a newer tuinn: fit.epochs: must be"),
        (b"\xff\xfe", "is damaged: it is not text. Put a copy of it back"),
        (b"", "is damaged: it is empty. Put a copy of it back, or train again"),
        (b"\0\0\0\0", "is damaged: it is empty"),
        (b"[[layers]]\nkind = 'Oracle'", "is damaged or from a newer tuinn"),
    ],
)
def test_a_spec_that_cannot_be_read_is_told_with_its_file(content: bytes, sentence: str) -> None:
    folder = RunFolder.create(default_draft())
    folder.spec_file.write_bytes(content)
    with pytest.raises(FolderError, match=sentence):
        folder.spec()


def test_runs_come_newest_first_and_half_made_ones_not_at_all() -> None:
    old, new = named("20260101-000000-wine-0001"), named("20260102-000000-iris-0002")
    (runs_folder() / "20260103-000000-half-0003").mkdir()
    (runs_folder() / ".hidden").mkdir()
    (runs_folder() / "20260104-a-file").write_text("")
    assert all_runs() == [new, old]


def test_of_two_runs_made_in_one_second_the_later_is_the_newer() -> None:
    first, second = named("20260101-000000-wine-ffff"), named("20260101-000000-iris-0000")
    os.utime(first.spec_file, ns=(1, 1_000))
    os.utime(second.spec_file, ns=(1, 2_000))
    assert all_runs() == [second, first]


def test_without_a_home_there_are_no_runs_and_a_sentence_says_how_to_make_one() -> None:
    assert all_runs() == []
    with pytest.raises(FolderError, match=r"There are no runs in .* yet. `tuinn train SPEC.toml` makes one"):
        find_run(None)


def test_a_runs_folder_that_is_a_file_is_told(own_home: Path) -> None:
    own_home.mkdir()
    (own_home / "runs").write_text("")
    with pytest.raises(FolderError, match="cannot be read"):
        all_runs()


def test_a_run_is_found_by_its_name_or_the_start_or_end_of_it_or_as_the_newest() -> None:
    old, new = named("20260101-000000-wine-0001"), named("20260102-000000-iris-0002")
    assert find_run("20260101-000000-wine-0001") == find_run("20260101") == find_run("0001") == old
    assert find_run(None) == find_run("last") == new


def test_a_run_is_found_by_its_path(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "elsewhere" / "mine")
    folder.path.mkdir(parents=True)
    folder.spec_file.write_text(iris_lab().toml())
    assert find_run(str(folder.path)) == folder
    assert find_run(f"{folder.path}/") == folder
    with pytest.raises(FolderError, match=r"is no run folder: it has no spec\.toml"):
        find_run(str(tmp_path))


def test_a_word_for_several_runs_or_none_is_told() -> None:
    named("20260101-000000-wine-0001")
    named("20260101-000000-iris-0002")
    with pytest.raises(FolderError, match=r"2 runs match '2026'\. `tuinn runs` lists their names\."):
        find_run("2026")
    with pytest.raises(FolderError, match="No run matches 'mnist'"):
        find_run("mnist")


def test_a_name_that_is_whole_wins_over_others_that_only_begin_with_it() -> None:
    short, _ = named("20260101-run"), named("20260101-run-2")
    assert find_run("20260101-run") == short


def test_two_runs_of_one_second_never_share_a_name(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digits = iter(["aaaa", "aaaa", "bbbb"])
    monkeypatch.setattr("tuinn.runs.process_folder.secrets.token_hex", lambda _: next(digits))
    monkeypatch.setattr("tuinn.runs.folder.time.strftime", lambda _: "20260101-000000")
    names = [RunFolder.create(default_draft()).name for _ in range(2)]
    assert [name[-4:] for name in names] == ["aaaa", "bbbb"]


@pytest.mark.parametrize("word", ["", " ", "\t"])
def test_an_empty_name_names_no_run_not_even_the_only_one(word: str) -> None:
    named("20260101-run")
    with pytest.raises(FolderError, match="An empty name"):
        find_run(word)


def test_a_word_that_several_names_begin_with_names_none_of_them() -> None:
    named("20260101-run"), named("20260102-run")
    with pytest.raises(FolderError, match="2 runs match '202601'"):
        find_run("202601")


@pytest.mark.parametrize("place", ["reports", "pictures", "inspection", "checkpoints"])
def test_what_a_killed_worker_had_not_written_whole_is_removed(place: str) -> None:
    folder = RunFolder.create(default_draft())
    (folder.path / place).mkdir(exist_ok=True)
    whole, torn = folder.path / place / "whole.npz", folder.path / place / ".torn.123-0.npz"
    for file in (whole, torn):
        file.touch()
    folder.remove_leftovers()
    assert whole.exists()
    assert not torn.exists()
