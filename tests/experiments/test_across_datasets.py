"""Losses over several datasets: ranks, and from six datasets on the Friedman test and Wilcoxon's with Holm."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import pytest
from scipy import stats

from lossterm.experiments import figures
from lossterm.experiments.across_datasets import across_datasets
from lossterm.experiments.comparison import ComparisonPlan
from lossterm.experiments.report import FORMATS, across_report, report_of
from lossterm.experiments.verdict import LossResult, Verdict, verdict_of

from .test_comparison import by_loss, plan, trained

pytestmark = pytest.mark.unit

NAMES = ("bce", "hinge", "mse")
MEANS = (
    (0.90, 0.85, 0.80),
    (0.91, 0.88, 0.80),
    (0.80, 0.81, 0.70),
    (0.70, 0.66, 0.60),
    (0.95, 0.91, 0.90),
    (0.60, 0.57, 0.50),
    (0.88, 0.80, 0.79),
)


def verdict(number: int, means: Sequence[float], higher_is_better: bool = True) -> Verdict:
    chosen = ComparisonPlan(dataset=f"data{number}", losses=NAMES, seeds=1, learning_rates=(0.1,), metric="accuracy")
    losses = tuple(
        LossResult(name, 0.1, (mean,), mean, (mean, mean), ()) for name, mean in zip(NAMES, means, strict=True)
    )
    return Verdict(chosen, higher_is_better, (1,), losses, (), (), ())


def verdicts(count: int) -> list[Verdict]:
    return [verdict(number, means) for number, means in enumerate(MEANS[:count])]


def test_below_six_datasets_there_are_ranks_and_the_reason_why_there_is_no_test() -> None:
    found = across_datasets(verdicts(5))
    assert found.losses == ("bce", "hinge", "mse")
    assert found.ranks[0] == (1, 2, 3)
    assert found.ranks[2] == (2, 1, 3)
    assert found.mean_ranks == (1.2, 1.8, 3.0)
    assert (found.friedman, found.pairs) == (None, ())
    assert found.reason == (
        "no test over 5 datasets: the smallest p of Wilcoxon's test is 0.0625 there, above 0.05; from 6 on there is one"
    )


def test_from_six_datasets_on_the_tests_are_those_of_scipy() -> None:
    found = across_datasets(verdicts(7))
    columns = list(zip(*MEANS, strict=True))
    expected = stats.friedmanchisquare(*columns)
    assert found.friedman == pytest.approx((expected.statistic, expected.pvalue))
    p_values = [stats.wilcoxon(columns[a], columns[b]).pvalue for a, b in ((0, 1), (0, 2), (1, 2))]
    assert [pair.p for pair in found.pairs] == pytest.approx(p_values)
    adjusted = sorted(p_values)
    assert max(pair.p_holm for pair in found.pairs) == pytest.approx(max(3 * adjusted[0], 2 * adjusted[1], adjusted[2]))
    assert [(pair.a, pair.b, pair.verdict) for pair in found.pairs][1:] == [("bce", "mse", "a"), ("hinge", "mse", "a")]
    assert found.pairs[0].share_a_better == pytest.approx(6 / 7)


def test_of_an_error_the_lower_one_has_the_better_rank() -> None:
    found = across_datasets([verdict(n, means, higher_is_better=False) for n, means in enumerate(MEANS)])
    assert found.losses == ("mse", "hinge", "bce")
    assert found.pairs[1].verdict == "a"


def test_ties_share_a_rank_and_what_lacks_a_value_is_left_out() -> None:
    tied = across_datasets([verdict(0, (0.9, 0.9, 0.8)), verdict(1, (0.9, 0.8, math.nan))])
    assert tied.ranks[0] == (1.5, 1.5)
    assert tied.left_out == ("mse",)
    assert "nothing to compare" in across_datasets([verdict(0, (0.9, math.nan, math.nan))] * 2).reason


def test_all_alike_differ_nowhere() -> None:
    found = across_datasets([verdict(number, (0.5, 0.5, 0.5)) for number in range(6)])
    assert found.friedman is None
    assert {pair.p for pair in found.pairs} == {1.0}
    assert found.sentence == "no pair of losses differs over 6 datasets"


def test_its_json_is_json_and_its_report_has_every_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "difference_plot", lambda _: "")  # matplotlib starts a process to look for fonts
    runs = trained(plan(learning_rates=(0.1,)), by_loss(bce=0.1, mse=0.0, hinge=0.05))
    both = [verdict_of(runs)] * 2
    found = across_datasets(both)
    assert json.loads(json.dumps(found.as_json([one.as_json(1) for one in both])))["datasets"] == ["circles"] * 2
    report = across_report(found, both, [report_of(runs, one) for one in both])
    for write in FORMATS.values():
        assert "circles" in write(report)
    assert len(FORMATS[".csv"](report).splitlines()) == 1 + 2 * 3 * 8
    assert report.command.count("--dataset circles") == 2
