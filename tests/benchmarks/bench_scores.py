"""What each loss scores on the datasets beyond the tutorial's, beside scikit-learn's network of the same shape.

    python tests/benchmarks/bench_scores.py [--seed 1] [DATASET ...]

Prints a table in Markdown, a row a dataset: the score of MLPClassifier (accuracy) or MLPRegressor (MSE) after the same
epochs of the same optimizer, and those of every loss that fits, the best first, all on the same rows.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lossterm.catalog import DATASETS, MENU_DATASETS
from lossterm.config import RunConfig
from lossterm.trainer.data import load

Scores = list[tuple[str, float | None]]


def scores_of_losses(dataset: str, seed: int, store: Path) -> Scores:
    """Train every loss of the catalogue that fits a dataset: its name and its test metric, None where it diverged."""
    words = ("run", "--loss", "catalogue", "--dataset", dataset, "--seed", str(seed), "--json")
    command = [sys.executable, "-m", "lossterm", "--store", str(store), *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # 1 where one diverged
    runs = [json.loads(line) for line in done.stdout.splitlines()]
    return [(RunConfig.of(run["loss"], dataset=dataset).loss_entry.short, run["test"]["metric"]) for run in runs]


def score_of_scikit_learn(config: RunConfig) -> float:
    """The test metric of scikit-learn's network of the same shape, after the same epochs of the same optimizer."""
    from sklearn import metrics, neural_network

    data, layer = load(config), config.output_layer
    kind: Any = neural_network.MLPClassifier if config.task.has_classes else neural_network.MLPRegressor
    network = kind(
        hidden_layer_sizes=config.hidden_layers,
        solver="sgd",
        learning_rate_init=config.learning_rate,
        momentum=config.momentum,
        batch_size=config.batch_size,
        max_iter=config.epochs,
        n_iter_no_change=config.epochs,
        alpha=0.0,
        random_state=config.seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it could train longer
        if config.task.has_classes:
            network.fit(data.train_x, layer.classes_of(data.train_y))
            return float(network.score(data.test_x, layer.classes_of(data.test_y)))
        network.fit(data.train_x, data.train_y[:, 0])
        return float(metrics.mean_squared_error(data.test_y[:, 0], network.predict(data.test_x)))


def row_of(dataset: str, seed: int, store: Path) -> str:
    """A row of the table."""
    entry = next(one for one in DATASETS if one.name == dataset)
    usual = {"regression": "mse", "binary": "bce", "multiclass": "cce"}[entry.task.name]
    config = RunConfig.of(usual, dataset=dataset, seed=seed)
    best_first = -1 if entry.metric.higher_is_better else 1
    known = [(name, score) for name, score in scores_of_losses(dataset, seed, store) if score is not None]
    known.sort(key=lambda pair: best_first * pair[1])
    losses = ", ".join(f"{name} {score:.3f}" for name, score in known)
    shape = "-".join(map(str, (entry.features, *config.hidden_layers, config.output_layer.units)))
    return f"| {dataset} | {shape} | {entry.metric.title} | {score_of_scikit_learn(config):.3f} | {losses} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, a row as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("datasets", nargs="*", default=[one.name for one in DATASETS if one not in MENU_DATASETS])
    given = parser.parse_args(arguments)
    print("| dataset | shape | metric | scikit-learn | lossterm's losses |\n|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for dataset in given.datasets:
            print(row_of(dataset, given.seed, Path(folder) / "runs.db"), flush=True)


if __name__ == "__main__":
    main()
