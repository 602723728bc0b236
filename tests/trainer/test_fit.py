"""What a run is from start to end: its numbers, what the recorder hears, and how it stops."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from lossterm.config import RunConfig
from lossterm.runs.checkpoints import pack_arrays, unpack_arrays
from lossterm.runs.records import Epoch
from lossterm.trainer import plan, state
from lossterm.trainer.fit import ModelCache, fit, warm
from lossterm.trainer.model import FusedModel, epoch_order
from lossterm.trainer.network import Network, initial_weights
from lossterm.trainer.stacked_model import StackedModel

pytestmark = pytest.mark.keras

Small = Callable[..., RunConfig]


def test_a_run_tells_its_story(small: Small, record: Any) -> None:
    recording = record()
    outcome = fit(small("bce", epochs=4), recording)
    assert recording.phases == ["making the data", "compiling"]
    assert recording.device is not None
    assert recording.device.id == "cpu"
    assert [epoch.epoch for epoch in recording.epochs] == [1, 2, 3, 4]
    assert (outcome.status, outcome.message) == ("finished", "")
    assert outcome.seconds == pytest.approx(sum(epoch.seconds for epoch in recording.epochs))
    assert outcome.final == recording.checkpoints[-1]
    assert recording.fractions == []
    assert outcome.scores is not None
    last = recording.epochs[-1]
    assert (outcome.scores.test_loss, outcome.scores.test_metric) == (last.test_loss, last.test_metric)


def test_training_writes_nothing_to_the_terminal(
    small: Small, models: Any, record: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    fit(small("bce"), record(), cache=models)
    fit(small("mse", learning_rate=100, epochs=20), record(), cache=models)
    assert capfd.readouterr() == ("", "")


def test_training_makes_no_tf_data_pipeline(small: Small, record: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The destructor of a pipeline's iterator was once seen to hang, and one an epoch segment costs time."""

    def refuse(*_args: Any, **_named: Any) -> None:
        raise AssertionError("a tf.data pipeline was made")

    monkeypatch.setattr(tf.data.Dataset, "__init__", refuse)
    monkeypatch.setattr(tf.data.Iterator, "__init__", refuse)
    with pytest.raises(AssertionError, match="was made"):
        tf.data.Dataset.from_tensors([1])
    assert fit(small("bce"), record()).status == "finished"


def test_the_same_seed_gives_the_same_numbers_in_a_fresh_and_in_a_used_model(small: Small, record: Any) -> None:
    config = small("cce", momentum=0.8, epochs=5)
    fresh, used, again = record(), record(), record()
    first = fit(config, fresh)
    cache = ModelCache()
    fit(config.changed(seed=99, learning_rate=0.3), record(), cache=cache)
    fit(config.changed(noise=0.5), record(), cache=cache)
    second = fit(config, used, cache=cache)
    third = fit(config, again, cache=cache)
    assert fresh.numbers == used.numbers == again.numbers
    assert first.final == second.final == third.final
    assert first.scores == second.scores == third.scores


def test_another_seed_or_learning_rate_gives_other_numbers(small: Small, models: Any, record: Any) -> None:
    runs = []
    for settings in ({}, {"seed": 2}, {"learning_rate": 0.02}, {"momentum": 0.5}):
        recording = record()
        fit(small("bce", **settings), recording, cache=models)
        runs.append(recording.numbers[-1])
    assert len(set(runs)) == 4


def test_losses_are_compared_from_the_same_initial_weights() -> None:
    binary, three = (
        Network.of(RunConfig.of(loss, dataset=data)) for loss, data in (("bce", "circles"), ("cce", "blobs"))
    )
    first = initial_weights(binary, seed=5)[0]
    np.testing.assert_array_equal(first, initial_weights(three, seed=5)[0])
    assert not np.array_equal(first, initial_weights(binary, seed=6)[0])


@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("hidden_layers", [(25,), (25, 7), (), (9, 8, 7)])
def test_a_network_starts_as_a_plain_program_with_that_seed_does(
    hidden_layers: tuple[int, ...], dropout: float
) -> None:
    import keras

    keras.utils.set_random_seed(5)
    layers = [keras.layers.Input((20,))]
    for units in hidden_layers:
        layers.append(keras.layers.Dense(units, activation="relu", kernel_initializer="he_uniform"))
        if dropout:
            layers.append(keras.layers.Dropout(dropout))
    plain = keras.Sequential([*layers, keras.layers.Dense(1, activation="linear")])
    network = Network(20, hidden_layers, RunConfig.of("mse").output_layer, dropout=dropout)
    for ours, theirs in zip(initial_weights(network, seed=5), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_an_epochs_order_is_a_pure_function_of_seed_and_epoch() -> None:
    order = epoch_order(3, 7, 1000).numpy()
    tf.random.set_seed(1234)
    np.testing.assert_array_equal(order, epoch_order(3, 7, 1000).numpy())
    assert sorted(order) == list(range(1000))
    for other in (epoch_order(3, 8, 1000), epoch_order(4, 7, 1000), epoch_order(7, 3, 1000)):
        assert not np.array_equal(order, other.numpy())


def test_an_epochs_order_is_uniform() -> None:
    """Each of 5 rows is as often in each of 5 places: chi-squared with 16 degrees of freedom, 0.1% level."""
    counts = np.zeros((5, 5))
    for epoch in range(400):
        for place, row in enumerate(epoch_order(1, epoch, 5).numpy()):
            counts[place, row] += 1
    assert ((counts - 80) ** 2 / 80).sum() < 39.25


def test_largest_seed_trains(small: Small, models: Any, record: Any) -> None:
    assert fit(small("bce", seed=2**32 - 1), record(), cache=models).status == "finished"


@pytest.mark.parametrize("rows", [96, 31, 1])
def test_whole_single_and_tiny_batches_train(rows: int, record: Any) -> None:
    config = RunConfig.of(
        "mse", samples=rows + 9, train_fraction=rows / (rows + 9), batch_size=min(rows, 32), epochs=2, device="cpu"
    )
    assert config.train_rows == rows
    outcome = fit(config, record())
    assert outcome.scores is not None
    assert math.isfinite(outcome.scores.train_loss)


def test_a_loss_that_explodes_ends_the_run_with_its_history(small: Small, models: Any, record: Any) -> None:
    recording = record()
    outcome = fit(small("mse", learning_rate=50, epochs=30), recording, cache=models)
    assert outcome.status == "diverged"
    last = recording.epochs[-1]
    assert not (math.isfinite(last.train_loss) and math.isfinite(last.test_loss))
    assert outcome.message.startswith(f"diverged at epoch {last.epoch}")
    assert all(math.isfinite(e.train_loss) and math.isfinite(e.test_loss) for e in recording.epochs[:-1])
    assert len(recording.checkpoints) == len(recording.epochs) - 1
    assert outcome.final.epoch == last.epoch < 30


@pytest.mark.parametrize(("verdict", "status"), [("stop", "stopped"), ("interrupt", "interrupted")])
def test_a_run_ends_after_the_epoch_in_which_it_was_asked_to(
    verdict: Any, status: str, small: Small, models: Any, record: Any
) -> None:
    recording = record(verdict=verdict, after=2)
    outcome = fit(small("bce", epochs=9), recording, cache=models)
    assert (outcome.status, outcome.final.epoch, len(recording.epochs)) == (status, 2, 2)
    assert (outcome.scores is None) == (verdict == "interrupt")


def test_being_asked_to_stop_in_the_last_epoch_is_finishing(small: Small, models: Any, record: Any) -> None:
    assert fit(small("bce"), record(verdict="stop", after=3), cache=models).status == "finished"


def test_a_pause_does_not_count(small: Small, models: Any, record: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(float(tick) for tick in range(1000))
    paused = 0.0
    monkeypatch.setattr("lossterm.trainer.fit.time.perf_counter", lambda: next(clock) + paused)

    class Pausing(record):
        def epoch(self, epoch: Epoch) -> Any:
            nonlocal paused
            paused += 500
            return super().epoch(epoch)

    recording = Pausing()
    outcome = fit(small("bce"), recording, cache=models)
    assert max(epoch.seconds for epoch in recording.epochs) < 500
    assert outcome.seconds < 500


@pytest.fixture
def short_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of one batch, so that a small epoch is long, and progress is told of each."""
    monkeypatch.setattr(plan, "MAX_STEPS", 1)
    monkeypatch.setattr("lossterm.trainer.fit.PROGRESS_SECONDS", 0.0)


@pytest.mark.usefixtures("short_blocks")
def test_a_long_epoch_tells_its_progress_and_gives_the_same_numbers(small: Small, models: Any, record: Any) -> None:
    config = small("kld")
    blocks, whole = record(), record()
    outcome = fit(config, blocks)
    assert blocks.fractions == [0.2, 0.4, 0.6, 0.8] * 3
    assert outcome.final == fit(config, whole, cache=models).final
    assert blocks.numbers == whole.numbers


@pytest.mark.usefixtures("short_blocks")
@pytest.mark.parametrize(("verdict", "status"), [("stop", "stopped"), ("interrupt", "interrupted")])
def test_a_long_epoch_can_be_given_up(verdict: Any, status: str, small: Small, record: Any) -> None:
    class GivesUp(record):
        def progress(self, fraction: float) -> Any:
            return verdict if len(self.epochs) == 1 else None

    config, recording = small("mse"), GivesUp()
    outcome = fit(config, recording)
    assert (outcome.status, outcome.final.epoch) == (status, 1)
    assert outcome.final == recording.checkpoints[0]
    assert len(recording.epochs) == 1


def test_chunks_measure_what_the_whole_set_does(
    small: Small, models: Any, record: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small("mse")
    whole = fit(config, record(), cache=models)
    monkeypatch.setattr(plan, "MAX_CHUNK", 7)
    chunks = fit(config, record())
    assert whole.scores is not None
    assert chunks.scores is not None
    for ours, theirs in zip(astuple(chunks.scores), astuple(whole.scores), strict=True):
        assert ours == pytest.approx(theirs, rel=1e-5)


@pytest.mark.parametrize(("loss", "momentum"), [("mse", 0.9), ("hinge", 0.0)])
def test_a_resumed_run_ends_with_the_same_bits(loss: str, momentum: float, small: Small, record: Any) -> None:
    config = small(loss, momentum=momentum, epochs=6)
    cache = ModelCache()
    straight, before, after = record(), record(verdict="interrupt", after=2), record()
    whole = fit(config, straight, cache=cache)
    broken = fit(config, before, cache=cache)
    fit(config.changed(seed=8), record(), cache=cache)
    resumed = fit(config, after, resume=broken.final, cache=cache)
    assert [epoch.epoch for epoch in after.epochs] == [3, 4, 5, 6]
    assert before.numbers + after.numbers == straight.numbers
    assert (resumed.final, resumed.scores) == (whole.final, whole.scores)


def test_a_run_resumed_after_its_last_epoch_is_only_scored(small: Small, models: Any, record: Any) -> None:
    whole = fit(small("bce"), record(), cache=models)
    recording = record()
    again = fit(small("bce"), recording, resume=whole.final, cache=models)
    assert recording.epochs == []
    assert (again.status, again.scores, again.final) == ("finished", whole.scores, whole.final)


def test_a_checkpoint_holds_plain_arrays(small: Small, models: Any, record: Any) -> None:
    config = small("bce")
    arrays = unpack_arrays(fit(config, record(), cache=models).final, config)
    assert {name: array.shape for name, array in arrays.items()} == {
        "kernel_0": (2, 50),
        "bias_0": (50,),
        "kernel_1": (50, 1),
        "bias_1": (1,),
        "kernel_0_momentum": (2, 50),
        "bias_0_momentum": (50,),
        "kernel_1_momentum": (50, 1),
        "bias_1_momentum": (1,),
        "steps": (),
    }
    assert arrays["steps"] == 3 * 4


def test_a_checkpoint_without_the_number_of_steps_is_one_of_an_earlier_version(
    small: Small, models: Any, record: Any
) -> None:
    config = small("bce")
    whole = fit(config, record(), cache=models)
    broken = fit(config, record("interrupt", after=1), cache=models).final
    arrays = unpack_arrays(broken, config)
    del arrays["steps"]
    assert fit(config, record(), resume=pack_arrays(1, arrays), cache=models).final == whole.final


@pytest.mark.parametrize("damage", ["truncated", "noise", "another network", "pickle"])
def test_a_damaged_checkpoint_is_refused(damage: str, small: Small, models: Any, record: Any) -> None:
    good = fit(small("bce"), record(), cache=models).final
    bad = {
        "truncated": good.arrays[: len(good.arrays) // 2],
        "noise": np.random.default_rng(1).bytes(1000),
        "another network": state.pack(FusedModel(spec_of(small("mse"))), 1).arrays,
        "pickle": np.array([{"a": 1}], dtype=object).dumps(),
    }[damage]
    with pytest.raises(ValueError, match="checkpoint: it is"):
        fit(small("bce"), record(), resume=type(good)(2, bad), cache=models)


def spec_of(config: RunConfig) -> Any:
    from lossterm.trainer.model import ModelSpec

    return ModelSpec.of(config, "/CPU:0")


def test_what_a_recorder_raises_gets_out_and_the_next_run_is_untouched(small: Small, record: Any) -> None:
    class Failing(record):
        def epoch(self, epoch: Epoch) -> Any:
            raise OSError("no space left")

    cache = ModelCache()
    clean, after = record(), record()
    fit(small("mae"), clean, cache=cache)
    with pytest.raises(OSError, match="no space left"):
        fit(small("mae"), Failing(), cache=cache)
    fit(small("mae"), after, cache=cache)
    assert clean.numbers == after.numbers


def test_a_warmed_program_is_not_compiled_again(small: Small, record: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    traced = []
    epochs = StackedModel._epochs
    monkeypatch.setattr(StackedModel, "_epochs", lambda self, *range: traced.append(self) or epochs(self, *range))
    cache = ModelCache()
    warm(small("mse"), cache)
    assert len(traced) == 1
    for settings in ({}, {"seed": 2}, {"learning_rate": 0.5}, {"noise": 3.0}, {"epochs": 1}):
        recording = record()
        fit(small("mse", **settings), recording, cache=cache)
        assert recording.phases == ["making the data"]
    warm(small("mse", seed=3), cache)
    assert len(traced) == 1
    assert len(cache) == 1


def test_the_cache_is_bounded(small: Small, record: Any) -> None:
    cache = ModelCache(models=1)
    fit(small("mse"), record(), cache=cache)
    fit(small("bce"), record(), cache=cache)
    assert len(cache) == 1
    assert cache.ready(small("bce"))
    assert not cache.ready(small("mse"))


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
def test_memory_does_not_grow_over_200_runs(small: Small, models: Any, record: Any) -> None:
    config = small("bce", epochs=2)
    after = {}
    for run in range(200):
        fit(config.changed(seed=run, learning_rate=0.01 + run / 1e4), record(), cache=models)
        after[run] = resident_bytes()
    assert after[199] < 1.1 * after[19]


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


_PEAK = """
import threading
from pathlib import Path
from lossterm.trainer.device import prepare_environment
prepare_environment("cpu")
from lossterm.config import RunConfig
from lossterm.trainer.fit import ModelCache, fit


class Silent:
    def phase(self, words): ...
    def running(self, device): ...
    def progress(self, fraction): ...
    def checkpoint(self, make): ...
    def sample(self, rows): ...
    def snapshot(self, epoch, make, last=False): ...
    def epoch(self, epoch): return "go"


def anonymous():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))


def watch():
    while not ended.wait(0.004):
        seen.append(anonymous())


cache = ModelCache()
config = RunConfig.of("mse", samples=ROWS, batch_size=512, epochs=1, device="cpu")
fit(config, Silent(), cache=cache)
before = anonymous()
for seed in (2, 3):
    ended, seen = threading.Event(), [before]
    watcher = threading.Thread(target=watch)
    watcher.start()
    fit(config.changed(seed=seed), Silent(), cache=cache)
    ended.set()
    watcher.join()
    print(max(seen) - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_large_set_is_not_copied_to_train_on_it() -> None:
    """In a process of its own, or what other tests left to the allocator would be counted too.

    The lesser of two runs counts: on a busy machine several chunks' activations may be there at once. What is freed
    goes back to the system at once, so that no run copies into memory that another has left.
    """
    rows = 500_000  # 42 MB as float32; the activations of a measured chunk are 16 MB
    environment = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "1000000"}
    command = [sys.executable, "-c", _PEAK.replace("ROWS", str(rows))]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert min(map(int, done.stdout.split())) < 0.75 * rows * 21 * 4
