"""The data of exported scripts: the same numbers as lossterm's, bit for bit, for every dataset and kind of file."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from lossterm.catalog import DATASETS, LOSSES, DataChoices, pairings
from lossterm.config import RunConfig
from lossterm.trainer.data import load
from lossterm.trainer.script import write_script
from lossterm.trainer.script.catalogue_data import catalogue_data
from lossterm.trainer.script.file_data import file_data
from lossterm.trainer.script.section import NoScriptError, Section, rendered
from lossterm.trainer.script.training import targets
from lossterm.trainer.tables.datasets import describe

from ..made_runs import made_run

ROWS = 120


def arrays_of(*sections: Section) -> dict[str, Any]:
    """What the lines of a script define."""
    names: dict[str, Any] = {}
    exec(compile(rendered(["# a test"], sections), "script", "exec"), names)
    return names


def assert_same(found: dict[str, Any], config: RunConfig) -> None:
    """The arrays of a script are those that lossterm trains on."""
    data = load(config)
    for part in ("train", "validation", "test") if config.held_out_rows else ("train", "test"):
        x, t = found[f"x_{part}"], found[f"t_{part}"]
        if config.loss_entry.takes_class_numbers:
            t = config.output_layer.encode(t)
        assert x.dtype == t.dtype == np.float32
        np.testing.assert_array_equal(x, getattr(data, f"{part}_x"))
        np.testing.assert_array_equal(t, getattr(data, f"{part}_y"))


@pytest.mark.parametrize("name", [dataset.name for dataset in DATASETS])
@pytest.mark.parametrize("held_out", [0, 0.25])
def test_a_dataset_of_the_catalogue_is_made_alike(name: str, held_out: float) -> None:
    losses = {dataset.name: loss.short for loss, dataset in pairings()}
    config = RunConfig.of(losses[name], dataset=name, validation_fraction=held_out, batch_size=1)
    wrong = {config.task.corruption: 0.15, "data_seed": 3, "noise": 0.123456789, "samples": ROWS, "imbalance": 0.3}
    config = config.changed(**{setting: value for setting, value in wrong.items() if setting in config.rows})
    assert_same(arrays_of(catalogue_data(config), targets(config)), config)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.short)
def test_targets_are_coded_alike_for_every_loss(loss: Any) -> None:
    for _, dataset in (pair for pair in pairings() if pair[0] is loss and pair[1].name in ("blobs", "circles")):
        config = RunConfig.of(loss.name, dataset=dataset, samples=ROWS, batch_size=1)
        assert_same(arrays_of(catalogue_data(config), targets(config)), config)


# -- files ----------------------------------------------------------------------------------------------------------


def table() -> pl.DataFrame:
    """Columns of every role, with gaps."""
    random = np.random.default_rng(3)
    rows = range(ROWS)
    return pl.DataFrame(
        {
            "a": random.normal(size=ROWS),
            "b": [None if i % 11 == 0 else float(i * i) for i in rows],
            "words": [["x", "yy", None, "z"][i % 4] for i in rows],
            "flag": [None if i % 13 == 0 else bool(i % 2) for i in rows],
            "constant": ["k"] * ROWS,
            "number": list(rows),
            "price": random.normal(size=ROWS) * 30,
            "kind": [["alpha", "beta", "it's"][int(i)] for i in random.integers(0, 3, ROWS)],
            "group": [f"g{i // 10}" for i in rows],
            "set": [["train", "Test", "train", "val"][i % 4] for i in rows],
            "two": [bool(i % 3) for i in rows],
        }
    )


def as_csv(path: Path) -> None:
    table().write_csv(path)


def with_blanks(path: Path) -> None:
    """A blank after each comma, so that nothing is a number at first sight."""
    path.write_text(table().write_csv().replace(",", ", "))


def packed_csv(path: Path) -> None:
    path.write_bytes(gzip.compress(table().write_csv(separator=";").encode()))


def packed_parquet(path: Path) -> None:
    plain = path.with_suffix("")
    odd = {
        "a": pl.when(pl.col("number") % 17 == 0).then(float("inf")).otherwise(pl.col("a")),
        "price": pl.when(pl.col("number") % 19 == 0).then(float("nan")).otherwise(pl.col("price")),
        "b": pl.col("b") * 1e36,
        "words": pl.col("words").cast(pl.Categorical),
    }
    table().with_columns(**odd).write_parquet(plain)
    path.write_bytes(gzip.compress(plain.read_bytes()))


def with_decimal_commas(path: Path) -> None:
    numbers = np.random.default_rng(1).normal(size=(60, 3))
    lines = [";".join(f"{number:.3f}".replace(".", ",") for number in row) for row in numbers]
    path.write_text("a;b;price\n" + "\n".join(lines) + "\n")


def late_words(path: Path) -> None:
    """A value far down has another type than the ones that are looked at first."""
    lines = [f"{i},{i % 7},{'ab'[i % 2]}" for i in range(10_400)]
    path.write_text("a,b,kind\n" + "\n".join([*lines, "1.5,3,a", "x,2,b"]) + "\n")


def as_npz(path: Path) -> None:
    random = np.random.default_rng(2)
    words = np.array([b"aa", b"bb"] * 40)
    np.savez(path, x=random.normal(size=(80, 3)), kind=random.integers(0, 2, 80), w=words)


def with_a_lone_class(path: Path) -> None:
    kinds = pl.Series("kind", ["alpha"] * 60 + ["beta"] * 59 + ["lone"])
    table().with_columns(kinds).write_csv(path)


FILES = [
    ("plain.csv", as_csv, DataChoices("price")),
    ("plain.csv", as_csv, DataChoices("kind", ignored=("a", "group"))),
    ("plain.csv", as_csv, DataChoices("two", group="group")),
    ("plain.csv", as_csv, DataChoices("kind", split="column", split_column="set")),
    ("plain.csv", as_csv, DataChoices("price", split="ordered")),
    ("blanks.csv", with_blanks, DataChoices("price")),
    ("packed.csv.gz", packed_csv, DataChoices("kind")),
    ("packed.parquet.gz", packed_parquet, DataChoices("price")),
    ("commas.csv", with_decimal_commas, DataChoices("price")),
    ("late.csv", late_words, DataChoices("kind")),
    ("arrays.npz", as_npz, DataChoices("kind")),
    ("lone.csv", with_a_lone_class, DataChoices("kind")),
]


@pytest.mark.parametrize(("name", "write", "choices"), FILES)
def test_a_file_is_read_split_and_prepared_alike(name: str, write: Any, choices: DataChoices, tmp_path: Path) -> None:
    write(tmp_path / name)
    file, _ = describe("mine", tmp_path / name, choices)
    loss = {"regression": "mse", "binary": "bce", "multiclass": "cce"}[file.task]
    wrong = {"outlier_fraction" if file.task == "regression" else "label_noise": 0.1}
    config = RunConfig.of(loss, data_file=file, batch_size=1, **wrong)
    assert_same(arrays_of(file_data(config, file), targets(config)), config)


def test_a_file_that_changed_gives_no_script(tmp_path: Path) -> None:
    as_csv(tmp_path / "a.csv")
    file, _ = describe("mine", tmp_path / "a.csv", DataChoices("price"))
    (tmp_path / "a.csv").write_text("a,price\n1,2\n")
    with pytest.raises(NoScriptError, match="changed since mine was added"):
        file_data(RunConfig.of("mse", data_file=file), file)


# -- remarks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "done", "epochs", "words"),
    [
        ("stopped", 12, 12, "the run was stopped after epoch 12 of 50, and so the script ends there"),
        ("interrupted", 7, 50, "the run is interrupted after epoch 7; the script trains all 50 epochs"),
    ],
)
def test_a_script_says_what_it_does_not_reproduce(status: Any, done: int, epochs: int, words: str) -> None:
    script = write_script(made_run(3, RunConfig.of("bce"), status, epochs_done=done), None, {})
    assert script.remarks == (words,)
    assert f"# Note: {words}." in script.text
    assert f"for epoch in range({epochs}):" in script.text
    assert write_script(made_run(3, RunConfig.of("bce"), "finished"), None, {}).remarks == ()
