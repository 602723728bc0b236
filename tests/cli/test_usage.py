"""Bad input: one clear line on stderr, exit 2, nothing changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Said

    Say = Callable[..., Said]

MSE = ("run", "--loss", "mse")

BAD: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "unknown command": (("train",), ("command", "'train'", "run, runs, show")),
    "unknown option": (("run", "--frob"), ("--frob",)),
    "option without its value": ((*MSE, "--epochs"), ("--epochs",)),
    "no loss": (("run",), ("loss", "mse, msle, mae, bce, hinge, cce, kld")),
    "unknown loss": (("run", "--loss", "hubert"), ("loss", "'hubert'", "mse, msle")),
    "a loss that is left out": (("run", "--loss", "CTC"), ("'CTC' is left out: it aligns sequences", "mse, msle")),
    "a loss of embeddings": (("run", "--loss", "circle"), ("is left out: it compares embeddings", "mse, msle")),
    "empty loss": (("run", "--loss", ""), ("loss", "''")),
    "unknown dataset": ((*MSE, "--dataset", "mars"), ("dataset", "'mars'", "regression, circles, blobs")),
    "all losses of no dataset": (("run", "--loss", "all", "--dataset", "mars"), ("dataset", "'mars'")),
    "epochs 0": ((*MSE, "--epochs", "0"), ("epochs", "from 1 to 1,000,000", "not 0")),
    "epochs in words": ((*MSE, "--epochs", "ten"), ("epochs", "a whole number", "'ten'")),
    "half an epoch": ((*MSE, "--epochs", "1.5"), ("epochs", "a whole number", "1.5")),
    "epochs nan": ((*MSE, "--epochs", "nan"), ("epochs", "a whole number")),
    "learning rate -1": ((*MSE, "--learning-rate", "-1"), ("learning_rate", "above 0 and at most 100", "-1")),
    "learning rate 1e9": ((*MSE, "--learning-rate", "1e9"), ("learning_rate", "above 0 and at most 100", "1e9")),
    "learning rate inf": ((*MSE, "--learning-rate", "inf"), ("learning_rate", "at most 100")),
    "momentum 1": ((*MSE, "--momentum", "1"), ("momentum", "from 0 to 0.9999")),
    "batch size 0": ((*MSE, "--batch-size", "0"), ("batch_size", "from 1")),
    "batch size over the training set": ((*MSE, "--batch-size", "2501"), ("batch_size", "from 1 to 2500", "2501")),
    "hidden units 0": ((*MSE, "--hidden-units", "0"), ("hidden_units", "from 1")),
    "hidden layers in words": ((*MSE, "--hidden-layers", "64,wide"), ("hidden_layers", "none, or up to 16 widths")),
    "hidden layers and units": (
        (*MSE, "--hidden-layers", "64", "--hidden-units", "32"),
        ("hidden_units", "leave it out where hidden_layers is given"),
    ),
    "unknown activation": ((*MSE, "--activation", "softmax"), ("activation", "one of relu, tanh", "'softmax'")),
    "unknown optimizer": ((*MSE, "--optimizer", "lars"), ("optimizer", "one of sgd, adam", "'lars'")),
    "an optimizer that is left out": (
        (*MSE, "--optimizer", "Adafactor"),
        ("optimizer", "one of sgd, adam", "'Adafactor': its step depends on the rows and columns of a whole layer"),
    ),
    "an optimizer of whole layers": (
        (*MSE, "--optimizer", "lamb"),
        ("one of sgd, adam", "'lamb': its step depends on the norm of a whole layer"),
    ),
    "an optimizer of matrices": (
        (*MSE, "--optimizer", "muon"),
        ("one of sgd, adam", "'muon': its step depends on a whole layer, which it makes orthogonal"),
    ),
    "momentum of an optimizer without": (
        (*MSE, "--optimizer", "adam", "--momentum", "0.9"),
        ("momentum", "must be 0 with adam", "it is for sgd and rmsprop"),
    ),
    "dropout 1": ((*MSE, "--dropout", "1"), ("dropout", "from 0 to 0.99")),
    "dropout of no layer": (
        (*MSE, "--dropout", "0.5", "--hidden-layers", "none"),
        ("dropout", "must be 0 without a hidden layer"),
    ),
    "seed -1": ((*MSE, "--seed", "1", "--seed", "-1"), ("seed", "from 0 to 4,294,967,295", "-1")),
    "samples": ((*MSE, "--samples", "9"), ("samples", "from 10")),
    "train fraction": ((*MSE, "--train-fraction", "1"), ("train_fraction", "0.001 to 0.999")),
    "outliers over the range": ((*MSE, "--outlier-fraction", "0.6"), ("outlier_fraction", "from 0 to 0.5", "not 0.6")),
    "outliers among classes": (
        ("run", "--loss", "bce", "--outlier-fraction", "0.1"),
        ("outlier_fraction", "must be 0 on circles", "it is for regression"),
    ),
    "label noise on regression": (
        (*MSE, "--label-noise", "0.1"),
        ("label_noise", "must be 0 on regression", "it is for circles and blobs"),
    ),
    "label noise over the range": (("run", "--loss", "cce", "--label-noise", "1.1"), ("label_noise", "from 0 to 1")),
    "both beside another": (
        ("run", "--loss", "cce", "--epochs", "0", "--outlier-fraction", "0.1", "--label-noise", "2"),
        ("epochs", "outlier_fraction", "label_noise"),
    ),
    "unknown preset": (
        ("run", "--preset", "magic"),
        ("preset", "'magic'", "outliers, label-noise, negatives, twins, saturation"),
    ),
    "empty preset": (("run", "--preset", ""), ("preset", "''")),
    "preset with a loss": ((*MSE, "--preset", "twins"), ("preset", "twins is cce, kld on circles", "leave out --loss")),
    "preset with a dataset": (
        ("run", "--preset", "twins", "--dataset", "blobs"),
        ("preset", "twins is cce, kld on circles", "leave out --dataset"),
    ),
    "preset with what its dataset does not take": (
        ("run", "--preset", "twins", "--outlier-fraction", "0.1"),
        ("outlier_fraction", "must be 0 on circles"),
    ),
    "preset with a bad seed": (("run", "--preset", "twins", "--seed", "1", "--seed", "x"), ("seed", "'x'")),
    "device after": ((*MSE, "--device", "tpu"), ("device", "auto, cpu, gpu or gpu:N", "'tpu'")),
    "device before": (("--device", "gpu:x", *MSE), ("device", "'gpu:x'")),
    "several at once": ((*MSE, "--epochs", "0", "--momentum", "x"), ("epochs", "momentum")),
    "show without a run": (("show",), ("ID",)),
    "a device in another script": ((*MSE, "--device", "gpu:５"), ("device", "'gpu:５'")),
    **{
        f"{option} {word!r}": ((*MSE, f"--{option}", word), (option.replace("-", "_"), f"a{kind} number", repr(word)))
        for option, kind in (("epochs", " whole"), ("seed", " whole"), ("noise", ""))
        for word in ("_1", "1__2", "1_000", "５", "١", "+5", " 5", "5 ", "0x10", "")
    },
    **{f"epochs {word!r}": ((*MSE, "--epochs", word), ("epochs", "a whole number", word)) for word in ("1e2", "5.0")},
    **{f"noise {word!r}": ((*MSE, "--noise", word), ("noise", "a number", repr(word))) for word in ("nan", "inf")},
    **{
        f"{command} {word!r}": ((command, word), ("id", repr(word)))
        for command in ("show", "stop", "resume")
        for word in ("_1", "1_0", "１", "+1", " 1", "1e0", "0x1", "0")
    },
    "show a word": (("show", "x"), ("id", "'x'")),
    "show too large a number": (("show", str(10**30)), ("id",)),
    "show a missing run": (("show", "7"), ("run", "no run 7")),
    "stop without a run": (("stop",), ("ID",)),
    "stop a missing run": (("stop", "7"), ("no run 7",)),
    "resume all": (("resume", "all"), ("id", "'all'")),
    "resume a missing run": (("resume", "7"), ("no run 7",)),
    "too many words": (("runs", "now"), ("now",)),
    "export nothing": (("export", "--format", "csv", "--to", "x"), ("id",)),
    "export without a format": (("export", "1", "--to", "x"), ("format", "csv, json, tensorboard, keras")),
    "export in no format": (("export", "1", "--format", "xls", "--to", "x"), ("format", "'xls'")),
    "export to nowhere": (("export", "1", "--format", "csv"), ("to",)),
    "export a missing run": (("export", "7", "--format", "csv", "--to", "x"), ("no run 7",)),
    "no trainers": ((*MSE, "--trainers", "0"), ("trainers", "from 1 to 64", "'0'")),
    "too many trainers": (("--trainers", "65", *MSE), ("trainers", "from 1 to 64", "'65'")),
    "empty store": (("--store", "", "runs"), ("store",)),
    "no such person's store": (("--store", "~no_such_person/x", "runs"), ("store", "~no_such_person")),
    "no terminal": ((), ("terminal", "lossterm run")),
    **{
        f"{loss} on regression": (
            ("run", "--loss", loss, "--dataset", "regression"),
            ("loss", reason, "real numbers"),
        )
        for loss, reason in {
            "bce": "binary cross-entropy needs targets in [0, 1]",
            "hinge": "hinge needs targets of -1 or +1",
            "cce": "categorical cross-entropy needs one-hot targets",
            "kl_divergence": "divergence needs probabilities",
        }.items()
    },
}


@pytest.mark.parametrize("name", BAD)
def test_bad_words_give_one_line_that_names_what_is_wrong(
    name: str, say: Say, store_path: Path, untrained: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words, expected = BAD[name]
    said = say(*words)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("lossterm: ")
    assert said.err.count("\n") == 1
    assert said.err.endswith("\n")
    for part in expected:
        assert part in said.err
    assert not untrained
    if words and words[0] == "run":
        assert not store_path.parent.exists(), "nothing is written before all is checked"
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("value", ["abc", "-1", "nan", "0x10", " ", "1_0", "５", "+5", " 5"])
@pytest.mark.parametrize("variable", ["LOSSTERM_IDLE", "LOSSTERM_TRAINERS"])
def test_a_variable_that_cannot_be_is_refused_by_its_name(
    variable: str, value: str, say: Say, store_path: Path, untrained: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    said = say(*MSE, "--detach")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert said.err.startswith(f"lossterm: {variable}: must be a ")
    assert repr(value) in said.err
    assert not untrained
    assert not store_path.parent.exists()


@pytest.mark.parametrize("variable", ["LOSSTERM_IDLE", "LOSSTERM_TRAINERS", "LOSSTERM_STORE"])
def test_an_empty_variable_says_nothing(
    variable: str, say: Say, untrained: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "")
    assert say("runs", "--json").code == 0


@pytest.mark.parametrize("where", ["before", "after", "variable"])
def test_a_store_that_cannot_be_is_refused_wherever_it_is_named(
    where: str, say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.txt").write_text("mine\n" * 100)
    (tmp_path / "file").touch()
    for place, reason in (("", "is a directory"), ("notes.txt", "not a lossterm store"), ("file/x", "not a directory")):
        path = str(tmp_path / place)
        if where == "variable":
            monkeypatch.setenv("LOSSTERM_STORE", path)
            said = say("runs")
        else:
            said = say("--store", path, "runs") if where == "before" else say("runs", "--store", path)
        assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
        assert reason in said.err
        assert path.rstrip("/") in said.err
    assert (tmp_path / "notes.txt").read_text() == "mine\n" * 100


def test_a_store_that_cannot_be_written_is_refused(say: Say) -> None:
    said = say("--store", "/proc/nowhere/runs.db", *MSE)
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "/proc/nowhere/runs.db" in said.err


def test_control_characters_do_not_reach_the_terminal(say: Say) -> None:
    said = say("run", "--loss", "\x1b[31mred\nline")
    assert said.code == 2
    assert said.err.count("\n") == 1
    assert "\x1b" not in said.err


def test_an_internal_error_is_one_line_and_its_trace_a_private_file(
    say: Say, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from lossterm.store.liveness import Liveness

    def broken(_self: Liveness) -> None:
        raise KeyError("what was\nthis")

    monkeypatch.setattr(Liveness, "reap", broken)
    said = say("runs")
    trace = tmp_path / "state" / "lossterm" / "crash.log"
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "internal error: KeyError" in said.err
    assert str(trace) in said.err
    assert "def broken" not in said.err
    assert "in broken" in trace.read_text()
    assert os.stat(trace).st_mode & 0o077 == 0
