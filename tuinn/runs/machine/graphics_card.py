"""A graphics card that is there and isn't used: why, and what to do. Without TensorFlow, and without waking a driver."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from tuinn.atomic_io import system_text

GPU_FILES = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/kfd", "/dev/dxg")
"""Where the drivers of NVIDIA, AMD and WSL show themselves on Linux."""

OLDEST_DRIVER = (525, 60)
"""That CUDA 12, for which TensorFlow is built, works with."""

LIBRARIES = "nvidia-cudnn-cu12"
"""A package that `tuinn[cuda]` brings."""

NVIDIA, DISPLAYS = "0x10de", "0x03"
"""Maker and class of a device on the PCI bus."""


@dataclass(frozen=True)
class CardFacts:
    """What decides whether TensorFlow can use an NVIDIA card."""

    on_bus: int = 0
    """NVIDIA cards on the PCI bus."""
    driven: int = 0
    """Those that the driver shows."""
    driver: str = ""
    """Its version, such as 535.104.05; empty: nobody knows."""
    visible: str | None = None
    """The environment's CUDA_VISIBLE_DEVICES; None: not set."""
    libraries: bool = True
    """CUDA's libraries are installed as Python packages."""
    built_with_cuda: bool | None = None
    """TensorFlow is; None: it was not asked."""
    seen: int | None = None
    """Cards that TensorFlow sees; None: it was not asked."""


def why_unused(facts: CardFacts) -> str:
    """Why a card that is there isn't used, and what to do; empty where there is none, or nothing is known to be wrong."""
    cards = max(facts.on_bus, facts.driven)
    if not cards or facts.seen:
        return ""
    if not facts.driven:
        return f"{_there(cards)} not used: NVIDIA's driver isn't loaded, or not passed on to this container. Install it; `nvidia-smi` shows whether it works."
    if facts.visible is not None and facts.visible.strip() in ("", "-1", "none", "NoDevFiles"):
        return (
            f"{_there(cards)} not used: CUDA_VISIBLE_DEVICES={facts.visible!r} hides "
            f"{'it' if cards == 1 else 'them'}. Unset it."
        )
    version = tuple(int(part) for part in re.findall(r"\d+", facts.driver)[:2])
    if version and version < OLDEST_DRIVER:
        oldest = ".".join(map(str, OLDEST_DRIVER))
        return f"{_there(cards)} not used: the driver {facts.driver} is too old. Install {oldest} or a newer one."
    if facts.built_with_cuda is False:
        return (
            f"{_there(cards)} not used: this TensorFlow is built without CUDA. "
            "Install the usual one: pip uninstall tensorflow-cpu; pip install 'tuinn[cuda]'"
        )
    if facts.seen is None and facts.libraries:
        return ""
    if not facts.libraries:
        return (
            f"{_there(cards)} not used: CUDA's libraries are missing. Install them: pip install 'tuinn[cuda]'"
        )
    return (
        f"{_there(cards)} not used: TensorFlow sees none. worker.log, or `tuinn doctor --deep`, may say why."
    )


def _there(cards: int) -> str:
    return (
        "An NVIDIA card is there, but it is"
        if cards == 1
        else f"{cards} NVIDIA cards are there, but they are"
    )


def find_cards(
    built_with_cuda: bool | None = None,
    seen: int | None = None,
    environment: Mapping[str, str] = os.environ,
    root: Path = Path("/"),
) -> CardFacts:
    """Look for cards. `root`: of the file system; `built_with_cuda` and `seen` as in `CardFacts`."""
    try:
        metadata.version(LIBRARIES)
        libraries = True
    except metadata.PackageNotFoundError:
        libraries = False
    shown = len(list((root / "proc/driver/nvidia/gpus").glob("*")))
    files = len(list((root / "dev").glob("nvidia[0-9]*")))
    version = re.search(
        r"Kernel Module.*?\s(\d+\.\d[\d.]*)", system_text(root / "proc/driver/nvidia/version")
    )
    return CardFacts(
        on_bus=sum(map(_is_card, (root / "sys/bus/pci/devices").glob("*"))),
        driven=files or shown,
        driver=version.group(1) if version else "",
        visible=environment.get("CUDA_VISIBLE_DEVICES"),
        libraries=libraries,
        built_with_cuda=built_with_cuda,
        seen=seen,
    )


def _is_card(device: Path) -> bool:
    return system_text(device / "vendor").strip() == NVIDIA and system_text(device / "class").startswith(
        DISPLAYS
    )


@dataclass(frozen=True)
class CardMemory:
    """Of one card, in bytes, and who holds it."""

    free: int
    total: int
    processes: tuple[int, ...] = ()
    """Numbers of the processes that compute on it, as far as the driver says."""


def driver_number(number: int) -> int:
    """The driver's number of the card that TensorFlow calls `number`: CUDA_VISIBLE_DEVICES hides and reorders."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")
    if number < len(visible) and visible[number].strip().isdigit():
        return int(visible[number])
    return number


def card_memory(number: int) -> CardMemory | None:
    """The memory of the card that TensorFlow calls `number`; None where its driver doesn't say. Takes none of it."""
    try:
        import pynvml
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
        handle = pynvml.nvmlDeviceGetHandleByIndex(driver_number(number))
        memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
        try:
            running = [int(one.pid) for one in pynvml.nvmlDeviceGetComputeRunningProcesses(handle)]
        except pynvml.NVMLError:
            running = []
        return CardMemory(int(memory.total - memory.used), int(memory.total), tuple(running))
    except pynvml.NVMLError:
        return None


def card_identity(number: int) -> str:
    """What tells this card from all others; its number where the driver doesn't say."""
    try:
        import pynvml
    except ImportError:
        return str(number)
    try:
        pynvml.nvmlInit()
        told = pynvml.nvmlDeviceGetUUID(pynvml.nvmlDeviceGetHandleByIndex(driver_number(number)))
    except pynvml.NVMLError:
        return str(number)
    return told.decode() if isinstance(told, bytes) else str(told)


def has_gpu_driver() -> bool:
    """True where the device file of a GPU's driver exists. Wakes no driver and takes no memory."""
    return any(Path(file).exists() for file in GPU_FILES)
