"""Which tier a test belongs to, which tests share a worker, and in which order they run: all of it is decided here.

A test's folder decides its tier, then the fixtures that it uses; a module that is an exception marks itself.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

TIERS = ("unit", "integration", "faults")
FOLDERS = {"faults": "faults", "cli": "integration", "tui": "integration", "trainer": "integration"}
PROCESS_FIXTURES = {"program", "shared", "terminal", "trained_store", "copy", "python", "python_is"}
"""Fixtures that start lossterm, or Python, in a process of its own."""

SHARED_RESOURCES = (("trained_store", "app"), ("shared", "commands"))
"""Session fixtures that cost a trainer to set up, and the group of tests that share one: they run in one worker."""

FIRST = (
    "app",
    "commands",
    "keras",
    "tests/faults/test_kill_matrix.py",
    "tests/faults/test_trainer_faults.py",
    "tests/faults/test_app_and_store.py",
    "tests/faults/test_many_at_once.py",
)
"""Groups of tests that take longest, the longest first, so that no worker is left with a long one at the end."""

_FORBIDDEN_EVENTS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system"}
_running: list[str] = []
"""The unit test that runs now, if one does."""


def folder_of(item: pytest.Item) -> str:
    """The folder of a test below tests/; empty for a module that lies there itself."""
    parts = item.path.relative_to(Path(__file__).parent).parts
    return parts[0] if len(parts) > 1 else ""


def fixtures_of(item: pytest.Item) -> set[str]:
    """The fixtures that a test uses, directly or through others."""
    return set(getattr(item, "fixturenames", ()))


def tier_of(item: pytest.Item) -> str:
    """The tier of a test: that of its own mark, of its folder, or of what it uses."""
    own = [mark.name for mark in item.iter_markers() if mark.name in TIERS]
    if own:
        return own[0]
    if folder := FOLDERS.get(folder_of(item)):
        return folder
    return "integration" if item.get_closest_marker("keras") or fixtures_of(item) & PROCESS_FIXTURES else "unit"


def group_of(item: pytest.Item) -> str:
    """The tests that run in one worker together with this one, because they share what is dear to set up."""
    for fixture, group in SHARED_RESOURCES:
        if fixture in fixtures_of(item):
            return group
    if item.get_closest_marker("keras"):
        return "keras"
    return item.nodeid.partition("::")[0]


def sort_into_tiers(items: list[pytest.Item]) -> None:
    """Mark each test with its tier and its group, and put the groups that take longest first."""
    places = {group: place for place, group in enumerate(FIRST)}
    for item in items:
        if not any(mark.name in TIERS for mark in item.iter_markers()):
            item.add_marker(tier_of(item))
        item.add_marker(pytest.mark.xdist_group(group_of(item)))
    items.sort(key=lambda item: places.get(group_of(item), len(places)))


def without_unit_tests(path: Path, marks: str) -> bool:
    """Whether only unit tests are asked for and a folder has none: its modules may import TensorFlow."""
    return marks == "unit" and path.is_dir() and path.name in FOLDERS


@contextmanager
def watched(item: pytest.Item) -> Iterator[None]:
    """While open, a process that is started, or an import of TensorFlow, is refused if the test is a unit test."""
    _running[:] = [item.nodeid] if item.get_closest_marker("unit") else []
    try:
        yield
    finally:
        _running.clear()


def _refuse(event: str, arguments: Sequence[Any]) -> None:
    if not _running:
        return
    if event in _FORBIDDEN_EVENTS:
        raise AssertionError(f"{_running[0]} is a unit test and starts a process: {arguments[0]}")
    if event == "import" and arguments[0] in ("tensorflow", "keras"):
        raise AssertionError(f"{_running[0]} is a unit test and imports {arguments[0]}")


sys.addaudithook(_refuse)
