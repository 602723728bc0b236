"""Every test belongs to one tier, and what a unit test may not do is refused."""

from __future__ import annotations

import subprocess
import sys

import pytest

from . import tiers


def test_every_test_has_exactly_one_tier(request: pytest.FixtureRequest) -> None:
    found = {
        item.nodeid: [m.name for m in item.iter_markers() if m.name in tiers.TIERS] for item in request.session.items
    }
    assert {name: marks for name, marks in found.items() if len(marks) != 1} == {}


def test_a_folder_of_tests_that_moved_or_went_is_noticed(request: pytest.FixtureRequest) -> None:
    folder = request.path.parent
    assert [name for name in tiers.FOLDERS if not (folder / name).is_dir()] == []
    paths = [name for name in (*tiers.GROUPS, *tiers.FIRST) if name.startswith("tests/")]
    assert [name for name in paths if not (folder.parent / name).exists()] == []


def test_tests_that_share_a_trainer_are_in_its_group(request: pytest.FixtureRequest) -> None:
    found = {
        (item.nodeid.partition("::")[0], fixture): tiers.group_of(item.nodeid)
        for item in request.session.items
        for fixture in tiers.SHARED
        if fixture in tiers.fixtures_of(item)
    }
    assert {key: group for key, group in found.items() if group != tiers.SHARED[key[1]]} == {}


def test_a_unit_test_starts_no_process() -> None:
    with pytest.raises(AssertionError, match="is a unit test and starts a process"):
        subprocess.run([sys.executable, "-c", ""])


def test_a_unit_test_imports_no_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)  # another test of this worker may have loaded it
    with pytest.raises(AssertionError, match="is a unit test and imports tensorflow"):
        __import__("tensorflow")
