"""Any command line at all: exit 0, 1 or 2, one line where it is 2, never a traceback, never a hang."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lossterm.catalog import DATASETS, LOSSES, MENU_LOSSES, loss_named
from lossterm.cli import plan
from lossterm.experiments.presets import PRESETS
from lossterm.store import Store

from .conftest import Said

if TYPE_CHECKING:
    from pathlib import Path

WORDS = st.one_of(
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=12),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(["mse", "all", "hinge", "circles", "blobs", "1", "2", "0", "-1", "1e3", "cpu", "gpu:0", "--", "-"]),
)
FIELDS = (
    "epochs",
    "seed",
    "batch-size",
    "learning-rate",
    "momentum",
    "hidden-units",
    "hidden-layers",
    "dropout",
    "l2",
    "weight-decay",
    "samples",
    "noise",
)
SHARES = ("train-fraction", "outlier-fraction", "label-noise")
OPTIONS = [f"--{name}" for name in ("loss", "dataset", "preset", *FIELDS, *SHARES, "device")]
ANYTHING = settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@ANYTHING
@given(st.lists(st.tuples(st.sampled_from(OPTIONS), WORDS), max_size=6), st.booleans())
def test_any_settings_of_a_run(
    say: Callable[..., Said], untrained: list[str], options: list[tuple[str, str]], as_json: bool
) -> None:
    words = [word for option in options for word in option]
    said = say("run", "--loss", "mse", *words, "--detach", *(["--json"] if as_json else []))
    _is_orderly(said, words)
    assert said.code in (0, 2)


@ANYTHING
@given(
    st.sampled_from(["runs", "show", "stop", "resume", "note", "delete", "undelete", "export", "status", "frob"]),
    st.lists(WORDS, max_size=4),
)
def test_any_words_after_a_command(
    say: Callable[..., Said], untrained: list[str], tmp_path: Path, command: str, words: list[str]
) -> None:
    more = ["--format", "csv", "--to", "-"] if command == "export" else []
    said = say(command, *more, *words)
    _is_orderly(said, words)


def _is_orderly(said: Said, words: list[str]) -> None:
    assert said.code in (0, 1, 2), shlex.join(words)
    assert "Traceback" not in said.err
    assert "internal error" not in said.err
    assert said.err.count("\n") == (said.code == 2)
    assert (said.code == 2) == said.err.startswith("lossterm: ")


def test_settings_that_pass_are_queued_as_they_were_typed(
    say: Callable[..., Said], untrained: list[str], store_path: Path
) -> None:
    said = say(
        *shlex.split(
            "run --loss hinge --loss kl_divergence --dataset blobs --epochs 7 --seed 3 --seed 4 --batch-size 16 "
            "--learning-rate 1e-3 --momentum 0 --hidden-units 8 --samples 1000 --noise 1.5 --train-fraction 0.25 "
            "--label-noise 0.1 --data-seed 5 --validation-fraction 0.2"
        ),
        "--detach",
        "--device",
        "cpu",
    )
    assert said.code == 0
    assert said.out.splitlines() == [
        "run 1: hinge on blobs, seed 3: queued",
        "run 2: kld on blobs, seed 3: queued",
        "run 3: hinge on blobs, seed 4: queued",
        "run 4: kld on blobs, seed 4: queued",
    ]
    assert set(untrained) == {"cpu"}
    with Store(store_path) as store:
        config = store.run(4).config
    assert (config.loss, config.dataset) == ("kl_divergence", "blobs")
    assert config.settings == {
        "epochs": 7,
        "batch_size": 16,
        "early_stopping": 0,
        "optimizer": "sgd",
        "learning_rate": 0.001,
        "momentum": 0.0,
        "weight_decay": 0.0,
        "hidden_layers": (8,),
        "activation": "relu",
        "dropout": 0.0,
        "l2": 0.0,
        "seed": 4,
        "device": "cpu",
        "samples": 1000,
        "noise": 1.5,
        "imbalance": 0.0,
        "train_fraction": 0.25,
        "outlier_fraction": 0.0,
        "label_noise": 0.1,
        "data_seed": 5,
        "validation_fraction": 0.2,
        "class_weight": "none",
    }


def test_a_preset_brings_its_runs_and_what_is_typed_beside_it_overrides_it(
    say: Callable[..., Said], untrained: list[str], store_path: Path
) -> None:
    said = say("run", "--preset", "Label-Noise", "--epochs", 7, "--seed", 3, "--seed", 9, "--detach", "--device", "cpu")
    assert (said.code, said.err) == (0, "")
    first, *queued = said.out.splitlines()
    assert first.startswith("a fifth of the labels wrong: BCE, ")
    assert queued == [
        f"run {number}: {loss} on circles, seed {seed}: queued"
        for number, (seed, loss) in enumerate([(3, "bce"), (3, "mae"), (9, "bce"), (9, "mae")], start=1)
    ]
    with Store(store_path) as store:
        configs = [run.config for run in store.runs()]
    assert {e.device for e in configs} == {"cpu"}
    assert {tuple(e.default_changes().items()) for e in configs} == {
        (("epochs", 7), ("hidden_layers", (400,)), ("label_noise", 0.2))
    }


def test_a_preset_has_seeds_of_its_own_and_json_of_nothing_else(say: Callable[..., Said], untrained: list[str]) -> None:
    said = say("run", "--preset", "twins", "--detach", "--json")
    runs = [json.loads(line) for line in said.out.splitlines()]
    assert [(run["loss"], run["seed"]) for run in runs] == [
        (loss, seed) for seed in range(1, 6) for loss in ("categorical_crossentropy", "kl_divergence")
    ]


def test_show_leaves_out_settings_that_are_for_other_datasets(say: Callable[..., Said], untrained: list[str]) -> None:
    say("run", "--loss", "mae", "--outlier-fraction", "0.05", "--detach")
    say("run", "--loss", "bce", "--label-noise", "0.2", "--detach")
    regression, circles = say("show", 1).out, say("show", 2).out
    assert "outlier_fraction 0.05" in regression
    assert "label_noise" not in regression
    assert "label_noise 0.2" in circles
    assert "outlier_fraction" not in circles


def test_all_means_every_loss_that_fits(say: Callable[..., Said], untrained: list[str], store_path: Path) -> None:
    def queued(*words: str) -> list[tuple[str, str]]:
        said = say("run", *words, "--detach")
        numbers = [int(line.split()[1].rstrip(":")) for line in said.out.splitlines()]
        with Store(store_path) as store:
            found = [store.run(number).config for number in numbers]
        return [(one.loss_entry.short, one.dataset) for one in found]

    own = {"mse": "regression", "msle": "regression", "mae": "regression", "bce": "circles", "hinge": "circles"}
    own |= {"cce": "blobs", "kld": "blobs"}
    assert queued("--loss", "all") == list(own.items())
    assert queued("--loss", "all", "--dataset", "regression") == [(n, "regression") for n in ("mse", "msle", "mae")]
    assert queued("--loss", "all", "--dataset", "make_circles") == [(name, "circles") for name in own]
    assert queued("--loss", "hinge", "--loss", "ALL") == [("hinge", "circles")] + [
        p for p in own.items() if p[0] != "hinge"
    ]


def test_catalogue_means_those_beyond_the_menu_too(
    say: Callable[..., Said], untrained: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "MENU_LOSSES", tuple(loss for loss in MENU_LOSSES if loss.short not in ("mae", "hinge")))

    def losses(*words: str) -> list[str]:
        out = say("run", *words, "--detach", "--json").out
        return [loss_named(json.loads(line)["loss"]).short for line in out.splitlines()]

    assert losses("--loss", "all") == ["mse", "msle", "bce", "cce", "kld"]
    assert losses("--loss", "catalogue") == [loss.short for loss in LOSSES]
    assert losses("--loss", "Catalogue", "--dataset", "regression") == [
        loss.short for loss in LOSSES if "regression" in loss.outputs
    ]
    several = losses("--loss", "hinge", "--loss", "all", "--loss", "catalogue", "--dataset", "blobs")
    assert several[:7] == ["hinge", "mse", "msle", "bce", "cce", "kld", "mae"]
    assert sorted(several) == sorted(loss.short for loss in LOSSES if "multiclass" in loss.outputs)


def test_parameters_of_a_loss_are_typed_behind_it(say: Callable[..., Said], untrained: list[str]) -> None:
    said = say("run", "--loss", "huber:delta=2", "--loss", "Huber", "--loss", "all", "--detach", "--json")
    runs = [json.loads(line) for line in said.out.splitlines()]
    assert [(run["loss"], run["loss_parameters"]) for run in runs[:2]] == [
        ("huber", {"delta": 2.0}),
        ("huber", {"delta": 1.0}),
    ]
    assert [run["loss_parameters"] for run in runs[2:6]] == [{}, {}, {}, {"label_smoothing": 0.0}]
    assert "run 1: huber:delta=2 on regression, seed 1: queued" in say("show", 1).out
    assert "delta 2\n" in say("show", 1).out
    assert say("runs").out.splitlines()[-1].split()[:2] == ["1", "huber:delta=2"]
    assert json.loads(say("runs", "--json").out)[-1]["loss_parameters"] == {"delta": 2.0}
    assert json.loads(say("show", 1, "--json").out)["loss_parameters"] == {"delta": 2.0}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("huber:delta=0", "delta: must be a number from 0.001 to 1,000, not 0"),
        ("huber:d=1", "loss: huber has no parameter 'd'; huber takes delta (a number from 0.001 to 1,000)"),
        ("mse:d=1", "loss: mse has no parameter 'd'; mse takes none"),
    ],
)
@pytest.mark.parametrize("command", ["run", "bench"])
def test_a_bad_parameter_is_refused_in_one_line(
    say: Callable[..., Said], untrained: list[str], command: str, typed: str, words: str
) -> None:
    assert say(command, "--loss", typed) == Said(2, "", f"lossterm: {words}\n")


def test_losses_lists_every_loss(say: Callable[..., Said]) -> None:
    listed = {entry["name"]: entry for entry in json.loads(say("losses", "--json").out)}
    assert list(listed) == [loss.name for loss in LOSSES]
    assert listed["huber"] == {
        "name": "huber",
        "short": "huber",
        "title": "Huber",
        "tasks": ["regression", "binary", "multiclass"],
        "parameters": {"delta": {"default": 1.0, "low": 0.001, "high": 1000.0}},
    }
    assert listed["kl_divergence"]["parameters"] == {}
    for loss, line in zip(LOSSES, say("losses").out.splitlines()[1:], strict=True):
        assert line.split()[0] == loss.short
        assert loss.title in line
    assert "CTC" in say("losses", "--help").out


def test_losses_say_what_they_mean_on_a_dataset(say: Callable[..., Said]) -> None:
    """Refused with the reason, or what they do with negative targets; the keys of the plain list come first."""
    listed = {entry["short"]: entry for entry in json.loads(say("losses", "--dataset", "regression", "--json").out)}
    assert list(listed["mse"]) == ["name", "short", "title", "tasks", "parameters", "refusal", "notes"]
    assert listed["mse"]["refusal"] is None
    assert listed["hinge"]["refusal"] == "hinge needs targets of -1 or +1; make_regression's are real numbers"
    assert listed["hinge"]["notes"] == []
    words = {"msle": "clips negatives to 0", "poisson": "half of these targets are negative", "mape": "of either sign"}
    assert [short for short, note in words.items() if note not in "".join(listed[short]["notes"])] == []
    table = say("losses", "--dataset", "regression").out
    assert [note for note in ("refused: needs targets of -1 or +1", *words.values()) if note not in table] == []
    assert "'mars' is not known" in say("losses", "--dataset", "mars").err


def test_the_help_of_run_lists_losses_and_datasets(say: Callable[..., Said]) -> None:
    words = " ".join(say("run", "--help").out.split())
    for loss in LOSSES:
        assert f"{loss.short} {loss.title}: {', '.join(loss.outputs)}" in words
    for dataset in DATASETS:
        assert f"{dataset.name} {dataset.task.name}: {dataset.generator}, " in words


def test_datasets_are_listed_with_where_they_come_from(say: Callable[..., Said]) -> None:
    found = {entry["name"]: entry for entry in json.loads(say("datasets", "--json").out)}
    assert list(found) == [dataset.name for dataset in DATASETS]
    iris = {"name": "iris", "task": "multiclass", "rows": 150, "features": 4, "classes": 3}
    assert found["iris"] == {**iris, "source": "scikit-learn's load_iris"}
    assert found["spirals"]["source"] == "generated by lossterm"
    lines = say("datasets").out.splitlines()
    assert lines[1].split() == ["regression", "regression", "5000", "20", "-", "generated", "by", "make_regression"]
    assert len(lines) == 1 + len(DATASETS) + 1
    assert lines[-1].startswith("built in: validation on the test set")


def test_store_and_device_are_taken_before_and_after_the_commands_name(
    say: Callable[..., Said], untrained: list[str], tmp_path: Path
) -> None:
    first, second = tmp_path / "a.db", tmp_path / "b.db"
    assert say("--store", first, "--device", "cpu", "run", "--loss", "mse", "--detach").code == 0
    assert say("run", "--loss", "mse", "--store", second, "--detach", "--device", "cpu").code == 0
    assert untrained == ["cpu"] * 4
    for path in (first, second):
        with Store(path) as store:
            assert [run.config.device for run in store.runs()] == ["cpu"]
    assert say("--store", first, "status", "--store", second).out.startswith(f"store: {second}\n")


def test_without_a_word_about_it_the_store_is_in_the_state_folder(
    say: Callable[..., Said], untrained: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("LOSSTERM_STORE")
    assert say("run", "--loss", "mse", "--detach").code == 0
    (path,) = (tmp_path / "state").rglob("*.sqlite3")
    assert path.parent == tmp_path / "state" / "lossterm"
    for each in (path, path.parent):
        assert each.stat().st_mode & 0o077 == 0


def test_help_names_every_command_and_option(say: Callable[..., Said]) -> None:
    said = say("--help")
    assert said.code == 0
    for command in (
        "run",
        "runs",
        "show",
        "stop",
        "resume",
        "note",
        "delete",
        "undelete",
        "export",
        "status",
        "devices",
    ):
        assert f"\n  {command} " in said.out
    for option in OPTIONS:
        assert option in say("run", "--help").out
    words = " ".join(say("run", "--help").out.split())
    for preset in PRESETS:
        assert f"{preset.name} {preset.watch}" in words
    assert say("-h").out == said.out
