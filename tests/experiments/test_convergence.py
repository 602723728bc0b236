"""How soon each loss came within reach of the best final value, for metrics of both directions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pytest

from lossterm.catalog import dataset_named
from lossterm.experiments.convergence import convergence, first_epoch_within, within_reach
from lossterm.experiments.ranking import labels_of, ranked, same_but_seed
from lossterm.runs.records import Run

from .test_baseline import known
from .test_ranking import run

ACCURACY, MSE = dataset_named("circles").metric, dataset_named("regression").metric
Curves = dict[int, list[float]]


def test_within_reach_is_a_share_of_an_accuracy_and_of_the_way_of_an_error() -> None:
    assert within_reach(ACCURACY, 0.8, [0.5, 0.6]) == pytest.approx(0.76)
    assert within_reach(MSE, 0.0, [1.0, 0.8]) == pytest.approx(0.05)
    assert within_reach(MSE, 0.2, [1.2, math.nan]) == pytest.approx(0.25)
    assert math.isnan(within_reach(MSE, 0.2, [0.1]))


def test_the_first_epoch_at_the_target_or_better_counts() -> None:
    assert first_epoch_within(ACCURACY, [0.5, 0.76, 0.7, 0.8], 0.76) == 2
    assert first_epoch_within(MSE, [1.0, 0.3, 0.04, 0.06], 0.05) == 3
    assert first_epoch_within(MSE, [1.0, math.nan], 0.05) is None


def ranking(runs: Sequence[Run], curves: Curves) -> tuple[list, Callable[[Run], Sequence[float]]]:
    return ranked(runs, labels_of(same_but_seed(runs), with_seed=False)), lambda one: curves.get(one.id, [])


def test_the_mean_over_seeds_counts() -> None:
    runs = [run(1, "bce", 1, 0.8), run(2, "bce", 2, 0.8), run(3, "mse", 1, 0.6), run(4, "mse", 2, 0.6)]
    curves = {1: [0.8, 0.8, 0.8], 2: [0.6, 0.72, 0.8], 3: [0.5, 0.6, 0.6], 4: [0.5, 0.6, 0.6]}
    found = convergence(*ranking(runs, curves))
    assert found.target == pytest.approx(0.76)
    assert found.epochs == {"bce": 2, "mse": None}
    assert (found.words("bce"), found.words("mse"), found.sentence) == ("ep 2", "never", "")


def test_the_soonest_and_the_latest_are_said_where_one_took_twice_as_long() -> None:
    runs = [run(1, "bce", 1, 0.8), run(2, "mse", 1, 0.8), run(3, "hinge", 1, 0.8)]
    curves = {1: [0.8] * 6, 2: [0.5] * 5 + [0.8], 3: [0.8] * 6}
    sentence = convergence(*ranking(runs, curves)).sentence
    assert sentence == "soonest within reach of the best: bce and 1 more (epoch 1), latest: mse (6)"


def test_nothing_is_said_of_one_loss_or_of_curves_that_were_not_read() -> None:
    runs = [run(1, "bce", 1, 0.8), run(2, "mse", 1, 0.7)]
    assert not convergence(*ranking(runs[:1], {1: [0.8]})).known
    found = convergence(*ranking(runs, {1: [0.8]}))
    assert not found.known
    assert found.words("bce") == ""


def test_nothing_is_said_where_the_best_did_no_better_than_a_constant_answer() -> None:
    """All of them were "within reach" from epoch 1."""
    runs = [known(run(1, "bce", 1, 0.51), 0.5), known(run(2, "mse", 1, 0.5), 0.5)]
    found = convergence(*ranking(runs, {1: [0.5, 0.51], 2: [0.5, 0.5]}))
    assert not found.known
    assert (found.words("bce"), found.sentence) == ("", "")
    learned = [known(run(1, "bce", 1, 0.8), 0.5), known(run(2, "mse", 1, 0.5), 0.5)]
    assert convergence(*ranking(learned, {1: [0.5, 0.8], 2: [0.5, 0.5]})).epochs == {"bce": 2, "mse": None}
