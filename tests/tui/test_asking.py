"""What cannot be taken back is asked about first, wherever the keys go; notices hide no run and no conclusion."""

from __future__ import annotations

from pathlib import Path

import pytest

from lossterm.config import RunConfig
from lossterm.store import Store
from lossterm.tui.messages import Notification
from lossterm.tui.screens.dialogs import ConfirmScreen, QuitScreen

from .conftest import opened
from .stores import add_finished


@pytest.fixture
def queued(quiet_store: Path) -> Path:
    with Store(quiet_store) as store:
        store.queue([RunConfig.of("mse")])
    return quiet_store


async def test_ctrl_c_asks_as_q_does_wherever_the_keys_go(queued: Path) -> None:
    async with opened(queued) as app:
        for before in ((), ("slash",), ("escape", "enter"), ("escape", "question_mark"), ("escape", "s")):
            await app.press(*before, "ctrl+c")
            assert isinstance(app.app.screen, QuitScreen), before
            await app.press("escape")
        await app.press("escape", "q")
        assert isinstance(app.app.screen, QuitScreen)


async def test_killing_a_trainer_is_asked_about(queued: Path) -> None:
    from lossterm.store import TrainerSession

    with TrainerSession(queued, "auto", "") as trainer:
        assert trainer.claim(["auto"], "cpu", "") is not None
        async with opened(queued) as app:
            await app.until(lambda: "starting" in app.text("#runs"), "the trainer's claim")
            await app.press("K")
            assert isinstance(app.app.screen, ConfirmScreen)
            await app.press("escape")
            assert app.newest().status == "starting"


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (140, 40)])
async def test_a_notice_hides_no_run_and_no_conclusion(quiet_store: Path, size: tuple[int, int]) -> None:
    add_finished(quiet_store, [RunConfig.of(loss, dataset="circles", epochs=3) for loss in ("bce", "hinge", "kld")])
    async with opened(quiet_store, size) as app:
        await app.press("asterisk")
        app.main.app.post_message(Notification("a notice of some length, of two lines or of three where it is narrow"))
        await app.until(lambda: "a notice" in app.notices(), "the notice")
        await app.until(lambda: "one seed says little" in app.text("#comparison"), "the conclusion")
        for toast in app.app.screen.query("Toast"):
            for name in ("#runs", "#comparison"):
                region = app.main.query_one(name).region
                assert region
                assert not toast.region.overlaps(region)
