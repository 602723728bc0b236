"""What every test may use: a state folder of its own, the command line, a shared trainer, and no orphans at the end."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import re
import shutil
import signal
import site
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from lossterm.runs.records import ENDED, Run
from lossterm.store import Store

from . import preloaded as preloaded_trainers
from . import tiers
from .terminal import Terminal

Value = TypeVar("Value")
DEADLINE = 90.0
preloaded_trainers.install()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With `-m unit`, leave folders alone in which there is no unit test."""
    return tiers.without_unit_tests(collection_path, config.option.markexpr) or None


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Give each test its tier, before pytest leaves out tests by their marks, and put the longest first."""
    tiers.sort_into_tiers(items)
    return (yield)


def pytest_collection_finish() -> None:
    """Leave what was collected out of garbage collections, and make these rare: they took half of the app's tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> tiers.GroupScheduling:
    """Let tests that share a trainer run in one worker."""
    return tiers.GroupScheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Hold a unit test to its tier while its fixtures are set up."""
    with tiers.watched(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Hold a unit test to its tier while it runs."""
    with tiers.watched(item):
        return (yield)


def pytest_addoption(parser: pytest.Parser) -> None:
    """One option of our own: see tests/tui/test_screens.py."""
    parser.addoption("--update-screens", action="store_true", help="write the app's screens anew, to be reviewed")


def wait_for(condition: Callable[[], Value], seconds: float = DEADLINE, what: str = "") -> Value:
    """Poll until `condition` gives something true, and return that; fail at the deadline."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s in vain for {what or condition}")
        time.sleep(0.05)
    return value


def processes(mark: str) -> list[int]:
    """The living processes whose command line holds `mark`; zombies have none."""
    found = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,args="], capture_output=True, text=True, check=True)
    lines = (line.split(None, 1) for line in found.stdout.splitlines() if mark in line)
    return [int(pid) for pid, words in lines if "lossterm" in words and int(pid) != os.getpid()]


def end_processes(mark: str) -> None:
    """Kill what still runs for a store, and wait until it is gone."""
    for pid in processes(mark):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not processes(mark), what=f"the end of {mark}")


def freeze(pid: int, store_path: Path) -> None:
    """Halt a trainer as if it hung, but not in the middle of writing to the store, which would lock everybody out."""
    with contextlib.closing(sqlite3.connect(store_path, timeout=0, isolation_level=None)) as other:
        while True:
            os.kill(pid, signal.SIGSTOP)
            wait_for(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                os.kill(pid, signal.SIGCONT)
            else:
                other.execute("ROLLBACK")
                return


def own_mounts() -> list[str]:
    """How to run a command that may mount a file system of its own; without that the test is left out."""
    for command in (["unshare", "-rm"], ["unshare", "-m"]):
        probe = [*command, "mount", "-t", "tmpfs", "none", "/mnt"]
        if shutil.which("unshare") and subprocess.run(probe, capture_output=True).returncode == 0:
            return command
    pytest.skip("no mount namespaces here")


@dataclass
class Program:
    """The command line on one store, as a person in a shell uses it."""

    store_path: Path
    environment: dict[str, str]
    wait = staticmethod(wait_for)

    def __call__(
        self, *words: str | Path | int | float, code: int | None = 0, **more: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; fail unless it ends with `code` (None: any)."""
        done = subprocess.run(
            self.command(*words),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=DEADLINE * 2,
            **more,
        )
        assert code is None or done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stdout + done.stderr
        return done

    def command(self, *words: str | Path | int | float) -> list[str]:
        """The command as a list of words."""
        preloaded = preloaded_trainers.SERVER in self.environment
        program = preloaded_trainers.COMMAND if preloaded else [sys.executable, "-m", "lossterm"]
        return [*program, "--store", str(self.store_path), *map(str, words)]

    def start(self, *words: str | Path | int | float, **more: Any) -> subprocess.Popen[str]:
        """Start a command and return at once."""
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
        return subprocess.Popen(self.command(*words), text=True, env=self.environment, **streams)

    def json(self, *words: str | Path | int | float) -> Any:
        """The JSON that a command prints."""
        return json.loads(self(*words, "--json").stdout)

    def queue(self, *words: str | Path | int | float) -> list[int]:
        """Queue runs with `lossterm run --detach`; their numbers."""
        return [int(number) for number in re.findall(r"^run (\d+):", self("run", *words, "--detach").stdout, re.M)]

    def store(self) -> Store:
        """The store, to be closed by whoever opens it."""
        return Store(self.store_path)

    def look(self, run_id: int) -> Run:
        """One run as it is now, dead trainers noticed."""
        with self.store() as store:
            store.reap()
            return store.run(run_id)

    def ended(self, run_id: int) -> Run:
        """Wait until a run has ended."""
        wait_for(lambda: self.look(run_id).status in ENDED, what=f"run {run_id}")
        return self.look(run_id)

    def reached(self, run_id: int, epoch: int) -> Run:
        """Wait until a run has recorded an epoch."""
        wait_for(lambda: self.look(run_id).epochs_done >= epoch, what=f"run {run_id}")
        return self.look(run_id)

    def trainers(self) -> list[int]:
        """The process numbers of the trainers that live."""
        with self.store() as store:
            store.reap()
            return [trainer.pid for trainer in store.trainers()]


def isolated(folder: Path) -> dict[str, str]:
    """The environment of a person whose home is `folder`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOSSTERM_", "PYTEST_"))}
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", preloaded_trainers.SERVER):
        kept.pop(name, None)
    home = {"HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"), "PYTHONUSERBASE": site.getuserbase()}
    kept |= {"LOSSTERM_IDLE": "60", "LOSSTERM_TRAINERS": "1"}
    return {**kept, **home, "CUDA_VISIBLE_DEVICES": "-1", "TERM": "xterm-256color"}


@pytest.fixture(scope="session")
def preloaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The variable that has trainers forked from a process which has loaded TensorFlow; see preloaded.py.

    Linux alone lets a process rename itself and is known to fork soundly after TensorFlow's import.
    """
    path = tmp_path_factory.mktemp("server") / "socket"
    server = preloaded_trainers.start_server(path) if sys.platform == "linux" else None
    yield {preloaded_trainers.SERVER: str(path)} if server else {}
    if server:
        server.communicate()


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test touches the person's own store."""
    for name in set(os.environ) - set(environment := isolated(tmp_path)):
        if name.startswith("LOSSTERM_") or name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"):
            monkeypatch.delenv(name)
    for name in ("HOME", "XDG_STATE_HOME", "PYTHONUSERBASE", "LOSSTERM_IDLE", "LOSSTERM_TRAINERS"):
        monkeypatch.setenv(name, environment[name])


@pytest.fixture(scope="session", autouse=True)
def _no_orphans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """At the very end nothing of ours is left running."""
    base = str(tmp_path_factory.getbasetemp())
    yield
    deadline = time.monotonic() + 5  # for what was killed just now
    while (left := processes(base)) and time.monotonic() < deadline:
        time.sleep(0.05)
    end_processes(base)
    assert not left, f"left running: {left}"


@pytest.fixture(name="wait_for", scope="session")
def _wait_for() -> Callable[..., Any]:
    """`wait_for`, for tests to ask for by name."""
    return wait_for


@pytest.fixture
def program(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Program]:
    """The command line on a store of the test's own; its trainers are ended afterwards.

    Tests of faults, and of how trainers are started, start them as a person does; other tests have them forked.
    """
    path = tmp_path / "own" / "runs.db"
    real = tiers.folder_of(request.node) in ("faults", "supervisor")
    yield Program(path, isolated(tmp_path) | ({} if real else request.getfixturevalue("preloaded")))
    end_processes(str(path))


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    """Start programs in pseudo-terminals; what still runs at the end is killed."""
    opened: list[Terminal] = []

    def start(arguments: Sequence[str], **more: Any) -> Terminal:
        opened.append(Terminal(arguments, **more))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, preloaded: dict[str, str]) -> Iterator[Program]:
    """The command line on a store whose one trainer lives as long as the tests; for tests that harm neither."""
    folder = tmp_path_factory.mktemp("shared")
    path = folder / "runs.db"
    yield Program(path, {**isolated(folder), **preloaded, "LOSSTERM_IDLE": "600"})
    end_processes(str(path))


@pytest.fixture(scope="session")
def seven(shared: Program) -> Sequence[dict[str, Any]]:
    """What `lossterm run` with all seven losses prints with --json, object by object."""
    losses = [word for loss in ("mse", "msle", "mae", "bce", "hinge", "cce", "kld") for word in ("--loss", loss)]
    done = shared("run", *losses, "--seed", 1, "--json")
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def without_privileges() -> list[str]:
    """How to run a command to which the permissions of files apply, as root too; without that the test is left out."""
    if os.geteuid() != 0:
        return []
    command = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"]
    if shutil.which("setpriv") and subprocess.run([*command, "true"], capture_output=True).returncode == 0:
        return command
    pytest.skip("permissions do not apply to root, and capabilities cannot be dropped")
