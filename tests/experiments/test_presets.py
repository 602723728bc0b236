"""The presets: that each can be trained, is known again, and shows over five seeds what its sentence says."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from statistics import mean
from typing import TYPE_CHECKING, Any

import pytest

from lossterm.catalog import UnknownNameError
from lossterm.config import RunConfig
from lossterm.experiments.presets import PRESETS, Preset, preset_named, preset_of

if TYPE_CHECKING:
    from ..conftest import Program

every_preset = pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
Runs = Sequence[dict[str, Any]]


@every_preset
def test_a_preset_compares_losses_that_differ_in_nothing_else(preset: Preset) -> None:
    configs = preset.configs
    assert [(e.loss_entry.short, e.seed) for e in configs] == [
        (loss, seed) for seed in range(1, 6) for loss in preset.losses
    ]
    assert len(preset.losses) > 1
    for e in configs:
        assert e.dataset == preset.dataset
        assert e.default_changes() == dict(preset.settings), "a setting of the tutorial's own need not be said"


@every_preset
def test_a_preset_says_what_to_watch_in_one_short_sentence(preset: Preset) -> None:
    assert 0 < len(preset.watch) <= 150
    assert preset.watch.endswith(".")
    assert ". " not in preset.watch
    assert preset.watch.isprintable()
    assert 0 < len(preset.title) <= 40


@every_preset
def test_a_preset_is_found_by_its_name(preset: Preset) -> None:
    assert preset_named(preset.name) is preset
    assert preset_named(f" {preset.name.upper().replace('-', '_')} ") is preset


def test_an_unknown_preset_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UnknownNameError, match=r"^preset: 'x' .* outliers, label-noise, negatives, twins, saturation$"):
        preset_named("x")


def test_what_is_trained_is_said_in_a_line() -> None:
    assert preset_named("outliers").words == "mse, mae × 5 seeds on regression, outlier fraction 0.05"
    assert preset_named("saturation").words == "mse, bce × 5 seeds on circles, momentum 0, epochs 30"
    assert preset_named("twins").words == "cce, kld × 5 seeds on circles"


@every_preset
def test_the_runs_of_a_preset_are_known_again(preset: Preset) -> None:
    configs = preset.configs
    assert preset_of(configs) is preset
    assert preset_of([e.changed(seed=77, device="cpu") for e in reversed(configs[-2:])]) is preset
    assert preset_of(configs[:1]) is None, "one loss alone shows nothing"
    assert preset_of([*configs, configs[0].changed(epochs=3)]) is None
    assert preset_of([e.changed(learning_rate=0.5) for e in configs]) is None
    assert preset_of([*configs, RunConfig.of("hinge")]) is None
    assert preset_of([]) is None


def outliers(runs: dict[str, Runs]) -> None:
    for mse, mae in zip(metrics(runs["mean_squared_error"]), metrics(runs["mean_absolute_error"]), strict=True):
        assert mse > 1 > 0.05 > mae


def label_noise(runs: dict[str, Runs]) -> None:
    bce, mae = metrics(runs["binary_crossentropy"]), metrics(runs["mean_absolute_error"])
    assert all(one < other for one, other in zip(bce, mae, strict=True))
    assert mean(bce) + 0.03 < mean(mae)
    assert min(mae) > 0.81


def negatives(runs: dict[str, Runs]) -> None:
    mse, msle = runs["mean_squared_error"], runs["mean_squared_logarithmic_error"]
    for run in (*mse, *msle):
        assert run["train"]["loss"] < 0.01
        assert run["test"]["loss"] < 0.01
    assert max(metrics(mse)) < 0.01
    assert all(0.2 < metric < 0.45 for metric in metrics(msle))


def twins(runs: dict[str, Runs]) -> None:
    pairs = list(zip(runs["categorical_crossentropy"], runs["kl_divergence"], strict=True))
    for cce, kld in pairs:
        for one, other in zip(cce["history"], kld["history"], strict=True):
            assert one.test_loss == pytest.approx(other.test_loss, abs=0.01)
            assert one.test_metric == pytest.approx(other.test_metric, abs=0.01)
    assert len({cce["test"]["loss"] for cce, _ in pairs}) == 5, "a seed has a curve of its own"


def saturation(runs: dict[str, Runs]) -> None:
    for mse, bce in zip(runs["mean_squared_error"], runs["binary_crossentropy"], strict=True):
        assert mse["test"]["metric"] + 0.05 < bce["test"]["metric"]
        for one, other in list(zip(mse["history"], bce["history"], strict=True))[15:]:
            assert one.test_metric < other.test_metric, "behind all along the second half"


CLAIMS: dict[str, Callable[[dict[str, Runs]], None]] = {
    "outliers": outliers,
    "label-noise": label_noise,
    "negatives": negatives,
    "twins": twins,
    "saturation": saturation,
}


def metrics(runs: Runs) -> list[float]:
    """The metric on the clean test set, seed by seed."""
    return [run["test"]["metric"] for run in runs]


@every_preset
def test_what_a_preset_says_is_seen_with_each_of_five_seeds(shared: Program, preset: Preset) -> None:
    done = shared("run", "--preset", preset.name, "--json")
    assert done.stderr == ""
    runs: dict[str, Any] = {}
    with shared.store() as store:
        for run in map(json.loads, done.stdout.splitlines()):
            runs.setdefault(run["loss"], []).append({**run, "history": store.epochs(run["id"])})
    for same in runs.values():
        same.sort(key=lambda run: run["seed"])
        assert [run["seed"] for run in same] == [1, 2, 3, 4, 5]
        assert {run["status"] for run in same} == {"finished"}
    CLAIMS[preset.name](runs)
