"""The datasets are the tutorial's: scikit-learn called as the tutorial calls it is the oracle."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import make_blobs, make_circles, make_regression
from sklearn.preprocessing import StandardScaler

from lossterm.catalog import DATASETS, Dataset, dataset_named, loss_named, output_layer
from lossterm.config import ConfigError, RunConfig
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


REAL = [dataset for dataset in DATASETS if dataset.split == "shuffled"]
each_real = pytest.mark.parametrize("dataset", REAL, ids=lambda dataset: dataset.name)


@each_real
def test_real_data_is_standardised_by_the_training_rows_alone(dataset: Dataset) -> None:
    data = load(RunConfig.of("mse", dataset=dataset.name))
    means, deviations = data.train_x.mean(axis=0, dtype=float), data.train_x.std(axis=0, dtype=float)
    np.testing.assert_allclose(means, 0, atol=1e-5)
    np.testing.assert_allclose(deviations[deviations > 0], 1, atol=1e-4)
    assert np.abs(data.test_x.mean(axis=0)).max() > 1e-3, "its rows do not count"
    if not dataset.task.has_classes:
        np.testing.assert_allclose((data.train_y.mean(), data.train_y.std()), (0, 1), atol=1e-5)


@each_real
def test_real_data_is_all_there_shuffled_with_each_class_in_both_sets_alike(dataset: Dataset) -> None:
    config = RunConfig.of("mse", dataset=dataset.name)
    data, (x, y) = load(config), dataset.generate()
    assert (len(data.train_x), len(data.test_x)) == (config.train_rows, config.test_rows)
    assert len(x) == len(data.train_x) + len(data.test_x) == dataset.rows
    assert data.train_x.shape[1] == dataset.features == x.shape[1]
    assert not np.array_equal(data.train_y, config.output_layer.encode(y)[: config.train_rows]), "shuffled"
    if dataset.task.has_classes:
        assert int(y.max()) + 1 == dataset.classes
        shares = [
            np.bincount(classes_of(part), minlength=dataset.classes) / len(part) for part in (data.train_y, data.test_y)
        ]
        np.testing.assert_allclose(shares[0], shares[1], atol=0.03)


@each_real
@pytest.mark.parametrize("fraction", [0.001, 0.02, 0.999])
def test_real_data_is_split_however_few_rows_train(dataset: Dataset, fraction: float) -> None:
    config = RunConfig.of("mse", dataset=dataset.name, train_fraction=fraction, batch_size=1)
    data = load(config)
    assert len(data.train_x) == config.train_rows == min(max(round(fraction * dataset.rows), 1), dataset.rows - 1)
    assert len(data.test_x) == config.test_rows >= 1


def test_the_imbalance_is_the_share_of_class_0() -> None:
    for imbalance, share in ((0.0, 0.5), (0.5, 0.75), (0.9, 0.95)):
        data = load(RunConfig.of("bce", dataset="classification", imbalance=imbalance, noise=0))
        assert np.mean(data.train_y == 0) == pytest.approx(share, abs=0.02)


def test_the_arms_of_the_spirals_are_half_a_turn_apart() -> None:
    data = load(RunConfig.of("bce", dataset="spirals", noise=0))
    radius = np.hypot(*data.train_x.T)
    angle = np.arctan2(data.train_x[:, 1], data.train_x[:, 0])
    arm = np.round((angle - 3 * np.pi * radius) / np.pi).astype(int) % 2
    np.testing.assert_array_equal(arm, data.train_y[:, 0])


def test_a_setting_that_is_fixed_on_a_dataset_says_its_value() -> None:
    for name, value, words in (
        ("samples", 99, "must be 150 on iris, not 99"),
        ("noise", 0.1, "must be 0 on iris, not 0.1"),
    ):
        with pytest.raises(ConfigError, match=f"^{name}: {words}; it is for regression and circles and blobs$"):
            RunConfig.of("cce", dataset="iris", **{name: value})
    assert RunConfig.of("cce", dataset="iris", samples=150).samples == 150
    with pytest.raises(ConfigError, match=r"^imbalance: must be 0 on circles, not 0\.5; it is for classification$"):
        RunConfig.of("bce", imbalance=0.5)


def test_validation_rows_are_the_end_of_the_training_rows_and_the_test_rows_stay() -> None:
    config = RunConfig.of("bce", samples=1000, validation_fraction=0.2)
    data, whole = load(config), load(config.changed(validation_fraction=0))
    assert (config.train_rows, config.validation_rows, config.test_rows) == (400, 100, 500)
    np.testing.assert_array_equal(np.concatenate([data.train_x, data.validation_x]), whole.train_x)
    np.testing.assert_array_equal(np.concatenate([data.train_y, data.validation_y]), whole.train_y)
    np.testing.assert_array_equal(data.test_x, whole.test_x)
    assert whole.validation_x is whole.test_x, "as the tutorial does"
    assert (config.measured_set, config.changed(validation_fraction=0).measured_set) == ("validation", "test")


def test_corruption_spares_the_validation_rows() -> None:
    clean = load(RunConfig.of("mse", samples=1000, validation_fraction=0.2))
    data = load(RunConfig.of("mse", samples=1000, validation_fraction=0.2, outlier_fraction=0.5))
    assert (data.train_y != clean.train_y).sum() == 200
    np.testing.assert_array_equal(data.validation_y, clean.validation_y)


@each_real
def test_held_out_rows_have_no_part_in_standardising(dataset: Dataset) -> None:
    config = RunConfig.of("mse", dataset=dataset.name, validation_fraction=0.3)
    data = load(config)
    assert (len(data.train_x), len(data.validation_x)) == (config.train_rows, config.validation_rows)
    np.testing.assert_allclose(data.train_x.mean(axis=0, dtype=float), 0, atol=1e-5)
    assert np.abs(data.validation_x.mean(axis=0)).max() > 1e-3


def test_another_data_seed_draws_other_rows_and_the_runs_seed_does_not() -> None:
    config = RunConfig.of("mse", dataset="circles", samples=100)
    assert config.data_seed == 1
    assert load(config.changed(seed=9)).train_x is load(config).train_x
    assert not np.array_equal(load(config.changed(data_seed=2)).train_x, load(config).train_x)
    wine = RunConfig.of("mse", dataset="wine")
    first, second = load(wine), load(wine.changed(data_seed=7))
    assert not np.array_equal(first.train_y, second.train_y), "split anew"
