"""Fetching: what comes is checked, what broke off is gone on with, and what was there stays."""

import hashlib
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.data.server import Site, serving
from tuinn.data.catalog import availability, catalog, fetch
from tuinn.data.catalog.download import CHUNK, DownloadProgress
from tuinn.data.info import KerasFile
from tuinn.errors import SpecError

Offer = Callable[..., None]

CONTENT = np.random.default_rng(7).bytes(300_000)
RIGHT = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def keras(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keras' folder, empty."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras" / "datasets"


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Offer:
    """Put MNIST at this address, with this hash."""

    def put(url: str, sha256: str = RIGHT, **more: Any) -> None:
        file = KerasFile("mnist.npz", url, len(CONTENT), sha256, **more)
        entries = [replace(one, files=(file,)) if one.name == "mnist" else one for one in catalog.DATASETS]
        monkeypatch.setattr(catalog, "DATASETS", tuple(entries))

    return put


def test_a_file_comes_whole_and_is_told_as_it_grows(keras: Path, offer: Offer) -> None:
    told: list[DownloadProgress] = []
    with serving(Site(CONTENT)) as site:
        offer(site.url)
        assert not availability.is_available("mnist")
        assert fetch.fetch("mnist", told.append)
    assert (keras / "mnist.npz").read_bytes() == CONTENT
    assert [path.name for path in keras.iterdir()] == ["mnist.npz"]
    assert availability.is_available("mnist")
    assert (told[-1].done, told[-1].total, told[-1].name) == (300_000, 300_000, "mnist.npz")
    assert told[-1].speed > 0
    assert told[-1].seconds_left == 0


def test_what_is_here_is_not_fetched_again(keras: Path, offer: Offer) -> None:
    keras.mkdir(parents=True)
    (keras / "mnist.npz").write_bytes(CONTENT)
    offer("http://127.0.0.1:9/")
    assert fetch.fetch("mnist")


def test_a_line_that_breaks_half_way_is_gone_on_with_where_it_broke(keras: Path, offer: Offer) -> None:
    with serving(Site(CONTENT, break_after=[3 * CHUNK, 2 * CHUNK])) as site:
        offer(site.url)
        told: list[DownloadProgress] = []
        assert fetch.fetch("mnist", told.append)
    assert {progress.total for progress in told} == {len(CONTENT)}
    assert site.asked == ["", f"bytes={3 * CHUNK}-", f"bytes={5 * CHUNK}-"]
    assert (keras / "mnist.npz").read_bytes() == CONTENT


def test_a_server_that_knows_no_ranges_sends_all_of_it_again(keras: Path, offer: Offer) -> None:
    with serving(Site(CONTENT, ranges=False)) as site:
        keras.mkdir(parents=True)
        (keras / "mnist.npz.tuinn.part").write_bytes(CONTENT[:1000])
        offer(site.url)
        assert fetch.fetch("mnist")
    assert site.asked == ["bytes=1000-"]
    assert (keras / "mnist.npz").read_bytes() == CONTENT


def test_a_line_that_stays_broken_keeps_what_came_and_says_how_to_go_on(keras: Path, offer: Offer) -> None:
    with serving(Site(CONTENT, break_after=[3 * CHUNK, 0])) as site:
        offer(site.url)
        with pytest.raises(
            SpecError, match=r"broke after 0\.1 of 0\.3 MB of mnist\.npz .* fetch again"
        ) as caught:
            fetch.fetch("mnist")
    assert "Handwritten digits is here" in str(caught.value)
    assert (keras / "mnist.npz.tuinn.part").read_bytes() == CONTENT[: 3 * CHUNK]
    assert not (keras / "mnist.npz").exists()


def test_a_part_that_is_whole_already_is_taken_as_it_is(keras: Path, offer: Offer) -> None:
    with serving(Site(CONTENT)) as site:
        keras.mkdir(parents=True)
        (keras / "mnist.npz.tuinn.part").write_bytes(CONTENT)
        offer(site.url)
        assert fetch.fetch("mnist")
    assert (keras / "mnist.npz").read_bytes() == CONTENT


@pytest.mark.parametrize("old", [b"?" * 1000, b"?" * 400_000])
def test_a_part_of_something_else_is_begun_anew(keras: Path, offer: Offer, old: bytes) -> None:
    with serving(Site(CONTENT)) as site:
        keras.mkdir(parents=True)
        (keras / "mnist.npz.tuinn.part").write_bytes(old)
        offer(site.url)
        assert fetch.fetch("mnist")
    assert site.asked == [f"bytes={len(old)}-", ""]
    assert (keras / "mnist.npz").read_bytes() == CONTENT


def test_a_wrong_hash_is_said_and_nothing_is_kept(keras: Path, offer: Offer) -> None:
    with serving(Site(CONTENT)) as site:
        offer(site.url, "0" * 64)
        with pytest.raises(SpecError, match="not the published file"):
            fetch.fetch("mnist")
    assert site.asked == [""]
    assert not list(keras.iterdir())


def test_a_file_of_the_users_with_a_wrong_hash_is_left_alone(keras: Path, offer: Offer) -> None:
    keras.mkdir(parents=True)
    (keras / "mnist.npz").write_bytes(b"my own")
    with serving(Site(CONTENT)) as site:
        offer(site.url)
        with pytest.raises(SpecError, match=r"left alone.*fetch mnist --replace"):
            fetch.fetch("mnist")
        assert site.asked == []
        assert (keras / "mnist.npz").read_bytes() == b"my own"
        assert fetch.fetch("mnist", replace=True)
    assert (keras / "mnist.npz").read_bytes() == CONTENT
    assert (keras / "mnist.npz.old").read_bytes() == b"my own"


def test_a_file_that_appears_while_it_is_fetched_is_left_alone(keras: Path, offer: Offer) -> None:
    gate = threading.Event()
    with serving(Site(CONTENT, gate=gate)) as site:
        offer(site.url)

        def meanwhile() -> None:
            site.half_sent.wait(10)
            (keras / "mnist.npz").write_bytes(b"my own")
            gate.set()

        other = threading.Thread(target=meanwhile)
        other.start()
        with pytest.raises(SpecError, match="left alone"):
            fetch.fetch("mnist")
        other.join()
    assert (keras / "mnist.npz").read_bytes() == b"my own"


def test_a_link_of_the_parts_name_is_not_followed(keras: Path, offer: Offer, tmp_path: Path) -> None:
    keras.mkdir(parents=True)
    (tmp_path / "precious").write_bytes(b"precious")
    (keras / "mnist.npz.tuinn.part").symlink_to(tmp_path / "precious")
    with serving(Site(CONTENT)) as site:
        offer(site.url)
        with pytest.raises(SpecError, match="cannot be kept"):
            fetch.fetch("mnist")
    assert (tmp_path / "precious").read_bytes() == b"precious"


def test_a_file_that_is_replaced_twice_is_kept_twice(keras: Path, offer: Offer) -> None:
    keras.mkdir(parents=True)
    (keras / "mnist.npz.old").write_bytes(b"first")
    (keras / "mnist.npz").write_bytes(b"second")
    with serving(Site(CONTENT)) as site:
        offer(site.url)
        assert fetch.fetch("mnist", replace=True)
    assert (keras / "mnist.npz.old").read_bytes() == b"first"
    assert (keras / "mnist.npz.old1").read_bytes() == b"second"


def test_offline_names_the_file_its_address_the_folder_and_what_is_here(keras: Path, offer: Offer) -> None:
    offer("http://127.0.0.1:9/mnist.npz")
    with pytest.raises(SpecError) as caught:
        fetch.fetch("mnist")
    for part in (
        "no connection",
        "mnist.npz",
        "http://127.0.0.1:9/mnist.npz",
        str(keras),
        "Handwritten digits",
    ):
        assert part in str(caught.value)
    assert not list(keras.iterdir())


def test_a_proxy_of_the_environment_is_asked(
    keras: Path, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Site(CONTENT)) as site:
        monkeypatch.setenv("http_proxy", site.url)
        monkeypatch.setenv("no_proxy", "")
        offer("http://nowhere.invalid/mnist.npz")
        assert fetch.fetch("mnist")
    assert (keras / "mnist.npz").read_bytes() == CONTENT


def test_a_server_that_refuses_is_quoted(keras: Path, offer: Offer) -> None:
    with serving(Site(CONTENT, status=404)) as site:
        offer(site.url)
        with pytest.raises(SpecError, match="answered 404"):
            fetch.fetch("mnist")
    assert site.asked == [""]


def test_a_fetch_can_be_cancelled_and_gone_on_with(keras: Path, offer: Offer) -> None:
    gate = threading.Event()
    with serving(Site(CONTENT, gate=gate)) as site:
        offer(site.url)
        assert not fetch.fetch("mnist", cancelled=lambda: True)
        assert not (keras / "mnist.npz").exists()
        gate.set()
        assert fetch.fetch("mnist")
    assert (keras / "mnist.npz").read_bytes() == CONTENT


def test_two_fetches_at_once_fetch_once(keras: Path, offer: Offer) -> None:
    gate = threading.Event()
    with serving(Site(CONTENT, gate=gate)) as site:
        offer(site.url)
        waited = threading.Event()
        done = []
        first = threading.Thread(target=lambda: done.append(fetch.fetch("mnist")))
        first.start()
        assert site.half_sent.wait(10)
        second = threading.Thread(target=lambda: done.append(fetch.fetch("mnist", lambda _: waited.set())))
        second.start()
        assert waited.wait(10)
        gate.set()
        first.join()
        second.join()
    assert done == [True, True]
    assert site.asked == [""]
    assert [path.name for path in keras.iterdir()] == ["mnist.npz"]


def test_a_folder_that_cannot_be_written_is_named(keras: Path, offer: Offer) -> None:
    keras.parent.mkdir()
    keras.write_text("a file in the folder's place")
    with serving(Site(CONTENT)) as site:
        offer(site.url)
        with pytest.raises(SpecError, match=r"cannot be kept in .*datasets .*set KERAS_HOME"):
            fetch.fetch("mnist")
    assert keras.read_text() == "a file in the folder's place"


def test_no_room_is_said_before_anything_is_fetched(
    keras: Path, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Site(CONTENT)) as site:
        offer(site.url)
        entry = catalog.find("mnist")
        huge = replace(entry.files[0], bytes=10**18)
        changed = [replace(entry, files=(huge,)) if one.name == "mnist" else one for one in catalog.DATASETS]
        monkeypatch.setattr(catalog, "DATASETS", tuple(changed))
        with pytest.raises(SpecError, match=r"are free\. Free some space"):
            fetch.fetch("mnist")
    assert site.asked == []
    assert not list(keras.iterdir())


LIMITED = """
import resource, signal, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
from dataclasses import replace
from tuinn.data.catalog import catalog, fetch
from tuinn.data.catalog.download import CHUNK
from tuinn.data.info import KerasFile
from tuinn.errors import SpecError
file = KerasFile("mnist.npz", sys.argv[1], 300_000, sys.argv[2])
catalog.DATASETS = tuple(replace(e, files=(file,)) if e.name == "mnist" else e for e in catalog.DATASETS)
try:
    fetch.fetch("mnist")
except SpecError as problem:
    print(problem)
"""


def test_a_disk_that_takes_no_more_is_said_and_what_came_is_kept(keras: Path) -> None:
    with serving(Site(CONTENT)) as site:
        told = subprocess.run(
            [sys.executable, "-c", LIMITED, site.url, RIGHT], capture_output=True, text=True, check=True
        ).stdout
    assert "mnist.npz cannot be kept in" in told
    assert "File too large" in told
    assert (keras / "mnist.npz.tuinn.part").read_bytes() == CONTENT[:100_000]


def test_a_word_list_that_cannot_be_had_does_not_matter(keras: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Site(CONTENT)) as site:
        texts = KerasFile("imdb.npz", site.url, len(CONTENT), RIGHT)
        words = KerasFile("words.json", "http://127.0.0.1:9/", 10, "", md5="0" * 32, optional=True)
        entry = replace(catalog.find("imdb"), files=(texts, words))
        monkeypatch.setattr(catalog, "DATASETS", (entry,))
        assert fetch.fetch("imdb")
    assert availability.is_available("imdb")
    assert [file.name for file in availability.availability_of("imdb").missing] == ["words.json"]


def test_a_bundled_dataset_needs_no_fetching() -> None:
    assert fetch.fetch("iris")


def test_debians_files_are_linked_rather_than_fetched(keras: Path) -> None:
    if not fetch.DEBIAN.is_dir():
        pytest.skip("needs Debian's package dataset-fashion-mnist")
    assert fetch.fetch("fashion_mnist")
    assert {file.readlink().parent for file in (keras / "fashion-mnist").iterdir()} == {fetch.DEBIAN}
    assert availability.is_available("fashion_mnist")


def test_a_folder_in_the_files_place_is_said_and_left(keras: Path, offer: Offer) -> None:
    (keras / "mnist.npz").mkdir(parents=True)
    offer("http://127.0.0.1:9/")
    assert not availability.is_available("mnist")
    with pytest.raises(SpecError, match=r"mnist\.npz can't be read \(Is a directory\)"):
        fetch.fetch("mnist")


def test_a_link_that_leads_nowhere_is_left_alone(keras: Path, offer: Offer) -> None:
    keras.mkdir(parents=True)
    (keras / "mnist.npz").symlink_to("/nowhere/at/all")
    with serving(Site(CONTENT)) as site:
        offer(site.url)
        with pytest.raises(SpecError, match="can't be read"):
            fetch.fetch("mnist")
    assert (keras / "mnist.npz").is_symlink()


STOPPED = """
import sys
from dataclasses import replace
from tuinn.data.catalog import catalog
from tuinn.data.info import KerasFile
file = KerasFile("mnist.npz", sys.argv[1], 300_000, sys.argv[2])
catalog.DATASETS = tuple(replace(e, files=(file,)) if e.name == "mnist" else e for e in catalog.DATASETS)
from tuinn.cli.main import tuinn
tuinn(["datasets", "fetch", "mnist"])
"""


def test_ctrl_c_keeps_what_came_and_exits_130(keras: Path) -> None:
    with serving(Site(CONTENT, gate=threading.Event())) as site:
        words = [sys.executable, "-c", STOPPED, site.url, RIGHT]
        process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        assert site.half_sent.wait(30)
        while not (keras / "mnist.npz.tuinn.part").stat().st_size:
            pass
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 130, told
    assert (
        told.splitlines()[-1] == "Stopped. What was fetched is kept: `tuinn datasets fetch mnist` continues."
    )
    part = (keras / "mnist.npz.tuinn.part").read_bytes()
    assert part == CONTENT[: len(part)]
    assert part
