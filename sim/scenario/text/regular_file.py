"""Ordinary files: a pipe, a device or a folder of a file's name is refused at once."""

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path


class NotOrdinary(OSError):  # noqa: N818
    """What lies at a path is no ordinary file of a fitting size; names what is expected."""

    def __init__(self, path: str | Path, message: str) -> None:
        super().__init__(errno.EINVAL, message, str(path))


def open_ordinary(path: str | Path) -> BufferedReader:
    """An ordinary file to read bytes from; nobody is waited for at the other end of a pipe.

    Raises NotOrdinary, and OSError where nothing can be opened.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    kind = os.fstat(descriptor).st_mode
    if stat.S_ISREG(kind):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(kind):
        raise NotOrdinary(path, "is a folder, expected a file")
    raise NotOrdinary(path, "is a pipe, a device or a socket, expected a file")


def read_ordinary(path: str | Path, most_bytes: int) -> bytes:
    """The content of an ordinary file that has at most so many bytes.

    Raises NotOrdinary, and OSError where nothing can be opened.
    """
    with open_ordinary(path) as stream:
        content = stream.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise NotOrdinary(path, f"has over {most_bytes} bytes, expected fewer")
    return content
