"""What lossterm keeps is its owner's alone, nothing of it is on a network, and nothing that it opens runs code."""

from __future__ import annotations

import io
import os
import re
import socket
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from ..conftest import Program
    from ..terminal import Terminal

PACKAGE = Path(__file__).parents[2] / "lossterm"
NETWORKS = ("tcp", "tcp6", "udp", "udp6", "udplite", "raw", "raw6")
ACCEPTS = 0x10000
"""The flag of a Unix socket that listens."""


@pytest.fixture
def open_umask() -> Any:
    """The most careless setting there is."""
    before = os.umask(0)
    yield
    os.umask(before)


def sockets(pid: int) -> dict[str, list[str]]:
    """A process's sockets of every network, and its Unix ones that listen: the lines of /proc/PID/net."""
    inodes = set()
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        target = os.readlink(handle) if handle.is_symlink() else ""
        inodes |= set(re.findall(r"socket:\[(\d+)\]", target))
    found: dict[str, list[str]] = {}
    for network in NETWORKS:
        table = Path(f"/proc/{pid}/net/{network}")
        lines = table.read_text().splitlines()[1:] if table.exists() else []
        found[network] = [line for line in lines if line.split()[9] in inodes]
    lines = Path(f"/proc/{pid}/net/unix").read_text().splitlines()[1:]
    mine = [line.split() for line in lines if line.split()[6] in inodes]
    found["unix"] = [" ".join(words) for words in mine if int(words[3], 16) & ACCEPTS]
    return {network: lines for network, lines in found.items() if lines}


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs /proc/net")
def test_sockets_are_found_where_there_are_any(tmp_path: Path) -> None:
    assert sockets(os.getpid()) == {}
    with socket.socket() as tcp, socket.socket(socket.AF_UNIX) as unix, socket.socket(type=socket.SOCK_DGRAM) as udp:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        udp.bind(("127.0.0.1", 0))
        unix.bind(str(tmp_path / "socket"))
        unix.listen()
        assert set(sockets(os.getpid())) == {"tcp", "udp", "unix"}


def test_nobody_else_may_read_or_enter_anything_and_nothing_listens(
    open_umask: None, program: Program, terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    """The app, a command and their trainer, all under umask 000; looked at while they train."""
    screen = terminal(program.command(), **program.environment)
    screen.until(lambda text: "ready" in text and "q quit" in text, "the app")
    follower = program.start("run", "--loss", "mse", "--epochs", 1_000_000, "--json")
    with program.store() as store:
        program.wait(store.runs, what="the run")
    program.reached(1, 100)
    (trainer,) = program.trainers()
    seen = [program.store_path.parent, *program.store_path.parent.rglob("*")]
    kinds = {path.name.split(".", 1)[-1] for path in seen}
    assert {"own", "db", "db-wal", "db-shm", "db.locks", "db.logs", "lock", "log"} <= kinds
    loose = {str(path): oct(path.stat().st_mode) for path in seen if stat.S_IMODE(path.stat().st_mode) & 0o077}
    assert loose == {}
    for pid in (screen.process.pid, follower.pid, trainer):
        assert sockets(pid) == {}
    program("stop", 1)
    follower.communicate(timeout=60)
    assert screen.quit() == 0


@pytest.mark.parametrize(("mask", "mode"), [(0o077, 0o600), (0o022, 0o644)])
def test_an_export_is_as_private_as_the_person_makes_files(
    shared: Program, tmp_path: Path, mask: int, mode: int
) -> None:
    """It is a document of the person's own, at a place of their choice, so the umask decides."""
    (number,) = shared.queue("--loss", "mse", "--epochs", 1)
    shared.ended(number)
    for form in ("csv", "json"):
        target = tmp_path / f"out.{form}"
        before = os.umask(mask)
        try:
            shared("export", number, "--format", form, "--to", target)
        finally:
            os.umask(before)
        assert stat.S_IMODE(target.stat().st_mode) == mode


class Bomb:
    """Runs code when it is unpickled."""

    def __init__(self, mark: Path):
        self._mark = mark

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return os.mkdir, (str(self._mark),)


def test_a_checkpoint_with_code_in_it_ends_its_run_and_nothing_else(shared: Program, tmp_path: Path) -> None:
    """Planted in a store from elsewhere; it is refused by the trainer and by an export, and never run."""
    mark = tmp_path / "it ran"
    file = io.BytesIO()
    np.savez(file, hidden_kernel=np.array([Bomb(mark)], dtype=object))
    (number,) = shared.queue("--loss", "mse", "--epochs", 1_000_000)
    shared.reached(number, 3)
    shared("stop", number)
    shared.ended(number)
    with closing(sqlite3.connect(shared.store_path, timeout=30)) as sqlite:
        sqlite.execute("UPDATE checkpoints SET arrays = ? WHERE run = ?", (file.getvalue(), number))
        sqlite.commit()
    done = shared("export", number, "--format", "keras", "--to", tmp_path / "model.keras", code=2)
    assert done.stderr.startswith(f"lossterm: run {number}: its weights cannot be read (checkpoint: it is damaged")
    assert not (tmp_path / "model.keras").exists()
    (trainer,) = shared.trainers()
    shared("resume", number)
    run = shared.ended(number)
    assert run.status == "failed"
    assert run.message.startswith("ValueError: checkpoint: it is damaged")
    (after,) = shared.queue("--loss", "mse", "--epochs", 1)
    assert shared.ended(after).status == "finished", "the trainer takes the next run"
    assert shared.trainers() == [trainer]
    assert not mark.exists()
    np.load(io.BytesIO(file.getvalue()), allow_pickle=True)["hidden_kernel"]
    assert mark.exists(), "it would have"


def test_nothing_in_the_code_could_run_what_it_reads() -> None:
    dangerous = re.compile(
        r"\b(pickle|marshal|shelve|dill|joblib)\b(?!\))|allow_pickle=(?!False)|safe_mode=(?!True)|\b(eval|exec)\(|shell=True"
    )
    found = [
        (str(path.relative_to(PACKAGE)), line.strip().partition("(")[0])
        for path in PACKAGE.rglob("*.py")
        for line in path.read_text().splitlines()
        if dangerous.search(line)
    ]
    assert [name for name, call in found if call == "exec"] == [name for name, _ in found], found
    assert [name.partition("/")[0] for name, _ in found] == ["trainer"], "a person's own loss, once it was allowed"
