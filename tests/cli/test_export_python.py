"""`export --format python`: scripts in plain Keras, run where there is no lossterm, print the run's scores."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ..conftest import Program

RUN_SCRIPTS = """
import contextlib, io, json, runpy, sys
sys.modules["lossterm"] = None  # as where it is not installed
for path in sys.argv[1:]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        runpy.run_path(path)
    print(json.dumps(out.getvalue()))
"""

OWN_LOSS = '''\
"""A loss of one's own."""

from __future__ import annotations

import keras

STEEPNESS = 1.5


def lopsided(y_true, y_pred):
    error = y_pred - y_true
    return keras.ops.mean(keras.ops.where(error > 0, STEEPNESS * error, -error), axis=-1)


if __name__ == "__main__":
    raise SystemExit("not to be run")
'''

CASES: dict[str, dict[str, tuple[str | int | float, ...]]] = {
    "usual": {
        "class numbers, dropout, two layers, adam, wrong labels, weights, early stopping, validation rows, a penalty": (
            *("--loss", "gce:q=0.8", "--dataset", "circles", "--samples", 200, "--hidden-layers", "8,4"),
            *("--dropout", 0.2, "--optimizer", "adam", "--label-noise", 0.1, "--activation", "tanh", "--epochs", 4),
            *("--class-weight", "balanced", "--validation-fraction", 0.2, "--early-stopping", 1, "--l2", 0.01),
        )
    },
    "more": {
        "early stopping, a real dataset": (
            *("--loss", "cce:label_smoothing=0.1", "--dataset", "iris", "--validation-fraction", 0.2),
            *("--early-stopping", 1, "--learning-rate", 0.2, "--epochs", 12),
        ),
        "outliers, standardised targets": (
            *("--loss", "huber:delta=0.5", "--dataset", "diabetes", "--outlier-fraction", 0.1, "--epochs", 3),
        ),
        "an own generator, a cut at 0": ("--loss", "hinge", "--dataset", "spirals", "--samples", 100, "--epochs", 3),
        "over whole batches": ("--loss", "dice", "--dataset", "moons", "--samples", 150, "--epochs", 3),
    },
}
"""Command lines of `run` without own files; tests/tables/test_script_data.py has the data of every dataset."""

DIFFERENT_ROUNDING = 3e-4
"""Both compute in float32, in another order; training makes it more."""


def write_houses(path: Path) -> Path:
    """120 rows of numbers with gaps, a category, a boolean, and a price."""
    random = np.random.default_rng(4)
    lines = ["size,district,garden,price"]
    for place in range(120):
        size, garden = random.uniform(20, 200), bool(random.integers(2))
        price = 3 * size + 50 * garden + random.normal(0, 10)
        lines.append(f"{'' if place % 9 == 0 else f'{size:.1f}'},{'nesw'[place % 4]},{str(garden).lower()},{price:.2f}")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module", params=["usual", pytest.param("more", marks=pytest.mark.slow)])
def runs(
    shared: Program, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> dict[str, dict[str, Any]]:
    """What `show --json` prints of the run of each case, and of an own loss on an own file."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "loss.py").write_text(OWN_LOSS)
    houses = write_houses(folder / "houses.csv")
    own = ("--data", houses, "--target", "price", "--loss", f"{folder / 'loss.py'}:lopsided", "--epochs", 3)
    cases = {**CASES[request.param], "an own loss on an own file": (*own, "--batch-size", 16)}
    ids = {name: json.loads(shared("run", *words, "--json").stdout)["id"] for name, words in cases.items()}
    return {name: shared.json("show", number) for name, number in ids.items()}


@pytest.fixture(scope="module")
def scripts(shared: Program, runs: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The script of each run."""
    folder = tmp_path_factory.mktemp("scripts")
    done = shared("export", *(run["id"] for run in runs.values()), "--format", "python", "--to", folder)
    found = {name: folder / f"run-{run['id']}.py" for name, run in runs.items()}
    assert done.stdout == "".join(f"wrote {path}\n" for path in found.values())
    return found


def expected_lines(run: Mapping[str, Any]) -> dict[str, float]:
    """What a script has to print of a run, by the words before each number."""
    found = {
        f"{name}: {part}": run[part][key]
        for name, key in (("loss", "loss"), (run["metric"], "metric"))
        for part in ("train", "test")
    }
    for part, scores in run["scores"].items():
        own = scores.pop("own_units", {})
        found |= {f"{part} {name}": value for name, value in scores.items() if value is not None}
        found |= {f"{part} {name} in the target's unit": value for name, value in own.items()}
    return found


def printed(lines: str) -> dict[str, float]:
    """The numbers that a script printed, the tutorial's line aside, by the words before each."""
    found: dict[str, float] = {}
    for line in lines.splitlines()[1:]:
        words, _, rest = line.partition(": ")
        pairs = [part.split() for part in rest.split(", ")]
        found |= {f"{words}: {pair[0]}" if len(pair) > 1 else words: float(pair[-1]) for pair in pairs}
    return found


def test_a_script_prints_the_runs_scores_where_there_is_no_lossterm(
    runs: dict[str, dict[str, Any]], scripts: dict[str, Path], tmp_path: Path
) -> None:
    command = [sys.executable, "-W", "ignore", "-c", RUN_SCRIPTS, *map(str, scripts.values())]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=180)
    assert done.returncode == 0, done.stderr
    for (name, run), lines in zip(runs.items(), map(json.loads, done.stdout.splitlines()), strict=True):
        first = lines.splitlines()[0]
        assert first == f"Train: {run['train']['loss']:.3f}, Test: {run['test']['loss']:.3f}", name
        expected = expected_lines(run)
        assert len(expected) > 6
        assert printed(lines) == pytest.approx(expected, rel=DIFFERENT_ROUNDING, abs=1e-6), name


def test_a_script_reads_like_one_that_a_person_wrote(scripts: dict[str, Path]) -> None:
    for path in scripts.values():
        text = path.read_text()
        modules = {
            (node.module or "").partition(".")[0] if isinstance(node, ast.ImportFrom) else alias.name.partition(".")[0]
            for node in ast.walk(ast.parse(text))
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names
        }
        assert modules <= {"__future__", "keras", "tensorflow", "numpy", "sklearn", "polars"}
        assert len(text.splitlines()) < 150
        assert max(map(len, text.splitlines())) <= 120


def test_what_a_script_needs_and_is_gone_is_said_in_one_line(
    shared: Program, runs: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    run = runs["an own loss on an own file"]
    path = Path(run["data_file"]["path"])
    held = path.read_bytes()
    path.unlink()
    try:
        done = shared("export", run["id"], "--format", "python", "--to", tmp_path / "run.py", code=2)
    finally:
        path.write_bytes(held)
    assert done.stderr == f"lossterm: run {run['id']}: data: {path} is not there\n"
    assert list(tmp_path.glob("*.py")) == []


def test_several_scripts_do_not_fit_one_file(shared: Program, runs: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    ids = [run["id"] for run in runs.values()]
    done = shared("export", *ids, "--format", "python", "--to", tmp_path / "run.py", code=2)
    assert "several scripts need a folder" in done.stderr
