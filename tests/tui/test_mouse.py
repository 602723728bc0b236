"""The mouse, as a terminal reports it: what is under the pointer is what is meant, in every list and at every size."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lossterm.config import RunConfig

from ..terminal import WITHOUT_TRAINER, Terminal
from .stores import add_finished

SIZES = [(80, 24), (100, 30), (140, 40)]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mouse") / "store.db"
    add_finished(path, [RunConfig.of("bce", epochs=5, seed=seed) for seed in range(1, 10)])
    return path


@pytest.fixture
def store(history: Path, tmp_path: Path) -> Path:
    """The history, in an app in which nothing was chosen yet."""
    return Path(shutil.copy(history, tmp_path))


@pytest.mark.parametrize("size", SIZES)
def test_a_click_means_what_is_under_it(terminal: Callable[..., Terminal], store: Path, size: tuple[int, int]) -> None:
    screen = terminal([*WITHOUT_TRAINER, "--store", str(store)], size=size)
    screen.until(lambda text: "#9 binary" in text and "q quit" in text, "the newest run")
    screen.click(" 5 hinge", within=3)
    screen.until(lambda text: "▸5 hinge" in text, "the loss that was clicked")
    screen.click(" blobs")
    screen.until(lambda text: "▸blobs" in text, "the dataset that was clicked")
    screen.click("7 bce")
    text = screen.until(lambda text: "#7 binary" in text, "the run that was clicked")
    rows = [line for line in text.splitlines() if re.match(r".{3} *\d+ bce", line)]
    assert int(rows[0][3:].split()[0]) == 9
    screen.click("status")
    screen.until(lambda text: "status▴" in text, "the column that was clicked")
    screen.click("# loss")
    screen.until(lambda text: re.search(r"#▾ +loss", text), "the first column")
    before = screen.read()
    screen.click("Runs 9")
    assert screen.read() == before, "a title is no heading"
