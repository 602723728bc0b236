"""The filter of the runs: words anywhere or in a named column, and numbers of runs as a whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lossterm.config import RunConfig
from lossterm.runs.records import Run
from lossterm.store import Store
from lossterm.tui.columns import COLUMNS, Listed, columns_for, in_view
from lossterm.tui.run_data import ShownRuns
from lossterm.tui.run_filter import RunFilter, text_of

pytestmark = pytest.mark.unit


@pytest.fixture
def runs(tmp_path: Path) -> list[Run]:
    """Runs 1 to 13; 3 has a note, 13 cannot be read, 12 failed."""
    configs = [RunConfig.of("mse", seed=seed) for seed in range(30, 41)]
    with Store(tmp_path / "store.db") as store:
        store.queue([*configs, RunConfig.of("msle", seed=3), RunConfig.of("bce", epochs=7, learning_rate=0.5)])
        found = {run.id: run for run in store.runs()}
    found[3] = replace(found[3], note="A Good one: loss:3")
    found[12] = replace(found[12], status="failed")
    found[13] = replace(found[13], unreadable="damaged", status="unreadable")
    return [found[number] for number in sorted(found)]


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("3", [3]),
        ("#3", [3]),
        ("13", [13]),
        ("seed:3", [12]),
        ("seed=33", [4]),
        ("seed:", range(1, 13)),
        ("loss:mse", range(1, 12)),
        ("loss:mean_squared", range(1, 13)),
        ("loss:msl status:fail", [12]),
        ("STATUS:queued seed:40", [11]),
        ("dataset:regression good", [3]),
        ("note:good", [3]),
        ("note:loss:3", [3]),
        ("status:unreadable", [13]),
        ("damaged", [13]),
        ("id:1", [1]),
        ("id:13", [13]),
        ("learning-rate:0.01", range(1, 13)),
        ("epochs:5", []),
        ("epochs:50.0", range(1, 13)),
        ("mse circles", []),
        ("nowhere:3", []),
        ("(*[", []),
    ],
)
def test_words_find_what_they_say(runs: list[Run], words: str, ids: list[int]) -> None:
    wanted = RunFilter(words)
    assert wanted
    assert [run.id for run in runs if wanted.matches(run, text_of(run))] == list(ids)


def test_no_words_find_everything(runs: list[Run]) -> None:
    assert not RunFilter("  ")


@pytest.mark.parametrize("width", [60, 77, 97, 137, 400])
def test_notes_are_in_view_at_every_width(width: int) -> None:
    columns = in_view(COLUMNS, width)
    assert sorted(column.name for column in columns) == sorted(column.name for column in COLUMNS)
    names = [column.name for column in columns]
    end = sum(column.cells(True) + 1 for column in columns[: names.index("note") + 1])
    assert end <= width
    assert [name for name in names if name != "note"] == [column.name for column in COLUMNS if column.name != "note"]


_USUAL = {column.name for column in columns_for(ShownRuns(), Listed(noted=True))}


@pytest.mark.parametrize("width", [76, 77, 97])
def test_the_test_metric_is_in_view_beside_a_note_at_every_width(width: int) -> None:
    columns = in_view([column for column in COLUMNS if column.name in {*_USUAL, "learning_rate"}], width)
    names = [column.name for column in columns]
    assert sum(column.cells(True) + 1 for column in columns[: names.index("test_metric") + 1]) <= width
    assert set(names) == {*_USUAL, "learning_rate"}
