"""What may be wrong with a machine of the cluster, or with the way to it, in sentences."""

import re

from tuinn.atomic_io import FULL
from tuinn.runner.cluster.machine import versions
from tuinn.text import shorten


class Unreachable(Exception):  # noqa: N818 - no failure of ours
    """No answer comes from there."""


def what_is_missing(host: str, error: Exception) -> str:
    """Why a machine could not do at all what it was asked, in a sentence or two."""
    # Where Dask can't unpickle an error, it gives another one with its name.
    if isinstance(error, ImportError | AttributeError) or re.search(
        "ModuleNotFound|Import|Attribute", str(error)
    ):
        version = versions()["tuinn"]
        return f"{host} has no tuinn, or another one. Install tuinn {version} where its Dask worker runs."
    return f"{host} can't train a trial: {shorten(str(error) or repr(error), 200)}"


def what_is_wrong(host: str, error: OSError) -> str:
    """What a machine can't do with its files, in a sentence or two."""
    if error.errno in FULL:
        return (
            f"There is no space on {host} ({error.filename or error.strerror}). Free some there, and resume."
        )
    return f"{host} can't use {error.filename or 'its TUINN_HOME'} ({error.strerror}). Mend that there, and resume."
