"""A person's own loss on the command line: trained, kept, resumed, exported; broken ones end in one clear line."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lossterm.store import Store
from lossterm.supervisor import tools
from tests.conftest import Program

SQUARED = """\
import keras

def squared(y_true, y_pred):
    return keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)
"""
STATEFUL = """\
import keras
import tensorflow as tf

class Wavering(keras.losses.Loss):
    def __init__(self):
        super().__init__()
        self.calls = tf.Variable(0, trainable=False, dtype=tf.int64)

    def call(self, y_true, y_pred):
        calls = tf.cast(self.calls.assign_add(1), tf.float32)
        return tf.reduce_mean(tf.square(y_true - y_pred), axis=-1) * (1 + 0.2 * tf.sin(calls))
"""
START = "import keras\nimport numpy as np\nimport tensorflow as tf\nops = keras.ops\n"
MEAN = "ops.mean(ops.square(t - p), axis=-1)"
BROKEN = {
    "raises_at_import": ("x = 1 / 0\ndef f(t, p): return 1", "line 5: ZeroDivisionError: division by zero"),
    "imports_a_neighbour": (
        "import neighbour\ndef f(t, p): return 1",
        "line 5: ModuleNotFoundError: No module named 'n",
    ),
    "exits": ("raise SystemExit(3)\ndef f(t, p): return 1", "line 5: it asks the program to exit"),
    "forks": ("import os\nos.fork()\ndef f(t, p): return 1", "line 6: PermissionError: a loss may not fork"),
    "allocates": ("x = bytearray(10**15)\ndef f(t, p): return 1", "line 5: out of memory"),
    "unmade": ("if False:\n    f = 1", "defines no 'f'"),
    "no_function": ("f = 3", "f is no function (its type is int)"),
    "no_loss_class": ("class f: pass", "f is a class, but no keras.losses.Loss"),
    "needs_arguments": (
        "class f(keras.losses.Loss):\n    def __init__(self, a):\n        super().__init__()",
        "line 6: f is made with no arguments, but needs a",
    ),
    "takes_one": ("def f(t): return t", "line 5: f cannot be called with (y_true, y_pred)"),
    "takes_three": ("def f(t, p, q): return t", "line 5: f cannot be called with (y_true, y_pred)"),
    "raises": ("def f(t, p):\n    raise ValueError('boom')", "line 6: ValueError: boom"),
    "recurses": ("def f(t, p):\n    return f(t, p)", "line 6: RecursionError"),
    "wrong_shape": ("def f(t, p): return ops.square(t - p)", "line 5: it returns shape (32, 1) for 32 rows"),
    "other_rows": ("def f(t, p): return ops.zeros((3,)) + ops.sum(p)", "line 5: it returns shape (3,) for 32 rows"),
    "returns_text": ("def f(t, p): return 'low'", "line 5: it returns a str"),
    "nothing": (f"def f(t, p): {MEAN}", "line 5: it returns nothing"),
    "whole_numbers": ("def f(t, p): return ops.cast(ops.mean(p, axis=-1), 'int32')", "line 5: it returns int32"),
    "not_a_number": ("def f(t, p): return ops.mean(ops.log(p - 100.0), axis=-1)", "line 5: it is nan on the trial"),
    "infinite_slope": (
        "def f(t, p): return ops.mean(ops.sqrt(ops.relu(p - 100.0)), axis=-1)",
        "line 5: its gradient is not finite",
    ),
    "no_gradient": ("def f(t, p): return ops.mean(ops.round(t), axis=-1)", "line 5: it has no gradient by y_pred"),
    "uses_numpy": ("def f(t, p): return np.mean((t.numpy() - p.numpy()) ** 2, axis=-1)", "line 5: it has no gradient"),
    "flat": ("def f(t, p): return ops.mean(0.0 * p, axis=-1)", "line 5: its gradient by y_pred is 0"),
    "branches": (
        f"def f(t, p):\n    if ops.mean(p) > 0: return {MEAN}\n    return {MEAN}",
        "line 6: OperatorNotAllowed",
    ),
    "raises_later": (
        "calls = tf.Variable(0)\ndef f(t, p):\n    calls.assign_add(1)\n"
        f"    tf.debugging.assert_less(calls, 300, message='too many')\n    return {MEAN}",
        "line 8: InvalidArgumentError: assertion failed: [too many]",
    ),
    "python_raises_later": (
        "calls = [0]\ndef count(p):\n    calls[0] += 1\n    if calls[0] > 400: raise ValueError('enough')\n"
        "    return np.float32(0)\n"
        f"def f(t, p): return {MEAN} + tf.ensure_shape(tf.py_function(count, [t], tf.float32), [])",
        "line 8: ValueError: enough",
    ),
}
"""Files by name: what follows START, and what is said of `f` in it."""
UNREADABLE = {
    "missing.py:f": "missing.py: no such file or directory",
    "squared.py": "must be written as FILE.py:FUNCTION; it has squared",
    "squared.py:": "must be written as FILE.py:FUNCTION; it has squared",
    "squared.py:cubed": "squared.py defines no 'cubed'; it has squared",
    "syntax.py:f": "syntax.py, line 1: expected ':'",
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("losses")
    (folder / "squared.py").write_text(SQUARED)
    (folder / "stateful.py").write_text(STATEFUL)
    (folder / "syntax.py").write_text("def f(t, p)\n    return 1\n")
    for name, (text, _) in BROKEN.items():
        (folder / f"{name}.py").write_text(f"{START}{text}\n")
    return folder


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_an_own_loss_that_is_mse_trains_as_mse(shared: Program, files: Path) -> None:
    """But for rounding: an own loss gets the last batch as it is, and sets batch by batch."""
    words = ("--dataset", "regression", "--epochs", 5, "--json")
    mine, known = lines(shared("run", "--loss", "squared.py:squared", "--loss", "mse", *words, cwd=files))
    assert (mine["loss"], known["loss"]) == ("squared.py:squared", "mean_squared_error")
    assert mine["status"] == known["status"] == "finished"
    for split in ("train", "test"):
        assert mine[split] == pytest.approx(known[split], rel=1e-5)
    sha256 = hashlib.sha256(SQUARED.encode()).hexdigest()
    assert mine["loss_file"] == {"path": str(files / "squared.py"), "sha256": sha256}
    assert known["loss_file"] is None
    with shared.store() as store:
        known_losses = [e.train_loss for e in store.epochs(known["id"])]
        assert [e.train_loss for e in store.epochs(mine["id"])] == pytest.approx(known_losses, rel=1e-5)


@pytest.fixture(scope="module")
def failures(shared: Program, files: Path) -> dict[str, tuple[dict[str, Any], str]]:
    """What `run` prints of each broken file, trained in one command, and a sound one after them."""
    words = [word for name in BROKEN for word in ("--loss", f"{name}.py:f")]
    done = shared("run", *words, "--loss", "squared.py:squared", "--epochs", 5, "--json", code=1, cwd=files)
    said = {}
    for run in lines(done):
        reasons = [line for line in done.stderr.splitlines() if line.startswith(f"lossterm: run {run['id']}: ")]
        said[run["loss"].partition(".py")[0]] = (run, reasons[0] if reasons else "")
    return said


@pytest.mark.parametrize("name", list(BROKEN))
def test_a_broken_loss_fails_with_one_line(name: str, failures: dict[str, tuple[dict[str, Any], str]]) -> None:
    run, reason = failures[name]
    assert run["status"] == "failed"
    assert f"loss: {name}.py" in reason
    assert BROKEN[name][1] in reason


def test_after_the_broken_ones_the_same_trainer_trains_on(
    shared: Program, failures: dict[str, tuple[dict[str, Any], str]]
) -> None:
    assert failures["squared"][0]["status"] == "finished"
    assert len(shared.trainers()) == 1
    assert len({shared.look(run["id"]).log for run, _ in failures.values()}) == 1


@pytest.mark.parametrize("loss", list(UNREADABLE))
def test_what_names_no_loss_is_bad_usage(loss: str, shared: Program, files: Path) -> None:
    before = len(shared.json("runs"))
    done = shared("run", "--loss", loss, code=2, cwd=files)
    assert UNREADABLE[loss] in done.stderr
    assert (done.stdout, done.stderr.count("\n")) == ("", 1)
    assert len(shared.json("runs")) == before


def test_an_edited_file_is_another_loss_and_the_old_text_is_kept(shared: Program, tmp_path: Path) -> None:
    path = tmp_path / "edited.py"
    texts = [SQUARED, SQUARED.replace("keras.ops.square(", "2 * keras.ops.square(")]
    runs = []
    for text in texts:
        path.write_text(text)
        runs += lines(shared("run", "--loss", f"{path}:squared", "--epochs", 2, "--json"))
    first, second = runs
    assert first["train"] != second["train"]
    shorts = [shared.look(run["id"]).config.loss_entry.short for run in runs]
    assert len(set(shorts)) == 2
    table = shared("runs").stdout
    assert all(short in table for short in shorts)
    for run, text in zip(runs, texts, strict=True):
        shown = shared("show", run["id"]).stdout
        assert shown.endswith(text)
        assert f"{path} (SHA-256 {run['loss_file']['sha256']})" in shown
        assert shared.json("show", run["id"])["loss_file"]["source"] == text
    done = shared("export", first["id"], second["id"], "--format", "csv", "--to", "-")
    assert {row["loss_sha256"] for row in csv.DictReader(done.stdout.splitlines())} == {
        run["loss_file"]["sha256"] for run in runs
    }


def test_a_run_goes_on_only_with_the_file_as_it_was(
    shared: Program, files: Path, tmp_path: Path, wait_for: Callable[..., Any]
) -> None:
    """Bit for bit as a run never stopped, the variables of the loss included."""
    path = tmp_path / "stateful.py"
    shutil.copy(files / "stateful.py", path)
    words = ("--loss", f"{path}:Wavering", "--dataset", "circles", "--samples", 400, "--epochs", 3000)
    (run_id,) = shared.queue(*words)
    shared.reached(run_id, 20)
    shared("stop", run_id)
    stopped = shared.ended(run_id)
    assert 20 <= stopped.epochs_done < 3000
    path.write_text(STATEFUL + "# edited\n")
    refused = shared("resume", run_id, code=2)
    assert f"{path} has changed since the run was queued" in refused.stderr
    path.unlink()
    assert "no such file or directory" in shared("resume", run_id, code=2).stderr
    assert shared.look(run_id).status == "stopped"
    with shared.store() as store:
        store.resume(run_id)  # as an app that was told before the file was gone
    refused_by_trainer = shared.ended(run_id)
    assert refused_by_trainer.status == "interrupted", "it may go on once the file is back"
    assert "no such file or directory" in refused_by_trainer.message
    shutil.copy(files / "stateful.py", path)
    shared("resume", run_id)
    assert shared.ended(run_id).status == "finished"
    (whole,) = lines(shared("run", *words, "--json"))
    with shared.store() as store:
        kept = [
            [(e.epoch, e.train_loss, e.test_loss) for e in store.epochs(number)] for number in (run_id, whole["id"])
        ]
        checkpoints = [store.checkpoint(number) for number in (run_id, whole["id"])]
    assert kept[0] == kept[1]
    assert checkpoints[0] == checkpoints[1]


def test_a_store_from_elsewhere_runs_no_code(shared: Program, tmp_path: Path) -> None:
    """Neither a queued run of it nor what is wanted warm, though its file is there and has the hash that it names."""
    mark = tmp_path / "was-run"
    path = tmp_path / "theirs.py"
    path.write_text(f"open({str(mark)!r}, 'w').close()\n{SQUARED}")
    from lossterm.config import RunConfig
    from lossterm.runs.loss_files import read_loss_file

    config = RunConfig.of("theirs.py:squared", loss_file=read_loss_file(path).file, epochs=2)
    with shared.store() as store:
        store.warm_up(config)
        (run_id,) = store.queue([config])
    failed = shared.ended(run_id)
    assert failed.status == "failed"
    assert f"{path}: it was not trained with by you on this machine" in failed.message
    (after,) = lines(shared("run", "--loss", "mse", "--epochs", 1, "--json"))
    assert after["status"] == "finished"
    assert not mark.exists()


def test_an_own_loss_is_exported_as_a_model_that_loads_without_its_file(
    shared: Program, files: Path, tmp_path: Path
) -> None:
    path = tmp_path / "gone.py"
    shutil.copy(files / "squared.py", path)
    (run,) = lines(shared("run", "--loss", f"{path}:squared", "--dataset", "blobs", "--epochs", 2, "--json"))
    path.unlink()
    done = shared("export", run["id"], "--format", "keras", "--to", tmp_path / "model.keras")
    assert "its loss is your own, so the model was compiled without one" in done.stdout
    shared("export", run["id"], "--format", "tensorboard", "--to", f"{tmp_path}/events/")
    assert list((tmp_path / "events").iterdir())
    load = (
        "import sys, keras; model = keras.saving.load_model(sys.argv[1]); "
        "assert model.loss is None; print(model.predict(__import__('numpy').zeros((3, 2)), verbose=0).shape)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", load, str(tmp_path / "model.keras")], capture_output=True, text=True, check=False
    )
    assert loaded.stdout.strip() == "(3, 3)", loaded.stderr


def test_a_process_of_its_own_finds_the_losses_of_a_file(files: Path) -> None:
    source, losses = tools.find_losses(str(files / "stateful.py"))
    assert source.file.sha256 == hashlib.sha256(STATEFUL.encode()).hexdigest()
    assert source.text == STATEFUL
    assert [(loss.name, loss.kind, loss.line) for loss in losses] == [("Wavering", "class", 4)]
    with pytest.raises(tools.ToolError, match=r"^loss: .*syntax\.py, line 1: expected ':'$"):
        tools.find_losses(str(files / "syntax.py"))


def test_the_text_of_a_loss_is_shown_harmlessly(shared: Program, tmp_path: Path) -> None:
    path = tmp_path / "escapes.py"
    path.write_text(SQUARED + "# \x1b[31mred \x07\n")
    (run_id,) = shared.queue("--loss", f"{path}:squared", "--epochs", 1)
    shared.ended(run_id)
    shown = shared("show", run_id).stdout
    assert "[31mred" in shown
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_pruned_runs_leave_no_text(tmp_path: Path) -> None:
    from lossterm.config import RunConfig
    from lossterm.runs.loss_files import read_loss_file
    from lossterm.store.prune import Pruner

    path = tmp_path / "losses.py"
    path.write_text(SQUARED)
    source = read_loss_file(path)
    config = RunConfig.of("losses.py:squared", loss_file=source.file)
    with Store(tmp_path / "runs.db") as store:
        ids = store.queue([config, config.changed(seed=2), RunConfig.of("mse")])
        store.keep_loss_file(source)
        kept = store.loss_file(source.file.sha256)
        assert kept is not None
        assert kept.text == SQUARED
        for run_id in ids:
            store.stop(run_id)
        for run_id, left in ((ids[0], True), (ids[1], False)):
            store.delete([run_id])
            with Pruner(tmp_path / "runs.db") as pruner:
                pruner.delete([run_id])
            assert (store.loss_file(source.file.sha256) is not None) is left
