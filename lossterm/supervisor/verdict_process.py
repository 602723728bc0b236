"""The process that works verdicts out for the app: scipy takes a second to load and must not hold the screen up.

It reads a number of a comparison a line, and answers each with a line of JSON; it ends with its standard input.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ..experiments.comparison import read_plan
from ..experiments.progress import progress_of
from ..store import Store, StoreError
from . import comparisons


def main() -> int:
    """Answer until the input ends."""
    os.nice(5)
    import scipy.stats  # noqa: F401  # loaded before anything is asked

    path = Path(sys.argv[1])
    for line in sys.stdin:
        print(answer(path, line), flush=True)
    return 0


def answer(path: Path, line: str) -> str:
    """What one line asks for, as a line of JSON; an empty line where that cannot be had."""
    asked = int(line)
    try:
        with Store(path, make=False) as store:
            plan = read_plan(store.experiment(asked))
            if plan is None:
                return ""
            return progress_of(asked, comparisons.runs_of(store, asked, plan)).to_json()
    except StoreError:
        return ""


if __name__ == "__main__":
    raise SystemExit(main())
