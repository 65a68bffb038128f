"""`tuinn doctor`: what this machine offers, for a bug report. TensorFlow is asked only with --deep."""

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from importlib import metadata
from pathlib import Path

import click
import msgspec

from tuinn.cli.common.options import JSON
from tuinn.cli.datasets import STATES
from tuinn.data.catalog import availability, catalog
from tuinn.data.info import datasets_folder
from tuinn.errors import FolderError
from tuinn.programs import own_code
from tuinn.runs.folder import all_runs, home
from tuinn.runs.machine.card_check import UNNAMED, Card, check_card, first_usable
from tuinn.runs.machine.graphics_card import find_cards, why_unused
from tuinn.runs.machine.lifetime import lifetime
from tuinn.runs.machine.slurm import own_job
from tuinn.text import format_bytes, printable

PACKAGES = ("tuinn", "tensorflow", "keras", "numpy", "textual", "plotext", "pillow", "msgspec", "click")

ASK_TENSORFLOW = """
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf
print("tuinn-cuda:", tf.test.is_built_with_cuda())
for device in tf.config.list_physical_devices():
    name = tf.config.experimental.get_device_details(device).get("device_name", "")
    print("tuinn:", device.name.removeprefix("/physical_device:"), name)
"""


@click.command()
@JSON
@click.option(
    "--deep", is_flag=True, help="Load TensorFlow too, list the devices that it sees, and try each card."
)
def doctor(as_json: bool, deep: bool) -> None:
    """Show what a bug report needs.

    Versions, devices, folders, terminal and datasets.
    """
    report = examine(deep)
    click.echo(msgspec.json.encode(report) if as_json else as_text(report))


Report = dict[str, Mapping[str, object] | list[str]]
"""Title → a table of plain values, or lines."""


def examine(deep: bool = False) -> Report:
    """Everything, in tables of plain values."""
    report: Report = {
        "versions": {name: _version(name) for name in PACKAGES},
        "machine": {
            "python": platform.python_version(),
            "platform": platform.platform(),
            "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
            "memory_bytes": _memory(),
        },
        "gpus": _gpus(),
        "runs_in_background": _background(),
        "folders": _folders(),
        "terminal": _terminal(),
        "datasets": {
            entry.name: STATES[availability.availability_of(entry.name).state]
            for entry in catalog.all_datasets()
        },
        "dataset_places": _places(),
    }
    built = seen = None
    if deep:
        devices, built, seen = _ask_tensorflow()
        report["tensorflow_devices"] = devices
        if checks := _check_cards(devices):
            report["gpu_checks"] = checks
    if problem := why_unused(find_cards(built, seen)):
        report["gpu_problem"] = [problem]
    return report


def as_text(report: Report) -> str:
    """A heading per table, a line per value."""
    lines = []
    for title, values in report.items():
        lines.append(title.replace("_", " "))
        if isinstance(values, Mapping):
            lines += [_line(name, value) for name, value in values.items()]
        else:
            lines += [f"  {printable(value)}" for value in values or ["none"]]
    return "\n".join(lines)


def _line(name: str, value: object) -> str:
    match value:
        case None:
            words = "none"
        case bool():
            words = "yes" if value else "no"
        case int() if name.endswith("_bytes"):
            words = format_bytes(value)
        case _:
            words = printable(str(value))
    return f"  {name.removesuffix('_bytes'):<18}  {words}"


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _memory() -> int | None:
    """Of the machine, in bytes."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None


def _gpus() -> list[str]:
    """NVIDIA's cards by its own tool, else by their device files."""
    if tool := shutil.which("nvidia-smi"):
        query = [tool, "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
        try:
            told = subprocess.run(query, capture_output=True, text=True, timeout=10, check=True).stdout
        except (OSError, subprocess.SubprocessError):
            told = ""
        if cards := [line.strip() for line in told.splitlines() if line.strip()]:
            return cards
    return sorted(str(path) for path in Path("/dev").glob("nvidia[0-9]*"))


def _background() -> dict[str, object]:
    """Whether what is started here goes on after the logout, and within which Slurm job."""
    found = lifetime(again=True)
    told = {"never": "go on", "unknown": "not known"}.get(found.ends_at, f"end at your {found.ends_at}")
    report: dict[str, object] = {"at_logout": told, "why": found.why}
    if job := own_job():
        report["slurm_job"] = job
    return {**report, "problem": found.words} if found.words else report


def _folders() -> dict[str, object]:
    kept = home()
    try:
        runs, problem = len(all_runs()), ""
    except FolderError as error:
        runs, problem = 0, str(error)
    report = {"home": str(kept), "writable": _writable(kept), "runs": runs, "free_bytes": _free(kept)}
    return {**report, "problem": problem} if problem else report


def _places() -> dict[str, object]:
    """Where fetched files and prepared samples lie."""
    from tuinn.data import cache

    keras = datasets_folder()
    return {
        "keras": str(keras),
        "keras_writable": _writable(keras),
        "keras_free_bytes": _free(keras),
        "prepared": str(cache.cache_folder()),
        "prepared_bytes": cache.cache_size(),
    }


def _existing(path: Path) -> Path:
    """The nearest folder upwards that is there."""
    return next((folder for folder in (path, *path.parents) if folder.exists()), Path("/"))


def _writable(path: Path) -> bool:
    """Tried, not guessed: a file without a name is made and is gone."""
    try:
        with tempfile.TemporaryFile(dir=_existing(path)):
            return True
    except OSError:
        return False


def _free(path: Path) -> int | None:
    try:
        return shutil.disk_usage(_existing(path)).free
    except OSError:
        return None


def _terminal() -> dict[str, object]:
    columns, rows = shutil.get_terminal_size()
    return {
        "tty": sys.stdin.isatty() and sys.stdout.isatty(),
        "TERM": os.environ.get("TERM"),
        "COLORTERM": os.environ.get("COLORTERM"),
        "size": f"{columns}x{rows}",
        "encoding": sys.stdout.encoding,
    }


def _check_cards(devices: list[str]) -> list[str]:
    """What became of computing on each card, in a process of its own; `devices` as `_ask_tensorflow` lists them."""
    told = []
    for device in devices:
        if found := re.match(r"GPU:(\d+) ?(.*)", device):
            card = Card(int(found.group(1)), found.group(2).strip() or UNNAMED)
            usable = first_usable([card], partial(check_card, again=True))
            told += [*usable.problems, *([usable.warning or f"{card.label} works"] if usable.card else [])]
    return told


def _ask_tensorflow() -> tuple[list[str], bool | None, int | None]:
    """The devices TensorFlow sees, from a process of its own; or why it could not be asked.

    Then whether it is built with CUDA, and how many cards it sees; None: it could not be asked.
    """
    try:
        told = subprocess.run(
            own_code(ASK_TENSORFLOW), capture_output=True, text=True, timeout=120, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        return [f"TensorFlow could not be asked: {error}"], None, None
    devices = [
        line.removeprefix("tuinn:").strip() for line in told.stdout.splitlines() if line.startswith("tuinn:")
    ]
    last = told.stderr.strip().splitlines()[-1:] or ["no word"]
    if not devices:
        return [f"TensorFlow cannot be loaded: {last[0]}"], None, None
    cards = sum(device.startswith("GPU") for device in devices)
    return devices, "tuinn-cuda: True" in told.stdout, cards
