"""`lossterm status` says what the app's head line says of trainers that are kept from their work."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lossterm.store import Store, TrainerSession
from lossterm.store.health import HealthFile
from lossterm.supervisor import launch
from lossterm.supervisor.supervisor import Supervisor

from .conftest import Said

Say = Callable[..., Said]


@pytest.fixture
def trainer(store_path: Path) -> TrainerSession:
    Store(store_path, True).close()
    return TrainerSession(store_path, "auto", "")


def test_a_full_disk_is_said_for_as_long_as_it_lasts(say: Say, trainer: TrainerSession, store_path: Path) -> None:
    health = HealthFile(trainer.locks.path, trainer.id)
    why = f"store: {store_path} cannot be written: the disk is full"
    health.report(why)
    assert f"trouble: {why}\n" in say("status").out
    assert json.loads(say("status", "--json").out)["trouble"] == why
    health.report("")
    assert "trouble" not in say("status").out
    assert list(json.loads(say("status", "--json").out)) == ["store", "queued", "running", "trainers"]


def test_a_trainer_that_does_not_answer_is_said_as_the_app_says_it(
    say: Say, trainer: TrainerSession, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    HealthFile(trainer.locks.path, trainer.id)
    monkeypatch.setattr("lossterm.supervisor.supervisor._SECOND_LOOK", 0)
    monkeypatch.setattr(launch, "SILENT_SECONDS", dict.fromkeys(launch.SILENT_SECONDS, 0.0))
    monkeypatch.setattr(launch, "ensure_trainers", lambda *_: [])
    app = Supervisor()
    with Store(store_path) as store:
        app.check(store, ["auto"])
        app.check(store, ["auto"])
    assert "does not answer" in app.silent
    assert f"trouble: {app.silent}\n" in say("status").out
