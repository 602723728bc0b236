"""What others wrote, in a store, a log or a file's name, cannot make the terminal do anything."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from lossterm.config import RunConfig
from lossterm.store import Store

from ..terminal import WITHOUT_TRAINER, Terminal
from .stores import add_finished

Start = Callable[..., Terminal]
TITLE = "\x1b]0;PWNED\x07"
COLOUR = "\x1b[31m"


def harmless(screen: Terminal) -> None:
    """Nothing of it reached the terminal as it was."""
    screen.read()
    assert b"PWNED\x07" not in screen.written
    assert not re.search(rb"\x1b\][012];", screen.written)
    assert "\x9b" not in screen.written.decode(errors="replace")


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    configs = [RunConfig.of("bce", epochs=5, seed=seed) for seed in range(1, 5)]
    add_finished(path, configs)
    with closing(sqlite3.connect(path)) as sqlite, sqlite:
        sqlite.execute("UPDATE runs SET note = ?", (f"a{TITLE}b\nc\x9b31md",))
        sqlite.execute("UPDATE runs SET resolved = ? WHERE id = 2", (f"x{TITLE}",))
        sqlite.execute(
            "UPDATE runs SET status = 'failed', message = ?, train_loss = NULL, train_metric = NULL, test_loss = NULL, "
            "test_metric = NULL WHERE id = 3",
            (f"m{TITLE}n",),
        )
        sqlite.execute("UPDATE runs SET loss = ? WHERE id = 4", (f"l{TITLE}",))
    return path


@pytest.mark.parametrize("plain", [(), ("--ascii",)], ids=["usual", "ascii"])
def test_escapes_in_a_store_are_shown_as_text(terminal: Start, hostile: Path, plain: tuple[str, ...]) -> None:
    screen = terminal([*WITHOUT_TRAINER, "--store", str(hostile), *plain], size=(180, 40))
    text = screen.until(lambda text: "a?]0;PWNED?b?c" in text, "the note")
    assert "unreadable" in text
    screen.press("\x1b[B")
    screen.until(lambda text: "m?]0;PWNED?n" in text, "the message")
    screen.press("n")
    screen.until(lambda text: "Note on run 3" in text, "the note's field")
    screen.press("\x1b")
    screen.insist(["\x1b[B"], lambda text: "#2 binary" in text, "the run with the device")
    screen.press("/")
    screen.until(lambda text: "filter: words" in text, "the filter")
    screen.press("pwned\r")
    screen.until(lambda text: "filter: pwned" in text, "what is found")
    harmless(screen)


def test_escapes_in_a_log_are_shown_as_text(terminal: Start, hostile: Path) -> None:
    with Store(hostile) as store:
        store.log_folder.mkdir()
        log = store.log_folder / "trainer-20260101-000000-1.log"
    log.write_text(f"first\n{TITLE}{COLOUR}last\rover\n")
    with closing(sqlite3.connect(hostile)) as sqlite, sqlite:
        sqlite.execute("UPDATE runs SET log = ?", (str(log),))
    screen = terminal([*WITHOUT_TRAINER, "--store", str(hostile)])
    screen.until(lambda text: "a?]0;PWNED?b" in text, "the app")
    screen.press("\x1b[BL")
    text = screen.until(lambda text: "?]0;PWNED??[31mlast" in text, "the log")
    lines = [line.rstrip()[-1:] for line in text.splitlines() if "PWNED??" in line or "first" in line]
    assert set(lines) <= {"│", "▁"}, "the dialog's frame stands where it stood"
    harmless(screen)
    assert b"\x1b[31m" not in screen.written


def test_escapes_in_the_name_of_a_file_are_shown_as_text(terminal: Start, tmp_path: Path) -> None:
    folder = tmp_path / f"f{TITLE}"
    folder.mkdir()
    path = folder / "store.db"
    add_finished(path, [RunConfig.of("bce", epochs=5)])
    screen = terminal([*WITHOUT_TRAINER, "--store", str(path)])
    screen.until(lambda text: "#1 binary" in text, "the run")
    path.unlink()
    screen.until(lambda text: "store: /" in text, "the trouble; the path may take all of the head line")
    screen.until(lambda text: "Runs 0" in text, "the new store")
    screen.press("E")
    screen.until(lambda text: "nothing to export" in text, "that there is nothing to export")
    harmless(screen)


@pytest.mark.parametrize("typed", ["[/b]", "[red", "[[", "\\[x", "[@click=app.quit]q[/]"])
def test_what_is_typed_into_the_filter_is_no_markup(terminal: Start, hostile: Path, typed: str) -> None:
    screen = terminal([*WITHOUT_TRAINER, "--store", str(hostile)])
    screen.until(lambda text: "q quit" in text and "Runs 4" in text, "the app")
    screen.press("/")
    screen.until(lambda text: "filter: words" in text, "the filter")
    screen.press(typed)
    screen.until(lambda text: f"filter: {typed}─" in text, "the words in the title")
    screen.press("\r")
    screen.insist(["5"], lambda text: "▸5 hinge" in text, "that it answers")
