"""A stack: runs of one specification that train together, each with its own recorder, requests and end."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import tensorflow as tf

from . import data
from .cache import ModelCache
from .device import Device
from .evaluation import scores_of
from .orders import OrderSource
from .outcome import PAUSE_POLL_SECONDS, Outcome, Recorder
from .stacked_model import CALL_SECONDS, StackedModel
from .stacked_run import Member, StackedRun
from .stacked_state import StackedRows
from .stacking import width_for

FIRST_EPOCHS = 4
"""Epochs of a model's first call, before it is known how long one takes."""

Ended = Callable[[int, Outcome | Exception], None]


class Stack:
    """The runs that train together, from their start to their ends.

    Runs that stand at the same epoch take part in one call. One that was paused or interrupted may lag behind; it is
    trained beside the others, and with them again once it has caught up.
    """

    def __init__(self, model: StackedModel, runs: Sequence[StackedRun], sets: Sequence[data.Data], ended: Ended):
        """Train `runs`, whose datasets, `sets`, `model` holds; `ended` is called as each ends."""
        self._model = model
        self._runs = list(runs)
        self._sets = sets
        self._ended = ended
        self._orders = OrderSource(model.plan.train_rows)

    def train(self) -> None:
        """Train every run to its end."""
        try:
            while self._runs:
                self._end_runs()
                going = sorted((run for run in self._runs if not run.paused), key=lambda run: run.done)
                if going:
                    self._advance(going)
                elif self._runs:
                    time.sleep(PAUSE_POLL_SECONDS)
                for run in self._runs:
                    if run.paused:
                        _guarded(run, lambda run=run, alone=not going: run.look_again(alone))  # type: ignore[misc]
        finally:
            self._orders.close()

    def _advance(self, going: Sequence[StackedRun]) -> None:
        """One call for each epoch at which runs stand, given in their order; one that lags a little catches up."""
        by_epoch: dict[int, list[StackedRun]] = {}
        for run in going:
            by_epoch.setdefault(run.done, []).append(run)
        places = list(by_epoch)
        most = self._epochs_a_call()
        caught_up = -1
        for place, ahead in zip(places, [*places[1:], math.inf], strict=True):
            if place == caught_up:  # those behind have just come here: from now on together
                continue
            runs = by_epoch[place]
            left = min(run.config.epochs for run in runs) - place
            epochs = int(min(most, left, ahead - place))
            caught_up = int(ahead) if epochs == ahead - place else -1
            self._call(runs, epochs)

    def _epochs_a_call(self) -> int:
        known = self._model.epoch_seconds
        return min(max(int(CALL_SECONDS / known), 1) if known else FIRST_EPOCHS, self._model.most_epochs)

    def _call(self, runs: Sequence[StackedRun], epochs: int) -> None:
        began = time.perf_counter()
        model, done = self._model, runs[0].done
        seeds = [run.config.seed for run in runs]
        orders = self._orders.take(seeds, done, epochs)
        self._orders.prepare(seeds, done + epochs, self._epochs_a_call())
        results, states = model.train(
            np.stack([run.state for run in runs]),
            [run.config.learning_rate for run in runs],
            [run.dataset for run in runs],
            done * model.plan.steps,
            orders,
        )
        seconds = (time.perf_counter() - began) / epochs
        model.epoch_seconds = seconds
        for place, run in enumerate(runs):
            _guarded(run, lambda: run.take(results[:, place], states[:, place], seconds / len(runs)))  # noqa: B023

    def _end_runs(self) -> None:
        """Score the runs that are over, and say how they ended."""
        over = [run for run in self._runs if run.over]
        if not over:
            return
        self._runs = [run for run in self._runs if not run.over]
        for run in over:
            _guarded(run, lambda run=run: self._last_snapshot(run))  # type: ignore[misc]
        scored = [run for run in over if run.error is None and (run.ended is None or run.ended[0] != "interrupted")]
        measured = self._measured(scored) if scored else {}
        for run in over:
            try:
                outcome: Outcome | Exception = run.error or self._outcome(run, measured.get(run.number))
            except Exception as error:
                outcome = error
            self._ended(run.number, outcome)

    def _last_snapshot(self, run: StackedRun) -> None:
        if run.ended is None:
            run.restore_best()
        run.recorder.snapshot(run.done, run.packed_weights, last=True)

    def _measured(self, runs: Sequence[StackedRun]) -> dict[int, tuple[float, float, float, float]]:
        """Loss and metric on the training and on the test set of each run, by its number."""
        states, sets = np.stack([run.state for run in runs]), [run.dataset for run in runs]
        both = np.concatenate([self._model.measure(states, sets, name) for name in ("train", "test")], axis=1)
        return {run.number: tuple(values) for run, values in zip(runs, both.tolist(), strict=True)}

    def _outcome(self, run: StackedRun, measured: tuple[float, float, float, float] | None) -> Outcome:
        status, message = run.ended or ("finished", run.stopping.words(run.done, run.config.epochs))
        final = run.pack(whole=status != "finished")
        if measured is None:
            return Outcome(status, message, None, run.seconds, final)
        arrays = self._sets[run.dataset]
        weights = self._model.layout.weights(run.state)
        scores, more = scores_of(
            run.config,
            measured,
            {name: getattr(arrays, f"{name}_y") for name in ("train", "validation", "test")},
            lambda name: self._model.outputs(weights, getattr(arrays, f"{name}_x")),
            self._model.plan.chunk_rows,
        )
        return Outcome(status, message, scores, run.seconds, final, more)


def _guarded(run: StackedRun, work: Callable[[], None]) -> None:
    """Do something for one run; what it raises ends that run alone."""
    try:
        work()
    except Exception as error:
        run.error = error


def train_stack(members: Sequence[Member], cache: ModelCache, ended: Ended) -> None:
    """Train runs of one specification together; see `fit.fit_together`."""
    waiting = dict.fromkeys(range(len(members)))
    told = True

    def end(number: int, outcome: Outcome | Exception) -> None:
        nonlocal told
        del waiting[number]
        told = False
        ended(number, outcome)
        told = True

    config = members[0].config
    device, key, width = cache.device_for(config), cache.stack_key(config), width_for(len(members))
    assert key is not None
    try:
        with tf.device(device.tf_name):
            ready = cache.ready(config, width)
            cache.compile_ahead(key, width)  # while the data is made
            datasets = _load(members, end)
            if not datasets:
                return
            recorders = [members[number].recorder for number in datasets]
            if not ready:
                _say_compiling(recorders)
            model = cache.stacked(key, width)
            sets = _distinct(list(datasets.values()), width)
            rows = cache.rows(model, sets)
            if not model.is_compiled_for(len(rows.x)):
                if ready:
                    _say_compiling(recorders)
                model.compile(len(rows.x))
            _train(members, datasets, sets, model, rows, cache, device, end)
    except BaseException as error:
        cache.forget(members[0].config)
        if not (isinstance(error, Exception) and told):  # nobody listens
            raise
        for number in list(waiting):
            end(number, error)


def _load(members: Sequence[Member], end: Ended) -> dict[int, data.Data]:
    """The dataset of each run, by its number; a run whose data cannot be had ends."""
    found: dict[int, data.Data] = {}
    for number, member in enumerate(members):
        try:
            member.recorder.phase("making the data")
            found[number] = data.load(member.config)
        except Exception as error:
            end(number, error)
    return found


def _say_compiling(recorders: Sequence[Recorder]) -> None:
    for recorder in recorders:
        recorder.phase("compiling")


def _distinct(datasets: Sequence[data.Data], width: int) -> list[data.Data]:
    """Each dataset once; of several as many as the width, so that two numbers of rows are compiled for at most."""
    distinct = list({id(one): one for one in datasets}.values())
    return distinct if len(distinct) == 1 else [*distinct, *(distinct[:1] * (width - len(distinct)))]


def _train(
    members: Sequence[Member],
    datasets: Mapping[int, data.Data],
    sets: Sequence[data.Data],
    model: StackedModel,
    rows: StackedRows,
    cache: ModelCache,
    device: Device,
    end: Ended,
) -> None:
    """Train the runs whose datasets, all among `sets`, are given."""
    places = {id(one): place for place, one in reversed(list(enumerate(sets)))}
    model.hold(rows)
    try:
        runs = []
        for number, arrays in datasets.items():
            try:
                runs.append(_begin(number, members[number], model, places[id(arrays)], cache, device))
            except Exception as error:
                end(number, error)
        Stack(model, runs, sets, end).train()
    finally:
        model.release()


def _begin(
    number: int, member: Member, model: StackedModel, dataset: int, cache: ModelCache, device: Device
) -> StackedRun:
    """Set a run to where it goes on from, and say that it begins."""
    member.recorder.sample(cache.sample(member.config))
    run = StackedRun(number, member, model, dataset)
    member.recorder.running(device)
    if member.resume is None:
        member.recorder.snapshot(0, run.packed_weights)
    return run
