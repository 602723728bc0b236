"""The standard streams as a shell may leave them: closed, full, read by somebody who left, unable to show UTF-8."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from ..parsing import whole_number
from ..text import locale_is_ascii

_MOST_CELLS = 1000


class OutputError(Exception):
    """Standard output takes nothing any more. Raised once: what is written afterwards is dropped."""


class Output(io.FileIO):
    """A standard stream's descriptor that fails once at most; after that it takes everything and drops it.

    Python's own would fail again when the interpreter flushes it at the end, and end the process with 120.
    """

    def __init__(self, descriptor: int, is_closed: bool = False, raises: bool = True):
        """Write to `descriptor`, which stays open when this object is closed.

        Args:
            descriptor: 1 or 2.
            is_closed: Whether the process was started without this stream; all of it is dropped then.
            raises: Whether the first failure raises OutputError.
        """
        super().__init__(descriptor, "w", closefd=False)
        self._is_closed = is_closed
        self._raises = raises
        self._error: OSError | None = None
        self._dropped = False

    def write(self, data: Any, /) -> int:
        """Write, or drop the data. Raises OutputError where it cannot be written for the first time."""
        if self._is_closed or self._error is not None:
            self._dropped = True
            return len(data)
        try:
            return super().write(data)
        except OSError as error:
            self._error = error
            if self._raises:
                raise OutputError from error
            return len(data)

    @property
    def failed(self) -> bool:
        """Whether output was lost that somebody wanted: a reader that has ended wants no more."""
        return self._error is not None and self._error.errno != errno.EPIPE

    @property
    def complaint(self) -> str:
        """What to say about output that was lost, in a line; empty where there is nothing to say."""
        if self.failed and self._error is not None:
            return f"standard output cannot be written: {self._error.strerror or self._error}"
        return "standard output is closed: nothing was printed" if self._is_closed and self._dropped else ""


@contextmanager
def guarded() -> Iterator[Output | None]:
    """Make the standard streams fit to use: none is missing, and none fails twice.

    Yields:
        Standard output, flushed at the end; None where somebody else (a test) has put a stream of theirs in its place.
    """
    _ignore_impossible_sizes()
    closed = _fill_closed()
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False))
    if sys.stdout is not sys.__stdout__:
        _replace_what_cannot_be_shown()
        yield None
        return
    before = sys.stdout, sys.stderr
    output = Output(1, is_closed=1 in closed)
    sys.stdout = _text(output, before[0], by_line=output.isatty())
    if sys.stderr is sys.__stderr__:
        sys.stderr = _text(Output(2, is_closed=2 in closed, raises=False), before[1], by_line=True)
    _replace_what_cannot_be_shown()
    try:
        yield output
    finally:
        finish()
        sys.stdout, sys.stderr = before


def finish() -> None:
    """Write what is still buffered; what cannot be written is for `Output.complaint` to say."""
    with contextlib.suppress(OutputError):
        sys.stdout.flush()


def write_ascii() -> None:
    """Write nothing but ASCII from here on; rich draws its bars and lines accordingly."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="ascii", errors="replace")


def _replace_what_cannot_be_shown() -> None:
    """A terminal that cannot show a character gets a question mark, not an error."""
    if locale_is_ascii():
        write_ascii()
    elif isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _text(output: Output, like: TextIO | None, by_line: bool) -> io.TextIOWrapper:
    """A text stream on `output`, encoded as the one that it takes the place of; `by_line`: each line at once."""
    encoding = like.encoding if like is not None else "utf-8"
    return io.TextIOWrapper(io.BufferedWriter(output), encoding, "replace", line_buffering=by_line)


def _fill_closed() -> set[int]:
    """Open the null device as each standard descriptor that is closed, or the next file would get its number.

    Returns:
        The descriptors that were closed.
    """
    closed = set()
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            closed.add(descriptor)
            os.open(os.devnull, os.O_RDWR)  # the lowest free one, which this is
            os.set_inheritable(descriptor, True)
    return closed


def _ignore_impossible_sizes() -> None:
    """Forget sizes of the terminal in the environment that none has, so that the terminal itself is asked."""
    for name in ("COLUMNS", "LINES"):
        given = os.environ.get(name)
        if given is None:
            continue
        try:
            is_possible = 1 <= whole_number(given) <= _MOST_CELLS
        except ValueError:
            is_possible = False
        if not is_possible:
            del os.environ[name]
