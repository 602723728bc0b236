"""RunConfig: defaults from the catalogue, one reason a bad field, plain numbers alone, and its JSON."""

from __future__ import annotations

import json

import pytest

from lossterm.catalog import DATASETS, LOSSES, Dataset, Loss, refusal
from lossterm.config import SETTINGS, ConfigError, RunConfig, applying_settings


def problem(**settings: object) -> str:
    """The reason why settings of mse cannot be trained."""
    with pytest.raises(ConfigError) as caught:
        RunConfig.of("mse", **settings)
    assert str(caught.value) == "; ".join(caught.value.problems.values())
    return str(caught.value)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.short)
@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
def test_every_pair_trains_with_its_defaults_or_says_why_not(loss: Loss, dataset: Dataset) -> None:
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


def test_corruption_is_for_the_tasks_that_it_names() -> None:
    assert problem(label_noise=0.1) == "label_noise: must be 0 on regression, not 0.1; it is for circles and blobs"
    for dataset in DATASETS:
        names = applying_settings(dataset)
        assert ("label_noise" in names) == dataset.task.has_classes == ("outlier_fraction" not in names)


def test_hidden_layers_are_typed_as_units_and_kept_as_a_tuple() -> None:
    config = RunConfig.of("mse", hidden_units="64")
    assert config.hidden_layers == (64,)
    assert config.setting("hidden_units") == 64
    assert config.changed(seed=2).hidden_layers == (64,)
    assert config.default_changes() == {"hidden_units": 64}


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
