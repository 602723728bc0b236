"""Output for terminals that show nothing but ASCII."""

from __future__ import annotations

import io
import os
import sys


def locale_is_plain() -> bool:
    """Whether the locale says that the terminal shows no UTF-8; one that says nothing is not asked."""
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    said = next((name for name in names if name), "")
    return bool(said) and "utf" not in said.lower()


def write_ascii() -> None:
    """Write nothing but ASCII from here on; rich draws its bars and lines accordingly."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="ascii", errors="replace")
