"""Where networks are wrong: confusion matrices and lists of rows, for any number of classes and at any size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossterm.catalog import DataFile
from lossterm.config import RunConfig
from lossterm.model_view import Panel, decision_boundary_frame, errors_frame, predicted_vs_true_frame
from lossterm.model_view.confusion import Confusion
from lossterm.model_view.network import predict
from lossterm.runs.snapshots import Sample, Weights

TRAINED = np.load(Path(__file__).with_name("trained.npz"))
WEIGHTS = ("kernel_0", "bias_0", "kernel_1", "bias_1")


def kept(loss: str, config: RunConfig | None = None) -> Panel:
    """A run of the tutorial: bce, cce or msle."""
    weights = Weights.of([TRAINED[f"{loss}_{name}"] for name in WEIGHTS])
    sample = Sample(*(TRAINED[f"{loss}_{name}"] for name in Sample.__dataclass_fields__))
    return Panel(f"#1 {loss}", config or RunConfig.of(loss), 0, 50, weights, sample)


def own_file(features: int, classes: tuple[str, ...] = (), mean: float = 0.0, scale: float = 1.0) -> DataFile:
    """A person's own dataset."""
    kind = "regression" if not classes else "binary" if len(classes) == 2 else "multiclass"
    return DataFile.model_validate(
        {
            "name": "mine",
            "path": "/mine.csv",
            "size": 9,
            "sha256": "0" * 64,
            "target": "t",
            "task": kind,
            "features": features,
            "classes": classes,
            "train_rows": 500,
            "validation_rows": 60,
            "test_rows": 60,
            "target_mean": mean,
            "target_scale": scale,
        }
    )


def made(classes: int, features: int, rows: int = 200) -> Panel:
    """A network of one layer on rows of as many classes, named as a person named them."""
    random = np.random.default_rng(classes)
    names = tuple(f"kind {chr(97 + number % 26)}{number}" for number in range(classes))
    config = RunConfig.of("cce", data_file=own_file(features, names), hidden_layers=())
    x = random.normal(size=(rows, features)).astype(np.float32)
    kernel = random.normal(size=(features, classes)).astype(np.float32)
    noisy = x @ kernel + random.normal(size=(rows, classes))
    y = np.eye(classes, dtype=np.float32)[noisy.argmax(axis=1)]
    weights = Weights.of([kernel, np.zeros(classes, np.float32)])
    return Panel("#7 cce", config, 0, 3, weights, Sample(x, y, x, y))


def text(panels: list[Panel], width: int, height: int, ascii_only: bool = False) -> list[str]:
    frame = errors_frame(panels, width, height, ascii_only)
    assert [len(row) for row in frame.rows] == [width] * height
    return [row.rstrip() for row in frame.rows]


def decisions(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    """The classes of the sample's rows, and those that the network decides on."""
    assert panel.weights is not None
    assert panel.sample is not None
    layer = panel.config.output_layer
    outputs = predict(panel.weights.layers, panel.sample.test_x, layer, panel.config.activation)
    return layer.classes_of(panel.sample.test_y), layer.decide(outputs)[0]


def test_a_confusion_matrix_counts_what_is_taken_for_what() -> None:
    true, decided = decisions(panel := kept("cce"))
    lines = text([panel], 60, 20)
    assert lines[0] == "#1 cce · epoch 50 · 60 of 4,500 test rows"
    for number in range(3):
        row = [int(word) if word != "·" else 0 for word in lines[3 + number].split()[2:]]
        assert row == [int(np.sum((true == number) & (decided == other))) for other in range(3)]
    assert len([line for line in lines[8:] if line]) == min(12, int(np.sum(true != decided)))


def test_its_cells_have_the_shade_of_the_share_of_their_row() -> None:
    panel = made(3, 4)
    frame = errors_frame([panel], 60, 20)
    styles = {
        frame.style_rows[row][column]
        for row in (3, 4, 5)
        for column in range(60)
        if frame.rows[row][column] in "0123456789"
    }
    assert len(styles) > 3


def test_classes_have_the_names_that_the_person_gave_them() -> None:
    panel = made(3, 2)
    lines = text([panel], 70, 24)
    assert [line.split()[:2] for line in lines[3:6]] == [["kind", "a0"], ["kind", "b1"], ["kind", "c2"]]
    assert "kind a0" in decision_boundary_frame([panel], 70, 24).rows[-1]
    assert "class 0" in decision_boundary_frame([kept("cce")], 70, 24).rows[-1]


@pytest.mark.parametrize(("classes", "width", "height"), [(21, 140, 60), (20, 40, 30), (12, 140, 10), (100, 80, 24)])
def test_many_classes_or_little_room_give_the_worst_pairs(classes: int, width: int, height: int) -> None:
    panel = made(classes, 3)
    true, decided = decisions(panel)
    (first, second, count), *_ = Confusion.of(true, decided, panel.config.data_file.classes).worst_pairs  # type: ignore[union-attr]
    assert count == max(np.sum((true == a) & (decided == b)) for a in range(classes) for b in range(classes) if a != b)
    names = panel.config.data_file.classes  # type: ignore[union-attr]
    lines = text([panel], width, height)
    assert lines[1] == f"{classes} classes; most often wrong:"
    assert lines[2].startswith(f"{count:4} {names[first]} taken for {names[second]} (")


def test_twenty_classes_are_a_matrix_where_there_is_room() -> None:
    assert len([line for line in text([made(20, 3)], 120, 40)[3:23] if line.strip().startswith("kind")]) == 20


def test_the_rows_that_a_regression_is_most_wrong_on_are_listed_in_their_own_unit() -> None:
    config = RunConfig.of("msle", data_file=own_file(20, mean=200.0, scale=50.0), hidden_layers=(25,))
    panel = kept("msle", config)
    assert panel.weights is not None
    assert panel.sample is not None
    found = predict(panel.weights.layers, panel.sample.test_x, config.output_layer)[:, 0].astype(np.float64)
    order = np.argsort(-np.abs(found - panel.sample.test_y[:, 0]))[:12]
    lines = text([panel], 50, 14)
    assert lines[1].split() == ["true", "network", "x1", "x2", "x3", "x4"]
    for line, row in zip(lines[2:], order, strict=True):
        true, given, first, *_ = map(float, line.split())
        assert true == pytest.approx(panel.sample.test_y[row, 0] * 50 + 200, abs=0.01)
        assert given == pytest.approx(found[row] * 50 + 200, abs=0.01)
        assert first == pytest.approx(panel.sample.test_x[row, 0], abs=0.001)


def test_predictions_over_targets_are_in_the_targets_own_unit() -> None:
    config = RunConfig.of("msle", data_file=own_file(20, mean=2000.0, scale=500.0), hidden_layers=(25,))
    plain, own = (predicted_vs_true_frame([panel], 40, 20).text for panel in (kept("msle"), kept("msle", config)))
    assert "2000" not in plain
    assert "2000" in own


def test_axes_of_a_plane_say_how_much_of_the_variance_is_along_them() -> None:
    frame = decision_boundary_frame([made(3, 5)], 90, 20)
    assert frame.rows[1].startswith("PC 2 (")
    assert frame.rows[-2].rstrip().endswith("% of variance)")
    assert "PC" not in decision_boundary_frame([kept("cce")], 90, 20).text


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 60), st.integers(0, 30), st.booleans(), st.sampled_from([2, 3, 25]), st.booleans())
def test_no_size_and_no_weights_break_it(width: int, height: int, ascii_only: bool, classes: int, finite: bool) -> None:
    panel = made(classes, 3) if classes > 2 else kept("bce")
    assert panel.weights is not None
    if not finite:
        broken = Weights.of([array * np.float32(np.nan) for array in panel.weights.arrays])
        panel = Panel(panel.title, panel.config, 0, 3, broken, panel.sample)
    lines = text([panel, kept("msle")] if width % 2 else [panel], width, height, ascii_only)
    assert not ascii_only or all(line.isascii() for line in lines)
