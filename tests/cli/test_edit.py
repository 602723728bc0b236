"""`lossterm note`, `delete` and `undelete`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lossterm.config import RunConfig
from lossterm.store import Store

if TYPE_CHECKING:
    from .conftest import Said

    Say = Callable[..., Said]


@pytest.fixture
def history(store_path: Path) -> Path:
    """Five runs: 1, 2 and 3 have ended, 4 trains, 5 is queued."""
    with Store(store_path) as store:
        store.queue([RunConfig.of("mse", seed=seed) for seed in range(1, 6)])
    with closing(sqlite3.connect(store_path)) as sqlite:
        sqlite.execute("UPDATE runs SET status = 'stopped', ended = 1 WHERE id < 4")
        sqlite.execute("UPDATE runs SET status = 'paused', trainer = 1 WHERE id = 4")
        sqlite.commit()
    return store_path


@pytest.fixture(autouse=True)
def _no_reaping(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run that trains has no trainer here; leave it as it is."""
    from lossterm.store.liveness import Liveness

    monkeypatch.setattr(Liveness, "reap", lambda _self: [])


def listed(say: Say) -> list[int]:
    return [run["id"] for run in json.loads(say("runs", "--json").out)]


def test_a_note_is_kept_replaced_and_removed(say: Say, history: Path) -> None:
    assert say("note", 2, "a good", "one").out == "run 2: your note: a good one\n"
    assert "your note: a good one\n" in say("show", 2).out
    assert json.loads(say("note", 2, "better", "--json").out) == {"id": 2, "note": "better"}
    assert say("note", 2, "").out == "run 2 has no note\n"
    assert "your note" not in say("show", 2).out


def test_what_is_deleted_is_out_of_the_history_and_comes_back(say: Say, history: Path) -> None:
    assert say("delete", 3, 1, 3).out == "deleted: runs 3, 1; to bring back: lossterm undelete 3 1\n"
    assert listed(say) == [5, 4, 2]
    assert say("undelete", 1, 3).out == "back again: runs 1, 3\n"
    assert listed(say) == [5, 4, 3, 2, 1]


def test_without_a_number_the_last_that_was_deleted_comes_back(say: Say, history: Path) -> None:
    assert json.loads(say("delete", 2, "--json").out) == {"deleted": [2]}
    say("delete", 1)
    assert json.loads(say("undelete", "--json").out) == {"undeleted": [1]}
    assert say("undelete").out == "back again: run 2\n"
    said = say("undelete")
    assert (said.code, said.out, said.err) == (2, "", "lossterm: id: no run is deleted\n")


REFUSED = {
    "a queued run": (("delete", 5), "id: run 5 is queued; end it first with lossterm stop 5"),
    "an active run": (("delete", 4), "id: run 4 is paused; end it first with lossterm stop 4"),
    "an unknown run": (("delete", 9), "run: there is no run 9"),
    "a deleted run": (("delete", 3), "id: run 3 is deleted; to bring it back: lossterm undelete 3"),
    "no run": (("delete",), "id: give at least one run (see lossterm runs)"),
    "a word": (("delete", "x"), "id: must be the number of a run (see lossterm runs), not 'x'"),
    "one of several": (("delete", 1, 2, 5), "id: run 5 is queued; end it first with lossterm stop 5"),
    "undelete what is there": (("undelete", 1), "id: run 1 is not deleted"),
    "undelete one of several": (("undelete", 3, 1), "id: run 1 is not deleted"),
    "undelete what never was": (("undelete", 9), "run: there is no run 9"),
    "a note on a deleted run": (("note", 3, "x"), "id: run 3 is deleted; to bring it back: lossterm undelete 3"),
    "a note on no run": (("note", 9, "x"), "run: there is no run 9"),
    "no note": (("note", 1), "text: give the note after the id; '' removes the one that is there"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_done_is_refused_in_one_line_and_changes_nothing(name: str, say: Say, history: Path) -> None:
    say("delete", 3)
    words, reason = REFUSED[name]
    said = say(*words)
    assert (said.code, said.out, said.err) == (2, "", f"lossterm: {reason}\n")
    assert listed(say) == [5, 4, 2, 1]


def test_what_was_pruned_cannot_be_brought_back(say: Say, history: Path) -> None:
    say("stop", 5)
    say("delete", 5)
    say("prune", "--yes")
    assert say("undelete", 5).err == "lossterm: run: there is no run 5\n"
    assert say("undelete").err == "lossterm: id: no run is deleted\n"


@pytest.fixture
def experiment(store_path: Path, untrained: list[str], say: Say) -> list[int]:
    """Experiment 1: runs 2 to 5, all of them stopped; run 1 belongs to none."""
    say("run", "--loss", "mse", "--detach")
    say("run", "--loss", "mse", "--loss", "mae", "--seed", 1, "--seed", 2, "--detach")
    say("stop", "all")
    return [2, 3, 4, 5]


def test_an_experiment_is_listed_deleted_and_brought_back_as_one(say: Say, experiment: list[int]) -> None:
    assert listed(say) == [5, 4, 3, 2, 1]
    assert [run["id"] for run in json.loads(say("runs", "--experiment", 1, "--json").out)] == experiment[::-1]
    heading, *table = say("runs", "--experiment", 1).out.splitlines()
    assert heading == "experiment 1: regression × 2 losses × 2 seeds, 4/4 ended"
    assert len(table) == 5
    assert "experiment 1: regression × 2 losses × 2 seeds\n" in say("show", 2).out
    assert json.loads(say("delete", "--experiment", 1, "--json").out) == {"deleted": experiment}
    assert listed(say) == [1]
    assert say("delete", "--experiment", 1).err.endswith("to bring them back: lossterm undelete --experiment 1\n")
    assert "are deleted" in say("export", "--experiment", 1, "--format", "csv", "--to", "-").err
    assert json.loads(say("undelete", "--experiment", 1, "--json").out) == {"undeleted": experiment}
    assert say("undelete", "--experiment", 1).code == 2
    assert listed(say) == [5, 4, 3, 2, 1]


def test_runs_say_which_experiment_they_belong_to(say: Say, experiment: list[int]) -> None:
    runs = json.loads(say("runs", "--json").out)
    assert [run["experiment"] for run in runs] == [1, 1, 1, 1, None]
    assert list(runs[0])[: list(runs[0]).index("experiment")][-2:] == ["train", "test"]
    head, *rows = (line.split() for line in say("runs").out.splitlines())
    assert [row[head.index("exp") - len(head)] for row in rows] == ["1", "1", "1", "1", "-"]


def test_an_experiment_is_exported_as_one(say: Say, experiment: list[int]) -> None:
    exported = json.loads(say("export", "--experiment", 1, 1, "--format", "json", "--to", "-").out)
    assert [run["id"] for run in exported] == [1, *experiment]


@pytest.mark.parametrize("command", [("runs",), ("delete",), ("undelete",), ("export", "--format", "csv", "--to", "-")])
def test_a_number_of_no_experiment_is_refused(say: Say, experiment: list[int], command: tuple[str, ...]) -> None:
    for word, reason in (("9", "there is no experiment 9"), ("x", "must be the number of an experiment, not 'x'")):
        said = say(*command, "--experiment", word)
        assert (said.code, said.out, said.err) == (2, "", f"lossterm: experiment: {reason}\n")


def test_nothing_is_made_where_there_is_no_store(say: Say, store_path: Path) -> None:
    for words in (("note", 1, "x"), ("delete", 1), ("undelete", 1)):
        assert say(*words).err == "lossterm: run: there is no run 1\n"
    assert not store_path.parent.exists()


def test_a_note_reaches_the_terminal_as_text(say: Say, history: Path) -> None:
    said = say("note", 1, "\x1b[31mred\nline")
    assert said.out == "run 1: your note: ?[31mred line\n"
