"""Fetch a dataset of the catalog into the folder where Keras keeps its datasets.

Nothing that was there is ever removed or overwritten. A file grows beside its place as NAME.tuinn.part; the next fetch
goes on where this one ended. It gets its name once its hash is right.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from tuinn.data.catalog import availability
from tuinn.data.catalog.catalog import find
from tuinn.data.catalog.download import Cancelled, Download, DownloadError, DownloadProgress
from tuinn.data.info import DatasetInfo, KerasFile
from tuinn.errors import SpecError

Watch = Callable[[DownloadProgress], None]

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's package dataset-fashion-mnist puts the four files."""


def no_progress(progress: DownloadProgress) -> None:
    """Progress that nobody watches."""


def never_cancelled() -> bool:
    """A fetch that nobody wants to end."""
    return False


def fetch(
    name: str,
    report: Watch = no_progress,
    cancelled: Callable[[], bool] = never_cancelled,
    replace: bool = False,
) -> bool:
    """Bring the missing files of this dataset here. True when all is here, False when it was cancelled.

    `report` hears how far it is, about ten times a second; `cancelled` is asked as often. With `replace` a file that is
    not the published one is renamed to NAME.old and the right one takes its place.
    Raises SpecError, one sentence and what to do, where it can't be done.
    """
    info = find(name)
    for file in info.files:
        try:
            _fetch_file(info, file, report, cancelled, replace)
        except Cancelled:
            return False
        except SpecError as problem:
            if file.optional:
                continue
            if isinstance(problem, DownloadError):
                other = availability.similar_bundled(info)
                raise SpecError(f"{problem} Meanwhile {other.title} is here: it comes with tuinn.") from None
            raise
    return True


def _fetch_file(
    info: DatasetInfo, file: KerasFile, report: Watch, cancelled: Callable[[], bool], replace: bool
) -> None:
    """One file. Raises Cancelled or SpecError."""
    place = file.path()
    if _is_done(info, file, replace):
        return
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        if not os.path.lexists(place) and _link_from_debian(file, place):
            return
        with Download.open(file, place, report, cancelled) as download:
            if _is_done(info, file, replace):
                download.discard()  # another process was faster
                return
            _check_room(info, file, download)
            download.run()
            _move_into_place(download.part, place, replace)
        _is_done(info, file, replace=False)  # somebody else may have put another one there meanwhile
    except OSError as error:
        raise SpecError(_not_writable(info, file, error)) from error


def _is_done(info: DatasetInfo, file: KerasFile, replace: bool) -> bool:
    """Whether the right file is there. Raises SpecError for another one, unless it may be replaced."""
    place = file.path()
    if not os.path.lexists(place):
        return False
    try:
        if file.is_valid():
            return True
    except OSError as error:
        if not replace:
            raise SpecError(f"{place} can't be read ({error.strerror}); it was left alone.") from error
    if not replace:
        raise SpecError(availability.wrong_file_message(info, file))
    return False


def _move_into_place(part: Path, place: Path, replace: bool) -> None:
    """Give the finished file its name. What has that name already is renamed first, or stays. Raises OSError."""
    if replace and os.path.lexists(place):
        backups = (place.with_name(f"{place.name}.old{number or ''}") for number in range(1000))
        place.rename(next(backup for backup in backups if not os.path.lexists(backup)))
    try:
        os.link(part, place)  # unlike a rename, it never takes the place of a file
    except FileExistsError:
        pass  # somebody else brought it
    except OSError:
        if place.exists():
            raise
        part.rename(place)  # a file system without links
        return
    part.unlink()


def _check_room(info: DatasetInfo, file: KerasFile, download: Download) -> None:
    """Raises SpecError where the disk has no room for what is still to come."""
    free, needed = shutil.disk_usage(download.part.parent).free, file.bytes - download.size()
    if needed > free:
        raise SpecError(
            f"{info.title} needs {needed / 1e6:.1f} MB more in {download.part.parent}, and {free / 1e6:.1f} MB are "
            "free. Free some space, or set KERAS_HOME to a folder on another disk."
        )


def _not_writable(info: DatasetInfo, file: KerasFile, error: OSError) -> str:
    """Why the folder doesn't take the file, and what to do."""
    return (
        f"{file.name} cannot be kept in {file.path().parent} ({error.strerror or error}). "
        "Free some space there, or set KERAS_HOME to a folder that you may write to."
    )


def _link_from_debian(file: KerasFile, place: Path) -> bool:
    """Link a file of Debian's package where Keras looks; False where it has none, or it can't be linked."""
    twin = DEBIAN / file.name
    if file.folder != DEBIAN.name:
        return False
    try:
        if not file.matches(twin):
            return False
        place.symlink_to(twin)
    except OSError:
        return False  # it is fetched then
    return True
