"""Train one config with Keras, telling a recorder what happens. Knows no store and no screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import tensorflow as tf

from ..config import RunConfig
from ..runs.records import Checkpoint, Scores
from . import state
from .cache import ModelCache, compile_model, warm
from .device import Device
from .loop import Recorder, TrainingLoop, Verdict
from .model import FusedModel
from .scores import final_scores

__all__ = ["ModelCache", "Outcome", "Recorder", "Verdict", "fit", "warm"]


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    message: why, in words; empty when it finished. scores: over both sets with the last weights; None when it
    was interrupted. seconds: wall time of the epochs trained here, without pauses, compiling or the scores.
    final: the state after the last whole epoch.
    """

    status: Literal["finished", "stopped", "diverged", "interrupted"]
    message: str
    scores: Scores | None
    seconds: float
    final: Checkpoint


def fit(
    config: RunConfig, recorder: Recorder, resume: Checkpoint | None = None, cache: ModelCache | None = None
) -> Outcome:
    """Train a config to its end, or until the recorder stops it.

    resume: the checkpoint to go on from; on the CPU the numbers are those of a run never interrupted.
    cache: keeps the compiled model for the next run of the same shape and loss.
    Raises DeviceError, ValueError (a checkpoint of another network), and what Keras and TensorFlow raise.
    """
    cache = cache if cache is not None else ModelCache(models=1)
    device = cache.device_for(config)
    recorder.phase("making the data")
    placed = cache.place(config)
    ready = cache.ready(config)
    if not ready:
        recorder.phase("compiling")
    model = cache.model(config)
    try:
        with tf.device(device.tf_name):
            model.data.hold(placed.tensors)
            if not ready:
                compile_model(model)
            recorder.sample(placed.sample)
            return train(model, config, recorder, resume, device)
    except BaseException:
        cache.forget(config)
        raise
    finally:
        model.data.release()


def train(
    model: FusedModel, config: RunConfig, recorder: Recorder, resume: Checkpoint | None, device: Device
) -> Outcome:
    """Train a compiled model, whose data is on the device, from its start or from a checkpoint; see `fit`."""
    state.start(model, config.seed, config.learning_rate)
    if resume is not None:
        state.restore(model, resume, config)
    recorder.running(device)
    loop = TrainingLoop(model, config, recorder, resume.epoch if resume is not None else 0)

    def weights() -> bytes:
        return state.weights(model, config)

    if resume is None:
        recorder.snapshot(0, weights)
    loop.run()
    status, message = loop.ended or ("finished", "")
    recorder.snapshot(loop.done, weights, last=True)
    scores = None if status == "interrupted" else final_scores(model, config)
    return Outcome(status, message, scores, loop.seconds, state.pack(model, loop.done))
