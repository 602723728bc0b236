"""A person's own data on the command line: added, listed, shown, trained on, changed, gone, and removed."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossterm.store import Store

from ..conftest import Program, wait_for
from .conftest import Said

Say = Callable[..., Said]
ODD = "\x1b[31mred"


@pytest.fixture
def flowers(tmp_path: Path) -> Path:
    return written(tmp_path / "flowers.csv")


def written(path: Path, rows: int = 300) -> Path:
    """Three kinds that two measurements tell apart, a colour and an odd one."""
    random = np.random.default_rng(2)
    kinds = random.integers(0, 3, rows)
    lines = ["length,width,colour,kind"]
    for place, kind in enumerate(kinds):
        x, y = random.normal(kind, 0.4), random.normal(-kind, 0.4)
        lines.append(f"{x:.3f},{y:.3f},{ODD if place % 2 else 'blue'},{'abc'[kind]}")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_file_is_added_listed_shown_and_removed(say: Say, flowers: Path) -> None:
    added = say("data", "add", flowers, "--target", "kind")
    assert (added.code, added.err) == (0, "")
    lines = added.out.splitlines()
    assert lines[:2] == ["added flowers", f"flowers: multiclass, 300 rows of {flowers}"]
    assert lines[2].startswith("target: kind: a ")
    assert "split: 180 rows train, 60 validate, 60 test at the end; shuffled" in lines
    assert lines[-1] == "train it: lossterm run --loss cce --dataset flowers"
    listed = [json.loads(say(*words, "--json").out) for words in (("data", "list"), ("datasets",))]
    expected = {
        "name": "flowers",
        "task": "multiclass",
        "rows": 300,
        "features": 4,
        "classes": 3,
        "source": str(flowers),
    }
    assert listed[0] == [expected]
    assert listed[1][-1] == expected
    assert say("datasets").out.splitlines()[-2:] == [
        "built in: validation on the test set, as the tutorial does; a validation fraction holds rows out for it",
        "your own: validation on rows of its own, after each epoch; the test rows are measured once, at the end",
    ]
    shown = json.loads(say("data", "show", "flowers", "--json").out)
    assert {**shown, **expected} == shown
    assert [(column["name"], column["role"]) for column in shown["columns"]] == [
        ("length", "number"), ("width", "number"), ("colour", "category"), ("kind", "target"),
    ]  # fmt: skip
    assert shown["split"] == {"train": 180, "validation": 60, "test": 60}
    assert sum(entry["rows"] for entry in shown["class_rows"]) == 300
    assert say("data", "show", "flowers").out.splitlines() == lines[1:-1]
    assert say("data", "remove", "flowers").out == f"removed flowers; {flowers} is as it was\n"
    assert json.loads(say("data", "list", "--json").out) == []
    assert say("data", "list").out == "no data of your own yet: lossterm data add FILE --target COLUMN\n"


def test_what_is_wrong_with_a_file_or_a_choice_is_one_line(say: Say, flowers: Path, tmp_path: Path) -> None:
    shutil.copy(flowers, tmp_path / "iris.csv")
    cases: list[tuple[tuple[object, ...], str]] = [
        ((flowers,), "target: name the column to predict with --target"),
        ((flowers, "--target", "kin"), f"target: 'kin' is no column of {flowers}; it has length, width, colour, kind"),
        ((flowers, "--target", "kind", "--task", "what"), "task: must be one of auto, regression, binary, multiclass"),
        ((flowers, "--target", "kind", "--ignore", "kind"), "ignore: 'kind' is the target column already"),
        ((flowers, "--target", "kind", "--name", "../up"), "name: must be a letter, then"),
        ((tmp_path / "iris.csv", "--target", "kind"), "name: 'iris' is a dataset that is built in; give another"),
        ((tmp_path / "none.csv", "--target", "kind"), f"data: {tmp_path}/none.csv is not there"),
        ((tmp_path / f"{ODD}.csv", "--target", "kind"), "is not there"),
    ]
    for words, expected in cases:
        said = say("data", "add", *words)
        assert (said.code, said.out) == (2, "")
        assert said.err.count("\n") == 1
        assert expected in said.err
        assert "\x1b" not in said.err
    assert json.loads(say("data", "list", "--json").out) == []


def test_a_name_is_of_one_file_and_a_file_is_added_again(say: Say, flowers: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(flowers, other)
    assert say("data", "add", flowers, "--target", "kind").code == 0
    said = say("data", "add", other / "flowers.csv", "--target", "kind")
    assert said.err == f"lossterm: name: 'flowers' is {flowers} already; give another with --name\n"
    assert say("data", "add", other / "flowers.csv", "--target", "kind", "--name", "more").code == 0
    written(flowers, 400)
    assert say("data", "add", flowers, "--target", "length").code == 0
    found = {entry["name"]: (entry["task"], entry["rows"]) for entry in json.loads(say("data", "list", "--json").out)}
    assert found == {"flowers": ("regression", 400), "more": ("multiclass", 300)}


def test_a_run_is_queued_with_its_data(say: Say, flowers: Path, store_path: Path, untrained: list[str]) -> None:
    said = say("run", "--loss", "cce", "--data", flowers, "--target", "kind", "--detach")
    assert said.out == "run 1: cce on flowers, seed 1: queued\n"
    assert say("run", "--loss", "all", "--dataset", "flowers", "--detach").code == 0
    with Store(store_path) as store:
        runs = store.runs()
    assert {run.config.dataset for run in runs} == {"flowers"}
    assert {run.config.data_file.sha256 for run in runs if run.config.data_file} == {runs[0].config.data_file.sha256}  # type: ignore[union-attr]
    for words, expected in (
        (("--loss", "hinge", "--dataset", "flower"), "'flower' is not known; choose one of regression, circles"),
        (("--loss", "cce", "--target", "kind"), "target: --target is for --data FILE"),
        (("--loss", "cce", "--dataset", "flowers", "--data", flowers), "data: give --data FILE or --dataset NAME"),
        (("--loss", "cce", "--dataset", "flowers", "--noise", "1"), "noise: must be 0 on flowers, not 1"),
        (("--loss", "cce", "--dataset", "flowers", "--batch-size", "181"), "batch_size: must be a whole number from 1"),
    ):
        said = say("run", *words, "--detach")
        assert said.code == 2
        assert expected in said.err
    flowers.write_text(flowers.read_text() + "1,1,blue,a\n")
    said = say("run", "--loss", "cce", "--dataset", "flowers", "--detach")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "changed since flowers was added; add it anew: lossterm data add" in said.err
    flowers.unlink()
    assert "which cannot be read (No such file or directory)" in say("run", "--loss", "cce", "--dataset", "flowers").err


@pytest.fixture(scope="module")
def trained(shared: Program, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A file, and a run on it that was stopped half way."""
    path = written(tmp_path_factory.mktemp("own") / "flowers.csv")
    done = shared("run", "--loss", "cce", "--data", path, "--target", "kind", "--epochs", 30, "--json")
    return path, json.loads(done.stdout)


def test_it_trains_and_is_scored_on_rows_that_were_never_looked_at(
    shared: Program, trained: tuple[Path, dict[str, Any]]
) -> None:
    _, run = trained
    assert run["status"] == "finished"
    assert run["test"]["metric"] > 0.8
    shown = json.loads(shared("show", run["id"], "--json").stdout)
    last = shown["history"][-1]
    assert last["test"]["loss"] != run["test"]["loss"], "the curves show the validation rows"
    assert set(shown["scores"]) == {"validation", "test"}
    for name, metric in (("validation", last["test"]["metric"]), ("test", run["test"]["metric"])):
        its = shown["scores"][name]
        assert its["accuracy"] == pytest.approx(metric)
        assert set(its) == {"accuracy", "balanced_accuracy", "f1", "roc_auc", "log_loss", "brier"}
    assert shown["data_file"]["target"] == "kind"
    assert re.search(r"^test: accuracy 0\.\d+, balanced_accuracy ", shared("show", run["id"]).stdout, re.MULTILINE)


def test_a_file_that_changes_or_vanishes_costs_no_run(
    shared: Program, tmp_path: Path, trained: tuple[Path, dict[str, Any]]
) -> None:
    """Stopped, the file taken away, resumed: said, and interrupted; with the file back it goes on to its end."""
    path = written(tmp_path / "leaves.csv")
    shared("data", "add", path, "--target", "kind")
    queued = json.loads(
        shared("run", "--loss", "cce", "--dataset", "leaves", "--epochs", 200_000, "--detach", "--json").stdout
    )
    number = queued["id"]
    with shared.store() as store:
        wait_for(lambda: store.run(number).epochs_done > 0)
        shared("stop", number)
        wait_for(lambda: store.run(number).status == "stopped")
        done = store.run(number).epochs_done
        content = path.read_bytes()
        for change, words in (
            (content.replace(b"blue", b"grey"), "changed since leaves was added"),
            (None, "is not there"),
        ):
            path.unlink()
            if change is not None:
                path.write_bytes(change)
            shared("resume", number)
            wait_for(lambda: store.run(number).status == "interrupted")
            assert words in store.run(number).message
            assert store.run(number).epochs_done == done
        path.write_bytes(content)
        shared("resume", number)
        wait_for(lambda: store.run(number).epochs_done > done)
        shared("stop", number)
        wait_for(lambda: store.run(number).status == "stopped")
