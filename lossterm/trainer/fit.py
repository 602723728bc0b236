"""Train one config with Keras, telling a recorder what happens. Knows no store and no screen."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from ..config import RunConfig
from ..runs.loss_files import OwnLossError
from ..runs.records import TRYING_LOSS, Checkpoint, Epoch
from . import loss_trial, own_code, state
from .cache import COMPILED_AT_ONCE, ModelCache, StackKey, compile_model, warm
from .device import Device
from .early_stopping import EarlyStopping
from .evaluation import evaluate
from .model import FusedModel
from .outcome import PAUSE_POLL_SECONDS, Ending, Outcome, Recorder, Verdict, asked_to_end, diverged
from .stack import Ended, train_stack
from .stacked_run import Member
from .stacking import train_together, width_for

_log = logging.getLogger(__name__)

__all__ = [
    "Member",
    "ModelCache",
    "Outcome",
    "Recorder",
    "Verdict",
    "compile_ahead",
    "fit",
    "fit_together",
    "train_together",
    "warm",
]


PROGRESS_SECONDS = 0.2


class TrainingLoop:
    """Trains a compiled model epoch by epoch, until its last one or until the recorder asks it to end.

    Attributes:
        done: Whole epochs trained, those before a resume included.
        ended: How and why the run ended before its last epoch, or None.
        seconds: Wall time of the epochs trained here, without what the recorder took.
    """

    def __init__(
        self, model: FusedModel, config: RunConfig, recorder: Recorder, stopping: EarlyStopping, done: int = 0
    ):
        """Train `config` with `model`, whose data is on the device, from the end of epoch `done`."""
        self.done = done
        self._stopping = stopping
        self.ended: Ending | None = None
        self.seconds = 0.0
        self._model = model
        self._config = config
        self._recorder = recorder

    def run(self) -> None:
        """Train every epoch that is left; raises what TensorFlow and the recorder raise."""
        blocks = self._model.plan.blocks()
        steps = np.empty((len(blocks), 2 + blocks.shape[1]), np.int64)
        steps[:, 0], steps[:, 2:] = self._config.seed, blocks
        while self.done < self._config.epochs and self.ended is None and not self._stopping.is_over(self.done):
            steps[:, 1] = self.done
            began = time.perf_counter()
            results = self._train_epoch(steps, began)
            if results is not None:
                self._finish_epoch(results, time.perf_counter() - began)

    def pack(self) -> Checkpoint:
        """Pack what the run needs to go on from here."""
        return state.pack(self._model, self.done, self._stopping.arrays())

    def _train_epoch(self, steps: np.ndarray[tuple[int, ...], np.dtype[np.int64]], began: float) -> list[float] | None:
        """Run an epoch's blocks; its four means, or None where the recorder gave the epoch up."""
        before = state.pack(self._model, self.done) if len(steps) > 1 else None
        told = began
        for number, step in enumerate(steps, 1):
            results = self._model.run_block(step)
            now = time.perf_counter()
            if before is None or number == len(steps) or now - told < PROGRESS_SECONDS:
                continue
            told = now
            verdict = self._recorder.progress(number / len(steps))
            if verdict in ("stop", "interrupt"):
                state.restore(self._model, before, self._config)
                self.ended = asked_to_end(verdict, self.done)
                return None
        return [float(value) for value in results.numpy()]

    def _finish_epoch(self, results: list[float], seconds: float) -> None:
        """Record an epoch, and see whether to go on."""
        train_loss, train_metric, test_loss, test_metric = results
        result = Epoch(self.done + 1, train_loss, train_metric, test_loss, test_metric, seconds)
        self.done = result.epoch
        self.seconds += seconds
        self._recorder.snapshot(self.done, lambda: state.weights(self._model, self._config))
        verdict = self._recorder.epoch(result)
        while verdict == "pause":
            time.sleep(PAUSE_POLL_SECONDS)
            verdict = self._recorder.still_paused(alone=True)
        if not (math.isfinite(result.train_loss) and math.isfinite(result.test_loss)):
            self.ended = diverged(self.done)
            return
        self._stopping.see(self.done, result.test_loss, lambda: state.weight_arrays(self._model))
        self._recorder.checkpoint(self.pack)
        if self._stopping.is_over(self.done):
            return
        if verdict != "go" and self.done < self._config.epochs:
            self.ended = asked_to_end(verdict, self.done)


def fit(
    config: RunConfig, recorder: Recorder, resume: Checkpoint | None = None, cache: ModelCache | None = None
) -> Outcome:
    """Train a config to its end, or until the recorder stops it.

    resume: the checkpoint to go on from; on the CPU the numbers are those of a run never interrupted.
    cache: keeps the compiled model for the next run of the same shape and loss.
    Raises DeviceError, DataFileError (a data file that is gone or changed), ValueError (a checkpoint of another
    network), and what Keras and TensorFlow raise.
    """
    outcomes: list[Outcome | Exception] = []
    models = cache if cache is not None else ModelCache(models=1)
    fit_together([Member(config, recorder, resume)], models, lambda _, end: outcomes.append(end))
    (outcome,) = outcomes
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def compile_ahead(cache: ModelCache, coming: Iterable[tuple[StackKey | None, int]]) -> None:
    """Begin to compile what comes next, in threads.

    Args:
        cache: where compiled models are kept.
        coming: the keys of the runs that come, the first to be trained first, and how many runs there are of each.
    """
    for key, runs in [(key, runs) for key, runs in coming if key is not None][: 1 + COMPILED_AT_ONCE]:
        cache.compile_ahead(key, width_for(train_together(runs)))


def fit_together(members: Sequence[Member], cache: ModelCache, ended: Ended) -> None:
    """Train runs of one specification at once, each to its own end; a run's numbers are those that it has alone.

    Args:
        members: as many as `train_together` says, of one `ModelCache.stack_key`.
        cache: where compiled models are kept.
        ended: called with the number of a run and its outcome, or what was raised for it, as it ends.

    Raises:
        BaseException: what is no Exception; of the runs that go on then nothing is said.
    """
    if cache.stacks(members[0].config):
        train_stack(members, cache, ended)
        return
    for number, member in enumerate(members):
        try:
            outcome: Outcome | Exception = _fit_alone(member.config, member.recorder, member.resume, cache)
        except Exception as error:
            outcome = error
        ended(number, outcome)


def _fit_alone(config: RunConfig, recorder: Recorder, resume: Checkpoint | None, cache: ModelCache) -> Outcome:
    """Train a run that cannot be stacked."""
    device = cache.device_for(config)
    recorder.phase("making the data")
    placed = cache.place(config)
    if config.loss_file is not None:
        _try_own_loss(config, recorder, placed.tensors["train_y"])
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
    except BaseException as error:
        cache.forget(config)
        if config.loss_file is not None and own_code.line_of(error, config.loss_file) is not None:
            raise own_code.explained(error, config.loss, config.loss_file) from error
        raise
    finally:
        model.data.release()


def _try_own_loss(config: RunConfig, recorder: Recorder, targets: Any) -> None:
    """Try an own loss, unless this process has, before anything of it is compiled.

    Raises:
        OwnLossError: It cannot be trained with.
    """
    assert config.loss_file is not None
    named = (config.loss, config.loss_file, config.output_layer)
    if loss_trial.was_tried(*named):
        return
    recorder.phase(TRYING_LOSS)
    loss_trial.try_loss(*named, targets.numpy(), config.batch_size)
    try:
        recorder.loss_curve(loss_trial.tabulate(*named))
    except OwnLossError as error:  # it may need more than one row
        _log.info("the curve of %s: %s", config.loss, error)


def train(
    model: FusedModel,
    config: RunConfig,
    recorder: Recorder,
    resume: Checkpoint | None,
    device: Device,
) -> Outcome:
    """Train a compiled model, whose data is on the device, from its start or from a checkpoint; see `fit`."""
    state.start(model, config.seed, config.learning_rate)
    stopping = EarlyStopping(len(config.hidden_layers) + 1, config.early_stopping)
    if resume is not None:
        stopping.load(state.restore(model, resume, config))
    recorder.running(device)
    loop = TrainingLoop(model, config, recorder, stopping, resume.epoch if resume is not None else 0)

    def weights() -> bytes:
        return state.weights(model, config)

    if resume is None:
        recorder.snapshot(0, weights)
    loop.run()
    status, message = loop.ended or ("finished", stopping.words(loop.done, config.epochs))
    if status == "finished":
        state.set_weights(model, stopping.best_weights)
    recorder.snapshot(loop.done, weights, last=True)
    # before the scores, for measuring may change the state of an own loss
    final = state.pack(model, loop.done) if status == "finished" else loop.pack()
    if status == "interrupted":
        return Outcome(status, message, None, loop.seconds, final)
    measured, more = evaluate(model, config)
    return Outcome(status, message, measured, loop.seconds, final, more)
