"""Several decoders side by side: a bounded few processes, each decoding one batch of images."""

import json
import os
import selectors
import subprocess
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, suppress

import msgspec
import numpy as np
from numpy.typing import NDArray

from tuinn.data.cache import CacheWriter, ReportProgress
from tuinn.data.images.decoder_process import Batch, BatchResult, DecodeJob, decode_batch
from tuinn.data.images.folder_split import Part
from tuinn.data.npy_writer import NpyWriter
from tuinn.errors import SpecError
from tuinn.programs import own_program
from tuinn.text import shorten

MAX_IN_PROCESS = 600
"""Images up to here are decoded in this process: it takes no longer than to start others."""

MAX_DECODERS = 4
"""Each takes some 50 MB."""


def decoders_for(images: int) -> int:
    """How many decoders to run beside this process; 0: none is worth its start."""
    if images <= MAX_IN_PROCESS:
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MAX_DECODERS, cores)


def decode_all(
    job: DecodeJob, batches: Iterable[Batch], decoders: int
) -> Generator[tuple[Batch, BatchResult], None, None]:
    """Each batch with what became of it, as they get done. Whoever stops listening ends the work.

    Raises OSError where rows can't be written, SpecError where a decoder dies.
    """
    found = _side_by_side(job, iter(batches), decoders) if decoders else _in_process(job, batches)
    for batch, result in found:
        if result.errno:
            raise OSError(result.errno, os.strerror(result.errno))
        yield batch, result


def _in_process(job: DecodeJob, batches: Iterable[Batch]) -> Iterator[tuple[Batch, BatchResult]]:
    for batch in batches:
        yield batch, decode_batch(job, batch)


def _side_by_side(job: DecodeJob, work: Iterator[Batch], count: int) -> Iterator[tuple[Batch, BatchResult]]:
    pool = [Decoder(job) for _ in range(count)]
    try:
        with selectors.DefaultSelector() as ready:
            for decoder in pool:
                if decoder.take(work):
                    ready.register(decoder.answers, selectors.EVENT_READ, decoder)
            while ready.get_map():
                for key, _ in ready.select():
                    done = key.data.batch, key.data.result()
                    if not key.data.take(work):
                        ready.unregister(key.fileobj)
                    yield done
    finally:
        for decoder in pool:
            decoder.end()


class Decoder:
    """One process. It ends when this one does, however that happens: its input is then at an end."""

    def __init__(self, job: DecodeJob) -> None:
        self.process = subprocess.Popen(
            own_program("tuinn.data.images.decoder_process"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.orders, self.answers = self.process.stdin, self.process.stdout
        self.batch: Batch | None = None
        self._send(job)

    def take(self, work: Iterator[Batch]) -> bool:
        """Begin the next batch; False where there is none."""
        self.batch = next(work, None)
        if self.batch is None:
            return False
        self._send(self.batch)
        return True

    def result(self) -> BatchResult:
        """Wait for the batch that is being decoded, and return its result. Raises SpecError where the process has died."""
        line = self.answers.readline()
        if not line.endswith(b"\n"):
            raise self._died()
        return msgspec.json.decode(line, type=BatchResult)

    def _send(self, value: DecodeJob | Batch) -> None:
        # The standard library's JSON: file names that are no UTF-8 pass through it as lone surrogates.
        try:
            self.orders.write(json.dumps(msgspec.to_builtins(value)).encode() + b"\n")
            self.orders.flush()
        except BrokenPipeError:
            raise self._died() from None

    def _died(self) -> SpecError:
        near = f" at {shorten(self.batch.files[0], 100)} or one of the files after it" if self.batch else ""
        return SpecError(
            f"The process that decodes images died{near}: out of memory, or killed. Try again, or move these away.",
            "dataset.path",
        )

    def end(self) -> None:
        """End the process at once, whatever it is decoding."""
        self.process.kill()
        self.process.wait()
        self.answers.close()
        with suppress(BrokenPipeError):  # it never heard the rest
            self.orders.close()


BATCH, BATCH_BYTES = 128, 8_000_000
"""Images, and bytes of decoded pixels, in one batch, at most."""


class DecodedPart:
    """The images of one part, a row for each, and what became of them."""

    def __init__(self, name: str, part: Part, job: DecodeJob, writer: CacheWriter) -> None:
        """`name`: `train` or `test`. Raises OSError where there is no room."""
        self.name, self.part, self.writer = name, part, writer
        self.hashes = np.zeros(len(part.files), np.int64)
        """(n,): equal for equal pixels; 0 where an image can't be read."""
        self.refused: dict[int, str] = {}
        """Place → why it can't be read."""
        self.rows = NpyWriter(writer.folder / f"x_{name}.npy", len(part.files), job.shape, np.uint8)

    @property
    def errors(self) -> list[tuple[str, str]]:
        """File and why, of all that can't be read, in the order of their names."""
        return sorted((self.part.files[place], why) for place, why in self.refused.items())

    def keep(self, wanted: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Leave out the images that aren't wanted, and write the labels of the others, which come back. Raises OSError."""
        self.rows.keep(wanted)
        labels = self.part.labels[wanted]
        self.writer.write_array(f"y_{self.name}", labels)
        return labels


def decode_parts(
    train: Part, test: Part, job: DecodeJob, writer: CacheWriter, report: ReportProgress
) -> tuple[DecodedPart, DecodedPart]:
    """Both parts as rows on disk, in their order. What `report` raises ends it. Raises OSError, or SpecError."""
    parts = (DecodedPart("train", train, job, writer), DecodedPart("test", test, job, writer))
    total, done = sum(len(part.hashes) for part in parts), 0
    report(done, total, "images")
    with closing(decode_all(job, batches(job, parts), decoders_for(total))) as results:
        for batch, result in results:
            part = parts[batch.part]
            part.hashes[batch.first : batch.first + len(batch.files)] = result.hashes
            bad = [batch.first + at for at, hash_ in enumerate(result.hashes) if not hash_]
            part.refused.update(zip(bad, result.errors, strict=True))
            done += len(batch.files)
            report(done, total, "images")
    return parts


def batches(job: DecodeJob, parts: tuple[DecodedPart, DecodedPart]) -> Iterator[Batch]:
    """The work in pieces: a few images that become consecutive rows."""
    size = max(1, min(BATCH, BATCH_BYTES // int(np.prod(job.shape))))
    for at, part in enumerate(parts):
        files = part.part.files
        for first in range(0, len(files), size):
            yield Batch(
                at, first, str(part.rows.path), part.rows.place(first), list(files[first : first + size])
            )
