from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lossterm.store import Store, TrainerSession

LOG = "trainer-20200101-000000-1.log"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "runs.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store(path) as store:
        yield store


@pytest.fixture
def trainer(path: Path) -> Iterator[TrainerSession]:
    """A trainer enlisted by this very process."""
    with TrainerSession(path, "auto", LOG) as trainer:
        trainer.ready("cpu", "a processor", "2.x")
        yield trainer


@pytest.fixture
def python(path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Start another process that runs a piece of code, with `path` the store's; it is killed at the end."""
    started: list[subprocess.Popen[str]] = []
    before = f"from pathlib import Path\npath = Path({str(path)!r})\n"

    def start(code: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", before + code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
