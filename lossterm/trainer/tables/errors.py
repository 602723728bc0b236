"""What is said of a file that cannot be trained on."""

from __future__ import annotations


class DataFileError(ValueError):
    """A file, a column or a choice that cannot be used; the message names it, and what would help, in one line."""
