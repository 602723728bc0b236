"""The ranking against hand-made scores and SciPy's paired t-test."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossterm.config import RunConfig
from lossterm.experiments.ranking import Entry, clear, labels_of, ranked, same_but_seed, verdict
from lossterm.formatting import run_name
from lossterm.runs.records import Run, Scores, Status

from ..made_runs import made_run


def run(
    number: int,
    loss: str,
    seed: int,
    metric: float | None,
    dataset: str = "circles",
    status: Status | None = None,
    **changes: object,
) -> Run:
    scores = None if metric is None else Scores(0.1, 0.1, 0.1, metric)
    config = RunConfig.of(loss, dataset=dataset, seed=seed, **changes)
    return made_run(number, config, status or ("finished" if scores else "running"), scores)


def race(values: dict[str, list[float]], dataset: str = "circles") -> list:
    numbers = itertools.count(1)
    runs = [
        run(next(numbers), loss, seed, value, dataset)
        for loss, of in values.items()
        for seed, value in enumerate(of, start=1)
    ]
    return ranked(runs, {r.id: r.config.loss_entry.short for r in runs})


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


def test_runs_of_one_loss_with_other_parameters_are_told_apart() -> None:
    huber = [run(1, "huber", 1, 0.8), run(2, "huber:delta=2", 1, 0.8), run(3, "huber:delta=2", 2, 0.8)]
    groups = same_but_seed([*huber, run(4, "mse", 1, 0.8)])
    assert [[r.id for r in group] for group in groups] == [[1], [2, 3], [4]]
    assert labels_of(groups, with_seed=False) == {1: "huber", 2: "huber:delta=2", 4: "mse"}
    assert run_name(huber[1]) == "huber:delta=2 on circles, seed 1"
    assert huber[1].as_json()["loss_parameters"] == {"delta": 2.0}


def group(loss: str, values: dict[int, float], more: dict[int, Status], dataset: str = "circles") -> list[Run]:
    """The runs of one loss: finished ones by seed and metric, others by seed and status."""
    first = next(_numbers) * 1000
    finished = [run(first + seed, loss, seed, value, dataset) for seed, value in values.items()]
    return finished + [run(first + seed, loss, seed, None, dataset, status) for seed, status in more.items()]


def ranking(*groups: list[Run]) -> list[Entry]:
    runs = [run for group in groups for run in group]
    return ranked(runs, {run.id: run.config.loss_entry.short for run in runs})


_numbers = itertools.count(1)
TWO_DIVERGED: dict[int, Status] = {4: "diverged", 5: "diverged"}


def test_a_run_that_has_not_ended_is_not_ranked() -> None:
    assert [e.label for e in ranking([run(1, "hinge", 1, None)], [run(2, "mse", 1, 0.7)])] == ["mse"]


def test_a_loss_that_diverged_is_behind_all_others_however_good_its_other_seeds_are() -> None:
    """A loss that was finite on 3 of 5 seeds used to come first, clearly, over 3 seeds."""
    mse = group("mse", {1: 0.01, 2: 0.011, 3: 0.01}, TWO_DIVERGED, "regression")
    mae = group("mae", {seed: 0.5 + seed / 100 for seed in range(1, 6)}, {}, "regression")
    entries = ranking(mse, mae)
    assert [e.words for e in entries] == ["mae 0.530 ± 0.016", "mse 0.010 ± 0.001 (2 of 5 seeds diverged)"]
    assert verdict(entries) == "mse: 2 of 5 seeds diverged"


def test_a_metric_that_is_not_finite_counts_as_diverged() -> None:
    entries = ranking(
        group("mse", {1: 0.8, 2: 0.9, 3: math.nan}, {}),
        group("bce", {1: math.inf}, {}),
        group("hinge", {1: 0.6, 2: 0.6, 3: 0.6}, {}),
        group("mae", {1: 0.8, 2: math.nan, 3: -math.inf}, {}),
    )
    assert [e.label for e in entries] == ["hinge", "mse", "mae", "bce"]
    assert [e.words for e in entries[1:]] == [
        "mse 0.850 ± 0.071 (1 of 3 seeds diverged)",
        "mae 0.800 (2 of 3 seeds diverged)",
        "bce diverged",
    ]
    assert verdict(entries) == "mse: 1 of 3 seeds diverged; mae: 2 of 3 seeds diverged; bce: diverged"


def test_those_that_did_not_diverge_are_still_compared() -> None:
    entries = ranking(
        group("bce", {1: 0.84, 2: 0.83, 3: 0.85}, {}),
        group("hinge", {1: 0.84, 2: 0.84, 3: 0.84}, {}),
        group("mse", {1: 0.9}, {2: "diverged", 3: "diverged"}),
    )
    assert entries[-1].label == "mse"
    ties = " ~ ".join(entry.label for entry in entries[:2])
    assert verdict(entries) == f"{ties}: no clear difference over 3 seeds; mse: 2 of 3 seeds diverged"


def test_losses_are_compared_on_the_seeds_that_they_share() -> None:
    """Seeds 1 to 5 against 3 to 7 used to be "over 5 seeds"."""
    values = {3: 0.80, 4: 0.81, 5: 0.82}
    bce = group("bce", {1: 0.99, 2: 0.99, **values}, {})
    hinge = group("hinge", {**{seed: value + 0.01 for seed, value in values.items()}, 6: 0.1, 7: 0.1}, {})
    entries = ranking(bce, hinge)
    assert [e.words for e in entries] == ["hinge 0.820 ± 0.010", "bce 0.810 ± 0.010"]
    assert verdict(entries) == "hinge is better than bce, a clear difference over 3 shared seeds"


def test_a_seed_that_another_loss_lacks_is_still_said_to_have_diverged() -> None:
    values = {3: 0.80, 4: 0.81, 5: 0.82}
    entries = ranking(group("bce", {1: 0.9, 2: 0.9, **values}, {}), group("hinge", values, {6: "diverged"}))
    assert [e.label for e in entries] == ["bce", "hinge"]
    assert verdict(entries) == "hinge: 1 of 4 seeds diverged"


def test_runs_that_were_stopped_or_failed_are_said_and_not_counted() -> None:
    mse = [*group("mse", {1: 0.8, 2: 0.8, 3: 0.81}, {4: "failed", 5: "interrupted", 6: "failed"})]
    stopped = run(77, "bce", 4, 0.99, status="stopped")
    entries = ranking(mse, [*group("bce", {1: 0.9, 2: 0.91, 3: 0.9}, {}), stopped])
    assert [e.words for e in entries] == ["bce 0.903 ± 0.006", "mse 0.803 ± 0.006"]
    assert verdict(entries) == (
        "bce is better than mse, a clear difference over 3 seeds; "
        "bce: 1 stopped, not counted; mse: 2 failed, 1 interrupted, not counted"
    )


def test_a_seed_that_was_trained_again_after_a_failure_counts() -> None:
    again = group("mse", {1: 0.8, 2: 0.8, 3: 0.81}, {3: "failed"})
    entries = ranking(again, group("bce", {1: 0.9, 2: 0.91, 3: 0.9}, {}))
    assert "failed" not in verdict(entries)


def test_the_verdict_names_what_the_noise_does_not_tell_apart() -> None:
    entries = race({"bce": [0.84, 0.83, 0.85, 0.84], "hinge": [0.84, 0.84, 0.84, 0.84], "msle": [0.6, 0.61, 0.6, 0.6]})
    tied = f"{entries[0].label} ~ {entries[1].label}: no clear difference over 4 seeds"
    assert verdict(entries) == f"{tied}; msle is clearly behind"
    apart = race({"bce": [0.84, 0.83, 0.85], "msle": [0.6, 0.61, 0.6]})
    assert verdict(apart) == "bce is better than msle, a clear difference over 3 seeds"
    steps = race({"bce": [0.84, 0.83, 0.85], "hinge": [0.74, 0.73, 0.75], "msle": [0.6, 0.61, 0.6]})
    assert verdict(steps) == "bce is best, and every step down the ranking is a clear difference over 3 seeds"
    leader = race({"bce": [0.84, 0.83, 0.85], "hinge": [0.61, 0.6, 0.6], "msle": [0.6, 0.61, 0.6]})
    assert verdict(leader).startswith("bce is best; hinge ~ msle: no clear difference")
    assert "one seed says little" in verdict(race({"bce": [0.84], "mse": [0.83]}))
    assert "too few shared seeds" in verdict(race({"bce": [0.84, 0.83], "mse": [0.83, 0.84]}))


def test_a_loss_with_one_seed_does_not_hide_what_is_known_of_the_others() -> None:
    """The whole verdict used to be "one seed says little"."""
    several = {"bce": [0.84, 0.83, 0.85], "hinge": [0.74, 0.73, 0.75]}
    clearly = "bce is better than hinge, a clear difference over 3 seeds"
    assert verdict(race({**several, "mse": [0.6]})) == f"{clearly}; one seed says little of mse: A trains several"
    assert verdict(race({**several, "mse": [0.6, 0.61], "mae": [0.5]})) == (
        f"{clearly}; one or two seeds say little of mse, mae: A trains several"
    )
    first = verdict(race({"mse": [0.9], **several}))
    assert first == f"one seed says little of mse: A trains several; of the others, {clearly}"
    alone = verdict(race({"bce": [0.84, 0.83, 0.85], "mse": [0.9]}))
    assert alone == "one seed says little of mse: A trains several"


def test_labels_name_the_settings_that_tell_runs_of_one_loss_apart() -> None:
    runs = [run(1, "bce", 1, 0.8), run(2, "mse", 1, 0.8), run(3, "mse", 1, 0.8, learning_rate=0.1)]
    assert labels_of([[one] for one in runs], with_seed=False) == {1: "bce", 2: "mse lr 0.01", 3: "mse lr 0.1"}
    many = run(4, "mse", 1, 0.8, learning_rate=0.2, batch_size=8, epochs=7)
    assert labels_of([[one] for one in (*runs[1:], many)], with_seed=False) == {2: "mse #2", 3: "mse #3", 4: "mse #4"}


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
