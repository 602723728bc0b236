"""One run of a stack: what it is set to, what is told of it after each epoch, and how it ends."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..config import RunConfig
from ..runs.checkpoints import BEST, STEPS, pack_arrays, unpack_arrays
from ..runs.records import Checkpoint, Epoch
from ..runs.snapshots import pack_weights
from .early_stopping import EarlyStopping
from .network import Floats, initial_weights
from .outcome import Ending, Recorder, asked_to_end, diverged
from .stacked_model import StackedModel


@dataclass(frozen=True)
class Member:
    """One run to be trained: its config, what is told of it, and the checkpoint that it goes on from, if any."""

    config: RunConfig
    recorder: Recorder
    resume: Checkpoint | None = None


class StackedRun:
    """One run of a stack as it trains.

    Attributes:
        number: among the members. config, recorder: its own. dataset: the number of its dataset among those held.
        done: whole epochs trained, those before a resume included. state: after the last of them, see `StateLayout`.
        ended: how and why it ended before its last epoch, or None. paused: whether it waits.
        error: what was raised for it.
        seconds: its share of the wall time of the epochs trained here.
    """

    def __init__(self, number: int, member: Member, model: StackedModel, dataset: int):
        """Set a run to its start, or to its checkpoint.

        Raises:
            ValueError: the checkpoint is damaged, or of another network.
        """
        self.number, self.config, self.recorder, self.dataset = number, member.config, member.recorder, dataset
        self.done, self.seconds = 0, 0.0
        self.ended: Ending | None = None
        self.paused = False
        self.error: Exception | None = None
        self._layout = model.layout
        self._steps = model.plan.steps
        self.stopping = EarlyStopping(len(self.config.hidden_layers) + 1, self.config.early_stopping)
        if member.resume is None:
            self.state = self._layout.start(initial_weights(model.spec.network, self.config.seed))
            return
        arrays = unpack_arrays(member.resume, self.config)
        arrays.pop(STEPS, None)  # as many as the epochs have; earlier versions, which knew SGD alone, kept no number
        self.stopping.load({name: arrays.pop(name) for name in list(arrays) if name.startswith(BEST)})
        self.state = self._layout.state(arrays)
        self.done = member.resume.epoch

    @property
    def over(self) -> bool:
        """Whether no epoch is to follow."""
        return (
            self.error is not None
            or self.ended is not None
            or self.done >= self.config.epochs
            or self.stopping.is_over(self.done)
        )

    def take(self, results: Floats, states: Floats, seconds: float) -> None:
        """Record epochs one after the other, up to the first after which the run does not go on.

        Args:
            results: (epochs, 4) of each epoch.
            states: (epochs, size) after each.
            seconds: the run's share of the time of one.
        """
        for values, state in zip(results.tolist(), states, strict=True):
            self._take_epoch(values, state, seconds)
            if self.over or self.paused:
                self.state = self.state.copy()  # of all the call's epochs, it keeps one
                return
        self.state = self.state.copy()

    def _take_epoch(self, values: list[float], state: Floats, seconds: float) -> None:
        train_loss, train_metric, test_loss, test_metric = values
        epoch = Epoch(self.done + 1, train_loss, train_metric, test_loss, test_metric, seconds)
        self.done, self.state = epoch.epoch, state
        self.seconds += seconds
        self.recorder.snapshot(self.done, self.packed_weights)
        verdict = self.recorder.epoch(epoch)
        if not (math.isfinite(train_loss) and math.isfinite(test_loss)):
            self.ended = diverged(self.done)
            return
        self.stopping.see(self.done, test_loss, lambda: [part.copy() for part in self._layout.weights(self.state)])
        self.recorder.checkpoint(self.pack)
        if self.over:
            return
        self.paused = verdict == "pause"
        if verdict in ("stop", "interrupt"):
            self.ended = asked_to_end(verdict, self.done)

    def look_again(self, alone: bool) -> None:
        """See whether a paused run may go on, or is to end."""
        verdict = self.recorder.still_paused(alone)
        self.paused = verdict == "pause"
        if verdict in ("stop", "interrupt"):
            self.ended = asked_to_end(verdict, self.done)

    def restore_best(self) -> None:
        """Take the weights after the best epoch, where early stopping kept them."""
        best = self.stopping.best_weights
        if best:
            weights = np.concatenate([np.ravel(array) for array in best])
            self.state = np.concatenate([weights, self.state[len(weights) :]])

    def packed_weights(self) -> bytes:
        """The present weights, packed for a snapshot."""
        return pack_weights(self._layout.weights(self.state), self.config)

    def pack(self, whole: bool = True) -> Checkpoint:
        """Pack what the run needs to go on from here; not `whole`: without what early stopping needs."""
        more = self.stopping.arrays() if whole else {}
        steps = {STEPS: np.asarray(self.done * self._steps, np.int64)}
        return pack_arrays(self.done, {**self._layout.arrays(self.state), **steps, **more})
