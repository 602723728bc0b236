"""A file of one's own as a dataset, from the path that is typed to the run that trains on it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from textual.widgets import Input

from lossterm.store import Store
from lossterm.tui.screens.data_preview import DataPreviewScreen
from lossterm.tui.screens.file_picker import FilePicker

from ..terminal import WITHOUT_TRAINER, Terminal
from .conftest import Driver, opened

ODD = "\x1b[31mred\u202e"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with data files, one below, and what is no data."""
    path = tmp_path / "files"
    (path / "below").mkdir(parents=True)
    written(path / "people.csv")
    written(path / "below" / "people-there.csv")
    (path / "bad.csv").write_text("a,b\n1,2\n1,2,3\n")
    (path / "notes.md").write_text("none")
    monkeypatch.chdir(path)
    return path


def written(path: Path, rows: int = 60) -> Path:
    random = np.random.default_rng(2)
    lines = ["height,town,wage,kind"]
    for n in range(rows):
        height = f"{random.normal():.3f}" if n % 7 else ""
        lines.append(f"{height},{['Ulm', ODD][n % 2]},{random.normal(3000, 400):.1f},{'abc'[n % 3]}")
    path.write_text("\n".join(lines) + "\n")
    return path


def listed(driver: Driver) -> list[str]:
    """The names in the picker's list; the highlighted one begins with ▸."""
    lines = driver.text("#file-list").splitlines()
    return [("▸" if line.startswith("▸") else "") + line[1:].split()[0] for line in lines if line]


def words_of(driver: Driver, selector: str) -> str:
    """The words of a widget, wherever its lines are broken."""
    return " ".join(driver.text(selector).split())


async def typed(driver: Driver, path: object) -> None:
    """Type a path into the picker in place of what is there, and wait for its folder."""
    driver.app.screen.query_one("#path", Input).value = str(path)
    await driver.pilot.pause()
    await driver.until(lambda: "reading the folder" not in words_of(driver, "#file-words"), "the folder")


async def previewed(driver: Driver, path: object) -> None:
    """Pick a file, and wait for its columns."""
    await driver.press("F")
    await typed(driver, path)
    await driver.press("enter")
    await driver.until(lambda: isinstance(driver.app.screen, DataPreviewScreen), "the preview")
    await driver.pilot.pause()


def column(driver: Driver, name: str) -> list[str]:
    """The words of a column's line."""
    lines = [line.split() for line in driver.text("#columns").splitlines()]
    return next(words for words in lines if name in words[:2])


async def test_a_path_is_completed_by_folders_and_data_files(quiet_store: Path, folder: Path) -> None:
    async with opened(quiet_store) as driver:
        await driver.press("F")
        await driver.until(lambda: "▸bad.csv" in listed(driver), "the folder")
        assert listed(driver) == ["../", "below/", "▸bad.csv", "people.csv"]
        await driver.press("p", "tab")
        assert driver.app.screen.query_one("#path", Input).value == "people.csv"
        await typed(driver, "be")
        await driver.press("enter")
        await driver.until(lambda: "▸people-there.csv" in listed(driver), "the folder below")
        assert driver.app.screen.query_one("#path", Input).value == "below/"
        await driver.press("up", "up", "enter")
        await driver.until(lambda: "▸bad.csv" in listed(driver), "the folder above")
        await typed(driver, folder / "none" / "x")
        assert "No such file or directory" in words_of(driver, "#file-words")
        await typed(driver, "x")
        assert "no folder or data file begins so" in words_of(driver, "#file-words")
        await driver.press("escape")
        assert driver.app.screen is driver.main


async def test_a_folder_that_is_slow_to_list_holds_nothing_up(
    quiet_store: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    scandir = os.scandir

    def slow(path: str) -> object:
        if path == str(folder):
            go_on.wait(20)
        return scandir(path)

    monkeypatch.setattr("os.scandir", slow)
    async with opened(quiet_store) as driver:
        await driver.press("F")
        assert f"reading the folder {folder}" in words_of(driver, "#file-words")
        await driver.press(*"below/")
        await driver.until(lambda: "▸people-there.csv" in listed(driver), "another folder meanwhile")
        go_on.set()
        await typed(driver, "")
        assert "people.csv" in listed(driver)


async def test_what_is_wrong_with_a_file_is_said_beside_the_field(quiet_store: Path, folder: Path) -> None:
    os.mkfifo(folder / "fifo.csv")
    (folder / "empty.csv").touch()
    async with opened(quiet_store, (80, 24)) as driver:
        await driver.press("F")
        for path, words in (
            ("bad.csv", "line 3 has 3 values, and the header 2"),
            ("empty.csv", "is empty"),
            (folder / "none.csv", "is not there"),
            (folder / "fifo.csv", "is not a regular file"),
            ("/dev/zero", "is not a regular file"),
        ):
            await typed(driver, path)
            await driver.press("enter")
            await driver.until(lambda: words in words_of(driver, "#file-words"), words)  # noqa: B023
            assert isinstance(driver.app.screen, FilePicker)


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (140, 40)])
async def test_the_preview_shows_columns_and_their_first_values(
    quiet_store: Path, folder: Path, size: tuple[int, int]
) -> None:
    async with opened(quiet_store, size) as driver:
        await previewed(driver, "people.csv")
        assert "people.csv · 60 rows · 4 columns" in driver.app.screen.query_one(".dialog-title").render_line(0).text
        assert column(driver, "height")[:2] == ["height", "number"]
        assert "9" in column(driver, "height")
        assert "number" in column(driver, "height")
        assert column(driver, "kind")[:3] == ["●", "kind", "words"]
        assert "category" in column(driver, "town")
        assert "row 1" in driver.text("#columns").splitlines()[0]
        assert "predict kind: multiclass; 60/20/20 at random" in words_of(driver, "#choices")
        assert "a 20, b 20, c 20" in words_of(driver, "#column-words")
        keys = driver.app.screen.query("Static").last()
        assert keys.region.bottom <= size[1]
        await driver.press("right")
        assert "row 2" in driver.text("#columns").splitlines()[0]


async def test_target_task_ignored_split_and_group_are_chosen_by_keys(quiet_store: Path, folder: Path) -> None:
    async with opened(quiet_store) as driver:
        await previewed(driver, "people.csv")
        await driver.press("up", "t")
        assert "predict wage: regression" in words_of(driver, "#choices")
        await driver.press("up", "space")
        assert column(driver, "town")[0] == "×"
        await driver.press("t", "T")
        assert "predict town: multiclass (or binary)" in words_of(driver, "#choices")
        await driver.press("down", "t", "home", "g", "s")
        assert "predict wage: regression" in words_of(driver, "#choices")
        assert "in the file's order, a height in one set" in words_of(driver, "#choices")
        await driver.press("s", "enter")
        await driver.until(lambda: driver.app.screen is driver.main, "the main screen")
        file = driver.main.state.draft.dataset.file
        assert file is not None
        assert (file.target, file.task, file.group, file.split) == ("wage", "regression", "height", "random")
        assert driver.chosen() == ("mse", "people")


async def test_what_is_wrong_with_a_choice_or_the_name_is_said_and_nothing_is_added(
    quiet_store: Path, folder: Path
) -> None:
    (folder / "flat.csv").write_text("a,b\n" + "7,1\n7,2\n" * 30)
    async with opened(quiet_store) as driver:
        await previewed(driver, "flat.csv")
        await driver.press("home", "t")
        assert "target: 'a' is the same in every row" in words_of(driver, "#problem")
        await driver.press("enter")
        await driver.until(lambda: "no column is left to learn from" in words_of(driver, "#problem"), "the reason")
        name = driver.app.screen.query_one("#name", Input)
        for text, words in (("iris", "is a dataset that is built in"), ("../x", "must be a letter, then")):
            name.value = text
            await driver.pilot.pause()
            assert words in words_of(driver, "#name-reason")
            await driver.press("enter")
            assert isinstance(driver.app.screen, DataPreviewScreen)
        await driver.press("escape")
        assert isinstance(driver.app.screen, FilePicker)
        with Store(quiet_store) as store:
            assert store.own_datasets() == []


async def test_what_is_read_is_given_up_with_escape(
    quiet_store: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tool that never ends: the screen answers, its progress shows, and Escape ends the process."""
    from lossterm.supervisor import data_tool

    never = folder / "never.py"
    never.write_text('import time\nprint(\'{"progress": "thinking"}\', flush=True)\ntime.sleep(600)\n')
    monkeypatch.setattr(data_tool, "_MODULE", "never")
    monkeypatch.setenv("PYTHONPATH", f"{folder}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    async with opened(quiet_store) as driver:
        await driver.press("F")
        await typed(driver, "people.csv")
        await driver.press("enter")
        await driver.until(lambda: "people.csv: thinking …" in words_of(driver, "#file-words"), "its progress")
        tool = driver.app._worker._data._tool
        assert tool is not None
        process = tool._process
        await driver.press("escape")
        assert process is not None
        await driver.until(lambda: process.poll() is not None, "the end of the process")
        assert words_of(driver, "#file-words") == str(folder)
        await driver.press("escape")
        assert driver.app.screen is driver.main


async def test_odd_names_and_values_are_shown_harmless(quiet_store: Path, folder: Path) -> None:
    path = folder / f"{ODD}.csv"
    path.write_text(f"{ODD},b\n" + "".join(f"{ODD if n % 2 else 'plain'},{n % 5}\n" for n in range(40)))
    async with opened(quiet_store, (80, 24)) as driver:
        await driver.press("F")
        await driver.until(lambda: "▸?[31mred?.csv" in listed(driver), "the file")
        await driver.press("enter")
        await driver.until(lambda: isinstance(driver.app.screen, DataPreviewScreen), "the preview")
        await driver.press("home", "t")
        assert "?[31mred?" in driver.text("#columns")
        assert "?[31mred? 20" in words_of(driver, "#column-words")
        assert "predict ?[31mred?: binary" in words_of(driver, "#choices")
        screen = driver.app.screen
        shown = "".join(strip.text for strip in screen._compositor.render_strips())
        assert "\x1b" not in shown
        assert "\u202e" not in shown


@pytest.mark.parametrize(("size", "options"), [((80, 24), ()), ((80, 24), ("--ascii",)), ((140, 40), ())])
def test_it_is_added_in_a_real_terminal(
    terminal: Callable[..., Terminal], folder: Path, tmp_path: Path, size: tuple[int, int], options: tuple[str, ...]
) -> None:
    store = tmp_path / "own.db"
    screen = terminal([*WITHOUT_TRAINER, "--store", str(store), *options], size=size)
    screen.until(lambda text: "q quit" in text, "the app")
    screen.press("F")
    screen.until(lambda text: "people.csv" in text, "the files")
    for key in "peo":
        screen.press(key)
    screen.until(lambda text: "bad.csv" not in text and "people.csv" in text, "what begins so")
    screen.press("\r")
    screen.until(lambda text: "60 rows" in text and "predict kind: multiclass" in text, "the preview")
    assert not options or screen.read().isascii()
    screen.press("\r")
    screen.until(lambda text: "mse on people" in text or "squared error on people" in text, "the draft")
    with Store(store) as opened_store:
        assert [dataset.name for dataset in opened_store.own_datasets()] == ["people"]
