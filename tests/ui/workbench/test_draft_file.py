"""The draft on disk: there after a death, gone after an ordinary end, never that of a screen that lives."""

import os
from dataclasses import replace
from pathlib import Path

import msgspec

from tuinn.spec.presets.catalog import default_draft
from tuinn.spec.run import RunSpec
from tuinn.ui.workbench.draft_file import DraftFile, drafts_folder


def spec_of(epochs: int) -> RunSpec:
    spec = default_draft()
    return replace(spec, fit=msgspec.structs.replace(spec.fit, epochs=epochs))


def screen(epochs: int | None = None) -> DraftFile:
    """A screen that has opened, and has been edited where `epochs` says so."""
    file = DraftFile(default_draft())
    if epochs is not None:
        assert file.note(spec_of(epochs))
        file.write()
    return file


def found(file: DraftFile) -> RunSpec | None:
    left = file.find_left()
    return left.spec if left else None


def test_a_screen_that_died_leaves_its_draft_and_one_that_lives_does_not() -> None:
    one = screen(7)
    assert found(screen()) is None
    assert one.close(ordinary=False)
    assert found(screen()) == spec_of(7)


def test_an_ordinary_end_leaves_nothing_and_takes_what_was_offered_along() -> None:
    screen(7).close(ordinary=False)
    one = screen(8)
    assert found(one) == spec_of(7)
    assert not one.close(ordinary=True)
    assert list(drafts_folder().iterdir()) == []


def test_a_draft_without_edits_is_not_written() -> None:
    one = screen()
    assert not one.note(default_draft())
    one.write()
    assert not one.close(ordinary=False)
    assert not drafts_folder().exists()


def test_an_edit_that_is_undone_leaves_nothing_to_offer() -> None:
    one = screen(7)
    assert one.note(default_draft())
    one.write()
    assert list(drafts_folder().iterdir()) == []
    one.note(spec_of(9))
    one.write()
    one.close(ordinary=False)
    assert found(screen()) == spec_of(9)


def test_many_edits_are_one_write_and_the_last_is_not_lost() -> None:
    one = screen()
    assert [one.note(spec_of(epochs)) for epochs in (1, 2, 3)] == [True, False, False]
    one.close(ordinary=False)
    assert found(screen()) == spec_of(3)


def test_what_a_run_has_needs_no_keeping() -> None:
    one = screen(7)
    one.elsewhere = spec_of(7)
    one.note(spec_of(7))
    one.write()
    assert not one.close(ordinary=False)


def test_a_draft_that_was_brought_back_is_kept_once() -> None:
    screen(7).close(ordinary=False)
    one = screen()
    assert found(one) == spec_of(7)
    one.note(spec_of(7))
    one.write()
    one.close(ordinary=False)
    assert len(list(drafts_folder().glob("*.toml"))) == 1


def test_the_newest_is_offered_and_what_cannot_be_read_is_passed_over() -> None:
    for epochs in (5, 6):
        screen(epochs).close(ordinary=False)
    for at, file in enumerate(sorted(drafts_folder().glob("*.toml"), key=lambda file: file.read_text())):
        os.utime(file, (at, at))
    (drafts_folder() / "00000000.toml").write_bytes(b"\xff = [")
    (drafts_folder() / ".11111111.9-0.toml").write_text(spec_of(9).toml())
    assert found(screen()) == spec_of(6)


def test_a_home_that_cannot_be_written_keeps_nothing_and_breaks_nothing(own_home: Path) -> None:
    own_home.write_text("a file")
    one = screen(7)
    assert not one.close(ordinary=False)
    assert found(screen()) is None
