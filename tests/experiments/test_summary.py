"""What runs that belong together come to: a name, how many have ended, the best loss, the time that is left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lossterm.config import RunConfig
from lossterm.experiments.presets import preset_named
from lossterm.experiments.summary import experiment_name, summarize
from lossterm.experiments.timing import seconds_left, time_words
from lossterm.runs.records import Run, Scores
from lossterm.store import Store


@pytest.fixture
def queued(tmp_path: Path) -> list[Run]:
    """Two losses over three seeds."""
    configs = [RunConfig.of(loss, dataset="circles", seed=seed) for seed in (1, 2, 3) for loss in ("mse", "bce")]
    with Store(tmp_path / "store.db") as store:
        store.queue(configs, experiment_name(configs))
        return store.runs()[::-1]


def finished(run: Run, metric: float, seconds: float = 0.5) -> Run:
    return replace(
        run,
        status="finished",
        scores=Scores(0.1, metric, 0.1, metric),
        epochs_done=run.config.epochs,
        seconds=seconds,
        started=100.0,
        ended=101.0,
    )


def test_a_name_says_what_is_compared() -> None:
    def name(*configs: RunConfig) -> str | None:
        return experiment_name(configs)

    on_circles = [RunConfig.of(loss, dataset="circles", seed=seed) for loss in ("mse", "bce", "kld") for seed in (1, 2)]
    assert name(*on_circles) == "circles × 3 losses × 2 seeds"
    assert name(*on_circles[::2]) == "circles × 3 losses"
    assert name(*on_circles[:2]) == "circles × mse × 2 seeds"
    assert name(RunConfig.of("mse"), RunConfig.of("bce")) == "regression, circles × 2 losses"
    assert name(*preset_named("twins").configs) == "preset twins"
    assert name(RunConfig.of("mse")) is None


def test_a_summary_counts_what_has_ended_and_names_the_best(queued: list[Run]) -> None:
    assert (summarize(queued).done, summarize(queued).total, summarize(queued).best) == (0, 6, "")
    runs = [finished(run, 0.9 if run.config.loss_entry.short == "bce" else 0.8) for run in queued[:4]] + queued[4:]
    summary = summarize(runs)
    assert (summary.done, summary.total, summary.bad) == (4, 6, 0)
    assert summary.best == "bce 0.900 ± 0"
    assert [len(group) for group in summary.groups] == [3, 3]
    entry = summary.entry_of(queued[5])
    assert entry is not None
    assert entry.words == "bce 0.900 ± 0"
    diverged = summarize([replace(run, status="diverged") for run in queued])
    assert (diverged.best, diverged.bad) == ("", 6)


def test_the_cost_is_what_runs_like_them_took(queued: list[Run]) -> None:
    configs = [run.config for run in queued]
    assert time_words(configs, queued) == "about 3 s", "two programs to compile, and batches at the usual pace"
    runs = [finished(run, 0.9) for run in queued]
    assert time_words(configs, runs) == "about 6 s", "half a second of epochs and half a second around them"
    longer = [config.changed(epochs=1000) for config in configs]
    assert time_words(longer, runs) == "about 1:03"
    assert time_words([RunConfig.of("mse")], runs) == "about 1 s", "nothing is known of another dataset"
    assert time_words(configs * 40, runs) == "about 4 min"
    wider = [config.changed(hidden_units=400) for config in configs]
    assert time_words(wider, runs) == "about 6 s", "of a wider network nothing is known but its dataset"


def test_the_time_left_follows_the_pace_of_the_experiment_itself(queued: list[Run]) -> None:
    assert seconds_left(queued, 100.0) is None
    assert seconds_left(queued, 100.0, lambda: [finished(queued[0], 0.9)]) == pytest.approx(6.0)
    runs = [finished(run, 0.9) for run in queued[:2]] + [replace(queued[2], status="running")] + queued[3:]
    assert seconds_left(runs, 110.0) == pytest.approx(20.0), "two of six in ten seconds"
    assert seconds_left([finished(run, 0.9) for run in queued], 110.0) == 0.0
