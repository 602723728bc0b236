"""When a run hangs, and how steadily a trouble is said."""

from __future__ import annotations

from lossterm.supervisor.hangs import CALM_SECONDS, LastingText


def test_a_trouble_that_comes_and_goes_is_one() -> None:
    text = LastingText()
    assert text.update("", 0.0) == ""
    shown = [text.update(("disk full", "")[turn % 2], turn * 0.5) for turn in range(2, 100)]
    assert set(shown) == {"disk full"}


def test_a_trouble_is_over_once_it_stays_away() -> None:
    text = LastingText()
    assert text.update("locked", 1.0) == "locked"
    assert text.update("", 2.0) == "locked"
    assert text.update("", 2.0 + CALM_SECONDS) == ""
    assert text.update("locked", 10.0) == "locked", "a new one is said at once"


def test_two_reasons_in_turn_are_said_as_the_first_and_a_lasting_one_replaces_it() -> None:
    text = LastingText()
    assert {text.update(("full", "disk I/O error")[turn % 2], float(turn)) for turn in range(20)} == {"full"}
    assert text.update("locked", 30.0) == "full"
    assert text.update("locked", 30.0 + CALM_SECONDS) == "locked"
