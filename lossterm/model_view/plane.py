"""The plane that a decision boundary is drawn on: two features, or the first two principal components of more."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..runs.snapshots import Floats, Sample
from .network import DenseLayers

AXES = 2
"""The directions that a plane has."""


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane in the space of the features.

    Attributes:
        origin: the point, (features,), at the plane's (0, 0).
        axes: two directions, (2, features), of length 1 and at right angles.
        shares: the share of the sample's variance along each direction, 0 to 1; empty where the features themselves
            are the directions.
    """

    origin: Floats
    axes: Floats
    shares: tuple[float, ...] = ()

    @property
    def share(self) -> float:
        """The share of the sample's variance that lies in the plane, 0 to 1; 1 where there are two features."""
        return sum(self.shares) if self.shares else 1.0

    @property
    def names(self) -> tuple[str, str]:
        """What the directions are, for axes."""
        if not self.shares:
            return "feature 1", "feature 2"
        first, second = (f"PC {place} ({share:.0%} of variance)" for place, share in enumerate(self.shares, 1))
        return first, second

    @property
    def brief_names(self) -> tuple[str, str]:
        """The same where there is little room."""
        return ("PC 1", "PC 2") if self.shares else self.names

    def project(self, x: Floats) -> Floats:
        """Where rows, (rows, features), lie on the plane, seen at right angles: (rows, 2) float32."""
        return np.asarray((x - self.origin) @ self.axes.T, np.float32)

    def points(self, places: Floats) -> Floats:
        """The points, (rows, features) float32, at places on the plane, (rows, 2)."""
        return np.asarray(self.origin + places @ self.axes, np.float32)

    def layers_on_it(self, layers: DenseLayers) -> DenseLayers:
        """The network for places on the plane: its first layer takes two numbers, and gives what it gives at the point.

        So a picture costs the same however many features there are.
        """
        if self.axes.shape[1] == AXES:
            return layers
        (kernel, bias), *rest = layers
        with np.errstate(all="ignore"):  # a diverged network's weights may be infinite
            wide = kernel.astype(np.float64)
            first = (self.axes @ wide).astype(np.float32), (self.origin @ wide + bias).astype(np.float32)
        return [first, *rest]


@lru_cache(maxsize=32)
def plane_of(sample: Sample) -> Plane:
    """The plane of two features as they are; of more, that of the first two principal components through the mean.

    It follows from the sample alone, both sets together, so that it holds still while a run trains.
    """
    rows = np.concatenate([sample.train_x, sample.test_x]).astype(np.float64)
    features = rows.shape[1]
    if features == AXES or not len(rows):
        return Plane(np.zeros(features, np.float32), np.eye(AXES, features, dtype=np.float32))
    mean = rows.mean(axis=0)
    _, sizes, directions = np.linalg.svd(rows - mean, full_matrices=False)
    found = directions[:AXES]
    largest = np.take_along_axis(found, np.abs(found).argmax(axis=1)[:, None], axis=1)
    axes = np.zeros((AXES, features))
    axes[: len(found)] = found * np.where(largest < 0, -1, 1)  # a direction has no sign of its own
    variance = float((sizes**2).sum())
    shares = np.zeros(AXES)
    if variance:
        shares[: len(found)] = sizes[:AXES] ** 2 / variance
    return Plane(mean.astype(np.float32), axes.astype(np.float32), tuple(shares.tolist()))
