"""The process that takes the comparisons of a store from stage to stage, whether or not a front end is open."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from ..store import Store, StoreError
from . import comparisons, launch

_PATIENCE_SECONDS = 60.0
_REST_SECONDS = 1.0


def main() -> int:
    """Go on until no comparison does; at once where another process is at it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--trainers", type=int)
    parser.add_argument("first", type=int, nargs="*")
    given = parser.parse_args()
    trouble_since = time.monotonic()
    while time.monotonic() - trouble_since < _PATIENCE_SECONDS:
        began = time.monotonic()
        try:
            _serve(given.store, given.first, given.trainers)
            return 0
        except TimeoutError:
            return 0
        except (StoreError, launch.LaunchError, OSError):
            if time.monotonic() - began > _PATIENCE_SECONDS:
                trouble_since = time.monotonic()
            time.sleep(_REST_SECONDS)
    return 1


def _serve(path: Path, first: list[int], trainers: int | None) -> None:
    with Store(path, make=False) as store, store.locks.alone("comparisons", _REST_SECONDS):
        watching = store.watch()
        try:
            comparisons.follow(store, first, trainers)
        finally:
            watching.release()


if __name__ == "__main__":
    raise SystemExit(main())
