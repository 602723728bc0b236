"""Whether the file of a person's own dataset is still the one that was added, as far as that is seen at once."""

from __future__ import annotations

import os

from ..catalog import DataFile
from ..text import one_line


class DataFileChangedError(Exception):
    """A data file is gone or another one than was added; the message says so in one line, with the way out."""


def check_in_place(file: DataFile) -> None:
    """See that a data file is there and has the size that it had; whether it holds the same is for the trainer to see.

    Raises:
        DataFileChangedError: It is gone, cannot be read, or has another size.
    """
    try:
        size = os.stat(file.path).st_size
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataFileChangedError(
            f"dataset: {file.name} needs {one_line(file.path)}, which cannot be read ({reason})"
        ) from None
    if size != file.size:
        raise DataFileChangedError(
            f"dataset: {one_line(file.path)} changed since {file.name} was added; add it anew: "
            f"lossterm data add {one_line(file.path)} --target {one_line(file.target)} --name {file.name}"
        )
