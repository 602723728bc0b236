from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lossterm.cli import main
from lossterm.supervisor import launch


@dataclass(frozen=True)
class Said:
    """What a command line gave."""

    code: int
    out: str
    err: str


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    return tmp_path / "place" / "runs.db"


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No trainer is started; the devices for which one would have been."""
    asked: list[str] = []
    monkeypatch.setattr(launch, "ensure_trainers", lambda _store, device, trainers=1: asked.append(device) or [])
    return asked


@pytest.fixture
def say(store_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Run a command line in this process, on a store of the test's own."""
    monkeypatch.setenv("LOSSTERM_STORE", str(store_path))

    def run(*words: object) -> Said:
        capsys.readouterr()
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return run
