"""The installed program in a pseudo-terminal, its screen read back."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lossterm.config import RunConfig
from lossterm.store import Store

from ..conftest import end_processes
from ..terminal import PATIENCE, PROGRAM


def _app(store: Path) -> list[str]:
    return [*PROGRAM, "--store", str(store)]


def _runs(store: Path) -> list[dict]:
    done = subprocess.run([*_app(store), "runs", "--json"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def _ids(store: Path) -> set[int]:
    with Store(store) as opened:
        return {run.id for run in opened.runs()}


def _wait(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def test_five_enter_shows_the_scores_that_the_store_holds(terminal, trained_store: Path) -> None:
    screen = terminal(_app(trained_store))
    screen.until(lambda text: "ready" in text, "the trainer")
    known = _ids(trained_store)
    screen.press("5")
    screen.until(lambda text: "▸5 hinge" in text, "the loss")
    screen.press("\r")

    _wait(lambda: _ids(trained_store) - known, "the run")
    (run_id,) = _ids(trained_store) - known
    with Store(trained_store) as store:
        _wait(lambda: store.run(run_id).status == "finished", "the end of the run")
    run = next(run for run in _runs(trained_store) if run["id"] == run_id)
    assert (run["loss"], run["dataset"], run["epochs"]) == ("hinge", "circles", 50)
    line = f"Train: {run['train']['loss']:.3f}, Test: {run['test']['loss']:.3f}"
    text = screen.until(lambda text: line in text, line)
    assert f"{run['train']['metric']:.3f}, {run['test']['metric']:.3f}" in text
    assert f"#{run['id']} hinge on circles · seed 1" in text
    screen.press("q")
    assert screen.ended() == 0


def test_keys_that_come_together_do_what_they_do_one_after_the_other(terminal, trained_store: Path) -> None:
    """A slow connection brings what was typed ahead in one packet: through a dialog, over a field's old value."""
    screen = terminal(_app(trained_store))
    screen.until(lambda text: "ready" in text, "the trainer")
    known = _ids(trained_store)
    screen.press("4ds\x7f\x7f3\x7f\x7f47\t6\x7f64\r\r")
    _wait(lambda: _ids(trained_store) - known, "the run")
    with Store(trained_store) as store:
        (asked,) = (run.config for run in store.runs() if run.id not in known)
    assert asked == RunConfig.of("bce", dataset="blobs", epochs=47, batch_size=64)
    screen.press("/hing\x7f\x7f\x7f\x7fno such run\r5")
    text = screen.until(lambda text: "▸5 hinge" in text, "the loss")
    assert "filter: no such run" in text
    assert screen.quit() == 0


def test_keys_before_the_first_screen_wait_for_it(terminal, trained_store: Path) -> None:
    """Enter too, which comes as a line feed then."""
    known = _ids(trained_store)
    screen = terminal(_app(trained_store))
    screen.press("4s7\t64\r\r")
    _wait(lambda: _ids(trained_store) - known, "the run")
    with Store(trained_store) as store:
        (asked,) = (run.config for run in store.runs() if run.id not in known)
    assert asked == RunConfig.of("bce", epochs=7, batch_size=64)
    assert screen.quit() == 0


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (140, 40)])
def test_nothing_that_matters_is_cut(terminal, trained_store: Path, size: tuple[int, int]) -> None:
    screen = terminal(_app(trained_store), size=size)
    words = ["1 mse", "7 kld", "regression", "circles", "blobs", "Settings", "Runs", "status", "1-7 loss"]
    words += ["enter train mse", "space mark", "x stop", "? help", "q quit", "lossterm"]
    words += ["p pause"] if size[0] > 80 else []
    screen.until(lambda text: "ready" in text and "q quit" in text, "the first screen")
    screen.press("1")  # enter trains in the menu, and opens a run in the table
    text = screen.until(lambda text: "enter train" in text, "the menu's footer")
    assert [word for word in words if word not in text] == []


def test_too_small_a_terminal_says_so_and_recovers(terminal, trained_store: Path) -> None:
    screen = terminal(_app(trained_store), size=(59, 15))
    screen.until(lambda text: "terminal too small: 59×15, needs 60×16" in text, "the reason")
    screen.resize(80, 24)
    screen.until(lambda text: "q quit" in text, "the whole screen")


def test_ascii_shows_nothing_else(terminal, trained_store: Path) -> None:
    screen = terminal([*_app(trained_store), "--ascii"])
    text = screen.until(lambda text: "ready" in text and "q quit" in text, "the first screen")
    assert text.isascii()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_as_it_was(terminal, trained_store: Path, number: signal.Signals) -> None:
    screen = terminal(_app(trained_store))
    screen.until(lambda text: "q quit" in text, "the first screen")
    screen.process.send_signal(number)
    assert screen.ended() == 128 + number
    for left in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l"):
        assert left in screen.written
    assert termios.tcgetattr(screen.theirs) == screen.before
    assert b"Traceback" not in screen.written


@pytest.mark.parametrize("end", ["kill -9", "hang up"])
def test_a_run_outlives_its_window(terminal, trained_store: Path, end: str) -> None:
    screen = terminal(_app(trained_store))
    screen.until(lambda text: "ready" in text, "the trainer")
    with Store(trained_store) as store:
        known = {run.id for run in store.runs()}
        screen.press("4")
        screen.until(lambda text: "▸4 bce" in text, "the loss")
        screen.press("s")
        screen.until(lambda text: "Settings ·" in text, "the settings")
        screen.insist(["\x7f\x7f"], lambda text: re.search(r"epochs +a whole number", text), "the empty field")
        screen.press("3000")
        screen.until(lambda text: "3000 " in text, "the number")
        screen.press("\r")
        screen.until(lambda text: "3000*" in text, "the setting")
        screen.press("\r")
        _wait(lambda: any(r.id not in known and r.epochs_done for r in store.runs()), "the first epochs")
        if end == "kill -9":
            screen.process.kill()
        else:
            screen.hang_up()
        screen.process.wait(timeout=PATIENCE)
        run_id = max(run.id for run in store.runs())
        assert store.run(run_id).status == "running"
        _wait(lambda: store.run(run_id).status == "finished", "the end of the run")
        assert len(store.epochs(run_id)) == 3000
        scores = store.run(run_id).scores
        assert scores is not None
    again = terminal(_app(trained_store))
    again.until(lambda text: scores.line in text, "the scores at the next start")


def test_a_fault_in_the_app_restores_the_terminal_and_says_one_line(terminal, tmp_path: Path) -> None:
    program = (
        "import sys; from lossterm.tui.panes import draft_pane as m; "
        "m.DraftPane.action_next_dataset = lambda self: 1 / 0; "
        "from lossterm.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    screen = terminal(
        [sys.executable, "-c", program, "--store", str(tmp_path / "store.db")],
        XDG_STATE_HOME=str(tmp_path / "state"),
        LOSSTERM_IDLE="0",
    )
    screen.until(lambda text: "q quit" in text, "the first screen")
    screen.press("d")
    assert screen.ended() == 1
    end_processes(str(tmp_path / "store.db"))  # its trainer, which may still be loading
    assert b"\x1b[?1049l" in screen.written
    assert termios.tcgetattr(screen.theirs) == screen.before
    after = screen.written.split(b"\x1b[?1049l")[-1].decode()
    assert "lossterm: internal error in the app" in after
    assert "Traceback" not in after
    assert "ZeroDivisionError" in (tmp_path / "state" / "lossterm" / "crash.log").read_text()
