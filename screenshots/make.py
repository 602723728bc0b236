"""Make the screenshots from real runs: `python screenshots/make.py` (some minutes; TensorFlow trains 50 models).

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


SEVEN = ("mse", "msle", "mae", "bce", "hinge", "cce", "kld")


async def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 300
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the app did not get there")
        await asyncio.sleep(0.02)


async def shoot(name: str, store: Path, size: tuple[int, int], keys: list[str], ascii_only: bool = False) -> None:
    """Open the app with nothing chosen, press keys (each after the end of training), and save the screen.

    Args:
        name: Of the file, without its size.
        store: The file of the runs.
        size: Columns and rows.
        keys: As Textual names them; `text:` before what is typed.
        ascii_only: Whether to show nothing but ASCII.
    """
    from lossterm.store import Store
    from lossterm.store.commands import SetPreference
    from lossterm.tui.app import LosstermApp
    from lossterm.tui.screens.main_screen import MainScreen

    with Store(store) as kept:
        for preference in kept.preferences():
            kept.do(SetPreference(preference, None))
    app = LosstermApp(store, "auto", ascii_only)
    async with app.run_test(size=size) as pilot:
        main = next(screen for screen in app.screen_stack if isinstance(screen, MainScreen))
        await _until(lambda: main.connected and main.state.trainers and main.state.trainers[0].state == "ready")
        for key in keys:
            if key == "train":
                before = len(main.state.runs)
                await pilot.press("enter")
                await _until(lambda before=before: len(main.state.runs) > before)
            else:
                await pilot.press(*(key.removeprefix("text:") if key.startswith("text:") else [key]))
            await _until(lambda: not main.state.runs.busy)
            await pilot.pause(0.05)
        await _until(lambda: all(run.id in main.state.curves for run in main.state.shown if run.epochs_done))
        await pilot.pause(0.6)
        await _until(lambda: "reading&#160;its" not in app.export_screenshot())
        path = HERE / f"{name}-{size[0]}x{size[1]}.svg"
        path.write_text(app.export_screenshot(title="lossterm"), encoding="utf-8")
        print(path.name)


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
        await shoot("more-losses", Path(folder) / "picker.db", (100, 30), ["plus", "text:cross"])
        store = Path(folder) / "deltas.db"
        await trained(store, [RunConfig.of(f"huber:delta={delta}", outlier_fraction=0.05) for delta in ("0.1", "10")])
        await shoot("two-deltas", store, (140, 40), ["asterisk"])
        keys = ["plus", "text:huber", "enter", "v", *["less_than_sign"] * 5]
        await shoot("parameter", store, (140, 40), ["asterisk", *keys])
        store = Path(folder) / "network.db"
        await trained(store, [RunConfig.of("bce", hidden_layers="64,32", optimizer="adam", epochs=30)])
        await shoot("two-layers-adam", store, (140, 40), [])
        file = Path(folder) / "losses.py"
        file.write_text("def steep(y_true, y_pred):\n    return abs(y_true - y_pred)\n")
        source = read_loss_file(file)
        allow(source.file)
        await trained(store, [RunConfig.of("losses.py:steep", dataset="regression", loss_file=source.file)])
        await shoot("own-loss-error", store, (100, 30), [])


async def main() -> None:
    """All of them, on one store, so that later ones have a history."""
    from lossterm.config import RunConfig
    from lossterm.store import Store

    await more_losses()
    if sys.argv[1:] == ["losses"]:
        return
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store.db"
        wide, middle, small = (140, 40), (100, 30), (80, 24)
        await shoot("first-start", store, wide, [])
        await shoot("first-start", store, small, [])
        await shoot("one-run", store, middle, ["4", "train"])
        with Store(store) as kept:
            kept.queue([RunConfig.of(loss, dataset="circles") for loss in SEVEN], "circles × 7 losses")
        await shoot("seven-losses", store, wide, ["enter"])
        await shoot("seven-losses", store, small, ["enter"])
        await shoot("seven-boundaries", store, wide, ["enter", "z", "z"])
        await shoot("settings", store, middle, ["s", "backspace", "backspace", "0"])
        with Store(store) as kept:
            seeds = [RunConfig.of(loss, dataset="circles", seed=seed) for seed in range(1, 6) for loss in SEVEN]
            kept.queue(seeds, "circles × 7 losses × 5 seeds")
        await shoot("five-seeds", store, wide, ["enter"])
        await shoot("experiment", store, middle, ["enter", "down", "enter"])
        await shoot("run-page", store, middle, ["end", "enter"])
        reading = ["1", "train", "right_square_bracket", "c", "left", "left"]
        await shoot("crosshair", store, wide, reading)
        await shoot("boundary", store, wide, ["4", "train", *["comma"] * 14])
        await shoot("this-loss", store, middle, ["5", "i"])
        await shoot("ascii", store, middle, ["5", "train"], ascii_only=True)


if __name__ == "__main__":
    asyncio.run(main())
