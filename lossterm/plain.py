"""Output for terminals that show nothing but ASCII."""

from __future__ import annotations

import os
from pathlib import Path

_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")


def locale_is_plain() -> bool:
    """Whether the locale says that the terminal shows no UTF-8; one that says nothing is not asked."""
    kinds = os.environ.get("LC_ALL"), _given_ctype(), os.environ.get("LANG")
    said = next((name for name in kinds if name), "")
    return bool(said) and "utf" not in said.lower()


def _given_ctype() -> str | None:
    """LC_CTYPE as this process was given it: Python itself sets it to C.UTF-8 where the locale is C (PEP 538)."""
    present = os.environ.get("LC_CTYPE")
    if present not in _COERCED or os.environ.get("LC_ALL"):
        return present
    try:
        given = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return None if os.environ.get("LANG") in ("C", "POSIX") else present
    return next((word[9:].decode(errors="replace") for word in given if word.startswith(b"LC_CTYPE=")), None)
