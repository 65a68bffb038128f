"""Why a worker died, and why one that lives gives no sign of life: sentences from plain recorded values, without I/O."""

import errno
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from tuinn.text import format_bytes

OUT_OF_MEMORY = "out_of_memory"

SMALLER = "Set a smaller batch_size, or make the widest layer smaller."

FATAL_WORDS = {
    "Illegal instruction": "SIGILL",
    "Segmentation fault": "SIGSEGV",
    "Bus error": "SIGBUS",
    "Floating point exception": "SIGFPE",
    "Floating-point exception": "SIGFPE",
    "Aborted": "SIGABRT",
}
"""Python's last words in the log, after "Fatal Python error:", and the signal that each stands for."""


class Death(msgspec.Struct, frozen=True):
    """Why a worker died without an ending in its journal."""

    kind: str
    """`out_of_memory`, `killed`, `crashed`, `instructions`, `file`, `disk`, `restarted`, `elsewhere`, `gone`, `journal`,
    `exited`, `job` or `unknown`."""
    message: str
    """What happened, and what to do about it, in a sentence or two."""
    signal: str = ""
    """That ended it, such as SIGKILL; empty: none, or nobody knows."""


@dataclass(frozen=True)
class Remains:
    """What can be known of a worker that died without an ending."""

    recorded: bool = True
    """It had begun, and left a record of itself."""
    folder_gone: bool = False
    journal_gone: bool = False
    """There is no journal any more, so that it may have ended well."""
    last_words: str = ""
    """What it could not write into the journal."""
    code: int | None = None
    """Of its exit, below 0 a signal's number; None where its parent didn't look."""
    fatal: str = ""
    """The signal that its log names, such as SIGSEGV; empty: none."""
    restarted: bool = False
    """The machine was."""
    host: str = ""
    """Another machine, on which it was; empty: on this one."""
    oom_kills: int = 0
    """Processes that the system has killed for lack of memory since it began, in its group."""
    memory_limit: int | None = None
    """Bytes, of its group; None: none is set."""
    memory_free: int | None = None
    """Bytes, on this machine."""
    disk_free: int | None = None
    """Bytes, on the disk of the run folder."""
    limits: Mapping[str, int] = field(default_factory=dict)
    """Of the process: `memory` in bytes, `cpu` in seconds; what is not limited is missing."""
    instructions: tuple[str, ...] = ()
    """That TensorFlow may need and this processor lacks, such as AVX."""


def cause_of_death(remains: Remains) -> Death:
    """Return the most certain cause. What is known of its exit comes before what is only likely."""
    if remains.folder_gone:
        return Death("gone", "The run folder was deleted, renamed or put into the trash while it trained.")
    if remains.last_words:
        return Death("disk", remains.last_words)
    if remains.journal_gone:
        return Death(
            "journal",
            "Its journal, events.jsonl, was deleted or overwritten, so what became of it can't be told.",
        )
    if remains.code is not None and remains.code >= 0:
        return Death(
            "exited",
            f"The worker ended by itself, with exit code {remains.code}. worker.log says why.",
        )
    ended_by = _signal_name(remains)
    if not ended_by:
        if remains.host:
            return Death("elsewhere", f"It trained on {remains.host}, where the worker is gone.")
        if remains.restarted:
            return Death("restarted", "The machine was restarted, or went down, while it trained.")
        if not remains.recorded:
            return Death("unknown", "The worker ended without saying why. worker.log may tell.")
        # All other signals are caught, or named in the log.
        ended_by = "SIGKILL"
    return _by_signal(ended_by, remains)


def _signal_name(remains: Remains) -> str:
    if remains.code is None:
        return remains.fatal
    try:
        return signal.Signals(-remains.code).name
    except ValueError:
        return f"signal {-remains.code}"


def _by_signal(name: str, remains: Remains) -> Death:
    match name:
        case "SIGKILL":
            return _killed(remains)
        case "SIGILL":
            lacks = f", {' and '.join(remains.instructions)} among them" if remains.instructions else ""
            return Death(
                "instructions",
                f"This processor lacks instructions for which TensorFlow was built{lacks} (SIGILL). "
                "Install a build of TensorFlow for this processor, or train on another machine.",
                name,
            )
        case "SIGBUS":
            free = "" if remains.disk_free is None else f" {format_bytes(remains.disk_free)} are free there."
            return Death(
                "file",
                "A file that the worker read was cut off meanwhile, or its disk is full or broken (SIGBUS)."
                f"{free} Leave the data and the cache alone while a run trains.",
                name,
            )
        case "SIGABRT" if "memory" in remains.limits:
            return Death(
                OUT_OF_MEMORY,
                f"The worker broke off (SIGABRT), most likely for lack of memory: it may use "
                f"{format_bytes(remains.limits['memory'])} (ulimit -v). Raise the limit. {SMALLER}",
                name,
            )
        case "SIGABRT":
            return Death("crashed", "TensorFlow broke off (SIGABRT). worker.log says why.", name)
        case "SIGSEGV" | "SIGFPE":
            return Death(
                "crashed",
                f"TensorFlow, or a library that it uses, crashed ({name}). worker.log says where.",
                name,
            )
        case _:
            return Death("killed", f"Another process or the batch system ended the worker ({name}).", name)


def _killed(remains: Remains) -> Death:
    if remains.oom_kills > 0:
        facts = ""
        if remains.memory_limit is not None:
            facts = f" (its limit is {format_bytes(remains.memory_limit)})"
        elif remains.memory_free is not None:
            facts = f" ({format_bytes(remains.memory_free)} are free now)"
        return Death(
            OUT_OF_MEMORY,
            f"The memory was full, so the system killed the worker{facts}. {SMALLER}",
            "SIGKILL",
        )
    cpu = (
        f", or it reached its limit of {remains.limits['cpu']} s of processor time (ulimit -t)"
        if "cpu" in remains.limits
        else ""
    )
    return Death(
        "killed", f"Another process or the batch system killed the worker (signal 9){cpu}.", "SIGKILL"
    )


def why_silent(pid: int, process_state: str, host: str = "") -> str:
    """Why a worker that lives gives no sign of life, and the command that ends that.

    `process_state`: the letter that `ps` shows, empty where nobody knows; `host`: another machine, on which it is.
    """
    there = f" on {host}" if host else ""
    if not pid:
        return "The worker gives no sign of life. Its process is the `pid` in worker.json or events.jsonl."
    match process_state:
        case "T" | "t":
            return (
                f"The worker (process {pid}{there}) is suspended. It goes on after: kill -CONT {pid}. "
                f"It ends after: kill -9 {pid}"
            )
        case "D":
            return (
                f"The worker (process {pid}{there}) waits for a disk or a device. Once that answers, it goes on; "
                f"it ends after: kill -9 {pid}"
            )
        case _:
            return f"The worker (process {pid}{there}) gives no sign of life. It ends after: kill -9 {pid}"


def write_problem(number: int | None, words: str, free: int | None) -> tuple[str, str]:
    """What is wrong where a file can't be written, with the free space where that matters, and what to do about it.

    `number` and `words`: the system's own, of its error; `free`: bytes on the disk, None where nobody knows.
    """
    match number:
        case errno.ENOSPC:
            left = "" if free is None else f", {format_bytes(free)} free"
            return f"{words}{left}", "Free some space on its disk."
        case errno.EDQUOT:
            return words, "Your quota is used up: remove some of your files there."
        case errno.EROFS:
            return (
                words,
                "Its disk is mounted read-only, often after an error: see `dmesg`, repair or replace it.",
            )
        case errno.EIO:
            return (
                words,
                "Its disk has an error: see `dmesg`, copy the run to another disk, and resume it there.",
            )
        case errno.EMFILE | errno.ENFILE:
            return words, "Allow more open files, for example `ulimit -n 4096`."
        case errno.EFBIG:
            return words, "A limit of the size of files is set (`ulimit -f`): raise it."
        case _:
            return words, "Check the folder and its rights."
