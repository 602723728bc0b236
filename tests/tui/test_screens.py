"""Whole screens of the app as exact text, from the real program in a pseudo-terminal.

They are kept in tests/tui/screens/, one file a screen. After a change that is meant, write them anew and review the
difference as text:

    pytest -n 0 tests/tui/test_screens.py --update-screens
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lossterm.config import RunConfig
from lossterm.store import Store

from ..terminal import WITHOUT_TRAINER, Terminal
from .stores import LOSSES, add_finished

SCREENS = Path(__file__).parent / "screens"
PATIENCE = 20.0
STILL = 1.0
ESCAPE = "\x1b"

Start = Callable[..., Terminal]
KINDS = {"80x24": ((80, 24), ()), "140x40": ((140, 40), ()), "80x24-ascii": ((80, 24), ("--ascii",))}


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    return tmp_path / "empty.db"


@pytest.fixture
def history(made: Path, tmp_path: Path) -> Path:
    """The runs that were made once, in an app in which nothing was chosen yet."""
    return Path(shutil.copy(made, tmp_path))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven losses on one dataset, and a run on its own after them."""
    path = tmp_path_factory.mktemp("screens") / "history.db"
    add_finished(path, [RunConfig.of(loss, dataset="circles", epochs=30) for loss in LOSSES])
    add_finished(path, [RunConfig.of("hinge", epochs=12, learning_rate=0.05)])
    return path


class Album:
    """Compares a program's screen with the kept ones, or writes those anew."""

    def __init__(self, screen: Terminal, kind: str, update: bool) -> None:
        self.screen, self.kind, self.update = screen, kind, update

    def shows(self, name: str) -> None:
        """The screen comes to be the kept one, exactly."""
        path = SCREENS / f"{name}-{self.kind}.txt"
        if self.update:
            path.parent.mkdir(exist_ok=True)
            path.write_text(self._still(), encoding="utf-8")
            return
        kept = path.read_text(encoding="utf-8")
        deadline = time.monotonic() + PATIENCE
        while (shown := trimmed(self.screen.read())) != kept and time.monotonic() < deadline:
            pass
        assert shown == kept, f"{path.name} is another one; if that is meant: --update-screens"

    def _still(self) -> str:
        """The screen once it has not changed for a while."""
        shown, since = "", time.monotonic()
        while time.monotonic() - since < STILL:
            if (now := trimmed(self.screen.read())) != shown:
                shown, since = now, time.monotonic()
        return shown


def trimmed(screen: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in screen.splitlines())


@contextmanager
def album(terminal: Start, store: Path, kind: str, request: pytest.FixtureRequest) -> Iterator[Album]:
    size, options = KINDS[kind]
    screen = terminal([*WITHOUT_TRAINER, "--store", str(store), *options], size=size)
    screen.until(lambda text: "q quit" in text, "the app")
    yield Album(screen, kind, bool(request.config.getoption("--update-screens")))


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_start_and_its_dialogs(
    terminal: Start, empty: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    with album(terminal, empty, kind, request) as screens:
        screens.shows("first-start")
        for name, keys in (
            ("settings", "s"),
            ("compare", "A"),
            ("presets", "X"),
            ("help", "?"),
            ("about", "i"),
            ("datasets", "M"),
        ):
            screens.screen.press(keys)
            screens.shows(name)
            screens.screen.press(ESCAPE)
            screens.shows("first-start")
        screens.screen.press("5")
        screens.shows("another-loss")


@pytest.mark.parametrize("kind", KINDS)
def test_one_run_and_a_comparison_and_their_dialogs(
    terminal: Start, history: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    with album(terminal, history, kind, request) as screens:
        screens.shows("one-run")
        for name, keys in (("note", "n"), ("export", "E")):
            screens.screen.press(keys)
            screens.shows(name)
            screens.screen.press(ESCAPE)
            screens.shows("one-run")
        for number in (*range(7, 0, -1), 8):  # all curves are read then, and the axes do not turn on which comes first
            screens.screen.press("\x1b[B" if number < 8 else "\x1b[H")
            screens.screen.until(lambda text: re.search(rf"#{number} .*\n(.*\n){{5,}}.*test", text), "its curve")  # noqa: B023
        screens.screen.press("/")
        screens.shows("filter")
        screens.screen.press("epochs=30\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7fcircles\r")
        screens.shows("filtered")
        screens.screen.press("*\x1b[B")
        screens.shows("comparison")
        screens.screen.press("z")
        screens.shows("comparison-full")


@pytest.mark.parametrize("kind", KINDS)
def test_leaving_while_runs_wait(terminal: Start, tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    path = tmp_path / "store.db"
    with Store(path) as store:
        store.queue([RunConfig.of(loss) for loss in ("bce", "hinge")])
    with album(terminal, path, kind, request) as screens:
        screens.shows("queued")
        screens.screen.press("q")
        screens.shows("quit")
