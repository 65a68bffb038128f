"""What a worker writes down of itself when it begins, in `worker.json`, so that others can say why it died or is silent.

The file has its full size from the beginning: what is added at the end finds room on a full disk, too.
"""

import os
import re
import resource
import shutil
import socket
from contextlib import suppress
from pathlib import Path

import msgspec

from tuinn import atomic_io
from tuinn.atomic_io import system_text
from tuinn.runs.death import FATAL_WORDS, Death, Remains, cause_of_death, why_silent, write_problem
from tuinn.runs.journal import read_struct

FILE = "worker.json"

SIZE = 4096
"""Bytes of the file, blanks at its end included."""

MOST_WORDS = 1000
"""Characters of a worker's last words."""

LOG_TAIL = 65_536
"""Bytes of the log in which a crash is looked for."""

CPU_GRACE = 60
"""Seconds of processor time that a worker gets to save, at its limit; a quarter of the limit where that is less."""

INSTRUCTIONS = ("avx", "avx2", "fma")
"""Sets of instructions that builds of TensorFlow use, as /proc/cpuinfo names them."""

PROC, CGROUPS = Path("/proc"), Path("/sys/fs/cgroup")

UNLIMITED = 1 << 60
"""Bytes from which on a limit of memory is none."""


class WorkerRecord(msgspec.Struct, frozen=True):
    """A worker, as it was when it began; and its death, once somebody has found out about it."""

    pid: int
    host: str
    boot: str = ""
    """Changes when the machine starts."""
    ticks: int = 0
    """When the process began, since the machine did: another process may get its number."""
    oom_kills: dict[str, int] = {}
    """Files that count processes killed for lack of memory, the most telling first, and their counts."""
    memory_limit: int | None = None
    limits: dict[str, int] = {}
    """Both as in `Remains`."""
    log_from: int = 0
    """Bytes of the log that earlier workers have written."""
    last_words: str = ""
    """What could not be written into the journal."""
    unsaved: bool = False
    """It holds a trained network for which the disk had no room, and saves it as soon as there is some."""
    died: Death | None = None


def read_record(folder: Path) -> WorkerRecord | None:
    """The record of the last worker of this run; None where there is none, or it can't be read."""
    try:
        return read_struct(folder / FILE, WorkerRecord)
    except (OSError, ValueError):
        return None


def write_record(folder: Path, record: WorkerRecord) -> None:
    """In its place, over the one before. A disk that refuses costs the record."""
    with suppress(OSError):
        fd = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(fd, msgspec.json.encode(record)[:SIZE].ljust(SIZE - 1) + b"\n", 0)
        finally:
            os.close(fd)


def begin_record(folder: Path, log: Path) -> None:
    """Record this process, which is the worker from now on. For whoever holds the lock."""
    groups = _memory_groups()
    counters = [*(group / name for group in groups[:1] for name in ("memory.events", "memory.oom_control"))]
    counts = {str(file): _oom_kills(file) for file in (*counters, PROC / "vmstat")}
    limits = [limit for group in groups if (limit := _memory_limit(group)) is not None]
    record = WorkerRecord(
        pid=os.getpid(),
        host=socket.gethostname(),
        boot=_boot(),
        ticks=_stat(os.getpid())[1],
        oom_kills={file: count for file, count in counts.items() if count is not None},
        memory_limit=min(limits, default=None),
        limits=_process_limits(),
        log_from=log.stat().st_size if log.exists() else 0,
    )
    write_record(folder, record)


def leave_words(folder: Path, words: str) -> None:
    """Record why this worker ends, where it can't say so in the journal."""
    record = read_record(folder)
    if record is not None and record.pid == os.getpid():
        write_record(folder, msgspec.structs.replace(record, last_words=words[:MOST_WORDS]))


def mark_unsaved(folder: Path, unsaved: bool) -> None:
    """Record whether this worker holds what could not be saved."""
    record = read_record(folder)
    if record is not None and record.pid == os.getpid():
        write_record(folder, msgspec.structs.replace(record, unsaved=unsaved))


def leave_time_to_save() -> None:
    """At the limit of processor time the system kills: have it send SIGXCPU a while before."""
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    if hard != resource.RLIM_INFINITY:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CPU, (max(hard - min(CPU_GRACE, hard // 4), 1), hard))


def examine(folder: Path, log: Path, code: int | None = None) -> Death:
    """Why the worker of this run died, and write it down: counters and the log tell more now than they will later.

    `code`: its exit code, below 0 a signal's number, where its parent asks.
    """
    record = read_record(folder)
    if record is not None and record.died is not None and code is None:
        return record.died
    death = cause_of_death(_remains(folder, log, record, code))
    if record is not None and death.kind not in ("elsewhere", "journal", "unknown"):
        with suppress(OSError), atomic_io.hold_lock(folder / "lock", patience=0) as mine:
            if mine and read_record(folder) == record:
                write_record(folder, msgspec.structs.replace(record, died=death))
    return death


def _remains(folder: Path, log: Path, record: WorkerRecord | None, code: int | None) -> Remains:
    if not folder.is_dir():
        return Remains(folder_gone=True)
    if record is None:
        return Remains(recorded=False, code=code, fatal=_fatal(log, 0))
    here = record.host == socket.gethostname()
    restarted = here and record.boot != _boot()
    usable = here and not restarted
    return Remains(
        last_words=record.last_words,
        journal_gone=code is None and _journal_gone(folder),
        code=code,
        fatal=_fatal(log, record.log_from),
        restarted=restarted,
        host="" if here else record.host,
        oom_kills=_oom_kills_since(record) if usable else 0,
        memory_limit=record.memory_limit,
        memory_free=_memory_free() if usable else None,
        disk_free=disk_free(folder),
        limits=record.limits,
        instructions=missing_instructions() if usable else (),
    )


def _journal_gone(folder: Path) -> bool:
    """Whether the journal is missing, or has no event though data were loaded: a worker makes it before anything else."""
    try:
        with atomic_io.open_stored(folder / "events.jsonl") as journal:
            return b'{"kind":' not in journal.read(LOG_TAIL) and (folder / "facts.json").exists()
    except FileNotFoundError:
        return True
    except OSError:
        return False  # it is there, and that it can't be read is said by whoever reads it


def silence_of(folder: Path) -> str:
    """Why the worker of this run gives no sign of life, and the command that ends that."""
    record = read_record(folder)
    if record is None:
        return why_silent(0, "")
    if record.host != socket.gethostname():
        return why_silent(record.pid, "", record.host)
    return why_silent(record.pid, _process_state(record))


def is_suspended(folder: Path) -> bool:
    """True where the worker of this run was stopped by a signal and not continued: it can't do anything."""
    record = read_record(folder)
    if record is None or record.host != socket.gethostname():
        return False
    return _process_state(record) in ("T", "t")


def disk_free(folder: Path) -> int | None:
    """Bytes; None where nobody can tell."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def why_not_written(error: OSError, folder: Path) -> tuple[str, str]:
    """What is wrong where a file of this folder can't be written, and what to do about it."""
    return write_problem(error.errno, error.strerror or str(error), disk_free(folder))


def missing_instructions() -> tuple[str, ...]:
    """Those of INSTRUCTIONS that this processor lacks, in capitals; empty where it doesn't name them."""
    flags = re.search(r"^flags\s*:(.*)$", system_text(PROC / "cpuinfo"), re.MULTILINE)
    if flags is None:
        return ()
    return tuple(one.upper() for one in INSTRUCTIONS if one not in flags.group(1).split())


def _boot() -> str:
    return system_text(PROC / "sys/kernel/random/boot_id").strip()


def _stat(pid: int) -> tuple[str, int]:
    """The state of a process, a letter, and when it began; empty and 0 where there is none."""
    fields = system_text(PROC / str(pid) / "stat").rpartition(")")[2].split()
    return (fields[0], int(fields[19])) if len(fields) > 19 else ("", 0)


def _process_state(record: WorkerRecord) -> str:
    state, ticks = _stat(record.pid)
    return state if ticks == record.ticks else ""


def _memory_groups() -> list[Path]:
    """The folders of this process's control groups that limit memory, its own first."""
    for line in system_text(PROC / "self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "" or "memory" in controllers.split(","):
            root = CGROUPS / "memory" if controllers else CGROUPS
            below = root / path.strip("/")
            groups = [group for group in (below, *below.parents) if group.is_relative_to(root)]
            return [group for group in groups if group.is_dir()]
    return []


def _memory_limit(group: Path) -> int | None:
    told = (system_text(group / "memory.max") or system_text(group / "memory.limit_in_bytes")).strip()
    return int(told) if told.isdigit() and int(told) < UNLIMITED else None


def _oom_kills(file: Path) -> int | None:
    """None where the file doesn't count them."""
    found = re.search(r"^oom_kill (\d+)$", system_text(file), re.MULTILINE)
    return int(found.group(1)) if found else None


def _oom_kills_since(record: WorkerRecord) -> int:
    """By the first file that still counts."""
    for file, before in record.oom_kills.items():
        if (now := _oom_kills(Path(file))) is not None:
            return max(now - before, 0)
    return 0


def _memory_free() -> int | None:
    found = re.search(r"^MemAvailable:\s+(\d+) kB$", system_text(PROC / "meminfo"), re.MULTILINE)
    return int(found.group(1)) * 1024 if found else None


def _process_limits() -> dict[str, int]:
    told = {
        "memory": resource.getrlimit(resource.RLIMIT_AS)[0],
        "cpu": resource.getrlimit(resource.RLIMIT_CPU)[1],
    }
    return {name: limit for name, limit in told.items() if limit != resource.RLIM_INFINITY}


def _fatal(log: Path, begin: int) -> str:
    """The signal that Python's own last words in the log name; empty: none."""
    try:
        with atomic_io.open_stored(log) as file:
            file.seek(max(begin, log.stat().st_size - LOG_TAIL))
            found = re.findall(rb"^Fatal Python error: (.+)$", file.read(LOG_TAIL), re.MULTILINE)
    except OSError:
        return ""
    return FATAL_WORDS.get(found[-1].decode(errors="replace").strip(), "") if found else ""
