"""Files that are there whole or not at all, and folders of which one process at a time writes.

What is not yet in its place bears a name that ends in `.part`. A process that was killed leaves
such files behind; whoever writes into the folder next removes them.
"""

import contextlib
import errno
import fcntl
import hashlib
import logging
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from sim.scenario.text.regular_file import open_ordinary

LOCK = ".sim.lock"
_PART = ".part"
LEFT_BEHIND = re.compile(r"\..+\.\d+(\.old)?\.part")
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)  # of some file systems of clusters
_NOT_OURS = (errno.EACCES, errno.EPERM, errno.EROFS)
_log = logging.getLogger(__name__)


class replacing:  # noqa: N801  (used like a function)
    """A temporary path that takes the target's place when the block ends well."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.temporary = target.with_name(f".{target.name}.{os.getpid()}{_PART}")

    def __enter__(self) -> Path:
        return self.temporary

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            if kind is None:
                os.replace(self.temporary, self.target)
        finally:
            with contextlib.suppress(OSError):
                self.temporary.unlink(missing_ok=True)


def part_of(folder: Path) -> Path:
    """A new folder next to one, for what shall take its place."""
    part = folder.with_name(f".{folder.name}.{os.getpid()}{_PART}")
    remove(part)
    part.mkdir(parents=True)
    return part


def put_in_place(part: Path, folder: Path) -> None:
    """Let a folder take the place of another: never is there some of both."""
    if folder.exists() or folder.is_symlink():
        old = folder.with_name(f".{folder.name}.{os.getpid()}.old{_PART}")
        os.replace(folder, old)
        os.replace(part, folder)
        remove(old)
    else:
        os.replace(part, folder)


def remove(path: Path) -> None:
    """Remove a file, a link or a folder with all in it, if it is there. Raises OSError."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif os.path.lexists(path):  # what is not there is no error on a disk that is only to be read
        path.unlink()


def remove_if_empty(folder: Path) -> None:
    """Remove a folder in which there is nothing."""
    with contextlib.suppress(OSError):
        folder.rmdir()


def digest(file: Path) -> str:
    """The SHA-256 of a file. Raises OSError, also where it is a pipe or a folder."""
    with open_ordinary(file) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def flush(path: Path) -> None:
    """Have a file or the names in a folder on the disk itself, which a power cut leaves alone."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def writing_into(folder: Path) -> Iterator[None]:
    """Be the only one who writes into a folder, which is made if need be; waits for another.

    The lock ends with the process that holds it, however that ends. In a folder that cannot be
    written to there is none: whoever writes there meets the error.
    """
    new = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = _locked(folder, is_writer=True, waits=True)
    try:
        if descriptor is not None:
            _sweep(folder)
        yield
    finally:
        _release(descriptor, folder)
        for place in new:
            remove_if_empty(place)


@contextlib.contextmanager
def reading_from(folder: Path, waits: bool = True) -> Iterator[bool]:
    """Have nobody write into a folder meanwhile.

    Gives False where somebody does and is not waited for.
    """
    try:
        descriptor = _locked(folder, is_writer=False, waits=waits)
    except BlockingIOError:
        yield False
        return
    try:
        yield True
    finally:
        _release(descriptor, folder)


def _locked(folder: Path, is_writer: bool, waits: bool) -> int | None:
    """What holds the lock of a folder; None where none can be had.

    Raises BlockingIOError where another holds it and is not waited for.
    """
    while True:
        try:
            descriptor = _opened(folder / LOCK)
        except FileNotFoundError:
            if not is_writer:
                return None
            folder.mkdir(parents=True, exist_ok=True)  # whoever was there before removed it
            continue
        if descriptor is None:
            return None
        try:
            _take(descriptor, fcntl.LOCK_EX if is_writer else fcntl.LOCK_SH, folder, waits)
        except BaseException as error:  # an interrupt while waiting, too
            os.close(descriptor)
            if isinstance(error, OSError) and error.errno in _NO_LOCKS:
                _log.warning("%s: no locks on this file system, expected no other command", folder)
                return None
            raise
        if _is_still(descriptor, folder / LOCK):
            return descriptor
        os.close(descriptor)  # its last holder has removed it: nobody else would see this one


def _opened(lock: Path) -> int | None:
    """A file to lock, made if need be; None in a folder that is not ours to write to."""
    flags = os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(lock, os.O_RDWR | os.O_CREAT | flags, 0o666)
    except OSError as error:
        if error.errno not in _NOT_OURS:
            raise
    with contextlib.suppress(OSError):  # that of another user
        return os.open(lock, os.O_RDONLY | flags)
    return None


def _take(descriptor: int, kind: int, folder: Path, waits: bool) -> None:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        if not waits:
            raise
        _log.warning("%s: another command works here, waiting for it", folder)
        fcntl.flock(descriptor, kind)


def _release(descriptor: int | None, folder: Path) -> None:
    """Give a lock back; the last holder removes its file."""
    if descriptor is None:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        (folder / LOCK).unlink()
    except OSError:
        pass  # others read there, or it is gone
    finally:
        os.close(descriptor)


def _is_still(descriptor: int, path: Path) -> bool:
    """Whether a path still is the file that was opened."""
    try:
        there = os.stat(path)
    except OSError:
        return False
    return os.path.samestat(there, os.fstat(descriptor))


def _sweep(folder: Path) -> None:
    """Remove what processes that were killed have left half-written."""
    for path in folder.glob(f".*{_PART}"):
        if LEFT_BEHIND.fullmatch(path.name):
            remove(path)
