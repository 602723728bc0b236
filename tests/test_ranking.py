"""The ranking against hand-made scores and SciPy's paired t-test."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossterm.experiment import Experiment
from lossterm.ranking import clear, ranked, same_but_seed, verdict
from lossterm.records import Run, Scores


def run(number: int, loss: str, seed: int, metric: float | None, dataset: str = "circles", **changes: object) -> Run:
    scores = None if metric is None else Scores(0.1, 0.1, 0.1, metric)
    return Run(
        id=number,
        experiment=Experiment.of(loss, dataset=dataset, seed=seed, **changes),
        status="finished" if scores else "running",
        request=None,
        epochs_done=50,
        device="cpu",
        device_name="",
        created=0.0,
        started=0.0,
        ended=1.0,
        seconds=1.0,
        message="",
        phase="",
        progress=0.0,
        scores=scores,
        best=None,
        last=None,
        trainer=None,
        log="",
        note="",
        pinned=False,
        deleted=False,
        revision=number,
    )


def race(values: dict[str, list[float]], dataset: str = "circles") -> list:
    numbers = itertools.count(1)
    runs = [
        run(next(numbers), loss, seed, value, dataset)
        for loss, of in values.items()
        for seed, value in enumerate(of, start=1)
    ]
    return ranked(runs, {r.id: r.experiment.loss_entry.short for r in runs})


def test_accuracy_ranks_from_high_to_low_and_mse_from_low_to_high() -> None:
    assert [e.label for e in race({"bce": [0.8], "hinge": [0.9]})] == ["hinge", "bce"]
    assert [e.label for e in race({"mse": [0.1], "mae": [0.05]}, "regression")] == ["mae", "mse"]


def test_mean_and_sample_standard_deviation_are_over_the_seeds() -> None:
    (entry,) = race({"bce": [0.80, 0.82, 0.84]})
    assert entry.mean == pytest.approx(0.82)
    assert entry.sd == pytest.approx(0.02)
    assert entry.words == "bce 0.820 ± 0.020"


def test_runs_group_unless_anything_but_the_seed_differs() -> None:
    runs = [run(1, "bce", 1, 0.8), run(2, "bce", 2, 0.8), run(3, "bce", 3, 0.8, epochs=10), run(4, "mse", 1, 0.8)]
    assert [[r.id for r in group] for group in same_but_seed(runs)] == [[1, 2], [3], [4]]


def test_a_run_without_a_finite_score_is_not_ranked() -> None:
    runs = [run(1, "bce", 1, math.nan), run(2, "hinge", 1, None), run(3, "mse", 1, 0.7)]
    assert [e.label for e in ranked(runs, {1: "bce", 2: "hinge", 3: "mse"})] == ["mse"]


def test_the_verdict_names_what_the_noise_does_not_tell_apart() -> None:
    entries = race({"bce": [0.84, 0.83, 0.85, 0.84], "hinge": [0.84, 0.84, 0.84, 0.84], "msle": [0.6, 0.61, 0.6, 0.6]})
    assert verdict(entries) == f"{entries[0].label} ~ {entries[1].label}: no clear difference over 4 seeds"
    apart = race({"bce": [0.84, 0.83, 0.85], "msle": [0.6, 0.61, 0.6]})
    assert verdict(apart) == "every step is a clear difference over 3 seeds"
    assert "one seed says little" in verdict(race({"bce": [0.84], "mse": [0.83]}))
    assert "too few shared seeds" in verdict(race({"bce": [0.84, 0.83], "mse": [0.83, 0.84]}))


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 1, allow_subnormal=False), st.floats(0, 1, allow_subnormal=False)),
        min_size=3,
        max_size=40,
    )
)
def test_clear_is_the_paired_t_test(pairs: list[tuple[float, float]]) -> None:
    stats = pytest.importorskip("scipy.stats")
    differences = [a - b for a, b in pairs]
    if max(differences) - min(differences) < 1e-9:
        return  # no spread: the test statistic is not defined
    entries = race({"bce": [a for a, _ in pairs], "hinge": [b for _, b in pairs]})
    p = stats.ttest_rel([a for a, _ in pairs], [b for _, b in pairs]).pvalue
    if not 0.045 < p < 0.055:  # the table's third decimal
        assert clear(*entries) == (p < 0.05)
