from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widget import Widget

from lossterm import launcher
from lossterm.records import Run
from lossterm.store import Store
from lossterm.tui.app import LosstermApp
from lossterm.tui.main_screen import MainScreen

PATIENCE = 60.0


def end_trainers(store: Store) -> None:
    """Kill the trainers of a store, and wait for those that this process started: Python complains of others."""
    pids = [trainer.pid for trainer in store.trainers()]
    for trainer in store.trainers():
        launcher.kill(trainer)
    for child in launcher.children:
        if child.pid in pids:
            child.wait(timeout=PATIENCE)


@pytest.fixture(scope="session")
def trained_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store with a loaded trainer, shared by the tests that train: TensorFlow takes seconds to load."""
    path = tmp_path_factory.mktemp("shared") / "store.db"
    with Store(path) as store:
        watching = store.watch()
        launcher.ensure(store, "auto")
        yield path
        store.stop_all()
        end_trainers(store)
        watching.release()


@pytest.fixture
def quiet_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of one test, with no trainer: for tests of what needs none."""
    monkeypatch.setattr(launcher.Keeper, "keep", lambda _keeper, _store, _devices: None)
    return tmp_path / "store.db"


class Driver:
    """The app under a pilot, with waiting on conditions in place of sleeps."""

    def __init__(self, pilot: Pilot[int]):
        self.pilot = pilot
        assert isinstance(pilot.app, LosstermApp)
        self.app = pilot.app

    @property
    def main(self) -> MainScreen:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, MainScreen))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, condition: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain for {what}; the screen:\n{self.screen()}"
            await asyncio.sleep(0.01)
        await self.pilot.pause()

    def text(self, selector: str) -> str:
        return _text(self.app.screen.query_one(selector))

    def notices(self) -> str:
        """The words of the notices that float over the screen."""
        return " ".join(str(toast.render()) for toast in self.app.screen.query("Toast"))

    def screen(self) -> str:
        return "\n".join(
            f"[{name}]\n{_text(self.main.query_one(name))}" for name in ("#head", "#run-state", "#settings", "#runs")
        )

    def newest(self) -> Run:
        return self.main.board.runs[max(self.main.board.runs)]

    async def trained(self, *keys: str) -> Run:
        """Press keys that train one run, and wait for its end."""
        before = set(self.main.board.runs)
        await self.press(*keys)
        await self.until(lambda: set(self.main.board.runs) - before, "a new run")
        run_id = max(self.main.board.runs)
        await self.until(lambda: self.main.board.runs[run_id].scores is not None, f"the end of run {run_id}")
        return self.main.board.runs[run_id]


def _text(widget: Widget) -> str:
    return "\n".join(widget.render_line(y).text.rstrip() for y in range(widget.size.height))


@asynccontextmanager
async def opened(store: Path, size: tuple[int, int] = (140, 40), ascii_only: bool = False) -> AsyncIterator[Driver]:
    """The app on a store, its history read."""
    app = LosstermApp(store, "auto", ascii_only)
    async with app.run_test(size=size, notifications=True) as pilot:
        driver = Driver(pilot)
        await driver.until(lambda: driver.main.connected, "the store")
        yield driver
