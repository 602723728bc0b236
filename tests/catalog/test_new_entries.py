"""A loss and a dataset that are one file each: put into a copy of the program, everything else works by itself."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import lossterm

from ..conftest import Program, end_processes, isolated

if TYPE_CHECKING:
    from ..terminal import Terminal

ENTRIES = Path(__file__).with_name("entries")
SIZE = (140, 44)


@dataclass
class Copy:
    """A copy of the program with the two entries in its catalogue, and a store with runs of them."""

    program: Program
    runs: list[dict[str, Any]]

    def of(self, loss: str, dataset: str) -> dict[str, Any]:
        """The run of a loss on a dataset."""
        return next(run for run in self.runs if (run["loss"], run["dataset"]) == (loss, dataset))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    folder = tmp_path_factory.mktemp("copy")
    package = folder / "package" / "lossterm"
    shutil.copytree(Path(lossterm.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ENTRIES / "signed_squared_error.py", package / "catalog" / "losses")
    shutil.copy(ENTRIES / "corners.py", package / "catalog" / "datasets")
    path = folder / "store" / "runs.db"
    program = Program(path, {**isolated(folder), "PYTHONPATH": str(package.parent), "PYTHONSAFEPATH": "1"})
    small = ("--epochs", 5, "--json")
    done = program("run", "--loss", "signed_squared_error", "--loss", "hinge", "--dataset", "circles", *small)
    more = program("run", "--loss", "all", "--dataset", "corners", *small)
    yield Copy(program, [json.loads(line) for line in (done.stdout + more.stdout).splitlines()])
    end_processes(str(path))


@pytest.mark.keras
@pytest.mark.parametrize("units", [1, 4])
def test_the_formula_of_the_example_is_kerass(units: int) -> None:
    """The file as it is read in the catalogue, against Keras and TensorFlow's tape."""
    import keras
    import numpy as np
    import tensorflow as tf

    source = (ENTRIES / "signed_squared_error.py").read_text().replace("from ..", "from lossterm.catalog.")
    names: dict[str, Any] = {"__name__": "entry"}
    exec(compile(source, "signed_squared_error.py", "exec"), names)
    random = np.random.default_rng(units)
    targets = random.choice([-1.0, 1.0], (100, units))
    outputs = tf.constant(np.tanh(random.standard_normal((100, units))))
    with tf.GradientTape() as tape:
        tape.watch(outputs)
        expected = keras.losses.mean_squared_error(targets, outputs)
    np.testing.assert_allclose(names["LOSS"].value(targets, outputs.numpy()), expected, atol=1e-5)
    slopes = tape.gradient(expected, outputs)
    np.testing.assert_allclose(names["LOSS"].gradient(targets, outputs.numpy()), slopes, atol=1e-5)


def test_every_run_of_the_new_entries_finishes(copy: Copy) -> None:
    assert {run["status"] for run in copy.runs} == {"finished"}
    on_corners = {run["loss"] for run in copy.runs if run["dataset"] == "corners"}
    assert {"signed_squared_error", "categorical_crossentropy", "mean_squared_error"} <= on_corners
    assert copy.of("categorical_crossentropy", "corners")["test"]["metric"] > 0.9
    assert copy.of("signed_squared_error", "circles")["metric"] == "accuracy"


def test_it_is_refused_where_it_means_nothing(copy: Copy) -> None:
    done = copy.program("run", "--loss", "signmse", "--dataset", "regression", code=2)
    assert done.stderr == (
        "lossterm: loss: squared error of signs needs targets of -1 or +1; make_regression's are real numbers\n"
    )
    assert "signmse" in copy.program("run", "--loss", "nonsense", code=2).stderr


def test_the_commands_know_it(copy: Copy) -> None:
    run = copy.of("signed_squared_error", "circles")
    assert "note: this squared error decides at 0, as hinge does" in copy.program("show", run["id"]).stdout
    assert "signmse" in copy.program("runs").stdout


@pytest.mark.keras
def test_its_exports_load_without_lossterm(copy: Copy, tmp_path: Path) -> None:
    import keras

    run = copy.of("signed_squared_error", "corners")
    copy.program("export", run["id"], "--format", "keras", "--to", tmp_path / "model.keras")
    model = keras.models.load_model(tmp_path / "model.keras")
    assert model.output_shape == (None, 4)
    csv = copy.program("export", run["id"], "--format", "csv", "--to", "-").stdout.splitlines()
    assert csv[1].startswith(f"{run['id']},signed_squared_error,corners,accuracy,finished,")


def test_the_app_shows_it_everywhere(copy: Copy, terminal: Callable[..., Terminal]) -> None:
    app = terminal(copy.program.command(), size=SIZE, **copy.program.environment)
    app.until(lambda text: "signmse" in text and "corners" in text and "Runs" in text, "the first screen")
    app.until(
        lambda text: re.search(r"8 signmse +not on regression", text), "the menu, its digit, and why it is refused"
    )
    app.until(lambda text: re.search(r"▸ corners × \d+ losses", text), "its experiment")
    app.press("\r")
    app.until(lambda text: re.search(r"▸ signmse +1/1", text), "its runs in the table")
    app.press("8")
    app.until(lambda text: re.search(r"▸8 signmse +squared error", text), "the loss chosen by its digit")
    app.press("i")
    app.until(lambda text: "Mean squared error for classes" in text, "what it is")
    app.press("\x1b")
    app.until(lambda text: "Mean squared error for classes" not in text, "the main screen")
    app.press("?")
    app.until(lambda text: "Pick squared error of signs" in text, "its key in the help")
    app.press("\x1b")
    app.until(lambda text: "Pick squared error of signs" not in text, "the main screen")
    app.press("v")
    app.until(lambda text: "loss by" in text, "the loss as a function")
    assert app.quit() == 0
