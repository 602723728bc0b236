"""The app in a browser: started as textual-serve starts it, and spoken to in its packets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lossterm.config import RunConfig
from lossterm.store import Store
from lossterm.tui.browser import Packets

from ..browser import Browser
from ..terminal import WITHOUT_TRAINER

Start = Callable[..., Browser]


@pytest.fixture
def browser() -> Iterator[Start]:
    """Start the app, without a trainer, for a page; what still runs at the end is killed."""
    opened: list[Browser] = []

    def start(store: Path, *options: str, **more: Any) -> Browser:
        opened.append(Browser([*WITHOUT_TRAINER, "--store", str(store), *options], **more))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def test_keys_mouse_colours_and_sizes_reach_the_app_without_a_terminal(browser: Start, tmp_path: Path) -> None:
    page = browser(tmp_path / "s.db", size=(100, 30))
    page.until(lambda text: "▸1 mse" in text and "q quit" in text, "the app")
    page.press("5")
    page.until(lambda text: "▸5 hinge" in text, "a key")
    page.click("4 bce", within=3)
    page.until(lambda text: "▸4 bce" in text, "a click")
    assert any(len(colour) == 6 for colour in page.colours), f"no true colours: {page.colours}"
    page.resize(140, 40)
    page.until(lambda text: len(text.splitlines()) == 40 and "? help" in text.splitlines()[-1], "the new size")
    page.say(type="resize", width=10**9, height=-3)
    page.say(no="type")
    page.send(b"M", b"\xff no JSON")
    page.send(b"D", b"\xff\xfe\x1b[200~q\x1b[3~q\x1b[201~")
    page.press("?")
    page.until(lambda text: "Choose and train" in text, "the app after noise")
    page.insist(["\x1b", "q"], lambda _: page.process.poll() is not None, "its end")
    assert page.ended() == 0
    assert page.said[-1] == {"type": "exit"}
    assert page.errors() == ""


def test_keys_that_come_together_are_heeded_one_after_the_other(browser: Start, tmp_path: Path) -> None:
    page = browser(tmp_path / "s.db", size=(100, 30))
    page.until(lambda text: "what enter trains" in text, "the app")
    page.press("s\x7f\x7f77\r")
    page.until(lambda text: "77*" in text, "the setting typed at once")


def test_a_picture_of_the_screen_goes_to_the_browser(browser: Start, tmp_path: Path) -> None:
    page = browser(tmp_path / "s.db")
    page.until(lambda text: "q quit" in text, "the app")
    page.press("\x13")
    page.until(lambda _: any(said["type"] == "deliver_file_start" for said in page.said), "the file")


@pytest.mark.parametrize("end", ["quit", "killed"])
def test_a_page_that_is_closed_and_a_server_that_is_killed_end_the_app_and_lose_nothing(
    browser: Start, tmp_path: Path, end: str
) -> None:
    store = tmp_path / "s.db"
    page = browser(store)
    page.until(lambda text: "q quit" in text, "the app")
    page.press("\r")
    page.until(lambda text: "Runs 1" in text, "the queued run")
    if end == "quit":
        page.say(type="quit")
    else:
        page.hang_up()
    assert page.ended() == (0 if end == "quit" else 129)
    with Store(store) as opened:
        assert [run.config for run in opened.runs()] == [RunConfig.of("mse")]


@pytest.mark.unit
def test_packets_are_cut_where_they_end_however_they_come() -> None:
    sent = b"D\0\0\0\2hiM\0\0\0\0D\0\0\0\1!"
    for piece in range(1, len(sent) + 1):
        packets = Packets()
        got = [one for at in range(0, len(sent), piece) for one in packets.feed(sent[at : at + piece])]
        assert got == [("D", b"hi"), ("M", b""), ("D", b"!")]
    with pytest.raises(ValueError, match="packets"):
        list(Packets().feed(b"\xff\xff\xff\xff\xff"))
