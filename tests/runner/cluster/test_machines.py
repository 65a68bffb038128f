"""Machines with GPUs to give, and a cluster that speaks TLS."""

import datetime
from pathlib import Path

import pytest

from tests.runner.cluster.conftest import FakeCluster
from tests.runner.cluster.test_cluster_sweep import ended, here, sweep_on
from tuinn.runner.cluster.cards import VISIBLE, one_card
from tuinn.runs.events import RunEnded, RunStarted
from tuinn.sweeps.follower import SweepFollower, SweepState

pytest.importorskip("distributed")


def span(sweep: SweepFollower, number: int) -> tuple[float, float]:
    """When the run of a trial began, and when it ended."""
    events = here(sweep.view.of(number).run).events().read_all()
    (began,) = [event.at for event in events if isinstance(event, RunStarted)]
    (over,) = [event.at for event in events if isinstance(event, RunEnded)]
    return began, over


def test_a_trial_has_a_gpu_of_its_own_as_dask_counts_them(cluster: FakeCluster) -> None:
    cluster.epoch_seconds = 0.1
    machine = cluster.add("one", "trials", "--nthreads", "4", "--resources", "GPU=2")
    sweep = ended(sweep_on(cluster, over="fit.learning_rate=0.1,0.2,0.3", epochs=20, parallel=3))
    assert sweep.state is SweepState.FINISHED
    (first, second, third) = (span(sweep, number) for number in (1, 2, 3))
    assert max(first[0], second[0]) < min(first[1], second[1]), "two at a time"
    assert third[0] > min(first[1], second[1]), "never three"
    cards = (machine.home / "cards").read_text().split()
    assert sorted(cards[:2]) == ["0", "1"]


def test_a_card_is_free_again_when_its_worker_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VISIBLE, "4,7")
    with one_card(2, "auto") as first, one_card(2, "gpu") as second:
        assert [card.environment for card in (first, second)] == [{VISIBLE: "4"}, {VISIBLE: "7"}]
    with one_card(2, "gpu") as again:
        assert again.environment == {VISIBLE: "4"}


@pytest.mark.parametrize(("cards", "device"), [(0, "auto"), (2, "cpu"), (2, "gpu:1")])
def test_a_spec_that_names_its_device_keeps_to_it(cards: int, device: str) -> None:
    with one_card(cards, device) as card:
        assert (card.environment, card.locks) == ({}, ())


def certificates(folder: Path) -> dict[str, str]:
    """A certificate that signs itself, as Dask's configuration is told of it: by variables."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "tuinn tests")])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
    made = made.not_valid_after(now + datetime.timedelta(days=1))
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(pem))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, *plain))
    tls = "DASK_DISTRIBUTED__COMM__TLS__"
    told = {f"{tls}CA_FILE": str(folder / "cert.pem")}
    for who in ("SCHEDULER", "WORKER", "CLIENT"):
        told |= {f"{tls}{who}__CERT": str(folder / "cert.pem"), f"{tls}{who}__KEY": str(folder / "key.pem")}
    return told


@pytest.fixture
def tls_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    for name, value in certificates(tmp_path).items():
        monkeypatch.setenv(name, value)
    folder = tmp_path / "cluster"
    folder.mkdir()
    return FakeCluster(folder, scheme="tls")


def test_a_cluster_that_speaks_tls_is_reached_by_dask_s_own_configuration(
    tls_cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        tls_cluster.start_scheduler()
        tls_cluster.add("one")
        assert ended(sweep_on(tls_cluster, over="fit.learning_rate=0.1,0.2")).state is SweepState.FINISHED
        monkeypatch.delenv("DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT")
        monkeypatch.delenv("DASK_DISTRIBUTED__COMM__TLS__CA_FILE")
        sweep = ended(sweep_on(tls_cluster, over="fit.learning_rate=0.1,0.2"))
        assert sweep.state is SweepState.FAILED
        assert sweep.view.ended is not None
        assert f"No Dask scheduler answers at {tls_cluster.address}" in sweep.view.ended.message
    finally:
        tls_cluster.close()
