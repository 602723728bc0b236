"""A comparison's stages and verdict, from runs made up by hand: what is asked for next, and what is said at the end."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from lossterm.config import RunConfig
from lossterm.experiments.comparison import ComparisonPlan, ComparisonRuns, Stage, automatic_rates
from lossterm.experiments.verdict import Verdict, sentence, verdict_of
from lossterm.runs.records import Epoch, Run, Scores, Status

from ..made_runs import made_run

pytestmark = pytest.mark.unit

Metric = Callable[[RunConfig], float]


def plan(**changes: object) -> ComparisonPlan:
    settings = {"validation_fraction": 0.2, "epochs": 1, "device": "cpu"}
    given = {
        "dataset": "circles",
        "losses": ("bce", "mse", "hinge"),
        "settings": settings,
        "seeds": 8,
        "learning_rates": (0.01, 0.1, 1.0),
        "metric": "accuracy",
    }
    return ComparisonPlan.model_validate({**given, **changes})


def ended(number: int, config: RunConfig, metric: float, status: Status = "finished") -> Run:
    """A run whose validation metric and test metric are `metric`; it diverged where that is not a number."""
    status = "diverged" if status == "finished" and math.isnan(metric) else status
    scores = Scores(0.1, metric, 0.1, metric) if status == "finished" else None
    return made_run(number, config, status, scores, Epoch(1, 0.1, metric, 0.1, metric, 0.01), epochs_done=1)


def trained(chosen: ComparisonPlan, metric: Metric, until: Stage = "done") -> ComparisonRuns:
    """The runs of a comparison that was trained stage by stage, up to the beginning of one."""
    runs: list[Run] = []
    for _ in range(4):
        comparison = ComparisonRuns(chosen, runs)
        if comparison.wanted()[0] == until:
            return comparison
        runs += [ended(len(runs) + i, config, metric(config)) for i, config in enumerate(comparison.missing(), 1)]
    raise AssertionError(f"it never came to {until}")


def best_at(rate: float) -> Metric:
    return lambda config: 0.9 - abs(math.log10(config.learning_rate / rate)) / 10 + config.seed % 7 * 1e-3


def test_tuning_asks_for_every_loss_rate_and_tuning_seed_and_for_no_seed_that_is_compared() -> None:
    stage, configs = ComparisonRuns(plan(), ()).wanted()
    assert stage == "tuning"
    assert len(configs) == len(set(configs)) == 3 * 3 * 3
    assert min(config.seed for config in configs) > plan().seeds
    assert all(config.data_seed == config.seed for config in configs)
    assert all(config.held_out_rows for config in configs)


def test_the_same_rows_for_every_seed_where_that_is_asked_for() -> None:
    _, configs = ComparisonRuns(plan(same_data=True), ()).wanted()
    assert {config.data_seed for config in configs} == {1}


def test_a_best_rate_inside_the_grid_is_taken() -> None:
    comparison = trained(plan(), best_at(0.1), until="final")
    stage, configs = comparison.wanted()
    assert stage == "final"
    assert {config.learning_rate for config in configs} == {0.1}
    assert sorted({config.seed for config in configs}) == list(range(1, 9))
    assert not comparison.tuning("bce").at_edge


@pytest.mark.parametrize(("best", "beyond"), [(1.0, {3.16, 10.0}), (0.01, {0.00316, 0.001})])
def test_a_best_rate_at_the_edge_is_extended_once_and_then_said(best: float, beyond: set[float]) -> None:
    comparison = trained(plan(), best_at(best), until="edges")
    assert {config.learning_rate for config in comparison.wanted()[1]} == beyond
    far = best_at(best * 1000 if best == 1.0 else best / 1000)
    verdict = verdict_of(trained(plan(), far))
    assert {one.learning_rate for one in verdict.losses} == {max(beyond) if best == 1.0 else min(beyond)}
    assert sum("at the edge" in line for line in verdict.advice) == 3


def test_a_rate_that_diverges_is_worse_than_one_that_does_not() -> None:
    def metric(config: RunConfig) -> float:
        return math.nan if config.learning_rate > 0.05 and config.seed % 3 == 0 else best_at(1.0)(config)

    assert trained(plan(), metric, until="final").learning_rate("bce") == 0.01


def test_a_loss_that_diverges_at_every_rate_is_trained_and_counts_as_the_worst() -> None:
    def metric(config: RunConfig) -> float:
        return math.nan if config.loss == "hinge" else best_at(0.1)(config)

    verdict = verdict_of(trained(plan(), metric))
    worst = verdict.losses[-1]
    assert (worst.loss, worst.mean, worst.diverged) == ("hinge", 0.0, tuple(range(1, 9)))
    assert worst.values == (None,) * 8
    assert any(line.startswith("hinge diverged with 8 of 8 seeds") for line in verdict.advice)
    assert "is better than hinge" in sentence(verdict)


def test_one_rate_is_taken_untuned_and_said() -> None:
    chosen = plan(learning_rates=(0.05,))
    assert ComparisonRuns(chosen, ()).wanted()[0] == "final"
    assert any("not tuned" in line for line in verdict_of(trained(chosen, best_at(0.1))).advice)


def by_loss(**gains: float) -> Metric:
    noise = {seed: math.sin(seed * 12.9898) * 0.01 for seed in range(1, 2000)}

    def metric(config: RunConfig) -> float:
        return 0.8 + gains[config.loss_as_typed] + noise.get(config.seed, 0.0) * (1 + gains[config.loss_as_typed])

    return metric


def judged(metric: Metric, **changes: object) -> Verdict:
    return verdict_of(trained(plan(learning_rates=(0.1,), **changes), metric))


def test_the_json_is_the_contracts() -> None:
    verdict = judged(by_loss(bce=0.1, mse=0.1005, hinge=0.0))
    found = verdict.as_json(12)
    assert list(found) == [
        "id",
        "dataset",
        "metric",
        "higher_is_better",
        "seeds",
        "losses",
        "pairs",
        "groups",
        "advice",
    ]
    assert (found["id"], found["dataset"], found["metric"], found["higher_is_better"]) == (
        12,
        "circles",
        "accuracy",
        True,
    )
    assert found["seeds"] == 8
    assert [one["loss"] for one in found["losses"]] == ["mse", "bce", "hinge"]
    for one in found["losses"]:
        assert list(one) == ["loss", "learning_rate", "values", "mean", "interval", "diverged"]
        assert len(one["values"]) == 8
        assert one["interval"][0] <= one["mean"] <= one["interval"][1]
    keys = ["a", "b", "difference", "interval", "p", "p_holm", "share_a_better", "verdict"]
    assert all(list(pair) == keys for pair in found["pairs"])
    assert {(pair["a"], pair["b"]): pair["verdict"] for pair in found["pairs"]} == {
        ("mse", "bce"): "equivalent",
        ("mse", "hinge"): "a",
        ("bce", "hinge"): "a",
    }
    assert found["groups"] == [["mse", "bce"], ["hinge"]]


def test_the_sentence_is_as_seen_from_the_baseline() -> None:
    metric = by_loss(bce=0.1, mse=0.1005, hinge=0.0)
    assert sentence(judged(metric)) == "mse is better than hinge; mse and bce are equivalent"
    assert sentence(judged(metric, baseline="hinge")) == "mse and bce are better than hinge"


def test_few_seeds_are_said_to_show_nothing() -> None:
    verdict = judged(by_loss(bce=0.1, mse=0.0, hinge=-0.1), seeds=3)
    assert {pair.verdict for pair in verdict.pairs} == {"undecided"}
    assert verdict.advice[0] == "3 seeds cannot show a difference among 3 losses (3 pairs): that takes 7 or more"
    assert sentence(verdict) == "3 seeds do not tell bce from mse and hinge"


def test_a_seed_that_some_loss_did_not_finish_is_left_out_for_all_and_said() -> None:
    chosen = plan(learning_rates=(0.1,))
    runs = [
        ended(
            i, config, 0.8 + config.seed / 1000, "failed" if config.loss == "hinge" and config.seed == 3 else "finished"
        )
        for i, config in enumerate(ComparisonRuns(chosen, ()).wanted()[1], 1)
    ]
    verdict = verdict_of(ComparisonRuns(chosen, runs))
    assert verdict.seeds == (1, 2, 4, 5, 6, 7, 8)
    assert any(line.endswith("did not finish with them: 3") for line in verdict.advice)


def test_rates_around_a_default_are_log_spaced() -> None:
    assert automatic_rates(0.01) == (0.000316, 0.001, 0.00316, 0.01, 0.0316, 0.1, 0.316)


def test_a_metric_beside_the_tasks_own_is_tuned_on_validation_rows_and_compared_on_test_rows() -> None:
    chosen = plan(metric="brier", losses=("bce", "mse"))
    scores: dict[int, dict[str, dict[str, float]]] = {}
    runs: list[Run] = []
    while (comparison := ComparisonRuns(chosen, runs, scores.__getitem__)).wanted()[0] != "done":
        for config in comparison.missing():
            number = len(runs) + 1
            runs.append(ended(number, config, 0.5))
            far = abs(math.log10(config.learning_rate / 0.1))
            scores[number] = {
                "validation": {"brier": far},
                "test": {"brier": 0.1 + (config.loss_as_typed == "mse") * 0.2},
            }
    verdict = verdict_of(comparison)
    assert {one.learning_rate for one in verdict.losses} == {0.1}, "the lowest"
    assert {one.loss: one.mean for one in verdict.losses} == pytest.approx({"bce": 0.1, "mse": 0.3})
    assert not verdict.higher_is_better
    assert sentence(verdict) == "bce is better than mse"


def test_overlapping_splits_are_tested_for_what_they_are_and_new_rows_are_not() -> None:
    assert plan().test_share is None, "its rows are drawn anew"
    wine = plan(dataset="wine", losses=("mse", "cce"), learning_rates=(0.1,), seeds=10)
    config = wine.config("mse", 0.1, 1)
    assert wine.test_share == pytest.approx(config.test_rows / config.train_rows)
    one_sample = wine.model_copy(update={"same_data": True})
    assert one_sample.test_share is None

    def metric(config: RunConfig) -> float:
        better = config.loss == "categorical_crossentropy"
        return 0.8 + 0.02 * better + math.sin(config.seed * (3 if better else 5)) * 0.012

    verdict = verdict_of(trained(wine, metric))
    ((resampled,), (plain,)) = verdict.pairs, verdict_of(trained(one_sample, metric)).pairs
    assert resampled.p > plain.p
    assert resampled.interval[1] - resampled.interval[0] > plain.interval[1] - plain.interval[0]
    assert any("overlap" in line for line in verdict.advice)
