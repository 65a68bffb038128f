"""What a person says of a run: kept beside the journal, never in it, and never half."""

import threading

import pytest

from tests.conftest import Write
from tuinn.errors import FolderError
from tuinn.runs.annotations import Annotations, annotations_file, change_annotations, read_annotations


def test_title_note_and_tags_are_changed_one_by_one(write_run: Write) -> None:
    folder = write_run([])
    assert read_annotations(folder) == Annotations()
    change_annotations(folder, title="  wide \n baseline ")
    change_annotations(folder, note="try a lower rate")
    change_annotations(folder, tags=("#good", "wide", "good"))
    assert read_annotations(folder) == Annotations("wide baseline", "try a lower rate", ("good", "wide"))
    change_annotations(folder, title="")
    assert read_annotations(folder).title == ""


def test_no_escape_code_gets_into_the_file(write_run: Write) -> None:
    folder = write_run([])
    assert change_annotations(folder, note="a\x1b[31mb\x07").note == "a [31mb"


@pytest.mark.parametrize("tag", ["", "#", "two words", "a,b", "x" * 33])
def test_what_is_no_tag_is_refused(write_run: Write, tag: str) -> None:
    with pytest.raises(FolderError, match="tag"):
        change_annotations(write_run([]), tags=(tag,))


def test_a_title_too_long_is_refused_with_its_length(write_run: Write) -> None:
    with pytest.raises(FolderError, match="81 characters; at most 80"):
        change_annotations(write_run([]), title="x" * 81)


@pytest.mark.parametrize("junk", [b"", b"{", b"\xff\xfe", b'{"title": 3}', b"[]"])
def test_a_damaged_file_hides_nothing_and_is_not_written_over(write_run: Write, junk: bytes) -> None:
    folder = write_run([])
    annotations_file(folder).write_bytes(junk)
    assert read_annotations(folder) == Annotations()
    with pytest.raises(FolderError, match=r"about\.json is damaged"):
        change_annotations(folder, note="x")
    assert annotations_file(folder).read_bytes() == junk


def test_a_folder_that_is_gone_says_so(write_run: Write) -> None:
    folder = write_run([])
    folder.path.rename(folder.path.with_name("elsewhere"))
    with pytest.raises(FolderError, match="No such file"):
        change_annotations(folder, note="x")


def test_two_who_change_different_parts_at_once_both_get_their_way(write_run: Write) -> None:
    folder = write_run([])

    def change(part: str) -> None:
        for number in range(30):
            change_annotations(folder, **{part: f"{part} {number}"})  # type: ignore[arg-type]

    threads = [threading.Thread(target=change, args=(part,)) for part in ("title", "note")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read_annotations(folder) == Annotations("title 29", "note 29")
