"""The datasets are the tutorial's: scikit-learn called as the tutorial calls it is the oracle."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import make_blobs, make_circles, make_regression
from sklearn.preprocessing import StandardScaler

from lossterm.catalog import dataset_named, head, loss_named
from lossterm.experiment import Experiment
from lossterm.trainer.bounded import Bounded
from lossterm.trainer.data import Data, encode, load


def test_regression_is_standardised_before_it_is_split() -> None:
    x, y = make_regression(n_samples=5000, n_features=20, noise=0.1, random_state=1)
    x = StandardScaler().fit_transform(x)
    y = StandardScaler().fit_transform(y.reshape(len(y), 1))[:, 0]
    data = load(Experiment.of("mse"))
    check(data, x, y.reshape(-1, 1), 2500)


def test_circles_are_as_made() -> None:
    x, y = make_circles(n_samples=5000, noise=0.1, random_state=1)
    check(load(Experiment.of("bce")), x, y.reshape(-1, 1), 2500)
    check(load(Experiment.of("hinge")), x, np.where(y == 0, -1, 1).reshape(-1, 1), 2500)


def test_blobs_train_on_the_first_500() -> None:
    x, y = make_blobs(n_samples=5000, centers=3, n_features=2, cluster_std=2, random_state=2)
    check(load(Experiment.of("cce")), x, np.eye(3)[y], 500)


def test_settings_reach_the_generator() -> None:
    x, y = make_circles(n_samples=300, noise=0.3, random_state=1)
    data = load(Experiment.of("bce", samples=300, noise=0.3, train_fraction=0.2, batch_size=8))
    check(data, x, y.reshape(-1, 1), 60)


def check(data: Data, x: np.ndarray, y: np.ndarray, rows: int) -> None:
    for made, expected in (
        (data.train_x, x[:rows]),
        (data.train_y, y[:rows]),
        (data.test_x, x[rows:]),
        (data.test_y, y[rows:]),
    ):
        assert made.dtype == np.float32
        np.testing.assert_array_equal(made, expected.astype(np.float32))


@pytest.mark.parametrize(
    ("loss", "dataset", "expected"),
    [
        ("bce", "circles", [[0], [1]]),
        ("hinge", "circles", [[-1], [1]]),
        ("cce", "circles", [[1, 0], [0, 1]]),
        ("mse", "blobs", [[1, 0, 0], [0, 1, 0]]),
        ("hinge", "blobs", [[1, -1, -1], [-1, 1, -1]]),
    ],
)
def test_targets_are_coded_for_the_head(loss: str, dataset: str, expected: list[list[int]]) -> None:
    coded = encode(np.array([0, 1]), head(loss_named(loss), dataset_named(dataset)))
    np.testing.assert_array_equal(coded, np.array(expected, np.float32))


def test_the_same_settings_are_made_once() -> None:
    experiment = Experiment.of("bce", samples=400)
    assert load(experiment) is load(experiment.changed(seed=9, epochs=3, learning_rate=0.5))
    assert load(experiment) is not load(experiment.changed(noise=0.2))


def test_shared_arrays_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="read-only"):
        load(Experiment.of("bce")).train_x[0] = 0


def test_a_bounded_cache_forgets_what_was_used_longest_ago() -> None:
    cache: Bounded[str] = Bounded(3)
    assert cache.put("a", "A") == cache.put("b", "B") == cache.put("c", "C") == []
    assert cache.get("a") == "A"
    assert cache.put("d", "D") == ["B"]
    assert cache.put("e", "E", weight=2) == ["C", "A"]
    assert ("d" in cache, "e" in cache, cache.weight, len(cache)) == (True, True, 3, 2)


def test_a_bounded_cache_does_not_empty_itself_for_what_it_cannot_hold() -> None:
    cache: Bounded[str] = Bounded(3)
    cache.put("a", "A")
    assert cache.put("b", "B", weight=4) == []
    assert (cache.get("a"), cache.get("b")) == ("A", None)
    cache.drop("a")
    cache.drop("never there")
    assert len(cache) == 0
