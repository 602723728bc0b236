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
from xdist.scheduler import LoadScopeScheduling

TIERS = ("unit", "integration", "faults")
FOLDERS = {"faults": "faults", "cli": "integration", "tui": "integration", "trainer": "integration"}
PROCESS_FIXTURES = {"program", "shared", "terminal", "trained_store", "copy", "python", "python_is"}
"""Fixtures that start lossterm, or Python, in a process of its own."""

GROUPS = {
    "tests/tui/": "app",
    "tests/cli/": "commands",
    "tests/trainer/": "keras",
    "tests/catalog/test_descriptions.py": "keras",
    "tests/catalog/test_loss_formulas.py": "keras",
    "tests/catalog/test_new_entries.py": "keras",
    "tests/experiments/test_presets.py": "commands",
    "tests/faults/test_app_and_store.py": "commands",
    "tests/faults/test_copied_store.py": "commands",
    "tests/faults/test_keras_settings.py": "commands",
    "tests/faults/test_only_looking.py": "commands",
    "tests/faults/test_private.py": "commands",
    "tests/faults/test_short_soak.py": "commands",
    "tests/faults/test_store_faults.py": "commands",
    "tests/model_view/test_agrees_with_keras.py": "commands",
    "tests/model_view/test_loss_curve.py": "keras",
    "tests/model_view/test_network.py": "keras",
}
"""Tests that run in one worker because they share what is dear to set up: the app's trainer, that of the commands, or
TensorFlow and compiled models in this process. Any other module is a group of its own."""

SHARED = {"trained_store": "app", "shared": "commands"}
"""The fixtures that stand for a shared trainer, and the group that each belongs to."""

FIRST = (
    "app",
    "commands",
    "keras",
    "tests/faults/test_kill_matrix.py",
    "tests/faults/test_trainer_faults.py",
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


def group_of(node_id: str) -> str:
    """The group of a test, by its module: that of its folder or its file, or the module itself."""
    module = node_id.partition("::")[0]
    return next((group for start, group in GROUPS.items() if module.startswith(start)), module)


class GroupScheduling(LoadScopeScheduling):
    """Sends the tests of a group to the same worker; --dist loadgroup does not with every version of pytest."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def sort_into_tiers(items: list[pytest.Item]) -> None:
    """Mark each test with its tier, and put the groups that take longest first."""
    places = {group: place for place, group in enumerate(FIRST)}
    for item in items:
        if not any(mark.name in TIERS for mark in item.iter_markers()):
            item.add_marker(tier_of(item))
    items.sort(key=lambda item: places.get(group_of(item.nodeid), len(places)))


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
