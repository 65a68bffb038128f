"""Decodes image files into the rows of .npy files. Also a program, of which `image_pool` runs several side by side.

Each line on stdin is a Batch in JSON, each on stdout its Outcome; the pixels go straight into the files. It ends at
the end of its input, and so with whoever started it.
"""

import json
import os
import sys
from pathlib import Path

import msgspec
import numpy as np

from tuinn.data.checks import row_hashes
from tuinn.data.images.resize import ResizeMode, read_resized
from tuinn.data.npy_writer import write_at
from tuinn.errors import SpecError


class DecodeJob(msgspec.Struct, frozen=True):
    """How all the images of one folder are to be decoded."""

    root: str
    shape: tuple[int, ...]
    resize_mode: ResizeMode


class Batch(msgspec.Struct, frozen=True):
    """Images that become consecutive rows."""

    part: int
    """0: to train on, 1: to test on; for whoever gave it."""
    first: int
    """The row of the first image; likewise."""
    out: str
    """The file to write into."""
    offset: int
    """Where in it the first of these rows begins, in bytes."""
    files: list[str]
    """Relative to the root."""


class BatchResult(msgspec.Struct, frozen=True):
    """What became of a batch."""

    hashes: list[int]
    """Per file: a hash of its pixels, never 0; 0 where it can't be read."""
    errors: list[str]
    """Per file that can't be read, in their order: why, in a sentence."""
    errno: int = 0
    """Why the rows could not be written; 0: they were."""


def decode_batch(job: DecodeJob, batch: Batch) -> BatchResult:
    """Decode and write. Images that can't be read leave black rows."""
    rows = np.zeros((len(batch.files), *job.shape), np.uint8)
    readable, errors = np.ones(len(batch.files), bool), []
    for at, file in enumerate(batch.files):
        try:
            rows[at] = read_resized(Path(job.root, file), job.shape, job.resize_mode)[0]
        except SpecError as problem:
            readable[at] = False
            errors.append(problem.message)
    hashes = np.where(readable, row_hashes(rows), 0).tolist()
    try:
        descriptor = os.open(batch.out, os.O_WRONLY)
        try:
            write_at(descriptor, batch.offset, rows)
        finally:
            os.close(descriptor)
    except OSError as error:
        return BatchResult(hashes, errors, error.errno or 5)
    return BatchResult(hashes, errors)


def main() -> None:
    """Until the input ends."""
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    job = msgspec.convert(_read(stdin.readline()), DecodeJob)
    for line in stdin:
        result = decode_batch(job, msgspec.convert(_read(line), Batch))
        stdout.write(msgspec.json.encode(result) + b"\n")
        stdout.flush()


def _read(line: bytes) -> object:
    # The standard library's JSON: file names that are no UTF-8 pass through it as lone surrogates.
    return json.loads(line)


if __name__ == "__main__":
    main()
