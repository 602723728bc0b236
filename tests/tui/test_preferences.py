"""What a person chose is there at the next start: marks, order, draft, theme, layout."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lossterm.config import RunConfig
from lossterm.store import Store
from lossterm.store.commands import SetPreference

from .conftest import Driver, opened
from .stores import add_finished


@pytest.fixture
def history(quiet_store: Path) -> Path:
    add_finished(quiet_store, [RunConfig.of("bce", epochs=3, seed=seed) for seed in range(1, 6)])
    return quiet_store


def kept(path: Path) -> dict[str, Any]:
    with Store(path) as store:
        return dict(store.preferences())


def found(app: Driver) -> tuple[object, ...]:
    draft, order = app.main.state.draft, app.main.state.order
    chosen = (draft.loss.short, draft.dataset.name, dict(draft.changes))
    return chosen, app.marked(), (order.column, order.descending), app.app.theme, app.main.has_class("-full-runs")


async def test_what_was_chosen_is_there_at_the_next_start(history: Path) -> None:
    async with opened(history) as app:
        assert kept(history) == {}, "looking changes nothing"
        await app.press("space", "down", "space", "t", "t", "t", "5")
        await app.set(learning_rate=0.25, momentum=0.5)
        app.app.theme = "textual-light"
        await app.press("v", "z", "z", "z")
        before = found(app)
        assert before == (
            ("hinge", "circles", {"learning_rate": 0.25, "momentum": 0.5}),
            [4, 5],
            ("seed", False),
            "textual-light",
            True,
        )
        await app.until(lambda: kept(history).get("zoom") == "-full-runs", "what is kept")
    async with opened(history) as app:
        await app.pilot.pause()
        assert found(app) == before
        assert app.main.query_one("#model-view").choice == "loss"  # type: ignore[attr-defined]
        await app.press("escape", "asterisk", "asterisk", "h")
        assert sorted(app.marked()) == [1, 2, 3, 4, 5]
        assert app.main.state.draft.config().learning_rate == 0.25


async def test_of_two_apps_the_last_one_wins_and_nothing_moves_in_the_other(history: Path) -> None:
    async with opened(history) as one, opened(history) as other:
        await one.press("space", "5")
        await other.press("down", "space", "4")
        await one.until(lambda: kept(history).get("marks") == [4], "the other's marks")
        assert (one.marked(), one.chosen()[0]) == ([5], "hinge")
        assert kept(history)["draft"]["loss"] == "binary_crossentropy"


HOSTILE: dict[str, list[object]] = {
    "marks": [["x", 99, True, 3, 3, None, 1e300], "3", {"a": 1}, [[[]]], 7],
    "comparison": [[1, "2"], 5],
    "sort": [{"column": "nowhere"}, {"column": ["id"]}, [], {"column": "loss", "descending": "yes"}],
    "draft": [
        {"loss": "nothing", "dataset": "circles"},
        {"loss": "bce", "dataset": "regression"},
        {"loss": ["bce"], "dataset": {}},
        {"loss": "bce", "dataset": "circles", "changes": {"epochs": "many", "nothing": 1, "seed": [1], "noise": {}}},
        {"loss": "bce", "dataset": "circles", "changes": [1], "parameters": {"bce": {"x": "y"}, "?": 3}},
        "bce",
    ],
    "theme": ["no such theme", 5, ["textual-dark"]],
    "zoom": ["-tiny", "-full-view", [], "x y"],
    "model view": ["nothing", {}, 3],
}


@pytest.mark.parametrize("at", range(6))
async def test_values_that_no_lossterm_wrote_are_passed_over(history: Path, at: int) -> None:
    with closing(sqlite3.connect(history)) as sqlite, sqlite:
        rows = [(name, json.dumps(values[at % len(values)])) for name, values in HOSTILE.items()]
        sqlite.executemany("INSERT INTO preferences VALUES (?, ?)", rows)
    async with opened(history) as app:
        assert set(app.marked()) <= {3}
        assert app.main.state.draft.checked()[1] == ""
        await app.press("h", "down", "space", "5", "z", "v", "t", "T", "z", "z", "z")
        assert app.chosen()[0] == "hinge"


async def test_what_is_asked_for_at_the_start_outranks_what_was_kept(history: Path) -> None:
    with Store(history) as store:
        store.do(SetPreference("draft", {"loss": "hinge", "dataset": "circles", "changes": {"device": "gpu:7"}}))
    async with opened(history, device="cpu") as app:
        assert app.main.state.draft.config().device == "cpu"
        assert app.chosen()[0] == "hinge"
