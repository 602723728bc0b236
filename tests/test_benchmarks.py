"""The benchmarks start and print their figures: nothing here says how large those are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "benchmarks"
TINY = {
    "bench_model_view.py": (("--help",), "--pairs"),
    "bench_wire.py": (("--seconds", "0.2", "--case", "two", "--peer-python", "/bin/false"), "two: lossterm"),
    "bench_app.py": (("--help",), "how often the app is started"),
    "bench_history.py": (("--help",), "how many runs the store has"),
    "bench_training.py": (("--help",), "--repeats"),
    "simulate_statistics.py": (("--help",), "--comparisons"),
    "bench_scores.py": (("--help",), "--seed"),
    "soak.py": (("--help",), "--minutes"),
}
"""Those that take seconds at their smallest only say what they take: their types are checked like all others."""

pytestmark = pytest.mark.integration


def test_none_is_missing_here() -> None:
    assert set(TINY) == {path.name for path in FOLDER.glob("*.py")} - {"terminal.py", "wire_app.py"}


@pytest.mark.parametrize("name", TINY)
def test_it_starts(name: str) -> None:
    options, words = TINY[name]
    done = subprocess.run([sys.executable, str(FOLDER / name), *options], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert words in done.stdout


@pytest.mark.slow
def test_the_one_of_the_model_view_trains() -> None:
    options = ["--pairs", "1", "--epochs", "2", "--seconds", "0"]
    command = [sys.executable, str(FOLDER / "bench_model_view.py"), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert "bce     160 epochs" in done.stdout
