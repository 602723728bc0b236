"""Make the screenshots from real runs: `python screenshots/make.py` (about a minute; TensorFlow trains 60 models).

Each is the app itself at a terminal size, driven by keys, with a real trainer on a store of its own. With the word
`losses` only those that show more losses, networks and optimizers are made.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
os.environ.update(COLORTERM="truecolor", TERM="xterm-256color", LOSSTERM_IDLE="2")
os.environ.pop("NO_COLOR", None)


async def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 300
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the app did not get there")
        await asyncio.sleep(0.02)


async def shoot(name: str, store: Path, size: tuple[int, int], keys: list[str], ascii_only: bool = False) -> None:
    """Open the app, press keys (waiting for the end of training before each), and save the screen."""
    from lossterm.tui.app import LosstermApp
    from lossterm.tui.screens.main_screen import MainScreen

    app = LosstermApp(store, "auto", ascii_only)
    async with app.run_test(size=size) as pilot:
        main = next(screen for screen in app.screen_stack if isinstance(screen, MainScreen))
        await _until(lambda: main.connected and main.state.trainers and main.state.trainers[0].state == "ready")
        for key in keys:
            before, dialog = len(main.state.runs), app.screen is not main
            await pilot.press(key)
            if (key == "enter" and app.screen is main and not dialog) or key == "a":
                await _until(lambda before=before: len(main.state.runs) > before)
            await _until(lambda: not main.state.runs.busy)
            await pilot.pause(0.05)
        await _until(lambda: all(run.id in main.state.curves for run in main.state.shown if run.epochs_done))
        await pilot.pause(0.6)
        (HERE / f"{name}.svg").write_text(app.export_screenshot(title="lossterm"), encoding="utf-8")
        print(f"{name}.svg  {size[0]}×{size[1]}  {' '.join(keys)}")


async def trained(store: Path, configs: list[Any]) -> None:
    """Train runs before the app is opened."""
    from lossterm.store import Store
    from lossterm.supervisor import launch

    with Store(store) as opened:
        launch.ensure_trainers(opened, "auto")
        opened.queue(configs)
        await _until(lambda: not opened.count("queued", "starting", "running"))


async def more_losses() -> None:
    """The picker, parameters, a deeper network with another optimizer, and an own loss that is wrong."""
    from lossterm.config import RunConfig
    from lossterm.runs.loss_files import allow, read_loss_file

    with tempfile.TemporaryDirectory() as folder:
        await shoot("more-losses-100x30", Path(folder) / "picker.db", (100, 30), ["plus", *"cross"])
        store = Path(folder) / "deltas.db"
        await trained(store, [RunConfig.of(f"huber:delta={delta}", outlier_fraction=0.05) for delta in ("0.1", "10")])
        await shoot("two-deltas-140x40", store, (140, 40), ["asterisk"])
        keys = ["plus", *"huber", "enter", "v", *["less_than_sign"] * 5]
        await shoot("parameter-140x40", store, (140, 40), ["asterisk", *keys])
        store = Path(folder) / "network.db"
        await trained(store, [RunConfig.of("bce", hidden_layers="64,32", optimizer="adam", epochs=30)])
        await shoot("two-layers-adam-140x40", store, (140, 40), [])
        file = Path(folder) / "losses.py"
        file.write_text("def steep(y_true, y_pred):\n    return abs(y_true - y_pred)\n")
        source = read_loss_file(file)
        allow(source.file)
        await trained(store, [RunConfig.of("losses.py:steep", dataset="regression", loss_file=source.file)])
        await shoot("own-loss-error-100x30", store, (100, 30), [])


async def main() -> None:
    """All of them, on one store, so that later ones have a history."""
    await more_losses()
    if sys.argv[1:] == ["losses"]:
        return
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store.db"
        await shoot("first-start-80x24", store, (80, 24), [])
        await shoot("one-run-100x30", store, (100, 30), ["4", "enter"])
        await shoot("seven-losses-140x40", store, (140, 40), ["4", "a"])
        await shoot("seven-losses-80x24", store, (80, 24), ["6", "a"])
        await shoot("settings-100x30", store, (100, 30), ["s", "backspace", "backspace", "0"])
        seeds = ["4", "A", "5", "enter"]
        await shoot("five-seeds-140x40", store, (140, 40), seeds)
        reading = ["1", "enter", "l", "right_square_bracket", "c", "left", "left"]
        await shoot("crosshair-140x40", store, (140, 40), reading)
        await shoot("boundary-140x40", store, (140, 40), ["4", "enter", *["comma"] * 14])
        await shoot("seven-boundaries-140x40", store, (140, 40), ["4", "a", "z", "z"])
        await shoot("fit-140x40", store, (140, 40), ["1", "a", "z", "z"])
        await shoot("loss-functions-140x40", store, (140, 40), ["1", "g", "1", "enter", "v"])
        await shoot("presets-100x30", store, (100, 30), ["g", "2"])
        await shoot("this-loss-100x30", store, (100, 30), ["5", "i"])
        await shoot("ascii-100x30", store, (100, 30), ["5", "enter"], ascii_only=True)
        await shoot("ascii-boundary-100x30", store, (100, 30), ["6", "enter", "v"], ascii_only=True)


if __name__ == "__main__":
    asyncio.run(main())
