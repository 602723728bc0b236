"""What is drawn is what the exported Keras model predicts: cell by cell, at the cells' own centres."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossterm.catalog import pairings
from lossterm.chart.styles import BLANK, TEXT
from lossterm.model_view import Panel, decision_boundary_frame
from lossterm.model_view.decision_boundary import cell_centres
from lossterm.model_view.network import predict
from lossterm.model_view.plane import plane_of
from lossterm.model_view.styles import LEVELS, halves_of, point_of
from lossterm.runs.records import Run
from lossterm.runs.snapshots import unpack_sample, unpack_weights

pytestmark = pytest.mark.keras

WIDTH, HEIGHT = 40, 20
SEED = 70_005  # no other test of this store has it
LEGEND = TITLE = 1


FURTHER = (
    ("mean_squared_error", "circles"),
    ("mean_absolute_error", "blobs"),
    ("categorical_crossentropy", "digits"),
    ("poisson", "regression"),
)
"""Losses for numbers on datasets of classes, more than two features, and an output layer that no loss of the menu has:
tried every time, as each loss of the menu is on its own dataset."""


def pairs(picture: str) -> list[Any]:
    """The pairs of a loss and a dataset whose models are drawn in one way; all of them: pytest -m slow."""
    found = []
    for loss, dataset in pairings():
        if dataset.task.picture == picture:
            common = loss.menu_place is not None and dataset.name == loss.default_dataset
            common = common or (loss.name, dataset.name) in FURTHER
            found.append(pytest.param(loss.name, dataset.name, marks=() if common else pytest.mark.slow))
    return found


@pytest.fixture(scope="module")
def runs(shared: Any, request: pytest.FixtureRequest) -> dict[tuple[str, str], Run]:
    """A finished run of every pair that is looked at."""
    params = [vars(item)["callspec"].params for item in request.session.items if item.path == request.path]
    wanted = {(each["loss"], each["dataset"]) for each in params}
    for dataset in sorted({dataset for _, dataset in wanted}):
        losses = [word for loss, its in sorted(wanted) if its == dataset for word in ("--loss", loss)]
        rate = 1e-5 if "mean_absolute_percentage_error" in losses else 0.01  # whose gradients are thousands
        shared("run", *losses, "--dataset", dataset, "--epochs", 12, "--seed", SEED, "--learning-rate", rate)
    with shared.store() as store:
        return {(r.config.loss, r.config.dataset): r for r in store.runs() if r.config.seed == SEED}


@pytest.fixture(scope="module")
def exported(shared: Any, runs: dict[tuple[str, str], Run], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the exported model of each of them: one command writes them all, for it loads TensorFlow."""
    folder = tmp_path_factory.mktemp("exported")
    shared("export", *(run.id for run in runs.values()), "--format", "keras", "--to", folder)
    return folder


def load_model(folder: Path, run: Run) -> Any:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    return keras.models.load_model(folder / f"run-{run.id}.keras")


def panel(shared: Any, run: Run) -> Panel:
    with shared.store() as store:
        last = store.snapshots(run.id)[-1]
        rows = store.sample(run.id)
    assert rows is not None
    assert last.epoch == run.epochs_done
    sample = unpack_sample(rows, run.config)
    return Panel("it", run.config, 0, last.epoch, unpack_weights(last.weights, run.config), sample)


def cut(model: Any) -> float:
    """Above which output a single unit means class 1."""
    return 0.0 if model.layers[-1].activation.__name__ == "tanh" else 0.5


def predicted_classes(prediction: Any, model: Any) -> Any:
    """The classes by the rules of the catalogue, written out anew."""
    return prediction.argmax(axis=1) if prediction.shape[1] > 1 else (prediction[:, 0] > cut(model)).astype(int)


def drawn_classes(of: Panel) -> Any:
    """The class of every half cell, read from the frame; -1 where a row of the data lies over it."""
    frame = decision_boundary_frame([of], WIDTH, HEIGHT)
    body = range(TITLE, HEIGHT - LEGEND)
    classes = np.full((2 * len(body), WIDTH), -1)
    for y in body:
        for x, style_id in enumerate(frame.style_rows[y]):
            halves = halves_of(style_id)
            if halves is not None:
                classes[2 * (y - TITLE) : 2 * (y - TITLE) + 2, x] = [half // LEVELS for half in halves]
            elif style_id not in (BLANK, TEXT):  # the names of principal components
                assert point_of(style_id) is not None, "every cell of the plane is either a half block or a row"
    return classes


@pytest.mark.parametrize(("loss", "dataset"), pairs("decision_boundary"))
def test_every_cell_shows_the_class_that_the_exported_model_predicts_at_its_centre(
    loss: str, dataset: str, runs: dict[tuple[str, str], Run], shared: Any, exported: Path
) -> None:
    run = runs[loss, dataset]
    seen = panel(shared, run)
    assert seen.sample is not None
    centres = cell_centres(seen.sample, WIDTH, HEIGHT - TITLE - LEGEND)
    model = load_model(exported, run)
    prediction = model.predict_on_batch(plane_of(seen.sample).points(centres.reshape(-1, 2)))
    expected = predicted_classes(prediction, model).reshape(centres.shape[:2])
    drawn = drawn_classes(seen)
    compared = drawn >= 0
    assert compared.mean() > 0.85, "the rows of the data leave the plane to be seen"
    ordered = np.sort(prediction, axis=1)
    lead = ordered[:, -1] - ordered[:, -2] if prediction.shape[1] > 1 else np.abs(prediction[:, 0] - cut(model))
    close = (lead < 1e-5).reshape(drawn.shape)  # float32 may round either way
    np.testing.assert_array_equal(drawn[compared & ~close], expected[compared & ~close])
    assert len(np.unique(expected)) > 1


@pytest.mark.parametrize(("loss", "dataset"), pairs("predicted_vs_true"))
def test_predicted_vs_true_shows_what_the_exported_model_predicts(
    loss: str, dataset: str, runs: dict[tuple[str, str], Run], shared: Any, exported: Path
) -> None:
    run = runs[loss, dataset]
    seen = panel(shared, run)
    assert seen.sample is not None
    assert seen.weights is not None
    model = load_model(exported, run)
    for rows in (seen.sample.train_x, seen.sample.test_x):
        ours = predict(seen.weights.layers, rows, run.config.output_layer)
        np.testing.assert_allclose(ours, model.predict_on_batch(rows), rtol=1e-4, atol=1e-5)
