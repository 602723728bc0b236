"""Numbers as people type them: plain ASCII digits, and nothing else that Python would take for a number."""

from __future__ import annotations

import re

_WHOLE = re.compile(r"-?[0-9]+")
_REAL = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_MOST_DIGITS = 40


def whole_number(text: str) -> int:
    """Read a whole number.

    Args:
        text: ASCII digits, at most 40 of them beyond leading zeros, after a minus sign or nothing.

    Returns:
        The number.

    Raises:
        ValueError: For anything else: a plus sign, a space, an underscore, an exponent, another script's digits.
    """
    if _WHOLE.fullmatch(text) is None or len(text.lstrip("-0")) > _MOST_DIGITS:
        raise ValueError(f"not a whole number: {text[:40]!r}")
    return int(f"{'-' if text.startswith('-') else ''}{text.lstrip('-0') or '0'}")


def real_number(text: str) -> float:
    """Read a real number.

    Args:
        text: ASCII digits with a decimal point and an exponent of ten or without, after a minus sign or nothing.

    Returns:
        The number; infinite where it is too large for a float.

    Raises:
        ValueError: For anything else: "nan", "inf", a plus sign, a space, an underscore, another script's digits.
    """
    if _REAL.fullmatch(text) is None:
        raise ValueError(f"not a number: {text[:40]!r}")
    return float(text)
