"""What `lossterm run` says of several runs at its end."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from lossterm.cli.comparison import print_comparisons, print_finding
from lossterm.config import RunConfig
from lossterm.experiments.presets import PRESETS, finding, preset_named
from lossterm.experiments.ranking import verdict
from lossterm.runs.records import Run, Scores, Status
from lossterm.tui.run_data import ShownRuns

from ..made_runs import made_run

if TYPE_CHECKING:
    from ..conftest import Program
    from ..terminal import Terminal

Figures = dict[str, list[float]]


def run(number: int, loss: str, dataset: str, seed: int, metric: float, status: Status = "finished") -> Run:
    """A run whose test loss is half its test metric."""
    scores = None if status != "finished" else Scores(0.1, 0.1, metric / 2, metric)
    return made_run(number, RunConfig.of(loss, dataset=dataset, seed=seed), status, scores)


def runs(dataset: str, figures: Figures, first: int = 1) -> list[Run]:
    pairs = [(loss, seed, value) for loss, values in figures.items() for seed, value in enumerate(values, 1)]
    return [run(number, loss, dataset, seed, value) for number, (loss, seed, value) in enumerate(pairs, first)]


def test_rank_figures_and_verdict_are_the_apps(shared: Program) -> None:
    done = shared("run", "--loss", "mse", "--loss", "msle", "--epochs", 2, "--seed", 1, "--seed", 2, "--seed", 3)
    numbers = [int(number) for number in re.findall(r"^run (\d+): .* Train: ", done.stdout, re.M)]
    shown = ShownRuns([shared.look(number) for number in sorted(numbers)])
    entries = shown.entries
    _, block = done.stdout.split("\n\nregression, test MSE:\n")
    heading, *rows = block.splitlines()[:3]
    words = block.splitlines()[3:]
    assert heading.split()[:8] == ["rank", "loss", "mean", "±", "sd", "seeds", "to", "best"]
    assert re.fullmatch(r"≤ \d\.\d+", " ".join(heading.split()[8:]))
    first, second = (" ".join(row.split()) for row in rows)
    assert re.fullmatch(rf"1 {re.escape(entries[0].words)} 3 best ep [12]", first)
    assert re.fullmatch(rf"2 {re.escape(entries[1].words)} 3 \+\d\.\d+ (ep [12]|never)", second)
    assert verdict(entries) in words
    assert "over 3 seeds" in words[0]
    scores = [run.scores for run in shown]
    assert all(one is not None and one.baseline == pytest.approx(1, abs=0.2) for one in scores)


def test_each_dataset_is_compared_on_its_own_and_a_single_run_not_at_all(capsys: pytest.CaptureFixture[str]) -> None:
    all_runs = [*runs("regression", {"mse": [0.1], "mae": [0.2]}), *runs("circles", {"bce": [0.8, 0.9]}, 10)]
    print_comparisons([*all_runs, *runs("blobs", {"cce": [0.9]}, 20)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "regression, test MSE:"
    assert [line.split() for line in lines[3:5]] == [
        ["1", "mse", "0.100", "1", "best"],
        ["2", "mae", "0.200", "1", "+0.100"],
    ]
    assert lines[5] == "one seed says little: --seed, given several times, trains several"
    assert lines[7] == "circles, test accuracy:"
    assert lines[9].split() == ["1", "bce", "0.850", "±", "0.071", "2"]
    assert len(lines) == 10


def test_a_seed_that_diverged_stands_in_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    found = runs("circles", {"bce": [0.8, 0.81, 0.82], "mse": [0.9, 0.9]})
    print_comparisons([*found, run(9, "mse", "circles", 3, 0.0, "diverged")])
    lines = capsys.readouterr().out.splitlines()
    assert lines[4].split() == ["2", "mse", "0.900", "±", "0", "2", "+0.090", "1", "of", "3", "seeds", "diverged"]
    assert lines[5] == "mse: 1 of 3 seeds diverged"


def test_one_run_is_not_compared(capsys: pytest.CaptureFixture[str]) -> None:
    print_comparisons(runs("circles", {"bce": [0.8]}))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_every_preset_has_a_finding_with_figures_alone(preset) -> None:
    configs = preset.configs
    found = [run(n, one.loss, preset.dataset, one.seed, 0.5 + n / 100) for n, one in enumerate(configs, 1)]
    words = finding(preset, found)
    assert re.search(r"\d\.\d{3}", words)
    assert not re.search(r"[{}]|nan", words)
    assert "there is nothing to say" in finding(preset, found[:1])


def test_a_preset_ends_with_what_it_showed(capsys: pytest.CaptureFixture[str]) -> None:
    found = runs("circles", {"cce": [0.8, 0.9], "kld": [0.8, 0.898]})
    print_finding(preset_named("twins"), found)
    said = capsys.readouterr().out
    assert said.strip() == (
        "twins: seed by seed the final test losses of CCE and KL divergence differ by at most 0.001"
    )


def test_a_preset_says_it_after_training_and_json_never(shared: Program) -> None:
    words = ("run", "--preset", "negatives", "--epochs", 2, "--seed", 1)
    last = shared(*words).stdout.splitlines()[-1]
    assert re.fullmatch(r"negatives: MSLE's own test loss ends at [\de.-]+, but its test MSE at .*", last)
    assert [line[0] for line in shared(*words, "--json").stdout.splitlines()] == ["{", "{"]


def test_on_a_narrow_terminal_sentences_break_between_words(shared: Program, terminal: Callable[..., Terminal]) -> None:
    words = ("run", "--preset", "negatives", "--epochs", 1, "--seed", 1, "--seed", 2, "--seed", 3)
    screen = terminal(shared.command(*words), size=(50, 60), **shared.environment)
    assert screen.ended() == 0
    lines = [line.rstrip() for line in screen.screen.splitlines()]
    _, _, end = "\n".join(lines).partition("\nnegatives: ")
    assert re.fullmatch(
        r"MSLE's own test loss ends at \S+ ± \S+, but its test MSE at \S+ ± \S+; MSE ends at \S+ ± \S+",
        " ".join(end.split()),
    )
    assert "over 3 seeds" in " ".join(screen.screen.split())


def test_the_plus_minus_sign_is_ascii_where_nothing_else_is_shown(shared: Program) -> None:
    words = ("run", "--loss", "mse", "--epochs", 1, "--seed", 1, "--seed", 2)
    done = shared("--ascii", *words)
    assert re.search(r"mean \+- sd", done.stdout)
    assert re.search(r"1  mse   \S+ \+- \S+ +2\n", done.stdout)
    assert done.stdout.isascii()
