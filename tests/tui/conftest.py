from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Input

from lossterm.runs.records import Run
from lossterm.store import Store
from lossterm.store.commands import SetPreference
from lossterm.supervisor import comparisons, launch
from lossterm.supervisor.supervisor import Supervisor
from lossterm.tui.app import LosstermApp
from lossterm.tui.screens.main_screen import MainScreen

PATIENCE = 60.0


def end_trainers(store: Store) -> None:
    """Kill the trainers of a store, and wait for those that this process started: Python complains of others."""
    pids = [trainer.pid for trainer in store.trainers()]
    for trainer in store.trainers():
        launch.kill_trainer(trainer)
    for child in launch.children:
        if child.pid in pids:
            child.wait(timeout=PATIENCE)


@pytest.fixture
def forked_trainers(preloaded: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainers that the app starts are forked from a process that has loaded TensorFlow."""
    for name, value in preloaded.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def trained_store(tmp_path_factory: pytest.TempPathFactory, preloaded: dict[str, str]) -> Iterator[Path]:
    """A store with a loaded trainer, shared by the tests that train: TensorFlow takes seconds to load."""
    path = tmp_path_factory.mktemp("shared") / "store.db"
    with Store(path) as store:
        watching = store.watch()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in preloaded.items():
                patch.setenv(name, value)
            launch.ensure_trainers(store, "auto")
        yield path
        store.stop_all()
        end_trainers(store)
        watching.release()


@pytest.fixture(autouse=True)
def _nothing_chosen(request: pytest.FixtureRequest) -> None:
    """What the test before chose in the app is forgotten."""
    if "trained_store" in request.fixturenames:
        with Store(request.getfixturevalue("trained_store")) as store:
            for name in store.preferences():
                store.do(SetPreference(name, None))


@pytest.fixture
def quiet_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of one test, with no trainer, and nothing that goes on with comparisons: for tests of what needs none."""
    monkeypatch.setattr(Supervisor, "check", lambda _supervisor, _store, _devices: None)
    monkeypatch.setattr(comparisons, "ensure_process", lambda *_: None)
    return tmp_path / "store.db"


class Driver:
    """The app under a pilot: presses keys, reads the screen and the store, and waits on conditions, never on time."""

    def __init__(self, pilot: Pilot[int], store: Path):
        self.pilot = pilot
        assert isinstance(pilot.app, LosstermApp)
        self.app = pilot.app
        self.store = store

    @property
    def main(self) -> MainScreen:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, MainScreen))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def set(self, **settings: object) -> None:
        """Type settings into their form, and take them."""
        await self.press("s")
        for name, value in settings.items():
            self.app.screen.query_one(f"#{name}", Input).value = str(value)
        await self.press("enter")

    async def until(self, condition: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain for {what}; the screen:\n{self.screen()}"
            await asyncio.sleep(0.01)
        await self.pilot.pause()

    # -- the screen -----------------------------------------------------------------------------------------

    def text(self, selector: str) -> str:
        return _text(self.app.screen.query_one(selector))

    def notices(self) -> str:
        """The words of the notices that float over the screen."""
        return " ".join(str(toast.render()) for toast in self.app.screen.query("Toast"))

    def screen(self) -> str:
        return "\n".join(
            f"[{name}]\n{_text(self.main.query_one(name))}" for name in ("#head", "#run", "#settings", "#runs")
        )

    def chosen(self) -> tuple[str, str]:
        """The short name of the chosen loss, and the chosen dataset."""
        loss, dataset = (
            next(line for line in self.text(menu).splitlines() if line.startswith("▸"))
            for menu in ("#losses", "#datasets")
        )
        return loss.split()[1], dataset[1:].split()[0]

    def changed(self) -> dict[str, str]:
        """The settings that the pane marks as changed, by label."""
        lines = (re.split(r"\s{2,}", line.strip()) for line in self.text("#settings").splitlines())
        return {words[0]: words[-1][:-1] for words in lines if words[-1].endswith("*")}

    def rows(self) -> list[str]:
        """The rows of the table in view."""
        return [line for line in self.text("#runs").splitlines()[1:] if re.match(r"...\s*\d+ ", line)]

    def ids(self) -> list[int]:
        """The ids of the runs in view."""
        return [int(line[3:].split()[0]) for line in self.rows()]

    def marked(self) -> list[int]:
        """The ids of the marked runs in view."""
        return [int(line[3:].split()[0]) for line in self.rows() if line[0] == "●"]

    def highlighted(self) -> int | None:
        """The id of the run under the cursor: its row stands on another ground than the heading."""
        table = self.main.query_one("#runs")
        lines = [table.render_line(y) for y in range(table.size.height)]
        styles = [next(iter(line)).style for line in lines]
        grounds = [style and style.bgcolor for style in styles]
        at = [y for y in range(1, len(lines)) if grounds[y] != grounds[0]]
        return int(lines[at[0]].text[3:].split()[0]) if at else None

    # -- the store ------------------------------------------------------------------------------------------

    def stored(self) -> dict[int, Run]:
        """The runs that the store holds, by id."""
        with Store(self.store) as store:
            return {run.id: run for run in store.runs()}

    def newest(self) -> Run:
        runs = self.stored()
        return runs[max(runs)]

    async def queued(self, *keys: str) -> list[int]:
        """Press keys that queue runs; wait for them, and give their ids."""
        before = set(self.stored())
        await self.press(*keys)
        await self.until(lambda: set(self.stored()) - before, "a new run")
        return sorted(set(self.stored()) - before)

    async def trained(self, *keys: str) -> Run:
        """Press keys that train one run, and wait until its end is on the screen."""
        (run_id,) = await self.queued(*keys)
        row = re.compile(rf"...\s*{run_id} .* finished ")
        await self.until(lambda: any(row.match(line) for line in self.rows()), f"the end of run {run_id}")
        return self.stored()[run_id]


def _text(widget: Widget) -> str:
    return "\n".join(widget.render_line(y).text.rstrip() for y in range(widget.size.height))


@asynccontextmanager
async def opened(
    store: Path, size: tuple[int, int] = (140, 40), ascii_only: bool = False, device: str = "auto"
) -> AsyncIterator[Driver]:
    """The app on a store, its history read."""
    app = LosstermApp(store, device, ascii_only)
    async with app.run_test(size=size, notifications=True) as pilot:
        driver = Driver(pilot, store)
        await driver.until(lambda: driver.main.connected, "the store")
        yield driver
