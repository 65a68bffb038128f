"""What a run needs of the disks here: its data, and a saved network that it begins with. Sent to each home of the cluster once."""

import asyncio
import secrets
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import msgspec

from tuinn.data.catalog import catalog
from tuinn.data.paths import expand_home
from tuinn.errors import FolderError
from tuinn.runner.cluster import sent_data
from tuinn.runner.cluster.copy import TRANSFER_SECONDS
from tuinn.runner.cluster.files import CHUNK
from tuinn.runner.cluster.line import Line
from tuinn.runner.cluster.machine import Machine
from tuinn.runner.cluster.sent_data import content_hash, parts_of, stamp
from tuinn.spec.dataset import NAME_PATTERN, DatasetSpec
from tuinn.spec.run import RunSpec

SETTLE_SECONDS = 3600.0
"""That a machine gets to look at all that has come."""


class DataSender:
    """Knows what is where. Hashes are worked out once for each path: a sweep trains on what there was when it began."""

    def __init__(self) -> None:
        self.hashes: dict[Path, str] = {}
        self.locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def spec_there(self, line: Line, address: str, machine: Machine, spec: RunSpec) -> RunSpec:
        """Send what the machine lacks, and return the spec with the paths that it has there. Raises FolderError, OSError, Unreachable."""
        given = spec
        if spec.dataset.name:
            await self._send_dataset(line, address, machine, spec.dataset.name)
        else:
            check_label_source(spec)
            path = await self._path_there(line, address, machine, expand_home(spec.dataset.path).absolute())
            spec = replace(spec, dataset=msgspec.structs.replace(spec.dataset, path=path))
        if verdicts := await asyncio.to_thread(verdicts_of, given.dataset):
            await line.call(address, sent_data.put_verdicts, spec.dataset, verdicts)
        if spec.weights.path:
            network = expand_home(spec.weights.path).absolute()
            network = network / "model.keras" if network.is_dir() else network
            path = await self._path_there(line, address, machine, network)
            spec = spec.with_weights(msgspec.structs.replace(spec.weights, path=path))
        return spec

    async def _path_there(self, line: Line, address: str, machine: Machine, path: Path) -> str:
        """The path of the same data there: this one, where both see the same disk, else where they are sent."""
        here = await asyncio.to_thread(stamp, str(path))
        if not here:
            raise FolderError(f"{path} isn't there any more. Put it back, and resume.")
        if await line.call(address, stamp, str(path)) == here:
            return str(path)
        async with self.locks[f"hash {path}"]:
            if path not in self.hashes:
                self.hashes[path] = await asyncio.to_thread(content_hash, path)
        word = self.hashes[path]
        async with self.locks[f"{machine.home} {word}"]:
            place = await line.call(address, sent_data.find_data, word)
            place = place or await self._send(line, address, path, word)
        return str(Path(place) / path.name)

    async def _send(self, line: Line, address: str, path: Path, word: str) -> str:
        token = f"{word}-{secrets.token_hex(4)}"
        try:
            for parts in parts_of(path):
                await line.call(address, sent_data.put_data, token, parts, seconds=TRANSFER_SECONDS)
            return str(await line.call(address, sent_data.settle_data, token, word, seconds=SETTLE_SECONDS))
        except BaseException:
            with suppress(Exception):
                await line.call(address, sent_data.give_up_data, token)
            raise

    async def _send_dataset(self, line: Line, address: str, machine: Machine, name: str) -> None:
        """Send the files of a dataset of the catalog that the machine lacks and that are here; what is wrong without them the run says."""
        async with self.locks[f"{machine.home} {name}"]:
            for missing in await line.call(address, sent_data.missing_dataset_files, name):
                file = next(file for file in catalog.find(name).files if file.name == missing)
                if not file.exists():
                    continue
                with file.path().open("rb") as opened:
                    while True:
                        offset, data = opened.tell(), opened.read(CHUNK)
                        words = (name, missing, offset, data, len(data) < CHUNK)
                        await line.call(address, sent_data.put_dataset_file, *words, seconds=TRANSFER_SECONDS)
                        if len(data) < CHUNK:
                            break


def verdicts_of(dataset: DatasetSpec) -> bytes:
    """What was decided about labels here, where a run is to use that; else nothing. Raises OSError."""
    from tuinn.data.label_verdicts import verdicts_file

    file = verdicts_file(dataset) if dataset.labels == "checked" else None
    return file.read_bytes() if file is not None and file.is_file() else b""


def check_label_source(spec: RunSpec) -> None:
    """Raise FolderError where the table of labels is not named within the folder that is sent."""
    source = spec.dataset.label_source
    if source and not source.startswith(NAME_PATTERN) and expand_home(source).is_absolute():
        raise FolderError(
            f"label_source {source} is no name within {spec.dataset.path}. Put the table into that folder, and give its name."
        )
