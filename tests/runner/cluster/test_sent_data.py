"""Data that go to machines of a cluster: whole or not at all, and each once."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runner.cluster.conftest import FakeCluster
from tests.runner.cluster.test_cluster_sweep import ended, here
from tests.runner.test_sweep_runner import said
from tuinn.data import loader
from tuinn.data.catalog import catalog
from tuinn.data.label_verdicts import verdicts_file
from tuinn.errors import FolderError
from tuinn.runner.cluster import sent_data
from tuinn.runner.cluster.data_sender import check_label_source
from tuinn.runner.cluster.sent_data import Part, content_hash, files_below, parts_of, stamp
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.presets.catalog import iris_lab, make_preset, suited_preset
from tuinn.spec.run import RunSpec
from tuinn.sweeps.events import TrialStarted
from tuinn.sweeps.folder import SweepFolder
from tuinn.sweeps.follower import SweepState
from tuinn.sweeps.launch import start_sweep
from tuinn.sweeps.spec import SweepSpec

pytest.importorskip("distributed")

RATES = ["fit.learning_rate=0.1,0.2,0.3,0.4"]


def send(path: Path) -> Path:
    """All of it, as the runner does, to this home."""
    for parts in parts_of(path):
        sent_data.put_data("way", parts)
    return Path(sent_data._settle(sent_data._underway("way"), content_hash(path)))


def contents(path: Path) -> dict[str, bytes]:
    return {name: file.read_bytes() for name, file in files_below(path)}


@given(
    files=st.dictionaries(
        st.sampled_from(["a", "b/c", "b/d/e", "f.csv"]), st.binary(max_size=300), min_size=1
    )
)
def test_what_is_cut_into_parts_arrives_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("sent") / "data"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUINN_HOME", str(folder.parent / "home"))
        patch.setattr(sent_data, "CHUNK", 100)
        for name, data in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        batches = [*parts_of(folder)]
        assert all(sum(len(part.data) for part in batch) <= 100 for batch in batches)
        assert contents(send(folder) / "data") == contents(folder)


def test_the_hash_follows_every_byte_and_every_name(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "cat").mkdir(parents=True)
    file = folder / "cat" / "1.png"
    found = set()
    for name, data in (("1.png", b"one"), ("1.png", b"two"), ("2.png", b"two")):
        file = file.rename(file.with_name(name)) if file.exists() else file.with_name(name)
        file.write_bytes(data)
        found.add(content_hash(folder))
    assert len(found) == 3


def test_a_link_that_leads_upward_is_followed_once(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "x.csv").write_text("1")
    (folder / "again").symlink_to(folder)
    assert [name for name, _ in files_below(folder)] == ["data/x.csv"]


def test_data_that_change_on_their_way_are_refused_and_nothing_of_them_stays(
    tmp_path: Path, own_home: Path
) -> None:
    file = tmp_path / "x.csv"
    file.write_text("1")
    word = content_hash(file)
    sent_data.put_data("way", [Part("x.csv", 0, b"2")])
    with pytest.raises(FolderError, match="changed while they were sent"):
        sent_data._settle(sent_data._underway("way"), word)
    assert sent_data.find_data(word) == ""
    assert list((own_home / "sent").iterdir()) == []


def test_a_part_that_leads_out_of_its_place_is_refused() -> None:
    with pytest.raises(FolderError, match="doesn't belong"):
        sent_data.put_data("way", [Part("../../x", 0, b"2")])


def test_what_both_machines_see_is_known_by_its_stamp(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("1")
    before = stamp(str(file))
    assert before == stamp(str(file)) != ""
    file.write_text("22")
    assert stamp(str(file)) != before
    assert stamp(str(tmp_path / "none")) == ""


def test_a_dataset_of_the_catalog_gets_the_files_that_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = next(info.name for info in catalog.DATASETS if len([f for f in info.files if not f.optional]) == 1)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "there"))
    (missing,) = [one for one in sent_data.missing_dataset_files(name) if one]
    sent_data.put_dataset_file(name, missing, 0, b"12", False)
    assert sent_data.missing_dataset_files(name) == [missing]
    sent_data.put_dataset_file(name, missing, 2, b"34", True)
    assert sent_data.missing_dataset_files(name) == []
    (file,) = [file for file in catalog.find(name).files if file.name == missing]
    assert file.path().read_bytes() == b"1234"


def test_labels_that_were_checked_go_along(tmp_path: Path) -> None:
    there = DatasetSpec.at(str(tmp_path / "there.csv"), labels="checked")
    sent_data.put_verdicts(there, b"[]\n")
    assert verdicts_file(there).read_bytes() == b"[]\n"


def test_a_table_of_labels_elsewhere_is_a_sentence(tmp_path: Path) -> None:
    dataset = DatasetSpec.at(str(tmp_path), label_source=str(tmp_path.parent / "labels.csv"))
    with pytest.raises(FolderError, match="Put the table into that folder"):
        check_label_source(RunSpec(dataset, iris_lab().model, iris_lab().fit))


# ------------------------------------------------------------------------------------------- over a cluster


def table(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    rows = [f"{a},{b},{'yes' if a * b > 20 else 'no'}" for a in range(10) for b in range(10)]
    file = folder / "own table.csv"
    file.write_text("a,b,big\n" + "\n".join(rows) + "\n")
    return file


def own_sweep(cluster: FakeCluster, file: Path) -> SweepFolder:
    dataset = DatasetSpec.at(str(file))
    facts = loader.describe(dataset).facts
    base = make_preset(suited_preset(facts), dataset, facts).with_fit(epochs=3)
    return start_sweep(SweepSpec.of(base, RATES, parallel=2), cluster.address)


def test_own_data_are_sent_once_to_each_machine(cluster: FakeCluster, tmp_path: Path) -> None:
    file = table(tmp_path / "mine")
    cluster.add("one", "trials blind")
    cluster.add("two", "trials blind")
    folders = [own_sweep(cluster, file)]
    assert ended(folders[0]).state is SweepState.FINISHED
    kept = {}
    for machine in cluster.machines.values():
        (sent,) = (machine.home / "sent").iterdir()
        assert contents(sent / file.name) == contents(file)
        kept[machine.name] = (sent / file.name).stat().st_ino
    folders.append(own_sweep(cluster, file))
    assert ended(folders[1]).state is SweepState.FINISHED
    for machine in cluster.machines.values():
        (sent,) = (machine.home / "sent").iterdir()
        assert (sent / file.name).stat().st_ino == kept[machine.name], "the second sweep sent it again"
        for run in machine.runs():
            assert machine.run(run).spec().dataset.path == str(sent / file.name)
    runs = [event.run for folder in folders for event in said(folder, TrialStarted)]
    assert {here(run).spec().dataset.path for run in runs} == {str(file)}


def test_data_on_a_disk_that_both_see_are_used_where_they_are(cluster: FakeCluster, tmp_path: Path) -> None:
    file = table(tmp_path / "mine")
    machine = cluster.add("one")
    assert ended(own_sweep(cluster, file)).state is SweepState.FINISHED
    assert not (machine.home / "sent").exists()
    assert {machine.run(run).spec().dataset.path for run in machine.runs()} == {str(file)}
