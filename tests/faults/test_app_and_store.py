"""The app while its store cannot be used, in a real terminal: it says so, stays up, and goes on once it can."""

from __future__ import annotations

import itertools
import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lossterm.config import RunConfig
from lossterm.runs.records import ACTIVE

from ..conftest import own_mounts

if TYPE_CHECKING:
    from ..conftest import Program
    from ..terminal import Terminal

    Start = Callable[..., Terminal]

LONG = 1_000_000


def opened(terminal: Start, program: Program, setup: str = "") -> Terminal:
    """The app on the program's store; `setup` are shell commands for a mount namespace of its own."""
    command = program.command()
    if setup:
        command = [*own_mounts(), "sh", "-ec", f"{setup}\nexec {' '.join(command)}"]
    screen = terminal(command, **program.environment)
    screen.until(lambda text: "ready" in text and "q quit" in text, "the app")
    return screen


def answers(screen: Terminal) -> None:
    """Keys do what they do, whatever has become of the store."""
    for key, mark in (("5", "▸5 hinge"), ("4", "▸4 bce")):
        screen.press(key)
        screen.until(lambda text: mark in text, mark)  # noqa: B023
    assert screen.process.poll() is None


def trains(screen: Terminal) -> None:
    """One more run can be trained to its end."""
    screen.press("\r")
    screen.until(lambda text: re.search(r"│ finished +Train: 0\.", text), "the scores")


def epoch_shown(text: str) -> int:
    """The epoch on the live run's line."""
    found = re.search(r"│ running epoch (\d+)/", text)
    return int(found[1]) if found else 0


@pytest.mark.parametrize(
    "seconds", [pytest.param(0, id="briefly"), pytest.param(30, id="30 s", marks=pytest.mark.slow)]
)
def test_locked_by_another_process(shared: Program, terminal: Start, seconds: float) -> None:
    program = shared
    screen = opened(terminal, program)
    with program.store() as store:
        known = [run.id for run in store.runs()]
        (run_id,) = store.queue([RunConfig.of("bce", epochs=LONG)])
        screen.until(lambda text: epoch_shown(text) > 100, "some epochs")
        with closing(sqlite3.connect(program.store_path, isolation_level=None, timeout=30)) as other:
            other.execute("BEGIN EXCLUSIVE")
            end = time.monotonic() + seconds
            held = store.run(run_id).epochs_done
            screen.press("4\r")  # the digit leaves the runs for the menu, where enter trains
            screen.until(lambda text: "is locked by another" in text, "the words")
            answers(screen)
            screen.until(lambda _: time.monotonic() > end, "the time")
            assert store.run(run_id).epochs_done == held
            other.execute("ROLLBACK")
        screen.until(lambda text: epoch_shown(text) > held + 100, "that it goes on")
        store.stop_all()
        done = program.ended(run_id).epochs_done
        assert [epoch.epoch for epoch in store.epochs(run_id)] == list(range(1, done + 1))
        # Enter waits for the store where the lock was met in reading it, and is refused where it was met in queuing.
        queued = [run.id for run in store.runs()]
        assert queued in ([run_id, *known], [run_id + 1, run_id, *known]), "it is queued once or refused"
        program.wait(lambda: not store.count(*ACTIVE), what="the end of what still trains")
    assert screen.quit() == 0
    assert screen.is_as_it_was()


def test_a_full_disk(program: Program, terminal: Start) -> None:
    folder = program.store_path.parent
    folder.mkdir()
    screen = opened(terminal, program, f"mount -t tmpfs -o size=1500k none {folder}")
    there = Path(f"/proc/{screen.process.pid}/root{folder}")
    screen.press("4")
    screen.until(lambda text: "▸4 bce" in text, "the loss")
    filler = there / "filler"
    with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        file.writelines(itertools.repeat(bytes(4096)))
    screen.insist(["\r"], lambda text: "the disk is full" in text, "the words")
    answers(screen)
    filler.unlink()
    trains(screen)
    assert screen.quit() == 0
    assert screen.is_as_it_was()


def test_noise_in_its_place_and_then_the_store_again(program: Program, terminal: Start) -> None:
    screen = opened(terminal, program)
    screen.press("4")
    screen.until(lambda text: "▸4 bce" in text, "the loss")
    trains(screen)
    aside = program.store_path.with_name("aside")
    aside.mkdir()
    noise = b"\x07noise" * 5000
    for path in program.store_path.parent.glob("runs.db*"):
        if path.is_file():
            path.rename(aside / path.name)
    program.store_path.write_bytes(noise)
    screen.until(lambda text: "is not a lossterm store" in text, "the words")
    answers(screen)
    assert program.store_path.read_bytes() == noise
    program.store_path.unlink()
    for path in aside.iterdir():
        path.rename(program.store_path.with_name(path.name))
    screen.until(lambda text: "is not a" not in text and "ready" in text, "a trainer")
    assert "#1 binary" in screen.read()
    trains(screen)
    assert screen.quit() == 0
    with program.store() as store:
        assert [run.status for run in store.runs()] == ["finished"] * 2


@pytest.mark.parametrize("kind", ["noise", "newer"])
def test_what_is_no_store_for_it_is_refused_at_the_start(program: Program, terminal: Start, kind: str) -> None:
    with program.store():
        pass
    if kind == "noise":
        program.store_path.write_bytes(b"\x07noise" * 5000)
    else:
        with closing(sqlite3.connect(program.store_path)) as sqlite:
            sqlite.execute("PRAGMA user_version = 99")
    before = program.store_path.read_bytes()
    screen = terminal(program.command(), **program.environment)
    assert screen.ended() == 2
    said = screen.written.decode()
    assert said.startswith(f"lossterm: store: {program.store_path} is ")
    assert said.endswith("it was left untouched\r\n")
    assert said.count("\n") == 1
    assert program.store_path.read_bytes() == before
    assert screen.is_as_it_was()


NETWORK = """
mkdir {real}
mount --rbind /proc {real}
mount -t tmpfs none /proc
for path in {real}/*; do ln -s $path /proc/; done
rm /proc/mounts
cat {real}/self/mounts > /proc/mounts
echo "nas:/home {folder} nfs4 rw 0 0" >> /proc/mounts
"""
"""All the same /proc, but that the store's folder is mounted from elsewhere."""


def test_on_a_network_file_system(program: Program, terminal: Start, tmp_path: Path) -> None:
    """There is no write-ahead log then, and readers and the writer get by without."""
    folder = program.store_path.parent
    folder.mkdir()
    screen = opened(terminal, program, NETWORK.format(real=tmp_path / "proc", folder=folder))
    for keys, mark in (("4", "▸4 bce"), ("s", "Settings ·"), ("\x7f\x7f1500", "1500 "), ("\r", "1500*")):
        screen.press(keys)
        screen.until(lambda text: mark in text, mark)  # noqa: B023
    screen.press("\r")
    screen.until(lambda text: epoch_shown(text) > 100, "some epochs")
    assert not program.store_path.with_name("runs.db-wal").exists()
    screen.until(lambda text: re.search(r"│ finished +Train: 0\.", text), "the scores")
    with closing(sqlite3.connect(program.store_path)) as sqlite:
        assert sqlite.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert sqlite.execute("SELECT count(*), max(epoch) FROM epochs").fetchone() == (1500, 1500)
    assert screen.quit() == 0
    assert screen.is_as_it_was()
