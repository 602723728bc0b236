"""Terminals of many kinds: none at all, dumb ones, sixteen colours, no UTF-8, tmux, screen; and the first moments."""

from __future__ import annotations

import re
import shutil
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lossterm.store import Store

from ..conftest import wait_for
from ..terminal import PROGRAM, Terminal

Start = Callable[..., Terminal]
SHOWS_NOTHING = "to train without (it|one): lossterm run --loss mse\n$"


def app(store: Path) -> list[str]:
    return [*PROGRAM, "--store", str(store)]


@pytest.mark.parametrize("term", ["dumb", "unknown"])
def test_a_terminal_that_cannot_show_it(terminal: Start, tmp_path: Path, term: str) -> None:
    screen = terminal(app(tmp_path / "store.db"), TERM=term)
    assert screen.ended() == 2
    said = screen.written.decode().replace("\r\n", "\n")
    assert said.startswith(f"lossterm: this terminal (TERM={term}) cannot show the app; ")
    assert re.search(SHOWS_NOTHING, said)
    assert said.count("\n") == 1
    assert "\x1b" not in said
    assert screen.is_as_it_was()
    assert not (tmp_path / "store.db").exists()


@pytest.mark.parametrize("missing", ["stdin", "stdout", "both"])
def test_no_terminal(terminal: Start, tmp_path: Path, missing: str) -> None:
    words = " ".join(app(tmp_path / "store.db"))
    tail = {"stdin": "< /dev/null", "stdout": "| cat", "both": "< /dev/null | cat"}[missing]
    screen = terminal(["sh", "-c", f"{words} {tail}"])
    screen.ended()
    said = screen.written.decode().replace("\r\n", "\n")
    assert said.startswith("lossterm: the app needs a terminal; ")
    assert re.search(SHOWS_NOTHING, said)
    assert not (tmp_path / "store.db").exists()


@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C"},
        {"LC_CTYPE": "C", "LANG": ""},
        pytest.param({"LANG": "C"}, marks=pytest.mark.slow),
        pytest.param({"LC_ALL": "POSIX"}, marks=pytest.mark.slow),
    ],
)
def test_a_locale_without_utf_8(terminal: Start, trained_store: Path, locale: dict[str, str]) -> None:
    screen = terminal(app(trained_store), **{"LANG": None, "LC_ALL": None, "LC_CTYPE": None, **locale})
    text = screen.until(lambda text: "ready" in text and "q quit" in text, "the app")
    assert text.isascii()
    screen.press("5")
    assert screen.until(lambda text: ">5 hinge" in text, "the loss").isascii()
    screen.press("q")
    assert screen.ended() == 0
    assert screen.is_as_it_was()


@pytest.mark.parametrize("term", ["xterm", "linux", pytest.param("screen", marks=pytest.mark.slow)])
def test_sixteen_colours(terminal: Start, trained_store: Path, term: str) -> None:
    """Every character differs from what it stands on, and no colour is asked for that the terminal has not."""
    screen = terminal(app(trained_store), TERM=term, COLORTERM=None)
    screen.until(lambda text: "ready" in text and "q quit" in text, "the app")
    screen.press("5")
    screen.until(lambda text: "▸5 hinge" in text, "the loss")
    assert not re.search(rb"\x1b\[[\d;]*[34]8;[25];", screen.written)
    assert len(screen.colours) > 4, "there are colours"
    assert screen.unreadable == []
    screen.press("q")
    assert screen.ended() == 0


@pytest.mark.parametrize(
    ("mark", "number"),
    [
        (b"\x1b[?1049h", signal.SIGTERM),
        (b"\x1b[?1049h", signal.SIGINT),
        (b"\x1b[?1049h", signal.SIGHUP),
        (b"\x1b[?1003h", signal.SIGTERM),
        (b"\x1b[?2004h", signal.SIGTERM),
        (b"hinge", signal.SIGTERM),
    ],
)
def test_a_signal_while_the_app_takes_the_terminal(
    terminal: Start, trained_store: Path, mark: bytes, number: signal.Signals
) -> None:
    screen = terminal(app(trained_store))
    screen.raw(mark)
    screen.process.send_signal(number)
    assert screen.ended() == 128 + number
    assert screen.is_as_it_was()
    assert b"Traceback" not in screen.written


def test_enter_twice_leaves_a_dialog_once(terminal: Start, trained_store: Path) -> None:
    screen = terminal(app(trained_store))
    screen.until(lambda text: "ready" in text and "q quit" in text, "the app")
    screen.press("s")
    screen.until(lambda text: "Settings ·" in text, "the settings")
    with Store(trained_store) as store:
        before = len(store.runs())
        screen.press("\r\r")
        wait_for(lambda: len(store.runs()) == before + 1, what="the run that the second one asks for, or less")
    screen.press("?")
    screen.until(lambda text: "lossterm · help" in text, "the help")
    screen.press("\r\r\r")
    screen.insist(["4"], lambda text: "▸4 bce" in text, "the app as before")


MULTIPLEXERS = {
    "tmux": ["tmux", "-L", "test", "-f", "/dev/null", "new-session", "sh"],
    "screen": ["screen", "-U", "-S", "test", "-c", "/dev/null", "sh"],
}
"""A shell in each, configured by nobody."""


@pytest.mark.parametrize("kind", ["tmux", "screen"])
def test_inside_a_multiplexer(
    terminal: Start, trained_store: Path, tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    """Starts, trains, quits, and the shell's terminal is as it was."""
    if not shutil.which(kind):
        pytest.skip(f"no {kind} here")
    sockets = tempfile.TemporaryDirectory(dir="/tmp")  # a socket's path may have 107 bytes
    request.addfinalizer(sockets.cleanup)
    places = {"TMUX": None, "TMUX_TMPDIR": sockets.name, "SCREENDIR": sockets.name}
    screen = terminal(MULTIPLEXERS[kind], **places)
    screen.until(lambda text: "#" in text or "$" in text, "the shell")
    screen.press(f"stty -a > {tmp_path}/before; echo be''fore $TERM\r")
    screen.until(lambda text: f"before {kind}" in text, "the shell's answer")
    with Store(trained_store) as store:
        known = {run.id for run in store.runs()}
        screen.pour(f"{' '.join(app(trained_store))}; echo le''ft $?\r".encode())
        screen.until(lambda text: "ready" in text and "q quit" in text, "the app")
        screen.press("4")
        screen.until(lambda text: "▸4 bce" in text, "the loss")
        screen.press("\r")
        wait_for(lambda: any(r.id not in known and r.status == "finished" for r in store.runs()), what="the run")
        number = max(run.id for run in store.runs())
    screen.until(lambda text: re.search(rf"#{number} binary [^\n]*\n[^\n]* finished +Train: 0\.", text), "the scores")
    screen.press("q")
    text = screen.until(lambda text: "left 0" in text, "the shell")
    if kind == "tmux":  # screen has no alternate screen unless told so
        assert f"before {kind}" in text
        assert "q quit" not in text
    screen.press(f"stty -a > {tmp_path}/after; echo af''ter\r")
    screen.until(lambda text: "after" in text, "the shell's answer")
    assert (tmp_path / "after").read_text() == (tmp_path / "before").read_text()
    screen.press("exit\r")
    assert screen.ended() == 0
    assert screen.is_as_it_was()
