"""`lossterm compare` with a real trainer: its stages, its verdict, what becomes of one that was left."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from lossterm.experiments.comparison import FIRST_TUNING_SEED
from lossterm.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from ..conftest import Program
    from .conftest import Said

SMALL = ("--dataset", "circles", "--loss", "bce", "--loss", "hinge", "--samples", 100, "--epochs", 2)


@pytest.fixture(scope="module")
def compared(shared: Program) -> Any:
    """A comparison of two losses with two learning rates and two seeds, as its JSON object."""
    return shared.json("compare", *SMALL, "--seeds", 2, "--learning-rates", "0.1,0.3")


def test_it_prints_one_object(compared: Any) -> None:
    assert (compared["dataset"], compared["metric"], compared["seeds"]) == ("circles", "accuracy", 2)
    assert sorted(one["loss"] for one in compared["losses"]) == ["bce", "hinge"]
    assert all(len(one["values"]) == 2 and one["diverged"] == 0 for one in compared["losses"])
    (pair,) = compared["pairs"]
    assert {pair["a"], pair["b"]} == {"bce", "hinge"}
    assert pair["verdict"] in ("undecided", "equivalent")
    assert any("2 seeds cannot show a difference" in line for line in compared["advice"])


def test_losses_are_paired_and_tuned_on_rows_and_seeds_that_are_not_compared(shared: Program, compared: Any) -> None:
    runs = shared.json("runs", "--experiment", compared["id"])
    tuning = [run for run in runs if run["seed"] >= FIRST_TUNING_SEED]
    final = [run for run in runs if run["seed"] < FIRST_TUNING_SEED]
    assert {run["settings"]["validation_fraction"] for run in runs} == {0.2}
    assert {run["settings"]["data_seed"] - run["seed"] for run in runs} == {0}
    assert len(tuning) >= 2 * 2 * 3
    assert sorted((run["loss"], run["seed"]) for run in final) == [
        (loss, seed) for loss in ("binary_crossentropy", "hinge") for seed in (1, 2)
    ]
    rates = {one["loss"]: one["learning_rate"] for one in compared["losses"]}
    assert {(run["loss"], run["settings"]["learning_rate"]) for run in final} == {
        ("binary_crossentropy", rates["bce"]),
        ("hinge", rates["hinge"]),
    }
    values = {one["loss"]: one["values"] for one in compared["losses"]}
    for run in final:
        short = {"binary_crossentropy": "bce"}.get(run["loss"], run["loss"])
        assert values[short][run["seed"] - 1] == run["test"]["metric"], "measured on the test rows"


def test_more_seeds_keep_what_there_is_and_are_said(shared: Program, compared: Any) -> None:
    before = {run["id"] for run in shared.json("runs", "--experiment", compared["id"])}
    done = shared("compare", "--extend", compared["id"], "--seeds", 3, "--json")
    extended = json.loads(done.stdout)
    runs = shared.json("runs", "--experiment", compared["id"])
    assert {run["seed"] for run in runs if run["id"] not in before} == {3}
    assert extended["seeds"] == 3
    for one in extended["losses"]:
        (old,) = [was for was in compared["losses"] if was["loss"] == one["loss"]]
        assert (one["values"][:2], one["learning_rate"]) == (old["values"], old["learning_rate"])
    assert any("after a look at 2" in line for line in extended["advice"])


def test_in_words_it_says_stages_verdict_and_advice(shared: Program) -> None:
    said = shared("compare", *SMALL, "--seeds", 2, "--learning-rates", "0.1", "--baseline", "hinge").stdout
    assert "final runs: 4 runs" in said
    assert "circles, test accuracy, 2 seeds" in said
    assert "do not tell hinge from bce" in said or "equivalent" in said
    assert "learning rates were not tuned" in said


def test_a_metric_that_a_loss_cannot_give_leaves_it_out_with_the_reason(shared: Program) -> None:
    words = (*SMALL[:4], *SMALL[4:6], "--loss", "mse", *SMALL[6:], "--seeds", 2, "--learning-rates", "0.1")
    found = shared.json("compare", *words, "--metric", "log-loss")
    assert (found["metric"], found["higher_is_better"]) == ("log_loss", False)
    assert {(pair["a"], pair["b"]) for pair in found["pairs"]} in ({("bce", "mse")}, {("mse", "bce")})
    (hinge,) = [one for one in found["losses"] if one["loss"] == "hinge"]
    assert (hinge["values"], hinge["mean"]) == ([None, None], None)
    assert "hinge gives no log loss, and is left out" in found["advice"]
    run = next(run for run in shared.json("runs", "--experiment", found["id"]) if run["loss"] == "mean_squared_error")
    value = shared.json("show", run["id"])["scores"]["test"]["log_loss"]
    assert value in next(one["values"] for one in found["losses"] if one["loss"] == "mse")


def test_one_that_was_left_goes_on_where_it_was(shared: Program) -> None:
    words = (*SMALL[:-4], "--samples", 2000, "--epochs", 400, "--seeds", 2, "--learning-rates", "0.01,0.02")
    with shared.store() as store:
        before = {experiment.id for experiment in store.experiments()}
        left = shared.start("compare", *words)
        number = shared.wait(lambda: next((e.id for e in store.experiments() if e.id not in before), 0))
        shared.wait(lambda: any(run.status == "finished" for run in store.runs_of(number)))
        os.kill(left.pid, signal.SIGINT)
        _, error = left.communicate(timeout=60)
        assert left.returncode == 130
        assert f"to go on: lossterm compare --extend {number}" in error
        finished = {run.id: run for run in store.runs_of(number) if run.status == "finished"}
        assert finished
    verdict = shared.json("compare", "--extend", number)
    assert all(len(one["values"]) == 2 and None not in one["values"] for one in verdict["losses"])
    with shared.store() as store:
        runs = store.runs_of(number)
        assert len({run.config for run in runs}) == len(runs), "nothing is trained twice"
        assert all(store.run(run_id).ended == run.ended for run_id, run in finished.items())


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ((), "dataset: name what the losses are compared on"),
        (("--dataset", "circles", "--loss", "bce"), "loss: a comparison needs two losses or more, not 1"),
        (("--dataset", "circles", "--loss", "bce", "--loss", "bce"), "loss: a comparison needs two losses or more"),
        (("--dataset", "circles", "--seeds", "0"), "seeds: must be a whole number from 1 to 1,000, not '0'"),
        (("--dataset", "circles", "--learning-rates", "0.1,x"), "learning-rates: each must be a number above 0"),
        (
            ("--dataset", "circles", "--metric", "mse"),
            "metric: must be one of accuracy, balanced_accuracy, f1, ",
        ),
        (("--dataset", "circles", "--baseline", "kld", "--loss", "bce", "--loss", "mse"), "baseline: must be one of"),
        (("--dataset", "circles", "--rope", "-1"), "rope: must be a number"),
        (("--dataset", "nowhere"), "dataset: "),
        (("--dataset", "circles", "--dataset", "circles"), "dataset: name each once"),
        (("--dataset", "circles", "--dataset", "regression", "--loss", "bce", "--loss", "mse"), "loss: "),
        (("--extend", "99"), "experiment: there is no experiment 99"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(
    say: Callable[..., Said], untrained: list[str], words: tuple[str, ...], line: str
) -> None:
    said = say("compare", *words)
    assert said.code in (1, 2)
    assert said.err.startswith(f"lossterm: {line}")
    assert said.err.count("\n") == 1


def test_an_experiment_that_is_no_comparison_is_not_extended(
    say: Callable[..., Said], untrained: list[str], store_path: Path
) -> None:
    say("run", "--loss", "mse", "--seed", "1", "--seed", "2", "--detach")
    with Store(store_path) as store:
        (experiment,) = store.experiments()
    said = say("compare", "--extend", str(experiment.id))
    assert (said.code, said.err) == (2, f"lossterm: extend: experiment {experiment.id} is no comparison\n")


def test_several_datasets_give_a_matrix_and_the_reason_why_there_is_no_test(shared: Program) -> None:
    words = ("--dataset", "circles", "--dataset", "moons", *SMALL[2:], "--seeds", 2, "--learning-rates", "0.1")
    found = shared.json("compare", *words)
    assert found["datasets"] == ["circles", "moons"]
    assert sorted(found["losses"]) == ["bce", "hinge"]
    assert len(found["means"]) == len(found["ranks"]) == len(found["comparisons"]) == 2
    assert all(sorted(row) in ([1, 2], [1.5, 1.5]) for row in found["ranks"])
    assert (found["friedman"], found["pairs"]) == (None, [])
    assert found["reason"].startswith("no test over 2 datasets")
    numbers = [one["id"] for one in found["comparisons"]]
    said = shared("compare", "--extend", numbers[0], "--extend", numbers[1]).stdout
    assert "2 datasets: mean, and rank in brackets" in said


def test_detached_it_goes_on_by_itself(shared: Program) -> None:
    words = (*SMALL, "--seeds", 2, "--learning-rates", "0.1,0.3", "--detach")
    number = shared.json("compare", *words)["id"]
    with shared.store() as store:
        shared.wait(lambda: sum(r.status == "finished" and r.config.seed < 3 for r in store.runs_of(number)) == 4)
    assert shared.json("compare", "--extend", number)["seeds"] == 2


def test_seeds_draw_new_splits_of_a_file_and_pairs_are_tested_for_their_overlap(
    shared: Program, tmp_path: Path
) -> None:
    lines = "\n".join(f"{place % 17},{place % 5},{'yes' if place % 17 > place % 5 else 'no'}" for place in range(200))
    (tmp_path / "answers.csv").write_text(f"a,b,kind\n{lines}\n")
    shared("data", "add", tmp_path / "answers.csv", "--target", "kind", "--name", "answers")
    words = ("--dataset", "answers", "--loss", "bce", "--loss", "mse", "--epochs", 2, "--seeds", 3)
    found = shared.json("compare", *words, "--learning-rates", "0.1,0.3")
    assert any("splits of the same rows overlap" in line for line in found["advice"])
    assert not any("same rows: this is about" in line for line in found["advice"])
    with shared.store() as store:
        runs = store.runs_of(found["id"])
    splits = {run.config.seed: run.config.data_file.split_seed for run in runs if run.config.data_file}
    assert splits == {seed: seed for seed in (1, 2, 3, *range(FIRST_TUNING_SEED, FIRST_TUNING_SEED + 3))}
    more = json.loads(shared("compare", "--extend", found["id"], "--seeds", 4, "--json").stdout)
    assert more["seeds"] == 4
    same = shared.json("compare", *words, "--learning-rates", "0.1", "--same-data")
    assert any("same rows: this is about that one sample" in line for line in same["advice"])
