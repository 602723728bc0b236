"""The menu of datasets with a person's own, the picker of all that there are, and what is kept of both."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, Static

from lossterm.catalog import DATASETS, DataFile
from lossterm.catalog.menu import ADDED_DATASETS
from lossterm.config import RunConfig
from lossterm.runs.records import Best, Epoch, Scores
from lossterm.store import Store, TrainerSession
from lossterm.store.commands import AddDataset, RemoveDataset

from .conftest import Driver, opened


def own_file(name: str, classes: tuple[str, ...] = ("no", "yes"), **more: object) -> DataFile:
    """A dataset of one's own; nothing looks at its file as long as it is not trained on."""
    task = {0: "regression", 2: "binary"}.get(len(classes), "multiclass")
    known = {"path": f"/data/{name}.csv", "size": 1, "sha256": "0" * 64, "target": "y", "features": 3}
    sizes = {"train_rows": 60, "validation_rows": 20, "test_rows": 20}
    return DataFile.model_validate({"name": name, "task": task, "classes": classes, **known, **sizes, **more})


@pytest.fixture
def own_store(quiet_store: Path) -> Path:
    """A store with three datasets of one's own."""
    with Store(quiet_store, True) as store:
        store.do(AddDataset(own_file("wages", ()), {}))
        store.do(AddDataset(own_file("churn"), {}))
        store.do(AddDataset(own_file("flowers", ("a", "b", "c")), {}))
    return quiet_store


def menu(driver: Driver) -> list[str]:
    """The first word of each line of the menu in view, below its title; the last one leads to others."""
    return [words[0] for line in driver.text("#datasets").splitlines() if (words := line[1:].split())]


def listed(driver: Driver) -> list[str]:
    """The names in the picker's list."""
    return [line[1:].replace("•", " ").split()[0] for line in driver.text("#dataset-list").splitlines() if line]


async def test_the_menu_has_the_three_then_ones_own_then_the_ways_to_others(own_store: Path) -> None:
    async with opened(own_store) as driver:
        assert menu(driver)[:3] == ["regression", "circles", "blobs"]
        seen: list[str] = []
        driver.main.query_one("#datasets").focus()
        for _ in range(8):
            await driver.press("down")
            seen += [name for name in menu(driver) if name not in seen]
        assert seen == ["regression", "circles", "blobs", "churn", "flowers", "wages", "+"]
        assert driver.text("#datasets").splitlines()[-1].rstrip() == " + more … ▸+ from a file …"


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (140, 40)])
async def test_it_scrolls_and_the_settings_keep_their_room(own_store: Path, size: tuple[int, int]) -> None:
    async with opened(own_store, size) as driver:
        assert driver.main.query_one("#settings").size.height >= 2
        driver.main.query_one("#datasets").focus()
        await driver.press("end")
        assert "▸+ from a file …" in driver.text("#datasets")
        await driver.press("up", "up")
        assert driver.chosen()[1] == "wages"
        await driver.press("home")
        assert driver.chosen()[1] == "regression"


async def test_a_loss_that_does_not_fit_ones_own_data_is_refused_with_the_reason(own_store: Path) -> None:
    async with opened(own_store) as driver:
        driver.main.query_one("#datasets").focus()
        await driver.press("end", "up", "up")
        assert driver.chosen() == ("mse", "wages")
        assert "needs targets in [0, 1]" in driver.text("#losses")
        await driver.press("4")
        assert driver.chosen() == ("bce", "circles")
        assert "moved to circles" in driver.text("#preview-lines")
        driver.main.query_one("#datasets").focus()
        await driver.press("end", "up", "up")
        assert driver.chosen() == ("mse", "wages")
        assert "moved to mse" in driver.text("#preview-lines")


async def test_d_passes_over_ones_own_too(own_store: Path) -> None:
    async with opened(own_store) as driver:
        await driver.press("4")
        passed = []
        for _ in range(4):
            await driver.press("d")
            passed.append(driver.chosen()[1])
        assert passed == ["blobs", "churn", "flowers", "circles"]


async def test_what_another_terminal_adds_and_removes_shows_in_the_menu(own_store: Path) -> None:
    async with opened(own_store) as driver:
        with Store(own_store) as store:
            store.do(AddDataset(own_file("late"), {}))
            await driver.until(lambda: "late" in str(driver.main.state.draft.own_datasets), "the new one")
            driver.main.query_one("#datasets").focus()
            await driver.press("4", *["d"] * 4)
            assert driver.chosen() == ("bce", "late")
            store.do(RemoveDataset("late"))
            await driver.until(lambda: driver.chosen()[1] == "circles", "another dataset")
            assert "late was removed: moved to circles" in driver.text("#preview-lines")


async def test_a_dataset_that_is_added_anew_stays_chosen_as_it_is_now(own_store: Path) -> None:
    async with opened(own_store) as driver:
        await driver.press("6", "d")
        assert driver.chosen() == ("cce", "churn")
        with Store(own_store) as store:
            store.do(AddDataset(own_file("churn", features=7), {}))
        await driver.until(lambda: driver.main.state.draft.config().dataset_entry.features == 7, "what is new")
        assert driver.chosen() == ("cce", "churn")


async def test_the_picker_lists_every_dataset_with_its_shape_and_finds_by_words(own_store: Path) -> None:
    async with opened(own_store, (80, 24)) as driver:
        await driver.press("M")
        seen = set()
        for _ in (*DATASETS, *range(4)):
            seen |= set(listed(driver))
            await driver.press("down")
        assert seen == {dataset.name for dataset in DATASETS} | {"churn", "flowers", "wages", "+"}
        search = driver.app.screen.query_one("#search", Input)
        search.value = "iris"
        await driver.pilot.pause()
        line = driver.text("#dataset-list").splitlines()[0]
        assert line.split()[-4:] == ["multiclass", "150", "4", "3"]
        assert "150 iris flowers" in driver.text("#picked")
        search.value = "no such data"
        await driver.pilot.pause()
        assert listed(driver) == ["+"]
        assert "no dataset matches" in driver.text("#picked")
        search.value = "spirals"
        await driver.pilot.pause()
        await driver.press("enter")
        assert driver.app.screen is driver.main
        assert driver.chosen() == ("mse", "spirals")


async def test_what_is_added_is_in_the_menu_and_is_kept(own_store: Path) -> None:
    async with opened(own_store) as driver:
        await driver.press("M", *"moons", "plus", "escape")
        assert "moons" in [dataset.name for dataset in driver.main.state.draft.dataset_menu]
        await driver.press("M", *"circles", "plus", "escape")
        assert "stay in the menu" in driver.notices()
        with Store(own_store) as store:
            await driver.until(lambda: store.preferences().get(ADDED_DATASETS) == ["moons"], "that it is kept")
        await driver.press("M", *"churn", "enter")
        assert driver.chosen()[1] == "churn"
        with Store(own_store) as store:
            await driver.until(
                lambda: store.preferences().get("draft", {}).get("dataset") == "churn",  # type: ignore[attr-defined]
                "that the draft is kept",
            )
    async with opened(own_store) as driver:
        await driver.until(lambda: driver.chosen()[1] == "churn", "the draft as it was")
        assert "moons" in [dataset.name for dataset in driver.main.state.draft.dataset_menu]


async def test_a_file_that_is_gone_or_changed_is_refused_with_the_way_out(own_store: Path, tmp_path: Path) -> None:
    path = tmp_path / "late.csv"
    path.write_text("changed")
    with Store(own_store) as store:
        store.do(AddDataset(own_file("late", path=str(path)), {}))
    async with opened(own_store) as driver:
        await driver.press("6", "d", "enter")
        await driver.until(lambda: "churn needs /data/churn.csv" in driver.notices(), "the reason")
        await driver.press("d", "d", "enter")
        assert driver.chosen() == ("cce", "late")
        await driver.until(lambda: "changed since late was added; add it anew" in driver.notices(), "the reason")
        assert driver.stored() == {}


async def test_which_rows_are_measured_is_said_of_every_dataset(own_store: Path) -> None:
    async with opened(own_store) as driver:
        await driver.press("i")
        assert "Validation: on the test set, as the tutorial does" in " ".join(driver.text("#text Static").split())
        await driver.press("escape", "6", "d", "i")
        assert "Validation: on rows of its own, after each epoch" in " ".join(driver.text("#text Static").split())


async def test_the_page_of_a_run_has_every_score_in_the_targets_unit_too(quiet_store: Path) -> None:
    config = RunConfig.of("mse", dataset=own_file("wages", (), target="euro\x1b", target_scale=400.0).entry, epochs=1)
    errors = {"mse": 0.25, "rmse": 0.5, "mae": 0.4, "r2": 0.75, "median_absolute_error": 0.3}
    euros = {"mse": 40_000.0, "rmse": 200.0, "mae": 160.0, "median_absolute_error": 120.0}
    with Store(quiet_store, True) as store:
        (run_id,) = store.queue([config])
    with TrainerSession(quiet_store, "auto", "") as session:
        session.claim(["auto"], "cpu", "a CPU")
        last = Epoch(1, 0.2, 0.2, 0.25, 0.25, 0.1)
        session.record(run_id, [last], 1.0, 0.0, Best(1, 0.25))
        scores = {"validation": {**errors, "r2": None, "own_units": euros}, "test": {**errors, "own_units": euros}}
        session.finish(run_id, "finished", "", 0.1, Scores(0.2, 0.2, 0.25, 0.25), all_scores=scores)
    async with opened(quiet_store) as driver:
        await driver.press("enter")
        page = driver.app.screen.query_one("#page", Static)
        await driver.until(lambda: "by scikit-learn" in str(page.render()), "the scores")
        lines = [" ".join(line.split()) for line in str(page.render()).splitlines()]
        for line in (
            "by scikit-learn validation test",
            "RMSE 0.500 0.500",
            "R² - 0.750",
            "in the unit of euro?",
            "MAE 160.000 160.000",
        ):
            assert line in lines


async def test_odd_names_of_files_and_targets_are_shown_harmless(quiet_store: Path) -> None:
    odd = "/data/\x1b[31mred\u202e.csv"
    with Store(quiet_store, True) as store:
        store.do(AddDataset(own_file("odd", path=odd, target="\x1b[2J"), {}))
    async with opened(quiet_store) as driver:
        await driver.press("M", *"odd")
        assert "odd" in driver.text("#dataset-list")
        await driver.press("enter", "i")
        text = driver.text("#text Static")
        assert "?[31mred?.csv, target ?[2J" in text


async def test_d_on_ones_own_dataset_asks_and_removes_it_and_leaves_the_others(own_store: Path) -> None:
    async with opened(own_store) as driver:
        await driver.press("6", "d")
        driver.main.query_one("#datasets").focus()
        assert driver.chosen() == ("cce", "churn")
        await driver.press("D")
        assert "Remove churn from your datasets?" in driver.text(".question")
        await driver.press("escape")
        assert driver.chosen() == ("cce", "churn")
        await driver.press("D", "y")
        await driver.until(lambda: driver.chosen()[1] == "blobs", "another dataset")
        with Store(own_store) as store:
            assert [dataset.name for dataset in store.own_datasets()] == ["flowers", "wages"]
        await driver.press("D")
        assert driver.app.screen is driver.main
