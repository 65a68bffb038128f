"""Loaded by a Dask worker (`--preload`), as some of the machines of the tests are not as they should be.

`TUINN_FAKE` says how: `trials` trains with fake_trial.py, `keras` has another Keras, `full` has a full disk, `without` has no tuinn,
`blind` sees no disk of the machine that the runner is on.
"""

import errno
import os
import sys
from importlib.abc import MetaPathFinder

WORDS = os.environ.get("TUINN_FAKE", "").split()


class NoTuinn(MetaPathFinder):
    """Finds nothing, and keeps others from finding it."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.split(".")[0] == "tuinn":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


if "without" in WORDS:
    sys.meta_path.insert(0, NoTuinn())
else:
    from tuinn.programs import own_program
    from tuinn.runner.cluster import files, machine, sent_data
    from tuinn.runs import launch

    if "trials" in WORDS:
        launch.WORKER = own_program("tests.runner.cluster.fake_trial")
    if "keras" in WORDS:
        real = machine.versions
        machine.versions = lambda: {**real(), "Keras": "2.15.0"}
    if "blind" in WORDS:
        sent_data.stamp = lambda path: ""
    if "full" in WORDS:

        def prepare(run: str, offset: int, digest: str, toml: str) -> bool:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "spec.toml")

        files.prepare = prepare
