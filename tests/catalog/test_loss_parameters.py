"""Parameters of a loss: how they are typed, checked and kept."""

from __future__ import annotations

import json
import math

import pytest

from lossterm.catalog import LOSSES, Loss, Parameter, shared_notes
from lossterm.config import SETTINGS, ConfigError, RunConfig

WITH_PARAMETERS = [(loss, parameter) for loss in LOSSES for parameter in loss.parameters]
each_parameter = pytest.mark.parametrize(
    ("loss", "parameter"),
    WITH_PARAMETERS,
    ids=[f"{loss.short}-{parameter.name}" for loss, parameter in WITH_PARAMETERS],
)


def reason(loss: str, **settings: object) -> str:
    with pytest.raises(ConfigError) as caught:
        RunConfig.of(loss, **settings)
    return str(caught.value)


@pytest.mark.parametrize(
    "typed", ["huber:delta=2", "Huber: delta = 2.0 ", "HUBER:DELTA=2e0"], ids=["plain", "spaces", "capitals"]
)
def test_a_loss_is_typed_with_its_parameters(typed: str) -> None:
    config = RunConfig.of(typed)
    assert (config.loss, config.loss_parameters) == ("huber", (("delta", 2.0),))
    assert config == RunConfig.of("huber", loss_parameters={"delta": 2})
    assert config.loss_as_typed == "huber:delta=2"
    assert RunConfig.of(config.loss_as_typed) == config


def test_what_is_typed_wins_over_what_is_given_beside_it() -> None:
    assert RunConfig.of("huber:delta=2", loss_parameters={"delta": 3}).setting("delta") == 2
    assert RunConfig.of("bce:label-smoothing=0.1").loss_parameters == (("label_smoothing", 0.1),)


def test_sparse_categorical_crossentropy_is_a_name_of_cce() -> None:
    assert RunConfig.of("sparse_categorical_crossentropy", dataset="blobs") == RunConfig.of("cce")


FORM = "must be written as NAME[:parameter=value[,parameter=value...]]"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("huber:delta=0", "delta: must be a number from 0.001 to 1,000, not 0"),
        ("huber:delta=nan", "delta: must be a number from 0.001 to 1,000, not 'nan'"),
        ("huber:beta=1", "loss: huber has no parameter 'beta'; huber takes delta (a number from 0.001 to 1,000)"),
        ("mse:delta=1", "loss: mse has no parameter 'delta'; mse takes none"),
        ("huber:delta=1,delta=2", "loss: huber is given delta twice"),
        ("huber:", f"loss: 'huber:' {FORM}; huber takes delta (a number from 0.001 to 1,000)"),
        ("huber:2", f"loss: 'huber:2' {FORM}; huber takes delta (a number from 0.001 to 1,000)"),
        ("huber:delta=1,", f"loss: 'huber:delta=1,' {FORM}; huber takes delta (a number from 0.001 to 1,000)"),
        ("mse:delta=", f"loss: 'mse:delta=' {FORM}; mse takes none"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_can(typed: str, words: str) -> None:
    assert reason(typed) == words


def test_an_unknown_loss_with_parameters_is_an_unknown_loss() -> None:
    assert reason("nonsense:delta=1").startswith("loss: 'nonsense' is not known; choose one of mse, ")


def test_every_bad_parameter_and_setting_has_its_own_reason() -> None:
    with pytest.raises(ConfigError) as caught:
        RunConfig.of("huber:delta=-1,what=2", epochs=0)
    assert set(caught.value.problems) == {"delta", "loss", "epochs"}


@each_parameter
def test_a_parameter_is_taken_over_its_range_and_no_further(loss: Loss, parameter: Parameter) -> None:
    assert parameter.low <= parameter.default <= parameter.high
    for value in (parameter.low, parameter.default, parameter.high):
        assert (
            RunConfig.of(f"{loss.short}:{parameter.name}={parameter.setting.written(value)}").setting(parameter.name)
            == value
        )
    for value in (math.nextafter(parameter.low, -math.inf), math.nextafter(parameter.high, math.inf)):
        words = f"{parameter.name}: must be {parameter.setting.kind.words}, not "
        assert reason(f"{loss.short}:{parameter.name}={value!r}").startswith(words)


@each_parameter
def test_a_parameter_has_its_words_and_no_name_of_a_setting(loss: Loss, parameter: Parameter) -> None:
    assert parameter.name not in SETTINGS
    assert parameter.help.endswith(".")
    assert len(parameter.setting.heading) <= 7
    default = RunConfig.of(loss.short)
    assert list(default.rows)[-len(loss.parameters) :] == [one.name for one in loss.parameters]
    assert default.default_changes() == {}
    changed = default.changed(loss_parameters={parameter.name: parameter.high})
    assert changed.default_changes() == {parameter.name: parameter.high}


def test_json_holds_every_parameter_and_older_json_none() -> None:
    config = RunConfig.of("huber:delta=2")
    values = json.loads(config.to_json())
    assert values["loss_parameters"] == {"delta": 2.0}
    assert RunConfig.from_json(config.to_json()) == config
    del values["loss_parameters"]
    assert RunConfig.from_json(json.dumps(values)) == RunConfig.of("huber")
    assert json.loads(RunConfig.of("huber").to_json())["loss_parameters"] == {"delta": 1.0}
    assert json.loads(RunConfig.of("mse").to_json())["loss_parameters"] == {}


@pytest.mark.parametrize("value", [[], "delta", 3, None, [["delta", 2]], {"delta": [1]}, {"delta": "many"}, {"x": 1}])
def test_damaged_parameters_in_json_are_refused_or_read_as_defaults(value: object) -> None:
    values = {**json.loads(RunConfig.of("huber").to_json()), "loss_parameters": value}
    if value is None:
        assert RunConfig.from_json(json.dumps(values)) == RunConfig.of("huber")
        return
    with pytest.raises(ConfigError):
        RunConfig.from_json(json.dumps(values))


def test_parameters_stay_as_settings_change_and_go_with_the_loss() -> None:
    config = RunConfig.of("huber:delta=2")
    assert config.changed(epochs=3).loss_parameters == (("delta", 2.0),)
    assert config.changed(loss="mse").loss_parameters == ()
    assert config.changed(loss="bce", dataset="circles").loss_parameters == (("label_smoothing", 0.0),)


def test_the_twins_are_twins_only_without_label_smoothing() -> None:
    """Alone and side by side; a loss that does train as its twin is still said to, beside one that does not."""
    kld, cce, smoothed = (RunConfig.of(loss, dataset="blobs") for loss in ("kld", "cce", "cce:label_smoothing=0.1"))

    def shared(*configs: RunConfig) -> set[str]:
        return {note.short for note in shared_notes((config.loss_entry, config.notes) for config in configs)}

    assert "the curves coincide" in cce.notes[0].short
    assert smoothed.notes == ()
    assert len(shared(kld, cce)) == 1
    assert shared(kld, smoothed) == set()
    assert shared(kld, cce, smoothed) == shared(kld, cce)
    assert "With label smoothing" in cce.notes[0].more
