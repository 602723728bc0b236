"""A decision boundary between any number of classes, however it is drawn."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len
from sklearn.decomposition import PCA

from lossterm.catalog import OutputLayer
from lossterm.model_view import Panel, decision_boundary_frame
from lossterm.model_view.decision_boundary import cell_centres
from lossterm.model_view.plane import plane_of
from lossterm.model_view.styles import (
    CLASSES,
    LEVELS,
    SHADES,
    STYLE_COUNT,
    class_and_level,
    halves_of,
    halves_style,
    point_of,
    point_style,
    shade,
)
from lossterm.runs.snapshots import Sample

WIDTH, HEIGHT = 60, 32
UNICODE_FILLS = "· ░▒▓█╱╳─═│║⠂⠶┼╬⠉⠛⠤⣤⡇⣿┄┅┆┇≈≋"
ASCII_FILLS = ". -=+#:%/&'\"!|~^_@<>()[]{};$"


def directions(classes: int) -> Any:
    """One point of the unit circle a class, (classes, 2)."""
    angles = 2 * np.pi * np.arange(classes) / classes
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def sectors(classes: int, features: int = 2) -> Panel:
    """A network that takes a point for the class whose direction is nearest, and a row of each class."""
    layer = OutputLayer(classes, "softmax", "one_hot", "argmax")
    config: Any = SimpleNamespace(
        output_layer=layer, activation="relu", dataset_entry=SimpleNamespace(classes=classes, file=None)
    )
    kernel = np.zeros((features, classes), np.float32)
    kernel[:2] = 20 * directions(classes).T
    x = np.zeros((classes, features), np.float32)
    x[:, :2] = directions(classes)
    y = layer.encode(np.arange(classes))
    weights: Any = SimpleNamespace(layers=[(kernel, np.zeros(classes, np.float32))])
    return Panel("#1 cce", config, 0, 1, weights, Sample(x, y, x[:1], y[:1]))


def expected(panel: Panel, classes: int, halves: bool) -> Any:
    assert panel.sample is not None
    centres = cell_centres(panel.sample, WIDTH, HEIGHT - 2, halves)
    return (centres @ directions(classes).T).argmax(axis=-1)


@pytest.mark.parametrize("classes", [2, 3, 5, 10, CLASSES])
def test_every_half_cell_has_the_colour_of_its_class(classes: int) -> None:
    panel = sectors(classes)
    frame = decision_boundary_frame([panel], WIDTH, HEIGHT)
    wanted, points = expected(panel, classes, halves=True), set()
    for y, style_ids in enumerate(frame.style_rows[1:-1]):
        for x, style_id in enumerate(style_ids):
            halves, point = halves_of(style_id), point_of(style_id)
            if halves is not None:
                assert [class_and_level(half)[0] for half in halves] == wanted[2 * y : 2 * y + 2, x].tolist()
            else:
                assert point is not None
                points.add((point[0], frame.rows[1 + y][x]))
    assert sorted(number for number, _ in points) == list(range(classes))
    assert len({sign for _, sign in points}) == classes


@pytest.mark.parametrize(("how", "fills"), [("textured", UNICODE_FILLS), ("ascii", ASCII_FILLS)])
@pytest.mark.parametrize("classes", [3, 10, CLASSES])
def test_every_cell_has_the_character_of_its_class(classes: int, how: str, fills: str) -> None:
    panel = sectors(classes)
    frame = decision_boundary_frame([panel], WIDTH, HEIGHT, **{how: True})
    drawn = np.array([[fills.find(char) // 2 for char in row] for row in frame.rows[1:-1]])
    wanted = expected(panel, classes, halves=False)
    assert (drawn >= 0).mean() > 0.95
    np.testing.assert_array_equal(drawn[drawn >= 0], wanted[drawn >= 0])
    assert set(np.unique(drawn[drawn >= 0])) == set(range(classes))


def test_the_legend_names_every_class_and_is_short_where_there_is_little_room() -> None:
    assert decision_boundary_frame([sectors(4)], 60, 12, ascii=True).rows[-1].rstrip() == (
        "Oo class 0  Xx class 1  Zz class 2  Aa class 3"
    )
    assert decision_boundary_frame([sectors(4)], 30, 12, ascii=True).rows[-1].rstrip() == "Oo 0  Xx 1  Zz 2  Aa 3"
    assert "Zz class 2" in decision_boundary_frame([sectors(2), sectors(3)], 60, 12, ascii=True).rows[-1]


def test_more_classes_than_can_be_told_apart_are_drawn_all_the_same() -> None:
    for how in ({}, {"ascii": True}, {"textured": True}):
        frame = decision_boundary_frame([sectors(3 * CLASSES + 1)], WIDTH, HEIGHT, **how)
        assert max(map(max, frame.style_rows)) < STYLE_COUNT


def test_every_pair_of_shades_and_every_point_has_a_style_id_of_its_own() -> None:
    halves = {halves_style(upper, lower): (upper, lower) for upper in range(SHADES) for lower in range(SHADES)}
    points = {point_style(number, behind): (number, behind) for number in range(CLASSES) for behind in range(SHADES)}
    assert len(halves) + len(points) == SHADES * SHADES + CLASSES * SHADES
    assert not set(halves) & set(points)
    assert max(*halves, *points) + 1 == STYLE_COUNT <= 1 << 16
    assert all(halves_of(style_id) == pair and point_of(style_id) is None for style_id, pair in halves.items())
    assert all(point_of(style_id) == pair and halves_of(style_id) is None for style_id, pair in points.items())
    assert class_and_level(shade(CLASSES - 1, LEVELS - 1)) == (CLASSES - 1, LEVELS - 1)


def test_the_signs_are_one_cell_wide_and_differ() -> None:
    for fills in (UNICODE_FILLS, ASCII_FILLS):
        assert len(set(fills)) == len(fills) == 2 * CLASSES
        assert all(cell_len(char) == 1 for char in fills)
    assert ASCII_FILLS.isascii()


@pytest.mark.parametrize("features", [3, 5, 64])
def test_more_features_are_seen_on_the_plane_of_two_principal_components(features: int) -> None:
    """scikit-learn's PCA says where the plane is, and the network what is decided at the points of it."""
    random = np.random.default_rng(features)
    panel = sectors(4, features)
    x = (random.normal(size=(120, features)) * np.linspace(3, 1, features)).astype(np.float32)
    y = panel.config.output_layer.encode(random.integers(0, 4, len(x)))
    panel = replace(panel, sample=Sample(x[:80], y[:80], x[80:], y[80:]))
    assert panel.sample is not None
    assert panel.weights is not None
    pca = PCA(2).fit(x.astype(np.float64))
    plane = plane_of(panel.sample)
    np.testing.assert_allclose(plane.share, pca.explained_variance_ratio_.sum(), rtol=1e-9)
    np.testing.assert_allclose(np.abs(plane.axes @ pca.components_.T), np.eye(2), atol=1e-6)
    frame = decision_boundary_frame([panel], WIDTH, HEIGHT)
    assert f"PCA plane: {plane.share:.0%} of the variance" in frame.text
    centres = cell_centres(panel.sample, WIDTH, HEIGHT - 2)
    points = plane.points(centres.reshape(-1, 2)).astype(np.float64)
    kernel, bias = panel.weights.layers[0]
    wanted = (points @ kernel + bias).argmax(axis=1).reshape(centres.shape[:2])
    for y_cell, style_ids in enumerate(frame.style_rows[1:-1]):
        for x_cell, style_id in enumerate(style_ids):
            if (halves := halves_of(style_id)) is not None:
                assert [class_and_level(h)[0] for h in halves] == wanted[2 * y_cell : 2 * y_cell + 2, x_cell].tolist()


def test_data_without_any_spread_have_a_plane_too() -> None:
    for features in (1, 2, 3):
        x, y = np.ones((5, features), np.float32), np.eye(5, 3, dtype=np.float32)
        panel = replace(sectors(3, 3), sample=Sample(x, y, x, y))
        plane = plane_of(panel.sample)
        assert plane.axes.shape == (2, features)
        assert np.isfinite(plane.project(x)).all()
