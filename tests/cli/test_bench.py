"""`lossterm bench` really measures: both ways of training, on one program."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lossterm.catalog import LOSSES


def test_bench_measures_both_ways_and_says_what_it_does(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "lossterm",
            "bench",
            "--device",
            "cpu",
            "--loss",
            "mape",
            "--optimizer",
            "sgd",
            "--json",
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    (line,) = json.loads(done.stdout)
    assert (line["loss"], line["dataset"], line["device"]) == ("mean_absolute_percentage_error", "regression", "cpu")
    assert line["optimizer"] == "sgd"
    assert line["ratio"] == pytest.approx(line["plain_ms"] / line["lossterm_ms"], rel=0.01)
    assert line["lossterm_ms"] > 0
    assert line["together_ms"] > 0
    assert line["first_point_s"] > 0
    assert line["first_point_again_s"] > 0
    assert "plain model.fit takes" in done.stderr
    assert "times faster" in done.stderr


def test_an_unknown_optimizer_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lossterm", "bench", "--loss", "mse", "--optimizer", "lamb"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("lossterm: optimizer: must be one of sgd, adam")
    assert done.stderr.count("\n") == 1


def test_an_unknown_loss_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lossterm", "bench", "--loss", "focal"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr.strip().splitlines() == [
        f"lossterm: loss: 'focal' is not known; choose one of {', '.join(loss.short for loss in LOSSES)}"
    ]
