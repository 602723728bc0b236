"""The best constant answer: what it scores, and what is said of losses that do no better."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lossterm.config import RunConfig
from lossterm.experiments.baseline import baseline_of, baseline_words
from lossterm.experiments.ranking import labels_of, ranked, same_but_seed
from lossterm.runs.records import Run, Scores
from lossterm.store import Store, TrainerSession
from lossterm.trainer.scores import constant_score

from .test_ranking import run


def test_of_classes_it_is_the_share_of_the_largest_one_of_the_test_rows() -> None:
    config = RunConfig.of("hinge", dataset="blobs")
    y = config.output_layer.encode(np.array([0, 1, 2, 2, 2, 0, 1, 2, 1, 2]))
    assert constant_score(config, y[:1], y) == pytest.approx(0.5)


def test_of_real_targets_it_is_the_error_of_the_training_mean() -> None:
    train, test = np.array([[1.0], [3.0]], np.float32), np.array([[0.0], [4.0], [2.0]], np.float32)
    assert constant_score(RunConfig.of("mse"), train, test) == pytest.approx(8 / 3)


def words(values: dict[str, float], baseline: float | None, dataset: str = "circles") -> str:
    runs = [known(run(n, loss, 1, value, dataset), baseline) for n, (loss, value) in enumerate(values.items(), 1)]
    return baseline_words(ranked(runs, labels_of(same_but_seed(runs), with_seed=False)))


def known(one: Run, baseline: float | None) -> Run:
    assert one.scores is not None
    return replace(one, scores=replace(one.scores, baseline=baseline))


def test_losses_at_the_baseline_are_said_to_have_learned_nothing() -> None:
    assert words({"bce": 0.501, "mse": 0.49, "hinge": 0.51}, 0.5) == "all three at chance (0.500): nothing was learned"
    assert words({"bce": 0.8, "mse": 0.49}, 0.5) == "mse: at chance (0.500)"
    assert words({"bce": 0.8, "mse": 0.6}, 0.5) == ""
    assert words({"bce": 0.5, "mse": 0.5}, None) == ""
    nothing = words({"mse": 1.0, "mae": 1.2}, 1.003, "regression")
    assert nothing == "both no better than a constant answer (1.003): nothing was learned"


def test_runs_with_other_baselines_have_none_in_common() -> None:
    assert baseline_of([known(run(1, "bce", 1, 0.5), 0.5), known(run(2, "mse", 1, 0.5), 0.6)]) is None
    assert baseline_of([known(run(1, "bce", 1, 0.5), 0.5), run(2, "mse", 1, 0.5)]) == 0.5


def test_the_store_keeps_it_and_believes_no_other_text(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Store(path) as store:
        (run_id,) = store.queue([RunConfig.of("bce")])
    with TrainerSession(path, "auto", "") as trainer:
        trainer.claim(["auto"], "cpu", "a CPU")
        trainer.finish(run_id, "finished", scores=Scores(0.1, 0.9, 0.2, 0.8, baseline=0.504))
    with Store(path) as store:
        scores = store.run(run_id).scores
        assert scores is not None
        assert scores.baseline == 0.504
        for text in ("{", "[]", '{"baseline": "x"}', '{"baseline": NaN}', '{"baseline": 1' + "0" * 400 + "}"):
            with store._database.writing() as sqlite:
                sqlite.execute("UPDATE runs SET scores = ?", (text,))
            scores = store.run(run_id).scores
            assert scores is not None
            assert scores.baseline is None
