"""The same over a real ssh: a server on loopback, and the `ssh` of this machine."""

import asyncio
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Write
from tests.factories import append, ending, epoch, opening
from tests.runs.remote.test_mirror import until
from tuinn.errors import FolderError
from tuinn.runs.commands import Pause
from tuinn.runs.folder import RunFolder
from tuinn.runs.remote.address import Address
from tuinn.runs.remote.mirror import Mirror

asyncssh = pytest.importorskip("asyncssh")
pytestmark = pytest.mark.skipif(shutil.which("ssh") is None, reason="there is no ssh")


class Server:
    """An SSH server in a thread, which runs what it is asked to with a home of its own."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder, self.home = folder, home
        self.loop = asyncio.new_event_loop()
        self.port = 0
        self.ready = threading.Event()
        self.client = asyncssh.generate_private_key("ssh-ed25519")
        self.host = asyncssh.generate_private_key("ssh-ed25519")
        self.client.write_private_key(folder / "key")
        (folder / "key").chmod(0o600)
        (folder / "authorized").write_bytes(self.client.export_public_key())
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        assert self.ready.wait(20)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._listen())
        self.loop.run_forever()

    async def _listen(self) -> None:
        self.listener = await asyncssh.listen(
            "127.0.0.1",
            self.port,
            server_host_keys=[self.host],
            authorized_client_keys=str(self.folder / "authorized"),
            process_factory=self._serve,
            encoding=None,
        )
        self.port = self.listener.get_port()
        self.ready.set()

    async def _serve(self, process: Any) -> None:
        there = await asyncio.create_subprocess_exec(
            *("sh", "-c", f"exec {process.command}"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "TUINN_HOME": str(self.home)},
        )
        await process.redirect(stdin=there.stdin, stdout=there.stdout, stderr=there.stderr)
        code = await there.wait()
        await (
            process.stdout.drain()
        )  # else what is still on its way finds the channel closed, which ends the connection
        await process.stderr.drain()
        process.exit(code)

    def config(self, known: bool = True) -> str:
        """What the user's ~/.ssh/config would say."""
        hosts = self.folder / "known_hosts"
        public = self.host.export_public_key().decode() if known else ""
        hosts.write_text(f"[127.0.0.1]:{self.port} {public}" if known else "")
        return (
            f"Host box\n HostName 127.0.0.1\n Port {self.port}\n User ada\n IdentityFile {self.folder / 'key'}\n"
            f" IdentitiesOnly yes\n UserKnownHostsFile {hosts}\n StrictHostKeyChecking yes\n"
        )


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Reached by `ssh box`."""
    keys, programs = tmp_path / "keys", tmp_path / "bin"
    keys.mkdir()
    programs.mkdir()
    started = Server(keys, tmp_path / "box")
    (keys / "config").write_text(started.config())
    ssh = programs / "ssh"  # ssh reads the home of the password file, not HOME: so its configuration is named
    ssh.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F "{keys / "config"}" "$@"\n')
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("TUINN_THERE", str(programs / "tuinn there"))
    there = programs / "tuinn there"
    there.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m tuinn "$@"\n')
    there.chmod(0o755)
    yield started
    started.loop.call_soon_threadsafe(started.loop.stop)
    started.thread.join(5)


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_run: Write) -> RunFolder:
    """A run on the server."""
    with monkeypatch.context() as other:
        other.setenv("TUINN_HOME", str(tmp_path / "box"))
        return write_run([*opening(), *epoch(1, 1.0)])


def test_a_run_is_followed_and_steered_over_ssh(server: Server, there: RunFolder) -> None:
    mirror = Mirror(Address("box"))
    here = mirror.open()
    try:
        with there.hold_lock():
            until(here.is_alive)
            append(there, *epoch(2, 0.5))
            here.ask(Pause())
            until(lambda: there.commands_size())
        append(there, *ending())
        until(lambda: here.events_file.read_bytes() == there.events_file.read_bytes())
        assert there.commands_file.read_bytes() == here.commands_file.read_bytes()
    finally:
        mirror.close()


def test_an_unknown_host_key_is_refused_in_a_sentence(server: Server, there: RunFolder) -> None:
    (server.folder / "config").write_text(server.config(known=False))
    with pytest.raises(
        FolderError, match=r"There is no line to box: Host key verification failed\. Try: ssh box"
    ):
        Mirror(Address("box")).open()


def test_a_key_that_is_not_allowed_is_refused_in_a_sentence(server: Server, there: RunFolder) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519")
    other.write_private_key(server.folder / "key")
    config = server.config() + " PasswordAuthentication no\n KbdInteractiveAuthentication no\n"
    (server.folder / "config").write_text(config)
    with pytest.raises(FolderError, match=r"There is no line to box: .*Permission denied.* Try: ssh box"):
        Mirror(Address("box")).open()
