"""Text from a store, a file or an exception never reaches the terminal as more than text."""

from __future__ import annotations

import io
import re
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lossterm.cli.progress import LineView
from lossterm.cli.progress_bars import BarView
from lossterm.cli.run_monitor import Update
from lossterm.config import RunConfig
from lossterm.store import Store
from lossterm.store.liveness import Liveness
from lossterm.supervisor import launch

if TYPE_CHECKING:
    from .conftest import Said

    Say = Callable[..., Said]

HOSTILE = "\x1b]0;PWNED\x07\x9b2J\u202e[red]\r\nx"
SHOWN = "?]0;PWNED??2J?[red]"
COLUMNS = ("message", "phase", "note", "resolved", "device_name", "log")
COMMANDS = {
    "runs": ("runs",),
    "runs --json": ("runs", "--json"),
    "show": ("show", "1"),
    "show --json": ("show", "1", "--json"),
    "csv": ("export", "1", "--format", "csv", "--to", "-"),
    "json": ("export", "1", "--format", "json", "--to", "-"),
    "stop": ("stop", "1"),
    "resume": ("resume", "1"),
    "status": ("status",),
}


@pytest.fixture
def hostile(store_path: Path, untrained: list[str]) -> Path:
    """A store with a run whose every text is a sequence of escapes."""
    with Store(store_path) as store:
        store.queue([RunConfig.of("mse")])
    with closing(sqlite3.connect(store_path)) as sqlite:
        settings = ", ".join(f"{column} = :text" for column in COLUMNS)
        sqlite.execute(f"UPDATE runs SET status = 'failed', epochs_done = 1, {settings}", {"text": HOSTILE})
        sqlite.execute("INSERT INTO epochs VALUES (1, 1, 0.1, 0.1, 0.1, 0.1, 0.1)")
        sqlite.commit()
    return store_path


@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_store_holds_is_printed_as_text(name: str, say: Say, hostile: Path) -> None:
    said = say(*COMMANDS[name])
    assert said.code in (0, 2)
    _is_harmless(said.out + said.err)


def test_what_is_not_harmless_is_still_seen(say: Say, hostile: Path) -> None:
    shown = say("show", 1).out
    assert f"your note: {SHOWN} x\n" in shown
    assert f"trained on {SHOWN} x {SHOWN} x in " in shown


@pytest.mark.parametrize("column", ["loss", "dataset", "device", "status", "seconds"])
def test_a_run_that_cannot_be_read_is_listed_and_its_reason_is_text(say: Say, hostile: Path, column: str) -> None:
    with closing(sqlite3.connect(hostile)) as sqlite:
        sqlite.execute("PRAGMA ignore_check_constraints = ON")
        sqlite.execute(f"UPDATE runs SET {column} = ?", (HOSTILE,))
        sqlite.commit()
    for words in COMMANDS.values():
        said = say(*words)
        assert said.code in (0, 2)
        _is_harmless(said.out + said.err)
    assert say("runs").out.splitlines()[-1].split()[0::14] == ["1", "unreadable"]
    assert say("show", 1).out.startswith("run 1 cannot be read: ")
    assert "cannot be read" in say(*COMMANDS["csv"]).err
    assert say("prune", "--status", "unreadable", "--yes").out.startswith("1 run deleted for good\n")
    assert say("runs").out == "no runs yet; train one: lossterm run --loss mse\n"


def test_names_of_files_are_printed_as_text(say: Say, hostile: Path, tmp_path: Path) -> None:
    for target in (tmp_path / HOSTILE, f"/proc/nowhere/{HOSTILE}"):
        said = say("export", 1, "--format", "csv", "--to", target)
        assert SHOWN in said.out + said.err
        _is_harmless(said.out + said.err)
    said = say("--store", tmp_path / "x" / HOSTILE / "y", "runs", "--store", f"{tmp_path}/{HOSTILE}", "status")
    _is_harmless(said.out + said.err)


@pytest.mark.parametrize("kind", [RuntimeError, launch.LaunchError, OSError])
def test_exceptions_are_printed_as_text(say: Say, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]) -> None:
    def broken(_self: Liveness) -> None:
        raise kind(HOSTILE)

    monkeypatch.setattr(Liveness, "reap", broken)
    said = say("runs")
    assert SHOWN in said.err
    assert said.err.count("\n") == 1
    _is_harmless(said.err)


def test_what_is_shown_while_runs_train_is_text(
    hostile: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(hostile) as store:
        (failed,) = store.runs()
    starting = replace(failed, status="starting", trainer=1)
    update = Update([starting], ())
    plain = LineView()
    plain.show([starting], update)
    plain.ended(failed)
    plain.warn(HOSTILE)
    captured = capsys.readouterr()
    _is_harmless(captured.out + captured.err)
    assert (captured.out.count(SHOWN), captured.err.count(SHOWN)) == (2, 1)
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    with BarView(1) as bars:
        bars.show([starting], update)
        bars.warn(HOSTILE)
        bars.ended(failed)
    drawn = terminal.getvalue()
    assert drawn.count(SHOWN) >= 3
    _is_harmless(re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r", "", drawn))


class _Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def _is_harmless(text: str) -> None:
    assert all(character == "\n" or character.isprintable() for character in text), repr(text)
