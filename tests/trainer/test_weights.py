"""The weights that are kept for the model view are the run's own, epoch by epoch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lossterm.config import RunConfig
from lossterm.runs.checkpoints import unpack_arrays, weight_names
from lossterm.runs.records import Checkpoint
from lossterm.runs.snapshots import Weights, unpack_sample, unpack_weights
from lossterm.trainer import data
from lossterm.trainer.fit import fit
from lossterm.trainer.network import Network, initial_weights

pytestmark = pytest.mark.keras

Small = Callable[..., RunConfig]


def as_checkpoint(weights: Weights, config: RunConfig) -> dict[str, Any]:
    return dict(zip(weight_names(config), weights.arrays, strict=True))


@pytest.mark.parametrize(("loss", "dataset"), [("mse", "regression"), ("hinge", "circles"), ("cce", "blobs")])
def test_each_snapshot_holds_the_weights_after_its_epoch(
    loss: str, dataset: str, small: Small, models: Any, record: Any
) -> None:
    config = small(loss, dataset=dataset, epochs=4)
    recording = record()
    outcome = fit(config, recording, cache=models)
    assert sorted(recording.snapshots) == [0, 1, 2, 3, 4]
    start = initial_weights(Network.of(config), seed=1)
    names = weight_names(config)
    seen = {epoch: as_checkpoint(unpack_weights(w, config), config) for epoch, w in recording.snapshots.items()}
    for name, array in zip(names, start, strict=True):
        np.testing.assert_array_equal(seen[0][name], array)
    for checkpoint in (*recording.checkpoints, outcome.final):
        kept = unpack_arrays(checkpoint, config)
        for name in names:
            np.testing.assert_array_equal(seen[checkpoint.epoch][name], kept[name])


def test_a_resumed_run_goes_on_where_it_was(small: Small, models: Any, record: Any) -> None:
    whole, begun, resumed = record(), record("interrupt", 2), record()
    fit(small("bce", epochs=4), whole, cache=models)
    part: Checkpoint = fit(small("bce", epochs=4), begun, cache=models).final
    fit(small("bce", epochs=4), resumed, resume=part, cache=models)
    assert sorted(begun.snapshots) == [0, 1, 2]
    assert sorted(resumed.snapshots) == [3, 4]
    assert {**begun.snapshots, **resumed.snapshots} == whole.snapshots


def test_the_sample_is_rows_of_the_data_that_the_run_trains_on(small: Small, models: Any, record: Any) -> None:
    config = small("cce", dataset="blobs")
    recording = record()
    fit(config, recording, cache=models)
    sample, whole = unpack_sample(recording.rows, config), data.load(config)
    for part in ("train", "test"):
        rows = np.hstack([getattr(whole, f"{part}_x"), getattr(whole, f"{part}_y")])
        picked = np.hstack([getattr(sample, f"{part}_x"), getattr(sample, f"{part}_y")])
        assert len(picked) == 100, "all of a small set"
        np.testing.assert_array_equal(picked, rows)
