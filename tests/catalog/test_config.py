"""RunConfig: defaults from the catalogue, one reason a bad field, plain numbers alone, and its JSON."""

from __future__ import annotations

import json

import pytest

from lossterm.catalog import DATASETS, LOSSES, OPTIMIZERS, SGD, Dataset, Loss, Optimizer, refusal
from lossterm.config import SETTINGS, ConfigError, RunConfig, applying_settings


def problem(**settings: object) -> str:
    """The reason why settings of mse cannot be trained."""
    with pytest.raises(ConfigError) as caught:
        RunConfig.of("mse", **settings)
    assert str(caught.value) == "; ".join(caught.value.problems.values())
    return str(caught.value)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.short)
def test_every_pair_trains_with_its_defaults_or_says_why_not(loss: Loss) -> None:
    for dataset in DATASETS:
        _trains_or_says_why_not(loss, dataset)


def _trains_or_says_why_not(loss: Loss, dataset: Dataset) -> None:
    reason = refusal(loss, dataset)
    if reason is not None:
        with pytest.raises(ConfigError, match=f"^loss: {loss.title} needs"):
            RunConfig.of(loss.short, dataset=dataset.name)
        return
    config = RunConfig.of(loss.short, dataset=dataset.name)
    assert (config.loss, config.dataset) == (loss.name, dataset.name)
    assert config.default_changes() == {}
    assert config.output_layer == loss.outputs[dataset.task.name].layer(dataset.classes)
    assert config == RunConfig.from_json(config.to_json())


@pytest.mark.parametrize(
    "text", ["_1", "1_0", "1__2", "５", "١", "0x10", "1e2", "5.0", "", " ", "5 0", "nan", "inf", "²", "+5", " 5"]
)
def test_only_plain_digits_are_a_whole_number(text: str) -> None:
    assert problem(epochs=text).startswith("epochs: must be a whole number from 1 to 1,000,000, not ")


@pytest.mark.parametrize("text", ["0_1", "０.1", "0x1", "1e", "nan", "-nan", "inf", "1e999", "--1", ".", "٠.١"])
def test_only_plain_notation_is_a_number(text: str) -> None:
    assert problem(learning_rate=text).startswith("learning_rate: must be a number above 0 and at most 100, not ")


@pytest.mark.parametrize(("text", "value"), [("0.05", 0.05), (".5", 0.5), ("1e-3", 1e-3), ("5E-1", 0.5)])
def test_plain_notation_is_read(text: str, value: float) -> None:
    assert RunConfig.of("mse", learning_rate=text).learning_rate == value


def test_every_bad_field_has_its_own_reason() -> None:
    with pytest.raises(ConfigError) as caught:
        RunConfig.of("mse", epochs=0, momentum=2, hidden_units=0, device="tpu", what=1)
    assert {name: words.partition(":")[0] for name, words in caught.value.problems.items()} == {
        name: name for name in ("epochs", "momentum", "hidden_units", "device", "what")
    }


def test_a_batch_is_no_larger_than_the_training_set() -> None:
    assert problem(batch_size=2501) == "batch_size: must be a whole number from 1 to 2500 (the training set), not 2501"


def test_classes_have_weights_where_there_are_classes_and_each_row_has_a_loss() -> None:
    assert RunConfig.of("bce", class_weight="Balanced").class_weight == "balanced"
    assert problem(class_weight="balanced").startswith(
        "class_weight: must be none on regression, not balanced; it is for"
    )
    with pytest.raises(ConfigError, match=r"^class_weight: must be one of none, balanced, not 'x'$"):
        RunConfig.of("bce", class_weight="x")
    with pytest.raises(ConfigError, match=r"^class_weight: must be none with dice, which is of a whole batch$"):
        RunConfig.of("dice", dataset="blobs", class_weight="balanced")


def test_corruption_is_for_the_tasks_that_it_names() -> None:
    assert problem(label_noise=0.1) == "label_noise: must be 0 on regression, not 0.1; it is for circles and blobs"
    for dataset in DATASETS:
        names = applying_settings(dataset)
        assert ("label_noise" in names) == dataset.task.has_classes == ("outlier_fraction" not in names)


@pytest.mark.parametrize(
    ("typed", "layers"),
    [("64,32", (64, 32)), (" 64 , 32 ", (64, 32)), ("none", ()), ("NONE", ()), ("7", (7,)), ((5, 4), (5, 4))],
)
def test_hidden_layers_are_widths_or_none(typed: object, layers: tuple[int, ...]) -> None:
    config = RunConfig.of("mse", hidden_layers=typed)
    assert config.hidden_layers == layers
    assert RunConfig.from_json(config.to_json()) == config.changed(seed=1) == config
    assert RunConfig.of("mse", hidden_layers=SETTINGS["hidden_layers"].written(layers)) == config


@pytest.mark.parametrize(
    "typed", ["", "64,", ",", "64 32", "0", "64,x", "65537", "1e2", "-5", "none,4", ",".join(["4"] * 17)]
)
def test_what_are_no_hidden_layers_is_refused(typed: str) -> None:
    assert problem(hidden_layers=typed).startswith(
        "hidden_layers: must be none, or up to 16 widths from 1 to 65,536, as 64,32, not "
    )


def test_a_network_too_large_for_a_checkpoint_is_refused() -> None:
    assert (
        problem(hidden_layers="65536,65536")
        == "hidden_layers: give at most 50,000,000 weights in all, not 4,296,474,625"
    )
    assert RunConfig.of("mse", hidden_units=65_536).hidden_layers == (65_536,)


def test_hidden_units_are_another_name_of_one_hidden_layer() -> None:
    config = RunConfig.of("mse", hidden_units="64")
    assert config.hidden_layers == config.setting("hidden_layers") == (64,)
    assert config.changed(seed=2).hidden_layers == (64,)
    assert config.changed(hidden_units=3).hidden_layers == (3,)
    assert config.default_changes() == {"hidden_layers": (64,)}
    assert problem(hidden_units=4, hidden_layers="4") == "hidden_units: leave it out where hidden_layers is given"


@pytest.mark.parametrize("optimizer", OPTIMIZERS.entries, ids=lambda optimizer: optimizer.name)
def test_an_optimizer_brings_its_own_defaults(optimizer: Optimizer) -> None:
    config = RunConfig.of("mse").changed(optimizer=optimizer.name)
    assert config.optimizer_entry is optimizer
    assert config.default_changes() == ({} if optimizer is SGD else {"optimizer": optimizer.name})
    for name in ("learning_rate", "momentum", "weight_decay"):
        assert config.setting(name) == optimizer.defaults.get(name, 0)
        assert (name in config.rows) == (name in optimizer.defaults)
    assert config.changed(optimizer="sgd") == RunConfig.of("mse")
    assert config.changed(learning_rate=0.5, optimizer="SGD").learning_rate == 0.5


def test_momentum_is_for_the_optimizers_that_have_one() -> None:
    assert RunConfig.of("mse", optimizer="rmsprop", momentum=0.5).momentum == 0.5
    assert (
        problem(optimizer="Adam", momentum=0.9) == "momentum: must be 0 with adam, not 0.9; it is for sgd and rmsprop"
    )
    assert problem(optimizer="magic", momentum=0.9).startswith("optimizer: must be one of sgd, adam, adamw, ")


def test_what_hidden_layers_are_like_needs_a_hidden_layer() -> None:
    assert problem(hidden_layers="none", activation="tanh", dropout="0.5", l2=1) == (
        "activation: must be relu without a hidden layer, not tanh; "
        "dropout: must be 0 without a hidden layer, not 0.5; l2: must be 0 without a hidden layer, not 1"
    )
    assert problem(activation="softmax").startswith("activation: must be one of relu, tanh, gelu, ")


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", "1", '{"version": 99}', '{"version": 1}', "[" * 100_000, '{"version": 1, "loss": "no"}'],
)
def test_damaged_json_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        RunConfig.from_json(text)


def test_json_with_a_bad_value_names_the_field() -> None:
    values = {**json.loads(RunConfig.of("bce").to_json()), "epochs": "many"}
    with pytest.raises(ConfigError, match=r"^epochs: must be a whole number"):
        RunConfig.from_json(json.dumps(values))


def test_each_setting_has_all_of_its_words() -> None:
    for name, setting in SETTINGS.items():
        assert setting.name == name
        assert setting.flag == "--" + name.replace("_", "-")
        assert all((setting.label, setting.short, setting.heading, setting.help, setting.kind.words))
        assert len(setting.heading) <= 7
