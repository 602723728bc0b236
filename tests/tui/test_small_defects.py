"""What a stranger stumbled over, each seen in the app: kept mended."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from textual.widgets import Input

from lossterm.config import RunConfig
from lossterm.store import Store
from lossterm.tui.widgets.loss_chart import LossChart
from lossterm.tui.widgets.model_view import ModelView

from ..conftest import wait_for
from ..terminal import WITHOUT_TRAINER, Terminal
from .conftest import opened
from .stores import add_finished

Start = Callable[..., Terminal]


@pytest.fixture
def history(quiet_store: Path) -> Path:
    add_finished(quiet_store, [RunConfig.of("bce", epochs=5, seed=seed) for seed in range(1, 6)])
    return quiet_store


async def test_after_a_deletion_the_next_run_is_highlighted_and_undo_brings_the_marks_back(history: Path) -> None:
    async with opened(history) as app:
        await app.press("down", "space", "D")
        await app.until(lambda: app.ids() == [5, 3, 2, 1], "the deletion")
        assert app.highlighted() == 3
        await app.press("D")
        await app.until(lambda: app.ids() == [5, 2, 1], "the next deletion")
        assert app.highlighted() == 2
        await app.press("end", "D")
        await app.until(lambda: app.ids() == [5, 2], "the last one's deletion")
        assert app.highlighted() == 2, "there is none below"
        await app.press("u", "u", "u")
        await app.until(lambda: app.ids() == [5, 4, 3, 2, 1], "their return")
        assert app.marked() == [4]


async def test_the_arrows_move_the_crosshair_however_wide_the_table_is(history: Path) -> None:
    async with opened(history, (80, 24)) as app:
        chart = app.main.query_one(LossChart)
        await app.until(lambda: chart.plot.series and len(chart.plot.series[0].ys) == 5, "the curve")
        assert app.main.focused is app.main.query_one("#runs")
        await app.press("c", "left", "left")
        assert chart.view.crosshair == 3


async def test_a_larger_screen_shows_the_model_view_at_once(history: Path) -> None:
    async with opened(history, (100, 30)) as app:
        await app.pilot.resize_terminal(140, 40)
        await app.until(lambda: "no snapshots" in app.main.query_one(ModelView).frame.text, "the model view")


def test_escape_leaves_the_model_view_too(terminal: Start, history: Path) -> None:
    screen = terminal([*WITHOUT_TRAINER, "--store", str(history)], size=(140, 40))
    screen.until(lambda text: "no snapshots of this run" in text and "q quit" in text, "the run and its model view")
    screen.press("z")
    screen.until(lambda text: "─Loss · " not in text and "no snapshots" not in text, "the chart on the whole screen")
    screen.press("z")
    screen.until(lambda text: "─Loss · " not in text and "no snapshots" in text, "the model view on the whole screen")
    screen.press("\x1b")
    screen.until(lambda text: "─Loss · " in text and "─Runs" in text, "all panes")


async def test_runs_each_on_their_own_are_ranked_each_on_their_own(history: Path) -> None:
    async with opened(history, (140, 60)) as app:
        await app.press("asterisk", "b", "b")
        await app.until(lambda: "bce s1 " in app.text("#comparison"), "the ranking")
        assert re.findall(r"◆\d bce (s\d) +0\.\d+", app.text("#comparison")) == ["s1", "s2", "s3", "s4", "s5"]
        assert "±" not in app.text("#comparison")


async def test_of_too_many_curves_the_newest_are_drawn(quiet_store: Path) -> None:
    add_finished(quiet_store, [RunConfig.of("bce", epochs=2, seed=seed) for seed in range(1, 28)])
    async with opened(quiet_store) as app:
        await app.press("asterisk", "b", "b")
        labels = [one.label for one in app.main.query_one(LossChart).plot.series]
        assert labels == [f"bce s{seed}" for seed in range(4, 28)]
        await app.press("w")
        text = str(app.app.screen.query_one("#text Static").render())
        assert "only the last 24 curves are drawn; 3 more are marked" in text


async def test_a_run_without_scores_has_no_share_in_the_mean_over_seeds(history: Path) -> None:
    with Store(history) as store:
        store.queue([RunConfig.of("bce", epochs=5, seed=6)])
    async with opened(history) as app:
        await app.press("asterisk")
        await app.until(lambda: "mean ± sd" in app.text("#runs"), "the column")
        rows = app.rows()
        assert "±" not in rows[0]
        assert all("±" in row for row in rows[1:])


@pytest.mark.parametrize(("status", "message"), [("diverged", "diverged at epoch 1"), ("stopped", "stopped before it")])
async def test_a_state_is_said_once(history: Path, status: str, message: str) -> None:
    with closing(sqlite3.connect(history)) as sqlite, sqlite:
        nothing = ", ".join(f"{name} = NULL" for name in ("train_loss", "train_metric", "test_loss", "test_metric"))
        sqlite.execute(f"UPDATE runs SET status = ?, message = ?, {nothing} WHERE id = 5", (status, message))
    async with opened(history) as app:
        assert app.text("#run").splitlines()[0].split() == message.split()


async def test_an_export_asks_before_it_replaces_a_file(history: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("mine")
    async with opened(history) as app:
        await app.press("E")
        app.app.screen.query_one("#path", Input).value = str(target)
        await app.press("enter")
        assert "is there already: enter again replaces it" in str(app.app.screen.query_one("#there").render())
        assert target.read_text() == "mine"
        await app.press("enter")
        await app.until(lambda: "binary_crossentropy" in target.read_text(), "the export")
        await app.until(lambda: f"wrote {target}" in app.notices(), "what was written")


async def test_a_run_that_cannot_be_read_is_one_row_apart(history: Path) -> None:
    with closing(sqlite3.connect(history)) as sqlite, sqlite:
        sqlite.execute("UPDATE runs SET loss = 'no such loss' WHERE id = 4")
        sqlite.execute("UPDATE runs SET epochs = 'many' WHERE id = 2")
    async with opened(history) as app:
        await app.until(lambda: app.ids() == [5, 4, 3, 2, 1], "all runs")
        assert re.search(r" 4 unreadable: .*loss", app.text("#runs"))
        await app.press("asterisk")
        assert app.marked() == [5, 3, 1]
        await app.press("asterisk", "down")
        assert "run 4 is unreadable" in app.text("#run")
        await app.press(
            "space", "e", "p", "x", "r", "c", "i", "escape", "v", "t", "t", "T", "slash", *"unread", "enter"
        )
        await app.until(lambda: set(app.ids()) == {4, 2}, "the filter")
        await app.press("escape")
        assert app.marked() == []
        while app.highlighted() != 4:
            await app.press("down")
        await app.press("D")
        await app.until(lambda: 4 not in app.ids(), "its deletion")


async def test_only_unreadable_runs_are_no_end_of_the_app(quiet_store: Path) -> None:
    add_finished(quiet_store, [RunConfig.of("bce", epochs=5)])
    with closing(sqlite3.connect(quiet_store)) as sqlite, sqlite:
        sqlite.execute("UPDATE runs SET dataset = 'nowhere'")
    async with opened(quiet_store) as app:
        await app.press("m", "b", "v", "comma", "o", "z", "z", "z", "z", "asterisk", "i", "escape", "4")
        assert app.chosen()[0] == "bce"


@pytest.mark.parametrize("name", ["COLUMNS", "LINES"])
def test_the_size_is_what_the_terminal_says(terminal: Start, tmp_path: Path, name: str) -> None:
    screen = terminal([*WITHOUT_TRAINER, "--store", str(tmp_path / "store.db")], **{name: "99999999"})
    text = screen.until(lambda text: "q quit" in text, "the first screen")
    assert len(text.splitlines()) == 40
    assert text.splitlines()[-1].startswith(" 1-7 loss")


HANDLERS = """
import signal, sys
from lossterm.supervisor.supervisor import Supervisor
Supervisor.check = lambda *_: None
from lossterm.tui.app import LosstermApp
ready = LosstermApp.on_ready
def on_ready(self):
    ready(self)
    for name in ("SIGTERM", "SIGHUP", "SIGINT", "SIGTSTP", "SIGCONT", "SIGWINCH"):
        print(name, signal.getsignal(getattr(signal, name)).__module__, file=open(sys.argv[-1], "a"), flush=True)
LosstermApp.on_ready = on_ready
from lossterm.cli import main
sys.exit(main(sys.argv[1:-1]))
"""


def test_what_a_signal_asks_for_is_done_by_the_event_loop(terminal: Start, tmp_path: Path) -> None:
    """A handler that writes or waits would take locks that the code it came into may hold already."""
    said = tmp_path / "handlers"
    screen = terminal([sys.executable, "-c", HANDLERS, "--store", str(tmp_path / "store.db"), str(said)])
    screen.until(lambda text: "q quit" in text, "the app")
    wait_for(lambda: said.exists() and said.read_text().count("\n") == 6, what="the handlers")
    assert {line.split()[1] for line in said.read_text().splitlines()} == {"asyncio.unix_events"}


def test_a_storm_of_signals_leaves_an_app_that_answers(terminal: Start, tmp_path: Path) -> None:
    screen = terminal([*WITHOUT_TRAINER, "--store", str(tmp_path / "store.db")])
    screen.until(lambda text: "q quit" in text, "the app")
    for number in range(300):
        os.kill(screen.process.pid, (signal.SIGWINCH, signal.SIGCONT, signal.SIGWINCH)[number % 3])
        if number % 30 == 0:
            os.kill(screen.process.pid, signal.SIGTSTP)
            os.kill(screen.process.pid, signal.SIGCONT)
        screen.press("45"[number % 2])
        screen.skip(0.002)
    screen.press("\x0c")
    os.kill(screen.process.pid, signal.SIGCONT)
    screen.insist(["5"], lambda text: "▸5 hinge" in text and "q quit" in text, "the app")
    screen.process.send_signal(signal.SIGTERM)
    assert screen.ended() == 128 + signal.SIGTERM
    assert screen.is_as_it_was()


async def test_the_table_shows_no_part_of_a_number_and_the_test_metric_at_80_columns(history: Path) -> None:
    async with opened(history, (80, 24)) as app:
        await app.press("n", *"odd", "enter")
        await app.until(lambda: "odd" in app.text("#runs"), "the note")
        heading, *rows = (line.split() for line in app.text("#runs").splitlines())
        assert "te metr" in " ".join(heading)
        assert heading[-1] in ("metr", "loss", "note", "@epoch"), heading
        assert all(len(word) == 5 for word in rows[1][-1:]), rows


async def test_what_is_trained_is_shown_though_others_were_compared(history: Path) -> None:
    async with opened(history) as app:
        await app.press("asterisk", "4", "enter")
        await app.until(lambda: app.ids()[0] == 6, "the queued run")
        await app.until(lambda: "#6" in str(app.main.query_one("#plots").border_title), "the run in the chart")
        assert app.marked() == []
        await app.press("h")
        assert len(app.marked()) == 5


async def test_what_is_trained_joins_one_marked_run(history: Path) -> None:
    async with opened(history) as app:
        await app.press("space", "4", "enter")
        await app.until(lambda: app.ids()[0] == 6, "the queued run")
        assert app.marked() == [5]


async def test_a_key_that_is_held_down_says_what_it_has_to_say_once(history: Path) -> None:
    """Hundreds of notices kept the app from its keys for seconds."""
    async with opened(history) as app:
        await app.press(*["9"] * 20)
        assert app.notices().count("the menu has no such loss") == 1


async def test_the_cursor_is_on_a_run_that_the_filter_shows(history: Path) -> None:
    """`n` wrote its note on a run that was not in view."""
    async with opened(history) as app:
        await app.press("slash", *"seed:3", "enter")
        assert (app.ids(), app.highlighted()) == ([3], 3)
        assert " enter open run 3 " in app.text("#keys")


async def test_settings_are_called_by_their_labels_beside_a_run(quiet_store: Path) -> None:
    add_finished(quiet_store, [RunConfig.of("bce", epochs=5, learning_rate=0.1)])
    async with opened(quiet_store) as app:
        await app.until(lambda: app.main.query_one("#plots").border_title, "the title")
        assert str(app.main.query_one("#plots").border_title).endswith("epochs 5, learning rate 0.1")
