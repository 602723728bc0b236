"""Runs that train together: each has the numbers, requests, end and faults that it would have alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from lossterm.config import RunConfig
from lossterm.runs.records import Checkpoint, Epoch
from lossterm.trainer import stack
from lossterm.trainer.fit import Member, ModelCache, fit, fit_together
from lossterm.trainer.outcome import Outcome
from lossterm.trainer.stacking import train_together, width_for

from .conftest import Recording

pytestmark = pytest.mark.keras

Small = Callable[..., RunConfig]


def train(
    configs: Sequence[RunConfig],
    models: ModelCache,
    recordings: Sequence[Any] | None = None,
    resume: Sequence[Checkpoint | None] | None = None,
) -> tuple[list[Any], list[Any]]:
    """Train runs together; what each recorder heard, and how each ended."""
    recordings = recordings or [Recording() for _ in configs]
    starts = resume or [None] * len(configs)
    ends: dict[int, Outcome | Exception] = {}
    fit_together([Member(*one) for one in zip(configs, recordings, starts, strict=True)], models, ends.__setitem__)
    return list(recordings), [ends[number] for number in range(len(configs))]


def various(small: Small, count: int, **settings: Any) -> list[RunConfig]:
    """Configs that train together: other seeds, learning rates, data and wrong labels."""
    base = small("bce", **settings)
    changes: list[dict[str, Any]] = [
        {},
        {"seed": 2},
        {"learning_rate": 0.1},
        {"noise": 0.3},
        {"label_noise": 0.2, "seed": 3},
        {"data_seed": 9},
        {"seed": 4, "learning_rate": 0.003},
        {"seed": 5},
        {"seed": 6},
        {"seed": 7},
    ]
    return [base.changed(**change) for change in changes[:count]]


@pytest.fixture(scope="module")
def alone(small: Small, models: Any) -> list[tuple[Any, Any]]:
    """Ten runs trained alone: what was heard of each, and how it ended."""
    found = []
    for config in various(small, 10, epochs=6):
        recording = Recording()
        found.append((recording, fit(config, recording, cache=models)))
    return found


@pytest.mark.parametrize("count", [1, 2, 7, 10])
def test_a_run_has_the_same_bits_however_many_train_with_it(count: int, small: Small, models: Any, alone: Any) -> None:
    recordings, ends = train(various(small, count, epochs=6), models)
    for recording, end, (single, ended_alone) in zip(recordings, ends, alone, strict=False):
        assert recording.numbers == single.numbers
        assert recording.snapshots == single.snapshots
        assert recording.rows == single.rows
        assert (end.status, end.final, end.scores, end.all_scores) == (
            "finished",
            ended_alone.final,
            ended_alone.scores,
            ended_alone.all_scores,
        )


@pytest.mark.parametrize(
    ("loss", "dataset", "settings"),
    [
        ("mse", "regression", {"l2": 0.01}),
        ("cce", "blobs", {"class_weight": "balanced", "optimizer": "adam"}),
        ("hinge", "circles", {"optimizer": "nadam", "hidden_layers": (12, 7), "activation": "tanh"}),
        ("kld", "blobs", {"early_stopping": 1, "validation_fraction": 0.2}),
    ],
)
def test_other_losses_and_optimizers_have_the_same_bits_too(
    loss: str, dataset: str, settings: Any, small: Small, models: Any
) -> None:
    base = small(loss, dataset, epochs=4, **settings)
    configs = [
        base.changed(seed=seed, learning_rate=rate) for seed, rate in zip(range(1, 7), [0.01, 0.02] * 3, strict=True)
    ]
    recordings, ends = train(configs, models)
    for place in (0, 5):
        single = Recording()
        outcome = fit(configs[place], single, cache=models)
        assert recordings[place].numbers == single.numbers
        assert (ends[place].final, ends[place].scores) == (outcome.final, outcome.scores)


def test_runs_that_were_interrupted_at_other_epochs_go_on_together(small: Small, models: Any, alone: Any) -> None:
    configs = various(small, 7, epochs=6)
    broken = [
        alone[place][0].checkpoints[done - 1] if done else None for place, done in enumerate([0, 1, 3, 3, 0, 5, 2])
    ]
    recordings, ends = train(configs, models, resume=broken)
    for recording, end, begun, (single, ended_alone) in zip(recordings, ends, broken, alone, strict=False):
        done = begun.epoch if begun else 0
        assert recording.numbers == single.numbers[done:]
        assert (end.final, end.scores) == (ended_alone.final, ended_alone.scores)


def test_one_that_diverges_leaves_the_others_as_they_are(small: Small, models: Any) -> None:
    base = small("mse", epochs=20)
    configs = [base.changed(seed=seed, learning_rate=50 if seed == 3 else 0.01) for seed in range(1, 7)]
    recordings, ends = train(configs, models)
    assert [end.status for end in ends] == ["finished", "finished", "diverged", "finished", "finished", "finished"]
    for place in (2, 3):
        single = Recording()
        outcome = fit(configs[place], single, cache=models)
        assert repr(recordings[place].numbers) == repr(single.numbers)  # NaN is not equal to itself
        assert ends[place].final == outcome.final


class Pausing(Recording):
    """Pauses after an epoch, until others have ended or as often as it was looked at."""

    def __init__(self, after: int, looks: int, then: Any = "go"):
        super().__init__()
        self.after, self.looks, self.then = after, looks, then
        self.alone: list[bool] = []

    def epoch(self, epoch: Epoch) -> Any:
        super().epoch(epoch)
        return "pause" if epoch.epoch == self.after else "go"

    def still_paused(self, alone: bool) -> Any:
        self.alone.append(alone)
        return "pause" if len(self.alone) < self.looks else self.then


def test_one_of_ten_that_is_stopped_or_paused_leaves_the_others_as_they_are(
    small: Small, models: Any, alone: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack, "CALL_SECONDS", 0.0)  # an epoch a call
    told: list[Any] = [Recording() for _ in range(10)]
    told[1] = Recording("stop", after=2)
    told[4], told[7], told[8] = Pausing(3, looks=2), Pausing(2, looks=30), Pausing(5, looks=3, then="stop")
    recordings, ends = train(various(small, 10, epochs=6), models, told)
    stopped = {1: 2, 8: 5}
    for place, (recording, end, (single, ended_alone)) in enumerate(zip(recordings, ends, alone, strict=True)):
        done = stopped.get(place, 6)
        assert recording.numbers == single.numbers[:done]
        assert (end.status, end.final) == ("stopped" if place in stopped else "finished", single.checkpoints[done - 1])
        assert place in stopped or end.scores == ended_alone.scores
    assert not told[7].alone[0]
    assert told[7].alone[-1]


def test_what_one_recorder_raises_ends_its_run_alone(small: Small, models: Any, alone: Any) -> None:
    class Failing(Recording):
        def epoch(self, epoch: Epoch) -> Any:
            raise OSError("no space left")

    told = [Recording(), Failing(), Recording(), Recording(), Recording(), Recording()]
    _, ends = train(various(small, 6, epochs=6), models, told)
    assert isinstance(ends[1], OSError)
    assert [end.final for end in ends[2:]] == [outcome.final for _, outcome in alone[2:6]]


def test_a_damaged_checkpoint_ends_its_run_alone(small: Small, models: Any) -> None:
    _, ends = train(various(small, 2), models, resume=[Checkpoint(1, b"nothing"), None])
    assert isinstance(ends[0], ValueError)
    assert ends[1].status == "finished"


def test_runs_share_what_programs_take(models: Any, small: Small) -> None:
    keys = [models.stack_key(config) for config in various(small, 10)]
    assert len(set(keys)) == 1
    assert keys[0] is not None
    for change in ({"batch_size": 16}, {"momentum": 0.1}, {"hidden_layers": (9,)}, {"samples": 300}):
        assert models.stack_key(small("bce").changed(**change)) not in (keys[0], None)


@pytest.mark.parametrize(
    "change", [{"dropout": 0.5}, {"samples": 2_000_000}, {"hidden_layers": (512, 512)}], ids=["dropout", "rows", "wide"]
)
def test_what_cannot_be_stacked_trains_alone(change: Any, models: Any, small: Small) -> None:
    assert models.stack_key(small("bce").changed(**change)) is None
    assert models.stack_key(small("dice")) is None


def test_few_runs_fill_no_wide_program() -> None:
    assert [train_together(waiting) for waiting in (1, 2, 3, 4, 5, 7, 10, 490)] == [1, 2, 2, 2, 5, 7, 10, 10]
    assert {width_for(count) for count in range(1, 11)} == {2, 10}
