"""What is kept of a run's network: which epochs, how much of it, and that it comes back as it went in."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossterm.config import RunConfig
from lossterm.runs.records import Snapshot
from lossterm.runs.snapshots import (
    MOST,
    SAMPLE_ROWS,
    Sample,
    kept_epochs,
    most_snapshots,
    pack_sample,
    pack_weights,
    take_sample,
    unpack_sample,
    unpack_weights,
    weight_shapes,
)
from lossterm.store import Store, TrainerSession

LIMIT = 200_000
PAIRS = [("mse", "regression"), ("bce", "circles"), ("cce", "circles"), ("cce", "blobs"), ("hinge", "blobs")]


def arrays(config: RunConfig) -> list[Any]:
    chance = np.random.default_rng(1)
    return [chance.normal(size=shape).astype(np.float32) for shape in weight_shapes(config)]


def sample_of(config: RunConfig, rows: int) -> Sample:
    features, units = config.dataset_entry.features, config.output_layer.units
    chance = np.random.default_rng(2)
    return take_sample(*(chance.normal(size=(rows, n)).astype(np.float32) for n in (features, units) * 2))


@pytest.mark.parametrize("epochs", [1, 2, 7, 50, 300, 10_000, 1_000_000])
def test_the_first_epochs_lie_close_and_the_last_is_there(epochs: int) -> None:
    kept = sorted(kept_epochs(RunConfig.of("bce", epochs=epochs)))
    assert kept[0] == 0
    assert kept[-1] == epochs
    assert len(kept) <= MOST
    assert kept[: min(epochs, 10)] == list(range(min(epochs, 10)))
    gaps = np.diff(kept[:-1])  # the last gap is whatever is left
    assert np.all(np.diff(gaps) >= 0)


@settings(deadline=None)
@given(
    pair=st.sampled_from(PAIRS),
    hidden=st.one_of(st.integers(1, 200), st.integers(1, 65_536)),
    epochs=st.one_of(st.integers(1, 100), st.integers(1, 1_000_000)),
)
def test_a_run_never_keeps_more_than_its_share_of_the_store(pair: tuple[str, str], hidden: int, epochs: int) -> None:
    loss, dataset = pair
    config = RunConfig.of(loss, dataset=dataset, hidden_units=hidden, epochs=epochs)
    kept = kept_epochs(config)
    assert len(kept) <= most_snapshots(config) <= MOST
    assert bool(kept) == (most_snapshots(config) > 0)
    each = len(pack_weights(arrays(config), config)) if kept else 0
    rows = len(pack_sample(sample_of(config, SAMPLE_ROWS)))
    assert len(kept) * each + rows <= LIMIT


@pytest.mark.parametrize(("loss", "dataset"), PAIRS)
@pytest.mark.parametrize("hidden", [0, 13, 300, 2500])
def test_the_stores_file_grows_by_no_more(loss: str, dataset: str, hidden: int, tmp_path: Path) -> None:
    config = RunConfig.of(loss, dataset=dataset, epochs=100_000, **({"hidden_units": hidden} if hidden else {}))
    with Store(tmp_path / "store.db") as front_end:
        (run_id,) = front_end.queue([config])
    with TrainerSession(tmp_path / "store.db", "auto", "") as store:
        store.claim(("auto",), "cpu", "")
        with closing(sqlite3.connect(store.path)) as sqlite:
            before = sqlite.execute("PRAGMA page_count").fetchone()[0]
            store.begin(run_id, "cpu", "", pack_sample(sample_of(config, 5000)))
            for epoch in sorted(kept_epochs(config)):
                store.record(run_id, [], 0.0, 0.0, None, [Snapshot(epoch, True, pack_weights(arrays(config), config))])
            grown = (sqlite.execute("PRAGMA page_count").fetchone()[0] - before) * 4096
    assert 20 * 600 < grown <= LIMIT


def test_the_tutorials_networks_are_kept_exactly() -> None:
    for loss, dataset in PAIRS:
        config = RunConfig.of(loss, dataset=dataset)
        given_arrays = arrays(config)
        back = unpack_weights(pack_weights(given_arrays, config), config)
        for array, unpacked in zip(given_arrays, back.arrays, strict=True):
            np.testing.assert_array_equal(unpacked, array)


def test_a_wide_network_is_kept_to_three_digits() -> None:
    config = RunConfig.of("bce", hidden_units=2000)
    given_arrays = arrays(config)
    back = unpack_weights(pack_weights(given_arrays, config), config)
    np.testing.assert_allclose(back.arrays[0], given_arrays[0], rtol=1e-3, atol=1e-6)
    given_arrays[0][0, 0] = 1e30
    assert np.isinf(unpack_weights(pack_weights(given_arrays, config), config).arrays[0][0, 0])


@pytest.mark.parametrize("hidden_layers", [(), (7,), (30, 20), (5, 5, 5, 5)])
def test_any_number_of_layers_comes_back_with_its_shapes(hidden_layers: tuple[int, ...]) -> None:
    config = RunConfig.of("cce", hidden_layers=hidden_layers)
    given_arrays = arrays(config)
    back = unpack_weights(pack_weights(given_arrays, config), config)
    assert len(back.layers) == len(hidden_layers) + 1
    for array, unpacked in zip(given_arrays, back.arrays, strict=True):
        np.testing.assert_array_equal(unpacked, array)


def test_equally_many_numbers_of_other_shapes_are_refused() -> None:
    one, other = (RunConfig.of("cce", hidden_layers=layers) for layers in ((2, 4, 3), (3, 3, 3)))
    count = [sum(array.size for array in arrays(config)) for config in (one, other)]
    assert count[0] == count[1]
    with pytest.raises(ValueError, match="another network"):
        unpack_weights(pack_weights(arrays(one), one), other)


@pytest.mark.parametrize("kind", ["<f4", "<f2"])
def test_snapshots_without_shapes_as_older_stores_have_them_are_read(kind: str) -> None:
    config = RunConfig.of("bce", hidden_units=20)
    given_arrays = arrays(config)
    packed = b"".join(array.astype(kind).tobytes() for array in given_arrays)
    for array, unpacked in zip(given_arrays, unpack_weights(packed, config).arrays, strict=True):
        np.testing.assert_array_equal(unpacked, array.astype(kind))


def test_weights_of_another_network_are_refused() -> None:
    bce, cce = RunConfig.of("bce"), RunConfig.of("cce")
    with pytest.raises(ValueError, match="another network"):
        unpack_weights(pack_weights(arrays(bce), bce), cce)


@pytest.mark.parametrize("rows", [1, 150, SAMPLE_ROWS, 5000])
def test_a_sample_comes_back_row_for_row(rows: int) -> None:
    config = RunConfig.of("cce")
    sample = sample_of(config, rows)
    back = unpack_sample(pack_sample(sample), config)
    assert len(back.train_x) == len(back.test_x) == min(rows, SAMPLE_ROWS)
    for name in ("train_x", "train_y", "test_x", "test_y"):
        np.testing.assert_array_equal(getattr(back, name), getattr(sample, name))


@pytest.mark.parametrize("damage", [b"", b"123", b"\xff\xff\xff\x7f" + bytes(20), b"\0\0\0\0" + bytes(21)])
def test_a_damaged_sample_is_refused(damage: bytes) -> None:
    with pytest.raises(ValueError, match="sample"):
        unpack_sample(damage, RunConfig.of("cce"))
