"""Losses of a person's own that end or outlast their trainer: the run fails in words, and the next one trains."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Program

SQUARED = "import keras\ndef f(t, p): return keras.ops.mean(keras.ops.square(t - p), axis=-1)\n"
SWALLOWS = """\
import keras

def busy():
    for _ in range(10**9):
        pass

while True:
    try:
        busy()
    except BaseException:
        pass
def f(t, p): return 1
"""


def run(program: Program, text: str, name: str, tmp_path: Path) -> str:
    """Train with a loss that ends badly, then with a sound one; what was said of the first."""
    (tmp_path / f"{name}.py").write_text(text)
    (tmp_path / "sound.py").write_text(SQUARED)
    losses = ("--loss", f"{tmp_path}/{name}.py:f", "--loss", f"{tmp_path}/sound.py:f")
    done = program("run", *losses, "--epochs", 2, "--json", code=1)
    failed, sound = (json.loads(line) for line in done.stdout.splitlines())
    assert (failed["status"], sound["status"]) == ("failed", "finished")
    return next(line for line in done.stderr.splitlines() if f"run {failed['id']}: " in line)


def test_a_loss_that_ends_its_trainer_fails(program: Program, tmp_path: Path) -> None:
    said = run(program, f"import os\nos._exit(0)\n{SQUARED}", "exits", tmp_path)
    assert "exits.py:f ended its trainer as it was tried" in said


@pytest.mark.slow  # 10 s, because it must last so long
def test_a_loss_without_an_end_fails_and_its_trainer_trains_on(program: Program, tmp_path: Path) -> None:
    said = run(program, f"while True:\n    pass\n{SQUARED}", "loops", tmp_path)
    assert "loops.py, line 2: did not end within 10 s" in said or "loops.py, line 1: did not end" in said
    assert len(list(Path(f"{program.store_path}.logs").glob("*.log"))) == 1


@pytest.mark.slow  # 13 s, because it must last so long
def test_a_loss_that_catches_what_ends_it_has_its_trainer_replaced(program: Program, tmp_path: Path) -> None:
    said = run(program, SWALLOWS, "swallows", tmp_path)
    assert "swallows.py:f: did not end within 10 s, nor when it was stopped; its trainer was replaced" in said
    assert "Traceback" not in said
