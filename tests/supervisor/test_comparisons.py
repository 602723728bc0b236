"""Comparisons go from stage to stage by what is in the store: stopped, lost, extended, and by two processes at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from lossterm.config import RunConfig
from lossterm.experiments.comparison import FIRST_TUNING_SEED, ComparisonPlan, read_plan
from lossterm.runs.records import Best, Epoch, Run, Scores
from lossterm.store import Store, TrainerSession
from lossterm.supervisor import comparisons
from lossterm.supervisor.comparisons import Comparisons

pytestmark = pytest.mark.unit

PLAN = ComparisonPlan(
    dataset="circles",
    losses=("bce", "hinge"),
    settings={"validation_fraction": 0.2, "epochs": 2},
    seeds=3,
    learning_rates=(0.01, 0.1, 1.0),
    tuning_seeds=2,
    metric="accuracy",
)
TUNING, FINAL = 2 * 3 * 2, 2 * 3


def train(path: Path, most: int = 1000, status: str = "finished") -> int:
    """Do what a trainer does with every queued run, or the first few; how many there were."""
    with TrainerSession(path, "auto", "") as session:
        for count in range(most):
            run = session.claim(["auto"], "cpu", "a CPU")
            if run is None:
                return count
            metric = 0.9 if run.config.learning_rate == 0.1 else 0.8
            epochs = run.config.epochs if status == "finished" else 1
            done = [Epoch(n, 0.1, metric, 0.1, metric, 0.01) for n in range(1, epochs + 1)]
            session.record(run.id, done, 1.0, 0.0, Best(epochs, metric))
            scores = Scores(0.1, metric, 0.1, metric) if status == "finished" else None
            session.finish(run.id, status, "", 0.1, scores)  # type: ignore[arg-type]
    return most


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def of_stage(runs: list[Run]) -> tuple[int, int]:
    """How many runs tune, and how many are compared."""
    tuning = sum(run.config.seed >= FIRST_TUNING_SEED for run in runs)
    return tuning, len(runs) - tuning


def test_each_stage_is_queued_once_the_one_before_has_ended(path: Path) -> None:
    with Store(path) as store:
        number = comparisons.begin(store, PLAN)
        follower = Comparisons(store)
        assert of_stage(store.runs_of(number)) == (TUNING, 0)
        assert follower.step()
        train(path, 3)
        assert follower.step()
        assert of_stage(store.runs_of(number)) == (TUNING, 0)
        train(path)
        assert follower.step()
        assert of_stage(store.runs_of(number)) == (TUNING, FINAL)
        train(path)
        assert not follower.step(), "it is done"
        assert of_stage(store.runs_of(number)) == (TUNING, FINAL)


def test_what_was_stopped_while_it_was_tuned_is_not_tuned_on_half_of_it(path: Path) -> None:
    with Store(path) as store:
        number = comparisons.begin(store, PLAN)
        follower = Comparisons(store)
        assert follower.step()
        train(path, 3)
        store.stop_all()
        assert not follower.step(), "nothing goes on"
        assert of_stage(store.runs_of(number)) == (TUNING, 0)
        for run in store.runs_of(number):
            store.resume(run.id)
        train(path)
        follower = Comparisons(store, [number])
        assert follower.step()
        assert of_stage(store.runs_of(number)) == (TUNING, FINAL)


def test_a_run_that_its_trainer_lost_is_resumed_twice(path: Path) -> None:
    with Store(path) as store:
        number = comparisons.begin(store, PLAN)
        follower = Comparisons(store, [number])
        train(path, 1, "interrupted")
        train(path)
        for _ in range(2):
            assert follower.step()
            assert [run.status for run in store.runs_of(number)].count("queued") == 1
            train(path, 1, "interrupted")
        assert not follower.step()
        assert of_stage(store.runs_of(number)) == (TUNING, 0)


def test_two_processes_queue_nothing_twice(path: Path) -> None:
    with Store(path) as store:
        number = comparisons.begin(store, PLAN)
        train(path)

    def step() -> None:
        with Store(path) as other:
            Comparisons(other, [number]).step()

    threads = [threading.Thread(target=step) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Store(path) as store:
        assert of_stage(store.runs_of(number)) == (TUNING, FINAL)


def test_more_seeds_are_queued_and_said_to_come_after_a_look(path: Path) -> None:
    with Store(path) as store:
        number = comparisons.begin(store, PLAN)
        plan = comparisons.extended(store, store.experiment(number), PLAN, 4)
        assert (plan.seeds, plan.extended_from) == (4, ()), "nothing had been looked at"
        for _ in range(2):
            train(path)
            Comparisons(store, [number]).step()
        train(path)
        plan = comparisons.extended(store, store.experiment(number), plan, 5)
        assert (plan.seeds, plan.extended_from) == (5, (4,))
        assert store.experiment(number).name == plan.name
        assert Comparisons(store, [number]).step()
        assert of_stage(store.runs_of(number)) == (TUNING, 2 * 5)
        with pytest.raises(ValueError, match="seeds: must be 5 or more"):
            comparisons.extended(store, store.experiment(number), plan, 4)


@pytest.mark.parametrize(
    "spoil", [lambda text: "", lambda text: "{", lambda text: text.replace('"accuracy"', '"nothing"')]
)
def test_a_plan_that_cannot_be_used_is_left_alone(path: Path, spoil: Callable[[str], str]) -> None:
    with Store(path) as store:
        (run_id, _) = store.queue(
            [RunConfig.of("bce", seed=seed) for seed in (1, 2)], "odd", plan=spoil(PLAN.model_dump_json())
        )
        number = store.run(run_id).experiment_id
        assert number is not None
        assert read_plan(store.experiment(number)) is None
        train(path)
        assert not Comparisons(store, [number]).step()


def test_nothing_is_followed_in_a_store_that_was_deleted(path: Path) -> None:
    with Store(path) as store:
        number = comparisons.begin(store, PLAN)
        for file in path.parent.glob("store.db*"):
            if file.is_file():
                file.unlink()
        comparisons.follow(store, [number], None)
