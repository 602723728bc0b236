"""How a tool that reads a file says what it is doing: a line of JSON at a time, before its last line, the answer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

Say = Callable[[str], None]
_SECONDS = 0.1


def silent(_words: str) -> None:
    """Say nothing."""


def printing() -> Say:
    """What prints each thing that is said as `{"progress": …}`, but for those that follow the last one at once."""
    said = 0.0

    def say(words: str) -> None:
        nonlocal said
        if time.monotonic() - said >= _SECONDS:
            said = time.monotonic()
            print(json.dumps({"progress": words}), flush=True)

    return say
