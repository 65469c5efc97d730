"""Files that are to be mended: read with their encoding, replaced in one step, never behind anyone's back."""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from planner.source import encoding
from planner.source.files import Unreadable, read_bytes


class RefusedError(Exception):
    """The file is left as it is; the message says why."""


def read(file: str) -> bytes:
    """The content of a file that may be changed. Raises `RefusedError`."""
    if os.path.islink(file):
        raise RefusedError("it is a symbolic link")
    try:
        return read_bytes(file)
    except Unreadable as reason:
        raise RefusedError(str(reason)) from None


def text_of(data: bytes) -> str:
    """The text that `data` holds. Raises `RefusedError` where it could not be written back byte for byte."""
    mark, name = encoding.of(data)
    text, problem = encoding.decode(data)
    if problem is not None or mark + text.encode(name, "replace") != data:
        raise RefusedError("its encoding is not clear")
    return text


def encoded(text: str, like: bytes) -> bytes:
    """`text` with the byte order mark and in the encoding of `like`."""
    mark, name = encoding.of(like)
    return mark + text.encode(name)


def replace(file: str, old: bytes, new: bytes) -> None:
    """Write `new` over `file`, which holds `old`, in one step, with its owner and mode. Raises `RefusedError`."""
    if read(file) != old:
        raise RefusedError("it was changed in the meantime")
    if not os.access(file, os.W_OK):
        raise RefusedError("it may not be written")
    try:
        _swap(file, f"{file}.{os.getpid()}.tmp", new)
    except OSError as error:
        raise RefusedError((error.strerror or str(error)).lower()) from None


def _swap(file: str, beside: str, data: bytes) -> None:
    """Write `data` to a new file `beside` and let it take the place of `file`; what fails leaves nothing behind."""
    was = os.lstat(file)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(handle, "wb") as whole:
            whole.write(data)
        with suppress(OSError, AttributeError):  # of who mends what is somebody else's; no such thing on Windows
            os.chown(beside, was.st_uid, was.st_gid)
        os.chmod(beside, stat.S_IMODE(was.st_mode))
        os.replace(beside, file)
    except OSError:
        os.unlink(beside)
        raise
