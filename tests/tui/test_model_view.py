"""The model view in the app: what it shows of a real run, walking through its epochs, and the keys that switch it."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from textual.color import Color
from textual.errors import NoWidget
from textual.widget import Widget

from lossterm.config import RunConfig
from lossterm.runs.loss_files import read_loss_file
from lossterm.runs.records import Epoch, Snapshot
from lossterm.runs.snapshots import kept_epochs, pack_sample, pack_weights, take_sample, weight_shapes
from lossterm.store import Store, TrainerSession
from lossterm.tui.widgets.loss_chart import LossChart
from lossterm.tui.widgets.model_view import ModelView

from .conftest import Driver, opened


def view(app: Driver) -> ModelView:
    return app.main.query_one(ModelView)


def seen(app: Driver) -> str:
    return view(app).frame.text


def epoch_shown(app: Driver) -> int:
    """The epoch that the first panel says."""
    found = re.search(r"epoch (\d+)", seen(app))
    return int(found[1]) if found else -1


def on_screen(app: Driver, kind: type[Widget]) -> bool:
    """Whether a widget has a place on the screen."""
    try:
        return app.main.find_widget(app.main.query_one(kind)).visible_region.area > 0
    except NoWidget:
        return False


def row_of(app: Driver, run_id: int) -> list[str]:
    """The words of a run's row in the table."""
    return next(line[3:].split() for line, number in zip(app.rows(), app.ids(), strict=True) if number == run_id)


async def at_rest(app: Driver) -> None:
    await app.until(lambda: view(app).is_up_to_date, "the model view")


def add_seen_run(path: Path, config: RunConfig, kept: list[int] | None = None, trained: int | None = None) -> int:
    """A run with random weights as its snapshots: finished, or interrupted after `trained` epochs."""
    features, units = config.dataset_entry.features, config.output_layer.units
    chance = np.random.default_rng(config.seed)
    rows = [chance.normal(size=(60, width)).astype(np.float32) for width in (features, units) * 2]
    epochs = [Epoch(n, 1 / n, 0.5, 1 / n, 0.5, 0.01) for n in range(1, (trained or config.epochs) + 1)]

    def weights() -> bytes:
        return pack_weights([chance.normal(size=shape) for shape in weight_shapes(config)], config)

    with Store(path) as store:
        (run_id,) = store.queue([config])
    with TrainerSession(path, "auto", "") as trainer:
        trainer.claim(("auto", "cpu"), "cpu", "")
        trainer.begin(run_id, "cpu", "", pack_sample(take_sample(*rows)))
        wanted = sorted(kept_epochs(config)) if kept is None else kept
        snapshots = [Snapshot(epoch, True, weights()) for epoch in wanted]
        trainer.record(run_id, epochs, 1.0, 0.0, None, snapshots)
        trainer.finish(run_id, "interrupted" if trained else "finished", seconds=1.0)
    return run_id


async def test_a_run_on_circles_is_seen_as_it_trains_and_after(trained_store: Path) -> None:
    async with opened(trained_store) as app:
        run = await app.trained("4", "enter")
        await app.until(lambda: view(app).panels and view(app).panels[0].epoch == 50, "the last epoch's weights")
        await at_rest(app)
        (panel,) = view(app).panels
        assert panel.title == f"#{run.id} bce"
        assert panel.sample is not None
        assert f"#{run.id} bce" in seen(app)
        assert "epoch 50" in seen(app)


async def test_an_own_loss_is_drawn_from_what_a_trainer_kept_of_it(quiet_store: Path, tmp_path: Path) -> None:
    (tmp_path / "losses.py").write_text("raise SystemExit\n")  # it is not run here
    source = read_loss_file(tmp_path / "losses.py")
    own = RunConfig.of("losses.py:mine", loss_file=source.file, epochs=5)
    add_seen_run(quiet_store, own)
    with TrainerSession(quiet_store, "auto", "") as trainer:
        curve = {"x": [-3.0, 0.0, 3.0], "value": [3.0, 0.0, 3.0], "slope": [-1.0, 0.0, 1.0]}
        trainer.keep_loss_file(source)
        trainer.keep_loss_curve(source.file.sha256, "mine linear real 1", json.dumps(curve))
    name = f"mine@{source.file.sha256[:4]}"
    async with opened(quiet_store) as app:
        await app.until(lambda: view(app).panels and view(app).panels[0].epoch == 5, "the snapshots")
        assert name in app.screen()
        await app.press("v")
        await at_rest(app)
        assert name in seen(app)
        assert "no epochs yet" not in seen(app)
        await app.press("e")
        assert "mine of losses.py on regression" in app.text(".dialog-title")
        (run_id,) = await app.queued("enter", "enter")
        assert app.stored()[run_id].config == own


async def test_comma_and_full_stop_walk_through_the_epochs_with_the_crosshair(quiet_store: Path) -> None:
    add_seen_run(quiet_store, RunConfig.of("bce", epochs=50), kept=[0, 1, 5, 20, 50])
    async with opened(quiet_store) as app:
        chart = app.main.query_one(LossChart)
        await app.until(lambda: view(app).panels and view(app).panels[0].epoch == 50, "the snapshots")
        for key, epoch, crosshair in (
            ("comma", 20, 20),
            ("comma", 5, 5),
            ("comma", 1, 1),
            ("comma", 0, 1),
            ("comma", 0, 1),
            ("full_stop", 1, 1),
            ("full_stop", 5, 5),
            ("full_stop", 20, 20),
            ("full_stop", 50, None),
            ("full_stop", 50, None),
        ):
            await app.press(key)
            assert view(app).panels[0].epoch == epoch
            assert chart.view.crosshair == crosshair
            assert f"epoch {epoch}" in seen(app)


async def test_the_crosshair_takes_the_model_along(quiet_store: Path) -> None:
    add_seen_run(quiet_store, RunConfig.of("bce", epochs=50), kept=[0, 1, 5, 20, 49, 50])
    async with opened(quiet_store) as app:
        await app.until(lambda: view(app).panels and view(app).panels[0].epoch == 50, "the snapshots")
        await app.press("c", "left")
        await app.until(lambda: view(app).panels[0].epoch == 49, "the epoch of the crosshair")
        await app.press("left")
        await app.until(lambda: view(app).panels[0].epoch == 20, "the last one before the crosshair")
        await app.press("c")
        await app.until(lambda: view(app).panels[0].epoch == 50, "the present")


async def test_o_plays_the_run_from_its_start_and_ends_at_its_end(
    quiet_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lossterm.tui.panes.model_view_pane.PLAY_SECONDS", 0.5)  # each picture is seen, however busy
    add_seen_run(quiet_store, RunConfig.of("bce", epochs=50), kept=[0, 1, 2, 50])
    async with opened(quiet_store) as app:
        await app.until(lambda: view(app).panels and view(app).panels[0].epoch == 50, "the snapshots")
        shown: list[int] = []

        def ended() -> bool:
            shown.append(epoch_shown(app))
            return shown[-1] == 50

        await app.pilot.press("o")
        await app.until(ended, "the end")
        assert list(dict.fromkeys(shown)) == [0, 1, 2, 50]
        assert app.main.query_one(LossChart).view.crosshair is None
        await app.press("o")
        await app.until(lambda: epoch_shown(app) == 1, "its way")
        await app.press("o")
        stopped = epoch_shown(app)
        assert stopped in (1, 2)
        await app.press("comma")
        assert epoch_shown(app) == stopped - 1, "it stays where it was stopped"


async def test_v_goes_from_the_model_to_the_loss_to_the_errors_to_none(quiet_store: Path) -> None:
    add_seen_run(quiet_store, RunConfig.of("mse", epochs=5))
    async with opened(quiet_store) as app:
        await app.until(lambda: "epoch 5" in seen(app), "the fit")
        width = app.main.query_one(LossChart).size.width
        await app.press("v")
        assert "gradient" in seen(app).lower()
        await app.press("v")
        assert {"true", "network", "x1"} <= set(seen(app).split())
        await app.press("v")
        assert not on_screen(app, ModelView)
        assert app.main.query_one(LossChart).size.width > width
        await app.press("v")
        assert on_screen(app, ModelView)
        assert on_screen(app, LossChart)


async def test_where_there_is_no_room_for_both_the_view_takes_the_charts_place(quiet_store: Path) -> None:
    add_seen_run(quiet_store, RunConfig.of("bce", epochs=5))
    async with opened(quiet_store, size=(80, 24)) as app:
        assert not on_screen(app, ModelView)
        assert on_screen(app, LossChart)
        await app.press("v")
        await app.until(lambda: "epoch 5" in seen(app), "the boundary")
        assert on_screen(app, ModelView)
        assert not on_screen(app, LossChart)


async def test_two_marked_runs_are_seen_side_by_side_and_other_datasets_are_not(quiet_store: Path) -> None:
    for loss, dataset in (("bce", "circles"), ("hinge", "circles"), ("mse", "regression")):
        add_seen_run(quiet_store, RunConfig.of(loss, dataset=dataset, epochs=5))
    async with opened(quiet_store) as app:
        await app.press("down", "space", "down", "space", "up", "up", "space", "down")
        await app.until(lambda: [p.epoch for p in view(app).panels] == [5, 5], "both boundaries")
        await at_rest(app)
        titles = seen(app).splitlines()[0]
        assert re.findall(r"#(\d+) (\w+)", titles) == [("2", "hinge"), ("1", "bce")], "in the order of their marks"
        assert "mse" not in seen(app)


async def test_seeds_of_one_loss_are_seen_once(quiet_store: Path) -> None:
    for seed in (1, 2, 3):
        add_seen_run(quiet_store, RunConfig.of("bce", epochs=5, seed=seed))
    async with opened(quiet_store) as app:
        await app.press("asterisk")
        await app.until(lambda: len(app.marked()) == 3 and len(view(app).panels) == 1, "one panel")
        assert view(app).panels[0].title == "#3 bce", "the highlighted one stands for its seeds"


async def test_a_run_from_before_there_were_snapshots_says_so(quiet_store: Path) -> None:
    run_id = add_seen_run(quiet_store, RunConfig.of("bce", epochs=5), kept=[])
    async with opened(quiet_store) as app:
        await app.until(lambda: "no snapshots" in seen(app), "the words")
        await app.press("comma", "o")
        with Store(quiet_store) as store:
            assert store.snapshots(run_id) == []


async def test_damaged_snapshots_are_said_and_harm_nothing(quiet_store: Path) -> None:
    run_id = add_seen_run(quiet_store, RunConfig.of("bce", epochs=5))
    other = add_seen_run(quiet_store, RunConfig.of("bce", epochs=6))
    with closing(sqlite3.connect(quiet_store)) as sqlite, sqlite:
        sqlite.execute("UPDATE snapshots SET weights = x'00ff' WHERE run = ?", (run_id,))
        sqlite.execute("UPDATE samples SET rows = x'00ff' WHERE run = ?", (other,))
    async with opened(quiet_store) as app:
        await app.until(lambda: f"run {other}: sample: it is of another dataset" in app.notices(), "what is wrong")
        await app.press("down")
        await app.until(lambda: "another network" in " ".join(seen(app).split()), "the words")
        await app.press("up", "down", "v", "comma", "o", "z", "z")


async def test_a_new_run_is_seen_live_even_if_the_last_one_was_walked_through(trained_store: Path) -> None:
    async with opened(trained_store) as app:
        await app.trained("4", "enter")
        await app.until(lambda: view(app).panels and view(app).panels[0].epoch == 50, "the end")
        await app.press("comma", "comma")
        assert epoch_shown(app) < 50
        run = await app.trained("5", "enter")
        await app.until(lambda: [(p.title, p.epoch) for p in view(app).panels] == [(f"#{run.id} hinge", 50)], "it")


async def test_a_theme_changes_the_picture_at_once(quiet_store: Path) -> None:
    add_seen_run(quiet_store, RunConfig.of("bce", epochs=4))
    async with opened(quiet_store) as app:
        await app.until(lambda: "epoch" in seen(app), "the boundary")
        app.app.theme = "textual-dark"
        await app.pilot.pause()
        dark = brightness_of_grounds(app)
        app.app.theme = "textual-light"
        await app.pilot.pause()
        assert max(dark) < 0.6 < min(brightness_of_grounds(app))


def brightness_of_grounds(app: Driver) -> list[float]:
    """How bright the grounds of the picture's cells are, from 0 to 1."""
    tiles = [tile for tile in view(app).children if tile.size.width]
    segments = [one for tile in tiles for y in range(view(app).size.height) for one in tile.render_line(y)]
    grounds = {one.style.bgcolor for one in segments if one.style and one.style.bgcolor}
    return [Color.from_rich_color(ground).brightness for ground in grounds]


async def test_marked_losses_are_seen_with_the_same_seed(quiet_store: Path) -> None:
    configs = [
        RunConfig.of(loss, dataset="circles", epochs=4, seed=seed) for loss in ("bce", "hinge") for seed in (1, 2)
    ]
    ids = [add_seen_run(quiet_store, config) for config in configs]
    async with opened(quiet_store) as app:
        await app.press("asterisk")
        await app.until(lambda: f"#{ids[1]} bce" in seen(app), "the highlighted run's seed")
        assert f"#{ids[3]} hinge" in seen(app)
        await app.press("down")
        await app.until(lambda: f"#{ids[0]} bce" in seen(app), "the other seed")
        assert f"#{ids[2]} hinge" in seen(app)


async def test_i_tells_what_the_loss_is(quiet_store: Path) -> None:
    async with opened(quiet_store) as app:
        await app.press("5", "i")
        await app.until(lambda: "hinge" in app.text("Static").lower() or len(app.app.screen_stack) > 1, "the text")
        shown = "\n".join(str(w.render()) for w in app.app.screen.query("Static"))
        assert "keras.losses.Hinge" in shown
        assert "make_circles" in shown


async def test_a_preset_is_trained_and_says_what_to_watch(trained_store: Path) -> None:
    from lossterm.experiments.presets import PRESETS

    async with opened(trained_store) as app:
        await app.press("X")
        preset = PRESETS[0]
        ids = await app.queued("enter")
        assert len(ids) == len(preset.configs)
        await app.until(lambda: set(app.main.state.selection.marked) == set(ids), "the marks")
        await app.until(lambda: all(app.stored()[i].scores for i in ids), "their end")
        await app.until(lambda: preset.watch[:40] in " ".join(app.text("#comparison").split()), "the words")


@pytest.mark.parametrize("away", [False, True], ids=["seen all the while", "seen before and after"])
async def test_what_a_resumed_run_trained_anew_takes_the_place_of_what_was_there(quiet_store: Path, away: bool) -> None:
    """As on a GPU, or on another device than the first time, where the numbers are not those of the first time."""
    config = RunConfig.of("bce", epochs=4)
    run_id = add_seen_run(quiet_store, config, [0, 1, 2, 3], trained=3)
    other = add_seen_run(quiet_store, config.changed(seed=7))

    def drawn() -> list[float]:
        return list(app.main.query_one(LossChart).plot.series[-1].ys)

    async with opened(quiet_store) as app:
        await app.press("down")
        await app.until(lambda: app.highlighted() == run_id, "the interrupted run")
        await app.until(lambda: drawn() == [1, 1 / 2, 1 / 3] and epoch_shown(app) == 3, "what there is")
        with Store(quiet_store) as front_end, TrainerSession(quiet_store, "auto", "") as store:
            before = front_end.snapshots(run_id)
            front_end.resume(run_id)
            await app.until(lambda: row_of(app, run_id)[4] == "queued", "the resume")
            if away:
                await app.press("up")
                await app.until(lambda: app.highlighted() == other, "another run")
            store.claim(("auto",), "cpu", "")
            anew = [Snapshot(epoch, True, before[0].weights) for epoch in (3, 4)]
            store.record(run_id, [Epoch(n, 9, 9, 9, 9, 0.01) for n in (3, 4)], 1.0, 0.0, None, anew)
            await app.until(lambda: row_of(app, run_id)[5] == "4/4", "the new epoch")
            store.finish(run_id, "finished", seconds=1.0)
        if away:
            await app.until(lambda: row_of(app, run_id)[4] == "finished", "the end")
            await app.press("down")
        await app.until(lambda: drawn() == [1, 1 / 2, 9, 9], "the epochs that the store holds")
        await app.until(lambda: epoch_shown(app) == 4, "the last snapshot")
        await app.press("comma")
        assert epoch_shown(app) == 3
        (panel,) = view(app).panels
        assert panel.weights is not None
        assert pack_weights(panel.weights.arrays, config) == before[0].weights
