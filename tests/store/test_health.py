"""What a trainer says of itself without the store: it outlasts a full disk, and nothing crafted in its place harms."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lossterm.store.health import HealthFile, TrainerHealth, read_health, remove_stale


def test_what_was_said_last_is_read(tmp_path: Path) -> None:
    health = HealthFile(tmp_path, 7)
    read = read_health(tmp_path, 7)
    assert read is not None
    assert (read.state, read.trouble) == ("loading", "")
    health.enter("training")
    health.report("the disk\nis full")
    read = read_health(tmp_path, 7)
    assert read is not None
    assert read == TrainerHealth(read.age, "training", "the disk is full")
    assert read.age < 1
    health.report("")
    health.report("é" * 5000)
    long = read_health(tmp_path, 7)
    assert long is not None
    assert set(long.trouble) == {"é"}
    (path,) = tmp_path.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_size == 1024
    health.remove()
    assert list(tmp_path.iterdir()) == []
    assert read_health(tmp_path, 7) is None


def test_age_grows_between_two_signs_of_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    health = HealthFile(tmp_path, 1)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 9)
    before = read_health(tmp_path, 1)
    health.beat()
    after = read_health(tmp_path, 1)
    assert before is not None
    assert after is not None
    assert before.age >= 8.9 > 0.1 > after.age


FULL = """
import resource, sys
from pathlib import Path
from lossterm.store.health import HealthFile, read_health
folder = Path(sys.argv[1])
health = HealthFile(folder, 1)
resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
try:
    (folder / "more").write_bytes(bytes(2000))
except OSError as error:
    health.report(str(error))
print(read_health(folder, 1).trouble)
"""


@pytest.mark.integration
@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="limits the size of files")
def test_it_needs_no_room_that_it_has_not(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "File too large" in done.stdout


@pytest.mark.parametrize("crafted", [b"", b"\xff" * 1024, b"[" * 1024, b"[]", b'{"at": "now", "state": "ready"}'])
def test_what_is_no_health_is_none(crafted: bytes, tmp_path: Path) -> None:
    (tmp_path / "trainer-1.health").write_bytes(crafted)
    assert read_health(tmp_path, 1) is None


def test_links_pipes_and_folders_in_its_place_are_not_followed(tmp_path: Path) -> None:
    other = HealthFile(tmp_path, 1)
    os.symlink(tmp_path / "trainer-1.health", tmp_path / "trainer-2.health")
    os.mkfifo(tmp_path / "trainer-3.health")
    (tmp_path / "trainer-4.health").mkdir()
    assert [read_health(tmp_path, number) for number in (2, 3, 4)] == [None] * 3
    for number in (2, 3, 4):
        HealthFile(tmp_path, number).report("mine")
    first = read_health(tmp_path, 1)
    assert first is not None
    assert first.trouble == "", "the link's target is another's"
    remove_stale(tmp_path, [1, 2])
    assert {path.name for path in tmp_path.iterdir()} == {"trainer-1.health", "trainer-2.health", "trainer-4.health"}
    other.remove()


def test_a_trainer_takes_only_its_own_file_away(tmp_path: Path) -> None:
    """A store that was replaced counts its trainers from 1 again."""
    old, new = HealthFile(tmp_path, 1), HealthFile(tmp_path, 1)
    old.report("the store was replaced")
    old.remove()
    read = read_health(tmp_path, 1)
    assert read is not None
    assert read.trouble == ""
    new.remove()
    assert list(tmp_path.iterdir()) == []
