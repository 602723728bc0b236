from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lossterm.runs.records import Trainer
from lossterm.store import Store
from lossterm.supervisor import launch, tools
from lossterm.supervisor.supervisor import Supervisor

if TYPE_CHECKING:
    from ..conftest import Program


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with Store(tmp_path / "runs.db") as store:
        yield store


@pytest.fixture
def python_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a shell script in the interpreter's place, so that what is launched does what it says."""

    def put(script: str) -> None:
        fake = tmp_path / "python"
        fake.write_text(f"#!/bin/sh\n{script}\n")
        fake.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(fake))

    return put


def trainer_for(device: str, resolved: str = "", pid: int = 1, lock: str = "") -> Trainer:
    return Trainer(
        id=1,
        pid=pid,
        state="ready",
        device=device,
        resolved=resolved,
        device_name="",
        tensorflow="",
        started=0.0,
        log="",
        lock=lock,
        slot=0,
    )


@pytest.mark.parametrize(
    ("trainer", "wanted", "served"),
    [
        (trainer_for("auto"), "auto", True),
        (trainer_for("auto"), "cpu", True),
        (trainer_for("auto"), "gpu", False),
        (trainer_for("auto", "gpu:0"), "gpu:0", True),
        (trainer_for("cpu", "cpu"), "auto", False),
        (trainer_for("gpu", "gpu:0"), "gpu", True),
        (trainer_for("gpu", "gpu:0"), "gpu:1", False),
    ],
)
def test_which_trainer_takes_which_runs(trainer: Trainer, wanted: str, served: bool) -> None:
    assert launch.serves(trainer, wanted) is served


def test_front_ends_that_start_together_start_one_trainer(program: Program) -> None:
    code = "import sys\nfrom pathlib import Path\n"
    code += "from lossterm.supervisor import launch\nfrom lossterm.store import Store\n"
    code += "print([t.pid for t in launch.ensure_trainers(Store(Path(sys.argv[1])), 'auto')])"
    command = [sys.executable, "-c", code, str(program.store_path)]
    starters = [subprocess.Popen(command, env=program.environment, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answers = {starter.communicate(timeout=60)[0] for starter in starters}
    (pid,) = program.trainers()
    assert answers == {f"[{pid}]\n"}
    assert os.getsid(pid) == pid, "it must not share the terminal's session"
    with program.store() as store:
        launch.kill_trainer(store.trainers()[0])
    program.wait(lambda: not program.trainers())


def test_a_trainer_that_ends_at_once_is_an_error_with_its_last_words(
    store: Store, python_is: Callable[[str], None]
) -> None:
    python_is("echo warming up >&2; echo 'ModuleNotFoundError: no tensorflow' >&2; exit 3")
    with pytest.raises(launch.LaunchError) as caught:
        launch.ensure_trainers(store, "auto")
    (log,) = store.log_folder.iterdir()
    assert str(caught.value) == f"trainer: it ended at once (ModuleNotFoundError: no tensorflow); log: {log}"
    assert log.read_text().startswith("warming up")


def test_a_trainer_that_never_enlists_is_ended(
    store: Store, python_is: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    python_is(f"echo $$ > {tmp_path}/pid; exec sleep 600")
    monkeypatch.setattr(launch, "_ENLIST_SECONDS", 0.5)
    with pytest.raises(launch.LaunchError, match=r"did not start within 0\.5 s"):
        launch.ensure_trainers(store, "auto")
    launch.children[-1].wait(timeout=10)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_supervisor_gives_up_on_a_trainer_that_keeps_dying(store: Store, python_is: Callable[[str], None]) -> None:
    code = "import os, sys; from lossterm.store import TrainerSession; TrainerSession(sys.argv[4], 'auto', ''); "
    code += "print('boom', flush=True); input(); os._exit(1)"
    python_is(f'shift 1; exec {sys.executable} -c "{code}" x "$@"')
    supervisor = Supervisor(trainers=1)
    for _ in range(3):
        supervisor.check(store, ["auto"])
        launch.children[-1].wait(timeout=10)
        store.reap()
    with pytest.raises(launch.LaunchError, match=r"ended 3 times within a minute \(.*\); log: .*trainer-"):
        supervisor.check(store, ["auto"])


def test_silent_trainers_are_replaced_but_not_for_ever(
    store: Store, python_is: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import sys, time; from lossterm.store import TrainerSession; from lossterm.store.health import HealthFile; "
    code += "store = TrainerSession(sys.argv[4], 'auto', ''); HealthFile(store.locks.path, store.id); time.sleep(60)"
    python_is(f'shift 1; exec {sys.executable} -c "{code}" x "$@"')
    supervisor = Supervisor(trainers=1)
    try:
        supervisor.check(store, ["auto"])
        (first,) = store.trainers()
        health = store.locks.path / f"trainer-{first.id}.health"
        deadline = time.monotonic() + 10
        while not health.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        monkeypatch.setattr(launch, "SILENT_SECONDS", dict.fromkeys(launch.SILENT_SECONDS, 0.0))
        supervisor.check(store, ["auto"])
        assert (len(store.trainers()), supervisor.silent) == (1, ""), "seen once only: it may just have woken"
        with pytest.raises(launch.LaunchError) as caught:
            supervisor.check(store, ["auto"])
        pids = " ".join(str(trainer.pid) for trainer in store.trainers())
        assert str(caught.value) == f"trainer: 3 of them do not answer; kill -9 {pids} ends them"
        assert supervisor.silent == f"trainer: pid {first.pid} does not answer; kill -9 {first.pid} ends it"
        assert all(child.poll() is None for child in launch.children), "none was killed unasked"
    finally:
        for child in launch.children:
            child.kill()
            child.wait()


def test_a_trainer_that_outlives_its_starter_is_no_warning(program: Program) -> None:
    program.environment["PYTHONWARNINGS"] = "error"
    assert program("run", "--loss", "mse", "--epochs", 1, "--detach").stderr == ""
    assert program.ended(1).status == "finished"


def test_a_tool_that_was_asked_wrongly_says_so_and_one_that_breaks_says_where(
    python_is: Callable[[str], None], tmp_path: Path
) -> None:
    python_is("echo noise; echo 'run 3 has no weights yet'; echo more noise >&2; exit 2")
    with pytest.raises(tools.ToolError, match=r"^run 3 has no weights yet$") as wrongly:
        tools.export(tmp_path / "runs.db", [3], "keras", [tmp_path / "m.keras"])
    assert wrongly.value.asked_wrongly
    python_is("echo 'ImportError: no keras' >&2; exit 1")
    with pytest.raises(tools.ToolError, match=r"ended with 1 \(ImportError: no keras\)") as broken:
        tools.devices()
    assert not broken.value.asked_wrongly


def test_a_dead_trainers_number_is_never_killed(store: Store, tmp_path: Path) -> None:
    """Its number may be another process's by now: this one's, say."""
    launch.kill_trainer(trainer_for("auto", pid=os.getpid(), lock=str(tmp_path / "no.lock")))
