"""Which columns of a person's file the features come from, and the values of rows as the file has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossterm.catalog import DataChoices
from lossterm.config import RunConfig
from lossterm.model_view import Panel, errors_frame
from lossterm.runs.file_columns import MOST_COLUMNS, file_columns_of
from lossterm.runs.snapshots import Sample, Weights
from lossterm.trainer.tables.datasets import describe, load_rows, read_file

ROWS = 200


@pytest.fixture
def houses(tmp_path: Path) -> Path:
    random = np.random.default_rng(1)
    lines = ["district,size,garden,age,same,price"]
    for place in range(ROWS):
        district = f"rare {place}" if place in (7, 11) else "" if place % 10 == 9 else f"d{place % 3}"
        garden = str(bool(place % 2)).lower()
        size, age = 80 + 20 * random.normal(), random.integers(90)
        lines.append(f"{district},{size:.1f},{garden},{age},1,{2 * size - age:.1f}")
    path = tmp_path / "houses.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_prepared_rows_have_the_values_of_the_file_again(houses: Path) -> None:
    choices = DataChoices("price", split="ordered")
    file, report = describe("houses", houses, choices)
    columns = file_columns_of(json.loads(json.dumps(report)), file.features)
    assert [column.name for column in columns] == ["size", "age", "garden", "district"]
    table, rows = read_file(houses, choices).table, load_rows(file)
    for prepared, raw in zip(rows.x, table.iter_rows(named=True), strict=True):
        size, age, garden, district = (column.word(prepared.tolist()) for column in columns)
        assert float(size) == pytest.approx(raw["size"], rel=2e-3)
        assert float(age) == pytest.approx(raw["age"], abs=0.01)
        assert garden == str(raw["garden"]).lower()
        expected = {None: "(none)", "rare 7": "(rare)", "rare 11": "(rare)"}
        assert district == expected.get(raw["district"], raw["district"])


def test_the_most_wrong_rows_of_an_own_file_have_its_names_and_values(houses: Path) -> None:
    file, report = describe("houses", houses, DataChoices("price"))
    config = RunConfig.of("mse", data_file=file, hidden_layers=())
    rows = load_rows(file)
    y = rows.y.astype(np.float32).reshape(-1, 1)
    weights = Weights.of([np.zeros((file.features, 1), np.float32), np.zeros(1, np.float32)])
    sample = Sample(rows.x[:50], y[:50], rows.x[120:160], y[120:160])
    panel = Panel("#1 mse", config, 0, 3, weights, sample, file_columns=file_columns_of(report, file.features))
    heading, first, *_ = errors_frame([panel], 70, 14).text.splitlines()[1:]
    assert heading.split() == ["true", "network", "size", "age", "garden", "distric"]
    row = max(range(120, 160), key=lambda place: abs(rows.y[place]))
    assert float(first.split()[0]) == pytest.approx(rows.y[row] * file.target_scale + file.target_mean, abs=0.01)
    assert float(first.split()[1]) == pytest.approx(file.target_mean, abs=0.01)


@pytest.mark.parametrize(
    "entries",
    [
        None,
        "text",
        [3],
        [{"name": "a"}],
        [{"name": "a", "first": 9}],
        [{"name": "a", "first": True}],
        [{"name": "a", "first": 0, "values": ["x"] * 9}],
        [{"name": "a", "first": 0, "mean": float("nan"), "scale": 1}],
        [{"name": "a", "first": 0}] * (MOST_COLUMNS + 1),
    ],
)
def test_a_damaged_report_says_nothing_of_columns(entries: Any) -> None:
    assert file_columns_of({"file_columns": entries}, 3) == ()


def test_names_and_values_of_a_file_are_harmless_on_a_screen() -> None:
    (column,) = file_columns_of({"file_columns": [{"name": "a\x1b[31m\n", "first": 0, "values": ["\x1b]0;x"]}]}, 1)
    assert column.name.isprintable()
    assert column.word([1.0]).isprintable()
