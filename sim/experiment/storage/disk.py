"""Atomic writes of files and folders, and locks that let one process at a time write.

Files that are not yet in place have names that end in `.part`. A killed process leaves such files
behind; the next one that writes into the folder removes them.
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
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)  # on some file systems of clusters
_NOT_OURS = (errno.EACCES, errno.EPERM, errno.EROFS)
_log = logging.getLogger(__name__)


class replacing:  # noqa: N801  (used like a function)
    """A temporary path that replaces the target if the block ends without an error."""

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
    """A new temporary folder next to the one that it is to replace."""
    part = folder.with_name(f".{folder.name}.{os.getpid()}{_PART}")
    remove(part)
    part.mkdir(parents=True)
    return part


def put_in_place(part: Path, folder: Path) -> None:
    """Replace a folder by another, so that no mixture of both ever exists."""
    if folder.exists() or folder.is_symlink():
        old = folder.with_name(f".{folder.name}.{os.getpid()}.old{_PART}")
        os.replace(folder, old)
        os.replace(part, folder)
        remove(old)
    else:
        os.replace(part, folder)


def remove(path: Path) -> None:
    """Remove a file, a link or a folder with all in it, if it exists. Raises OSError."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif os.path.lexists(path):  # removing nothing is no error on a read-only disk
        path.unlink()


def remove_if_empty(folder: Path) -> None:
    """Remove a folder if it is empty."""
    with contextlib.suppress(OSError):
        folder.rmdir()


def digest(file: Path) -> str:
    """The SHA-256 of a file. Raises OSError, also for a pipe or a folder."""
    with open_ordinary(file) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def flush(path: Path) -> None:
    """Flush a file, or the entries of a folder, to disk, so that they survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def writing_into(folder: Path) -> Iterator[None]:
    """Hold the exclusive lock of a folder, created if need be; waits for another holder.

    The lock ends with the process that holds it, however that ends. A folder that cannot be written
    to has no lock: whoever writes there gets the error.
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
    """Hold a shared lock of a folder, so that no process writes into it meanwhile.

    Yields False if one does and `waits` is false.
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
    """The descriptor that holds the lock of a folder; None if no lock can be had.

    Raises BlockingIOError if another process holds it and `waits` is false.
    """
    while True:
        try:
            descriptor = _opened(folder / LOCK)
        except FileNotFoundError:
            if not is_writer:
                return None
            folder.mkdir(parents=True, exist_ok=True)  # the last process here removed it
            continue
        if descriptor is None:
            return None
        try:
            _take(descriptor, fcntl.LOCK_EX if is_writer else fcntl.LOCK_SH, folder, waits)
        except BaseException as error:  # also an interrupt while waiting
            os.close(descriptor)
            if isinstance(error, OSError) and error.errno in _NO_LOCKS:
                _log.warning("%s: no locks on this file system, expected no other command", folder)
                return None
            raise
        if _is_still(descriptor, folder / LOCK):
            return descriptor
        os.close(descriptor)  # its last holder removed the file: nobody else would see this lock


def _opened(lock: Path) -> int | None:
    """Open a lock file, created if need be; None in a folder that we may not write to."""
    flags = os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(lock, os.O_RDWR | os.O_CREAT | flags, 0o666)
    except OSError as error:
        if error.errno not in _NOT_OURS:
            raise
    with contextlib.suppress(OSError):  # the lock of another user
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
    """Release a lock; the last holder removes its file."""
    if descriptor is None:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        (folder / LOCK).unlink()
    except OSError:
        pass  # others still read there, or the file is gone
    finally:
        os.close(descriptor)


def _is_still(descriptor: int, path: Path) -> bool:
    """Whether a path still refers to the file that was opened."""
    try:
        there = os.stat(path)
    except OSError:
        return False
    return os.path.samestat(there, os.fstat(descriptor))


def _sweep(folder: Path) -> None:
    """Remove the half-written files of processes that were killed."""
    for path in folder.glob(f".*{_PART}"):
        if LEFT_BEHIND.fullmatch(path.name):
            remove(path)
