"""What the shells offer after TAB, asked as their scripts ask, of the program itself."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lossterm.catalog import DATASETS, LOSSES
from lossterm.config import RunConfig
from lossterm.experiments.presets import PRESETS
from lossterm.store import Store

if TYPE_CHECKING:
    from ..conftest import Program

HEAVY = {"tensorflow", "keras", "sklearn", "numpy", "textual", "rich", "plotext"}


def ask(program: Program, typed: str, shell: str = "bash", *python: str) -> subprocess.CompletedProcess[str]:
    """What the program prints when a shell asks it to complete the last of the typed words."""
    words = typed.split(" ")
    place = words[-1] if shell == "fish" else str(len(words) - 1)
    asked = {"_LOSSTERM_COMPLETE": f"{shell}_complete", "COMP_WORDS": typed, "COMP_CWORD": place}
    environment = {**program.environment, **asked, "LOSSTERM_STORE": str(program.store_path)}
    return subprocess.run(
        [sys.executable, *python, "-m", "lossterm"], capture_output=True, text=True, env=environment, timeout=60
    )


def offered(program: Program, typed: str) -> list[str]:
    done = ask(program, typed)
    assert (done.returncode, done.stderr) == (0, "")
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


@pytest.fixture
def history(program: Program) -> Program:
    """Runs 1 to 5: finished, interrupted, deleted, queued, finished."""
    with Store(program.store_path) as store:
        store.queue([RunConfig.of("bce", seed=seed) for seed in range(1, 6)])
        with closing(sqlite3.connect(program.store_path)) as sqlite:
            sqlite.execute("UPDATE runs SET status = 'finished', epochs_done = 50 WHERE id != 4")
            sqlite.execute("UPDATE runs SET status = 'interrupted' WHERE id = 2")
            sqlite.commit()
        store.delete([3])
    return program


def test_the_losses_of_a_persons_file_are_offered(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "Mine.py"
    path.write_text("raise SystemExit\ndef squared(t, p): ...\ndef absolute(t, p): ...\nhelper = 1\n")
    assert offered(program, f"lossterm run --loss {path}:") == [f"{path}:squared", f"{path}:absolute"]
    assert offered(program, f"lossterm run --loss {path}:a") == [f"{path}:absolute"]
    assert offered(program, f"lossterm run --loss {tmp_path}/missing.py:") == []
    assert ask(program, f"lossterm run --loss {tmp_path}/M").stdout.startswith("file,")


def test_losses_datasets_and_presets_are_the_catalogues(program: Program) -> None:
    assert offered(program, "lossterm run --loss ") == [*(loss.short for loss in LOSSES), "all", "catalogue"]
    assert offered(program, "lossterm run --loss mse --loss M") == ["mse", "msle", "mae", "mape"]
    assert offered(program, "lossterm run --loss mean_sq") == ["mean_squared_error", "mean_squared_logarithmic_error"]
    assert offered(program, "lossterm run --dataset ") == [dataset.name for dataset in DATASETS]
    assert offered(program, "lossterm run --preset ") == [preset.name for preset in PRESETS]
    assert not program.store_path.parent.exists(), "nothing is made"


def test_parameters_of_a_loss(program: Program) -> None:
    assert offered(program, "lossterm run --loss huber:") == ["huber:delta=1"]
    assert offered(program, "lossterm run --loss mse:") == []


def test_commands_options_and_fixed_words(program: Program) -> None:
    assert offered(program, "lossterm un") == ["undelete"]
    assert offered(program, "lossterm run --hid") == ["--hidden-layers", "--hidden-units"]
    assert offered(program, "lossterm run --optimizer ada") == ["adam", "adamw", "adagrad", "adadelta", "adamax"]
    assert offered(program, "lossterm --device g") == ["gpu"]
    assert offered(program, "lossterm export 1 --format t") == ["tensorboard"]
    assert offered(program, "lossterm prune --status f") == ["finished", "failed"]
    assert ask(program, "lossterm --store x").stdout == "file,x\n"


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("show ", ["5", "4", "2", "1"]),
        ("note ", ["5", "4", "2", "1"]),
        ("stop ", ["all", "4"]),
        ("resume ", ["2"]),
        ("delete ", ["5", "2", "1"]),
        ("delete 5 ", ["2", "1"]),
        ("undelete ", ["3"]),
        ("export 1 5 ", ["4", "2"]),
        ("export 1", ["1"]),
    ],
)
def test_runs_are_those_for_which_the_command_means_something(history: Program, typed: str, numbers: list[str]) -> None:
    assert offered(history, f"lossterm {typed}") == numbers


def test_the_store_that_is_typed_is_read(history: Program) -> None:
    path = history.store_path
    history.store_path = Path("/nonexistent/x.db")
    try:
        assert offered(history, "lossterm show ") == []
        assert offered(history, f"lossterm --store {path} resume ") == ["2"]
        assert offered(history, f"lossterm resume --store {path} ") == ["2"]
        history.store_path = Path(os.devnull)
        assert offered(history, "lossterm show ") == []
    finally:
        history.store_path = path


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_words_beside_the_names(history: Program, shell: str) -> None:
    done = ask(history, "lossterm resume ", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert "bce on circles, seed 2: interrupted" in done.stdout.replace("\\:", ":")
    assert "binary cross-entropy" in ask(history, "lossterm run --loss b", shell).stdout


@pytest.mark.parametrize(
    ("shell", "sign"), [("bash", "complete -"), ("zsh", "#compdef lossterm"), ("fish", "--command lossterm")]
)
def test_each_shell_has_a_script(program: Program, shell: str, sign: str) -> None:
    environment = {**program.environment, "_LOSSTERM_COMPLETE": f"{shell}_source"}
    done = subprocess.run([sys.executable, "-m", "lossterm"], capture_output=True, text=True, env=environment)
    assert done.returncode == 0
    assert sign in done.stdout
    assert f"_LOSSTERM_COMPLETE={shell}_complete" in done.stdout


@pytest.mark.parametrize("typed", ["lossterm ", "lossterm run --loss ", "lossterm show "])
def test_nothing_heavy_is_imported(history: Program, typed: str) -> None:
    done = ask(history, typed, "bash", "-X", "importtime")
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "lossterm" in imported
    assert not imported & HEAVY
