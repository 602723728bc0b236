"""The datasets are the tutorial's: scikit-learn called as the tutorial calls it is the oracle."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import make_blobs, make_circles, make_regression
from sklearn.preprocessing import StandardScaler

from lossterm.catalog import dataset_named, loss_named, output_layer
from lossterm.config import RunConfig
from lossterm.trainer import data as data_module
from lossterm.trainer.data import CACHE_BYTES, Data, load
from lossterm.trainer.lru import LruCache


def test_regression_is_standardised_before_it_is_split() -> None:
    x, y = make_regression(n_samples=5000, n_features=20, noise=0.1, random_state=1)
    x = StandardScaler().fit_transform(x)
    y = StandardScaler().fit_transform(y.reshape(len(y), 1))[:, 0]
    data = load(RunConfig.of("mse"))
    check(data, x, y.reshape(-1, 1), 2500)


def test_circles_are_as_made() -> None:
    x, y = make_circles(n_samples=5000, noise=0.1, random_state=1)
    check(load(RunConfig.of("bce")), x, y.reshape(-1, 1), 2500)
    check(load(RunConfig.of("hinge")), x, np.where(y == 0, -1, 1).reshape(-1, 1), 2500)


def test_blobs_train_on_the_first_500() -> None:
    x, y = make_blobs(n_samples=5000, centers=3, n_features=2, cluster_std=2, random_state=2)
    check(load(RunConfig.of("cce")), x, np.eye(3)[y], 500)


def test_settings_reach_the_generator() -> None:
    x, y = make_circles(n_samples=300, noise=0.3, random_state=1)
    data = load(RunConfig.of("bce", samples=300, noise=0.3, train_fraction=0.2, batch_size=8))
    check(data, x, y.reshape(-1, 1), 60)


def test_outliers_are_10_more_in_exactly_their_share_of_the_training_targets() -> None:
    clean, corrupted = load(RunConfig.of("mse")), load(RunConfig.of("mse", outlier_fraction=0.05))
    added = (corrupted.train_y - clean.train_y)[:, 0]
    assert np.count_nonzero(added) == 125
    np.testing.assert_allclose(added[added != 0], 10, rtol=1e-6)
    same_but_train_targets(clean, corrupted)


@pytest.mark.parametrize(("loss", "dataset", "classes"), [("bce", "circles", 2), ("cce", "blobs", 3)])
def test_label_noise_gives_its_share_another_class_each_as_likely(loss: str, dataset: str, classes: int) -> None:
    settings = {"dataset": dataset, "samples": 20_000, "train_fraction": 0.9}
    clean, corrupted = load(RunConfig.of(loss, **settings)), load(RunConfig.of(loss, **settings, label_noise=0.25))
    before, after = (classes_of(data.train_y) for data in (clean, corrupted))
    wrong = before != after
    assert np.count_nonzero(wrong) == 4500
    assert set(after) == set(range(classes))
    steps = np.bincount((after - before)[wrong] % classes, minlength=classes) / 4500
    np.testing.assert_allclose(steps[1:], 1 / (classes - 1), atol=0.03)
    kinds = np.bincount(before[wrong], minlength=classes) / np.bincount(before, minlength=classes)
    np.testing.assert_allclose(kinds, 0.25, atol=0.03)
    same_but_train_targets(clean, corrupted)


@pytest.mark.parametrize(
    ("loss", "corruption"),
    [("mse", {"outlier_fraction": 0.1}), ("hinge", {"label_noise": 0.1}), ("kld", {"label_noise": 1})],
)
def test_what_is_corrupted_depends_on_the_dataset_alone(
    loss: str, corruption: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = RunConfig.of(loss, samples=401, batch_size=8, **corruption)
    again = load(config.changed(seed=7, epochs=2))
    assert again is load(config), "made once"
    monkeypatch.setattr(data_module, "_cache", LruCache(CACHE_BYTES))
    np.testing.assert_array_equal(load(config).train_y, again.train_y)
    assert load(config) is not again


def test_all_losses_of_a_dataset_get_the_same_wrong_labels() -> None:
    one, other = (load(RunConfig.of(loss, dataset="circles", label_noise=0.3)).train_y for loss in ("bce", "cce"))
    np.testing.assert_array_equal(classes_of(one), classes_of(other))


def test_a_larger_share_corrupts_what_a_smaller_one_does() -> None:
    clean, few, many = (load(RunConfig.of("mae", outlier_fraction=share)).train_y for share in (0, 0.1, 0.4))
    assert np.all((many != clean)[few != clean])


@pytest.mark.parametrize(("share", "rows"), [(0, 0), (0.004, 0), (0.006, 1), (0.014, 1), (0.5, 50), (1, 100)])
def test_the_share_is_rounded_to_whole_rows(share: float, rows: int) -> None:
    settings = {"samples": 200, "train_fraction": 0.5}
    clean, corrupted = load(RunConfig.of("bce", **settings)), load(RunConfig.of("bce", **settings, label_noise=share))
    assert np.count_nonzero(clean.train_y != corrupted.train_y) == rows


def same_but_train_targets(clean: Data, corrupted: Data) -> None:
    np.testing.assert_array_equal(corrupted.train_x, clean.train_x)
    np.testing.assert_array_equal(corrupted.test_x, clean.test_x)
    np.testing.assert_array_equal(corrupted.test_y, clean.test_y)


def classes_of(targets: np.ndarray) -> np.ndarray:
    return targets[:, 0].astype(int) if targets.shape[1] == 1 else targets.argmax(axis=1)


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
    coded = output_layer(loss_named(loss), dataset_named(dataset)).encode(np.array([0, 1]))
    np.testing.assert_array_equal(coded, np.array(expected, np.float32))


def test_the_same_settings_are_made_once() -> None:
    config = RunConfig.of("bce", samples=400)
    assert load(config) is load(config.changed(seed=9, epochs=3, learning_rate=0.5))
    assert load(config) is not load(config.changed(noise=0.2))


def test_shared_arrays_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="read-only"):
        load(RunConfig.of("bce")).train_x[0] = 0


def test_a_bounded_cache_forgets_what_was_used_longest_ago() -> None:
    cache: LruCache[str] = LruCache(3)
    assert cache.put("a", "A") == cache.put("b", "B") == cache.put("c", "C") == []
    assert cache.get("a") == "A"
    assert cache.put("d", "D") == ["B"]
    assert cache.put("e", "E", weight=2) == ["C", "A"]
    assert ("d" in cache, "e" in cache, cache.weight, len(cache)) == (True, True, 3, 2)


def test_a_bounded_cache_does_not_empty_itself_for_what_it_cannot_hold() -> None:
    cache: LruCache[str] = LruCache(3)
    cache.put("a", "A")
    assert cache.put("b", "B", weight=4) == []
    assert (cache.get("a"), cache.get("b")) == ("A", None)
    cache.drop("a")
    cache.drop("never there")
    assert len(cache) == 0
