"""One run that is trained on a machine of the cluster, and a copy of its journal that is kept in its folder here.

Whoever looks at the folder follows it as any run's. Its lock is held here while the run is there; what is put into its
command file goes there.
"""

import asyncio
import os
import secrets
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import msgspec

from tuinn.atomic_io import replacing, write_whole
from tuinn.errors import FolderError
from tuinn.runner.cluster import files, there
from tuinn.runner.cluster.copy import (
    TRANSFER_SECONDS,
    append,
    files_to_send,
    forget_checkpoints,
    send_file,
    whole_lines,
)
from tuinn.runner.cluster.data_sender import DataSender
from tuinn.runner.cluster.files import CHUNK, Pack
from tuinn.runner.cluster.line import Line
from tuinn.runner.cluster.machine import Machine
from tuinn.runner.cluster.problems import Unreachable, what_is_missing
from tuinn.runner.cluster.there import Begin, News
from tuinn.runs.commands import Stop
from tuinn.runs.folder import RemoteLine, RunFolder
from tuinn.runs.remote.frames import within

LEAST_SECONDS, MOST_SECONDS = 1.0, 3.0
"""A machine answers with what is new after that long at least, and in any case after that long."""

RETURN_SECONDS = 5.0
"""That a machine gets to come back, as when its Dask worker is started again, before the trial goes elsewhere."""

RETRY_SECONDS = 0.25


class TrialThere:
    """As a process: `poll` says whether it is at work."""

    def __init__(
        self, cluster: Line, data_sender: DataSender, run: RunFolder, slot: int, *, begun: bool, ended: bool
    ) -> None:
        """`slot`: a descriptor that is closed at the end. `begun`, `ended` as in `Place.start`."""
        self.data_sender = data_sender
        self.cluster, self.run, self.slot, self.begun, self.ended = cluster, run, slot, begun, ended
        self.code = 1
        self.why = ""
        """Why it ended without an end in its journal, in a sentence."""
        self.future: Any = None
        """Dask's; None where the task is that of an earlier runner."""
        line = run.line()
        self.line = line or RemoteLine("", sender=secrets.token_hex(8))
        self.offset = whole_lines(run.events_file)
        """Bytes of the journal that are here."""
        self.asked = run.commands_size() if begun else 0
        """Bytes of the command file that have gone there, or that nobody there is to heed."""
        self.limit = ""
        """What the heartbeat file says here."""
        self.key = ""
        self.has_begun = False
        """This runner has told a task to begin, or has found it training."""
        self.work = asyncio.run_coroutine_threadsafe(self._work(), cluster.loop)

    def poll(self) -> int | None:
        """Return 0 once the run has ended and is home, 1 where it ended in another way; None while it is there."""
        if not self.work.done() or self.cluster.problem or not self.cluster.is_connected:
            return None
        return self.code

    # ------------------------------------------------------------------------------------------ its way

    async def _work(self) -> None:
        with ExitStack() as held:
            held.callback(os.close, self.slot)
            try:
                await self._train(held)
            except FolderError as problem:
                self.cluster.problem = self.cluster.problem or str(problem)
            except OSError as error:
                words = f"{error.filename or self.run.path} cannot be used ({error.strerror or error})."
                self.cluster.problem = self.cluster.problem or words
            except Unreachable:
                self.cluster.problem = self.cluster.problem or self.cluster.gone()

    async def _train(self, held: ExitStack) -> None:
        address = await self._first_address()
        while address is not None:
            try:
                if await self._step(address, held):
                    return
            except Unreachable as problem:
                if not self.cluster.is_connected:
                    raise
                address = await self._address_after(address, str(problem))

    async def _step(self, address: str, held: ExitStack) -> bool:
        """Do what follows from a look at the run there. True once all is done."""
        name = self.run.name
        if address not in await self.cluster.addresses(age=MOST_SECONDS):
            raise Unreachable
        least = max(LEAST_SECONDS, 0.1 * len(self.cluster.trials))
        words = (there.look, name, self.offset, least, MOST_SECONDS + least)
        news: News = await self.cluster.call(address, *words, seconds=MOST_SECONDS + least)
        machine = await self.cluster.machine(address)
        if news.waits:
            await self._begin(address, machine, held)
            return False
        if not self.has_begun:
            await self._attach(address, machine, held)
        if machine.shared:
            return await self._step_shared(news)
        self._take(news)
        if news.started and not news.ended:
            await self._pass_on(address)
        if news.ended:
            await self._bring_home(address)
            self.code = 0
            return True
        if not news.has_task and not news.alive and not news.data:
            if self.future is not None and self.future.done():
                await self._result()
            await self._bring(address, "worker.json", "worker.log")
            self.why = f"On {machine.host}: {await self.cluster.call(address, there.why_dead, name)}"
            return True
        return False

    async def _step_shared(self, news: News) -> bool:
        """The run's folder is one and the same there and here: its worker writes into it, and holds its lock."""
        self.code = 0 if news.ended else 1
        if not news.has_task and not news.alive:
            self.why = self.run.examine_death().message
            return True
        await asyncio.sleep(LEAST_SECONDS)
        return False

    # ----------------------------------------------------------------------------------------- its place

    async def _first_address(self) -> str | None:
        """Where it is: with the task of an earlier runner, or one of our own. None: it was stopped before it had a place."""
        pinned = await self._wait_for_home() if self.line.home else []
        for address in pinned:
            with suppress(Unreachable):
                news: News = await self.cluster.call(
                    address, there.look, self.run.name, self.offset, 0.0, 0.0
                )
                if news.has_task or news.ended:
                    self.key = news.key
                    return address
        if self.begun and not pinned:
            forget_checkpoints(self.run)
        return await self._submit(pinned)

    async def _wait_for_home(self) -> list[str]:
        """The addresses of the machine that has the run's folder; it may be a moment behind the others."""
        until = time.monotonic() + RETURN_SECONDS
        found = await self.cluster.at_home(self.line.home)
        while not found and time.monotonic() < until:
            await asyncio.sleep(RETRY_SECONDS)
            found = await self.cluster.at_home(self.line.home)
        return found

    async def _submit(self, pinned: list[str]) -> str | None:
        client, wait = self.cluster.client, 0.04
        while True:
            self.key = f"tuinn-{self.run.name}-{secrets.token_hex(4)}"
            self.future = client.submit(
                *(there.train, self.run.name, self.key),
                key=self.key,
                workers=pinned or None,
                resources=self.cluster.resources(self.run),
                pure=False,
            )
            while not self.future.done():
                await asyncio.sleep(wait)
                wait = min(1.5 * wait, 1.0)
                if (address := await self._placed()) is not None:
                    return address
                if self._is_stopped():
                    await self._withdraw()
                    return None
            await self._result()

    async def _result(self) -> None:
        """The task has returned. Raises FolderError where it could not do anything, Unreachable."""
        try:
            problem = str(await self.future)
        except Exception as error:
            if self.future.status == "cancelled":  # as the scheduler is gone
                raise Unreachable(str(error)) from None
            problem = what_is_missing("A machine of the cluster", error)
        if problem:
            raise FolderError(problem)

    async def _placed(self) -> str | None:
        """The address where the task waits for its `begin`; None: it has no place yet."""
        try:
            processing = await self.cluster.client.scheduler.processing(workers=None)
            address: str
            for address in [address for address, keys in processing.items() if self.key in keys]:
                news: News = await self.cluster.call(
                    address, there.look, self.run.name, self.offset, 0.0, 0.0
                )
                if news.key == self.key:
                    return address
        except (OSError, Unreachable) as error:
            if not self.cluster.is_connected:
                raise Unreachable(str(error)) from None
        return None

    def _is_stopped(self) -> bool:
        commands = self.run.commands(self.asked).read_all() if self.run.commands_size() > self.asked else []
        return any(isinstance(command, Stop) for command in commands)

    async def _withdraw(self) -> None:
        """The task is not wanted any more, wherever Dask has put it."""
        if self.future is None:
            return
        with suppress(Exception):  # it leaves by itself when nobody tells it anything
            await self.cluster.client.cancel([self.future])
            await self.cluster.client.run(there.leave, self.run.name, self.key, on_error="ignore")

    async def _address_after(self, address: str, problem: str) -> str | None:
        """Where the run is after there was no answer from this address. None: nobody knows."""
        if not self.has_begun:
            await self._withdraw()
            return await self._submit([])
        until = time.monotonic() + RETURN_SECONDS
        while time.monotonic() < until:
            await asyncio.sleep(RETRY_SECONDS)
            if not self.cluster.is_connected:
                raise Unreachable(problem)
            if address in await self.cluster.addresses():
                return address
            if back := await self.cluster.at_home(self.line.home):
                await self._withdraw()  # Dask may have put the task elsewhere meanwhile
                return await self._submit(back)
        await self._withdraw()
        self.why = f"Nothing is heard of {self.line.host or address} any more."
        return None

    # ---------------------------------------------------------------------------------------- there and back

    async def _begin(self, address: str, machine: Machine, held: ExitStack) -> None:
        """Send what the machine lacks, and tell the task to begin."""
        waiting = asyncio.ensure_future(self._keep_waiting(address))
        try:
            if not machine.shared:
                await self._send(address, machine)
            self._mark(machine, held)
            words = (self.run.name, self.key, Begin(self.offset, self.ended), self.asked, self.line.sender)
            await self.cluster.call(address, there.begin, *words)
        finally:
            waiting.cancel()

    async def _keep_waiting(self, address: str) -> None:
        """What is sent may take long: the task is told that somebody is at it."""
        while True:
            await asyncio.sleep(there.PATIENCE / 4)
            with suppress(Unreachable):
                await self.cluster.call(address, there.hear, self.run.name)

    async def _send(self, address: str, machine: Machine) -> None:
        name, digest = self.run.name, files.digest_of(self.run.events_file, self.offset)
        spec = await self.data_sender.spec_there(self.cluster, address, machine, self.run.spec())
        words = (files.prepare, name, self.offset, digest, spec.toml())
        is_copy = await self.cluster.call(address, *words)
        for file in () if is_copy else files_to_send(self.run, self.begun, self.offset):
            await send_file(self.cluster, address, file, f"runs/{name}/{file.relative_to(self.run.path)}")

    async def _attach(self, address: str, machine: Machine, held: ExitStack) -> None:
        """It was found training: what was asked while there was no runner is still to go there."""
        self._mark(machine, held)
        if not machine.shared:
            arrived = await self.cluster.call(address, there.arrived, self.run.name)
            self.asked = arrived.get(self.line.sender, self.run.commands_size())

    def _mark(self, machine: Machine, held: ExitStack) -> None:
        """From now on the run is there. Nothing is kept of that where its folder is one and the same."""
        first, self.has_begun = not self.has_begun, True
        self.line = RemoteLine(machine.host, "", self.line.sender, machine.home)
        if machine.shared:
            return
        write_whole(self.run.line_file, msgspec.json.encode(self.line), durable=False)
        if first:
            held.enter_context(self.run.hold_lock())

    def _take(self, news: News) -> None:
        if news.data:
            append(self.run.events_file, news.data)
            self.offset += len(news.data)
        if news.limit:
            if news.limit != self.limit:
                write_whole(self.run.heartbeat_file, news.limit.encode(), durable=False)
                self.limit = news.limit
            then = time.time() - news.silent  # by this machine's clock
            os.utime(self.run.heartbeat_file, (then, then))

    async def _pass_on(self, address: str) -> None:
        """Send whole lines of commands that have come."""
        if self.run.commands_size() <= self.asked:
            return
        with self.run.commands_file.open("rb") as file:
            file.seek(self.asked)
            data = file.read()
        lines = data[: data.rfind(b"\n") + 1]
        if lines:
            words = (self.run.name, lines.decode(), self.asked + len(lines), self.line.sender)
            await self.cluster.call(address, there.ask, *words)
            self.asked += len(lines)

    async def _bring_home(self, address: str) -> None:
        """Bring the run's files, and last the rest of its journal: where its end stands here, all is here."""
        call = self.cluster.call
        packing = (files.pack, self.run.name, self.cluster.choice.checkpoint, self.offset)
        pack: Pack = await call(address, *packing, seconds=TRANSFER_SECONDS)
        for name, data in pack.small.items():
            write_whole(self._file(name), data, durable=False)
        await self._bring(address, *pack.large)
        lines = pack.journal
        while lines:
            append(self.run.events_file, lines)
            self.offset += len(lines)
            more = len(lines) > CHUNK // 2
            words = (files.read_journal, self.run.name, self.offset)
            lines = await call(address, *words) if more else b""
        self.run.line_file.unlink(missing_ok=True)

    async def _bring(self, address: str, *names: str) -> None:
        for name in names:
            with replacing(self._file(name), durable=False) as temporary, temporary.open("wb") as opened:
                while data := await self._read(address, name, opened.tell()):
                    opened.write(data)
                    if len(data) < CHUNK:
                        break

    def _file(self, name: str) -> Path:
        """The place of a file here, by its name within the run's folder. Raises FolderError, OSError."""
        file = self.run.path / within(name)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return file

    async def _read(self, address: str, name: str, offset: int) -> bytes:
        words = (files.read, self.run.name, name, offset)
        data: bytes = await self.cluster.call(address, *words, seconds=TRANSFER_SECONDS)
        return data
