"""A data file before it is read: is it one, which format, what is its hash, and unpacked within bounds."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import stat
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

Format = Literal["csv", "parquet", "npz"]


class DataFileError(ValueError):
    """A file, a column or a choice that cannot be used; the message names it, and what would help, in one line."""


MOST_BYTES = 4 * 2**30
"""What a file may have, unpacked."""
_MOST_RATIO = 200
"""How many times its size a file may unpack to, once that is more than _HARMLESS: tables pack to a fifth or a tenth."""
_HARMLESS = 64 * 2**20
_CHUNK = 2**20
_GZIP, _ZIP, _PARQUET = b"\x1f\x8b", b"PK", b"PAR1"


@dataclass(frozen=True)
class Fingerprint:
    """What tells whether a file is still the same: its size in bytes and the SHA-256 of what it holds."""

    size: int
    sha256: str


@dataclass(frozen=True)
class OpenedFile:
    """A data file that is ready to be read.

    Attributes:
        path: what to read: the file itself, or a temporary one that it was unpacked to.
        named: the file as the person named it, for messages.
        form: its format.
        fingerprint: of the file itself.
    """

    path: Path
    named: str
    form: Format
    fingerprint: Fingerprint


@contextlib.contextmanager
def opened(path: Path) -> Iterator[OpenedFile]:
    """Look at a data file, and unpack it where it is packed.

    Raises:
        DataFileError: it is no file, cannot be read, is empty, or unpacks to more than MOST_BYTES; or it changed while
            it was read.
    """
    try:
        with _regular(path) as file, tempfile.TemporaryDirectory(prefix="lossterm-") as folder:
            before = os.fstat(file.fileno())
            start = file.read(4)
            file.seek(0)
            digest = hashlib.sha256()
            place = path
            if start.startswith(_GZIP):
                place = Path(folder) / "unpacked"
                start = _unpack(file, place, path, before.st_size)
                file.seek(0)
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
            yield OpenedFile(place, str(path), _format(path, start), Fingerprint(before.st_size, digest.hexdigest()))
            after = path.stat()
            if (after.st_size, after.st_mtime_ns, after.st_ino) != (before.st_size, before.st_mtime_ns, before.st_ino):
                raise DataFileError(f"data: {path} changed while it was read; try again once it is complete")
    except OSError as error:
        raise DataFileError(f"data: {path} cannot be read: {error.strerror or error}") from None


def fingerprint(path: Path) -> Fingerprint:
    """The fingerprint of a file. Raises DataFileError where it cannot be read."""
    try:
        with _regular(path) as file:
            digest = hashlib.sha256()
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
            return Fingerprint(file.tell(), digest.hexdigest())
    except OSError as error:
        raise DataFileError(f"data: {path} cannot be read: {error.strerror or error}") from None


def _regular(path: Path) -> BinaryIO:
    """Open a regular file that is not empty; nothing else is waited for."""
    try:
        # Without O_NONBLOCK a FIFO would be waited for until somebody writes into it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise DataFileError(f"data: {path} is not there") from None
    except ValueError:
        raise DataFileError(f"data: {str(path)!r} names no file") from None
    found = os.fstat(descriptor)
    problem = ""
    if stat.S_ISDIR(found.st_mode):
        problem = "is a folder; name a file in it"
    elif not stat.S_ISREG(found.st_mode):
        problem = "is not a regular file"
    elif not found.st_size:
        problem = "is empty"
    elif found.st_size > MOST_BYTES:
        problem = f"has {found.st_size / 2**30:.1f} GiB; at most {MOST_BYTES // 2**30} GiB are read"
    if problem:
        os.close(descriptor)
        raise DataFileError(f"data: {path} {problem}")
    return os.fdopen(descriptor, "rb")


def _unpack(file: BinaryIO, to: Path, path: Path, size: int) -> bytes:
    """Unpack a gzip file within bounds; the first bytes of what was in it."""
    most = min(MOST_BYTES, max(size * _MOST_RATIO, _HARMLESS))
    written, start = 0, b""
    try:
        with gzip.GzipFile(fileobj=file) as packed, to.open("wb") as unpacked:
            while chunk := packed.read(_CHUNK):
                start = start or chunk[:4]
                written += len(chunk)
                if written > most:
                    raise DataFileError(f"data: {path} unpacks to more than {most // 2**20:,} MiB; unpack it to use it")
                unpacked.write(chunk)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise DataFileError(f"data: {path} is damaged: it cannot be unpacked") from None
    if not written:
        raise DataFileError(f"data: {path} is empty once it is unpacked")
    return start


def _format(path: Path, start: bytes) -> Format:
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    last = next((suffix for suffix in reversed(suffixes) if suffix != ".gz"), "")
    if last in (".parquet", ".pq") or start == _PARQUET:
        if start != _PARQUET:
            raise DataFileError(f"data: {path} is not a Parquet file, whatever its name says")
        return "parquet"
    if last == ".npz" or start.startswith(_ZIP):
        if not start.startswith(_ZIP) or last != ".npz":
            raise DataFileError(f"data: {path} is no table: give a CSV, Parquet or .npz file")
        return "npz"
    return "csv"
