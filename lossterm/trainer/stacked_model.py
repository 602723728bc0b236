"""Several runs as one compiled program: their weights stacked on a leading axis, and many epochs a call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from keras import ops

from ..runs.checkpoints import STEPS, names_of_weights
from .loss import make_training_loss
from .model import ModelSpec, row_metric
from .network import Floats
from .optimizer import make_optimizer, optimizer_variables
from .plan import CHUNK_FLOATS
from .stacked_state import StackedRows, StateLayout
from .stacking import epoch_flops

MOST_EPOCHS = 64
"""Most epochs a call."""

CALL_SECONDS = 0.04
"""How long a call takes at most, about: curves move so often, and requests are answered so soon."""

_STEP_SECONDS = 8e-6
_FLOPS_A_SECOND = 1e10


class StackedDense(keras.layers.Layer):  # type: ignore[misc]
    """A dense layer of several runs, each with its own weights.

    Attributes:
        kernel: (runs, inputs, units).
        bias: (runs, 1, units): of three axes like the kernel, so that a number a run, (runs, 1, 1), goes with both.
    """

    def __init__(self, width: int, inputs: int, units: int, activation: str):
        """Make the layer of `width` runs; its weights are set before each call."""
        super().__init__()
        self.activation = keras.activations.get(activation)
        self.kernel = self.add_weight(shape=(width, inputs, units), initializer="zeros", name="kernel")
        self.bias = self.add_weight(shape=(width, 1, units), initializer="zeros", name="bias")

    def call(self, inputs: Any) -> Any:
        """(runs, rows, inputs) to (runs, rows, units)."""
        return self.activation(ops.matmul(inputs, self.kernel) + self.bias)


class StackedModel:
    """A Keras network, loss and optimizer for several runs at once, compiled by XLA over whole epochs.

    Loss, activations and optimizer are Keras's own, called once a batch for all runs. A run's numbers are its own: no
    operation adds up over runs, and each run is measured by itself. State goes in and comes out as a vector a run,
    after each epoch of a call, so that a run can end, pause or be kept after any of them.

    Attributes:
        spec: what is compiled. width: how many runs it takes. most_epochs: a call, at most. chunk: rows measured at a
            time. layout: what a state holds. epoch_seconds: how long an epoch took lately, 0 before the first.
    """

    def __init__(self, spec: ModelSpec, width: int):
        self.spec, self.width, self.plan = spec, width, spec.plan
        self.chunk = min(spec.validation_rows, self.plan.chunk_rows)
        network = spec.network
        activations = [*([network.activation] * len(network.hidden_layers)), network.output_layer.activation]
        sizes = zip(network.widths[:-1], network.widths[1:], activations, strict=True)
        self._layers = [StackedDense(width, *size) for size in sizes]
        self._weights = [weight for layer in self._layers for weight in (layer.kernel, layer.bias)]
        self._rates: Any = None
        self._optimizer = make_optimizer(spec.optimizer, dict(spec.optimizer_settings), lambda: self._rates)
        self._optimizer.build(self._weights)
        self._loss = make_training_loss(spec.loss, spec.loss_parameters)
        self._metric = row_metric(network.output_layer)
        self._variables, self.layout = self._lay_out()
        self.most_epochs = self._most_epochs()
        self.epoch_seconds = 0.0
        self._x = tf.Variable(tf.zeros([1, network.features]), shape=[None, network.features], trainable=False)
        units = network.output_layer.units
        self._y = tf.Variable(tf.zeros([1, units]), shape=[None, units], trainable=False)
        self._row_weight = tf.Variable(tf.ones([1]), shape=[None], trainable=False) if spec.weighted else None
        self.rows: StackedRows | None = None
        self._compiled_for: set[int] = set()
        self._no_orders = tf.zeros([self.most_epochs, width, self.plan.steps, spec.batch_size], tf.int32)
        self._program = tf.function(self._epochs, jit_compile=True, autograph=False)

    def _lay_out(self) -> tuple[list[Any], StateLayout]:
        names = names_of_weights(len(self._layers))
        kept = optimizer_variables(self.spec.optimizer, self._optimizer, names)
        del kept[STEPS]
        variables = [*self._weights, *(variable for variable, _ in kept.values())]
        shapes = {
            name: tuple(variable.shape[2 if name.startswith("bias") else 1 :])
            for name, variable in zip((*names, *kept), variables, strict=True)
        }
        return variables, StateLayout(shapes, {name: first for name, (_, first) in kept.items()})

    def _most_epochs(self) -> int:
        """So many epochs as take some tens of milliseconds, and whose states and orders are no large memory."""
        seconds = self.plan.steps * _STEP_SECONDS + self.width * epoch_flops(self.spec) / _FLOPS_A_SECOND
        held = self.width * max(self.layout.size, self.plan.steps * self.spec.batch_size)
        return max(min(int(CALL_SECONDS / seconds), CHUNK_FLOATS // held, MOST_EPOCHS), 1)

    def rows_of_a_dataset(self, tested_apart: int) -> int:
        """How many rows `StackedRows` has of one dataset, with `tested_apart` rows of a test set of its own."""
        return self.spec.train_rows + self.spec.validation_rows + tested_apart + self.chunk

    def hold(self, rows: StackedRows) -> None:
        """Take the rows that the next calls train on and measure."""
        if self.rows is rows:
            return
        self._x.assign(rows.x)
        self._y.assign(rows.y)
        if self._row_weight is not None:
            self._row_weight.assign(rows.weight)
        self.rows = rows

    def release(self) -> None:
        """Let go of the rows."""
        self._fill(1)
        self.rows = None

    def _fill(self, count: int) -> None:
        """Have rows of zeros."""
        self._x.assign(tf.zeros([count, *self._x.shape[1:]]))
        self._y.assign(tf.zeros([count, *self._y.shape[1:]]))
        if self._row_weight is not None:
            self._row_weight.assign(tf.zeros([count]))

    def is_compiled_for(self, rows: int) -> bool:
        """Whether it is compiled for so many rows, those of all datasets together."""
        return rows in self._compiled_for

    def compile(self, rows: int) -> None:
        """Compile for so many rows, unless it is, with a call of no epoch; it holds no rows afterwards."""
        if not self.is_compiled_for(rows):
            self._fill(rows)
            self._call(np.zeros((0, self.layout.size), np.float32), 0, [0], [0], 0, 0, None, (0, 0))
            self.release()
            self._compiled_for.add(rows)

    def train(
        self,
        states: Floats,
        rates: Sequence[float],
        datasets: Sequence[int],
        steps: int,
        orders: npt.NDArray[np.int32],
    ) -> tuple[Floats, Floats]:
        """Train some epochs.

        Args:
            states: (runs, size) the state of each run, at most `width` runs.
            rates: the learning rate of each.
            datasets: the number of each run's dataset among those held.
            steps: that all of them were trained already.
            orders: (epochs, runs, rows) the order of the rows in each epoch.

        Returns:
            (epochs, runs, 4) the means of loss and metric over the training set, as it was trained, and then over the
            validation set; (epochs, runs, size) the states after each epoch.
        """
        epochs, runs, rows = orders.shape
        filled = np.zeros((self.most_epochs, self.width, self.plan.steps * self.spec.batch_size), np.int32)
        filled[:epochs, :runs, :rows] = orders
        return self._call(states, runs, rates, self._offsets(datasets), steps, epochs, filled, self._set("validation"))

    def measure(self, states: Floats, datasets: Sequence[int], name: str) -> Floats:
        """Measure one set with the given states, (runs, size): (runs, 2) the loss and the metric."""
        offsets = self._offsets(datasets)
        results, _ = self._call(states, len(states), [0] * len(states), offsets, 0, 1, None, self._set(name))
        return results[0, :, 2:]

    def outputs(self, weights: Sequence[Floats], x: Floats) -> Floats:
        """What a network of these weights gives for rows, (rows, units), a chunk of them at a time."""
        size = self.plan.chunk_rows
        parts = [self._forward(weights, tf.constant(x[first : first + size])) for first in range(0, len(x), size)]
        return np.concatenate([part.numpy() for part in parts])

    def _forward(self, weights: Sequence[Any], outputs: Any) -> Any:
        for layer, kernel, bias in zip(self._layers, weights[::2], weights[1::2], strict=True):
            outputs = layer.activation(ops.matmul(outputs, kernel) + bias)
        return outputs

    def _set(self, name: str) -> tuple[int, int]:
        assert self.rows is not None
        return self.rows.sets[name]

    def _offsets(self, datasets: Sequence[int]) -> list[int]:
        """The first row of each dataset."""
        assert self.rows is not None
        return [dataset * self.rows.size for dataset in datasets]

    def _call(
        self,
        states: Floats,
        runs: int,
        rates: Sequence[float],
        offsets: Sequence[int],
        steps: int,
        epochs: int,
        orders: npt.NDArray[np.int32] | None,
        measured: tuple[int, int],
    ) -> tuple[Floats, Floats]:
        filled = np.zeros((self.width, self.layout.size), np.float32)
        filled[: len(states)] = states
        numbers = [epochs, runs, self.plan.steps if orders is not None else 0, *measured]
        results, after = self._program(
            self._parts(filled),
            tf.constant(_filled(rates, self.width), tf.float32),
            tf.constant(_filled(offsets, self.width), tf.int32),
            tf.constant(steps, tf.int64),
            self._no_orders if orders is None else tf.constant(orders.reshape(self._no_orders.shape)),
            *(tf.constant(number) for number in numbers),
        )
        return results.numpy()[:epochs, :runs], after.numpy()[:epochs, :runs]

    def _epochs(
        self,
        states: Any,
        rates: Any,
        offsets: Any,
        steps: Any,
        orders: Any,
        epochs: Any,
        runs: Any,
        trained: Any,
        first: Any,
        end: Any,
    ) -> tuple[Any, Any]:
        """Train `epochs` epochs of `trained` steps each; measure rows `first` to `end` of `runs` runs after each."""
        self._rates = rates[:, None, None]
        for variable, part in zip(self._variables, states, strict=True):
            variable.assign(part)
        self._optimizer.iterations.assign(steps)

        def epoch(number: Any, results: Any, after: Any) -> tuple[Any, Any, Any]:
            order = orders[number]
            _, sums = tf.while_loop(
                lambda index, _: index < trained,
                lambda index, sums: (index + 1, sums + self._step(order[:, index] + offsets[:, None], index)),
                (tf.constant(0), tf.zeros([2, self.width])),
                parallel_iterations=1,
            )
            row = tf.concat([tf.transpose(sums) / self.spec.train_rows, self._measure(offsets, runs, first, end)], 1)
            return number + 1, results.write(number, row), after.write(number, self._state())

        results, after = (
            tf.TensorArray(tf.float32, self.most_epochs, element_shape=[self.width, size])
            for size in (4, self.layout.size)
        )
        _, results, after = tf.while_loop(
            lambda number, *_: number < epochs, epoch, (tf.constant(0), results, after), parallel_iterations=1
        )
        return results.stack(), after.stack()

    def _step(self, rows: Any, index: Any) -> Any:
        """Train all runs on one batch each, (runs, batch size) of rows; (2, runs) the sums of loss and metric."""
        size, count = self.spec.batch_size, self.spec.train_rows
        real = tf.cast(tf.minimum(count - index * size, size), tf.float32)
        there = tf.cast(tf.range(size) < count - index * size, tf.float32)
        x, y = tf.gather(self._x, rows), tf.gather(self._y, rows)
        weight = there if self._row_weight is None else there * tf.gather(self._row_weight, rows)
        with tf.GradientTape() as tape:
            outputs = x
            for layer in self._layers:
                outputs = layer(outputs)
            losses = tf.reduce_sum(self._loss.call(y, outputs) * weight, axis=1) / real + self._penalty()
            total = tf.reduce_sum(losses)
        self._optimizer.apply(tape.gradient(total, self._weights), self._weights)
        return tf.stack([losses * real, tf.reduce_sum(self._metric(y, outputs) * there, axis=1)])

    def _penalty(self) -> Any:
        """The L2 penalty of each run, (runs,), or 0."""
        if not self.spec.network.l2:
            return 0.0
        squares = [tf.reduce_sum(layer.kernel**2, axis=[1, 2]) for layer in self._layers[:-1]]
        return self.spec.network.l2 * sum(squares)

    def _measure(self, offsets: Any, runs: Any, first: Any, end: Any) -> Any:
        """Measure the rows from `first` to `end` with the weights of each run: (width, 2).

        Run after run, for the sums over so many rows would be cut in other ways for other widths.
        """

        def measured(run: Any, results: Any) -> tuple[Any, Any]:
            weights = [weight[run] for weight in self._weights]
            _, sums = tf.while_loop(
                lambda row, _: row < end,
                lambda row, sums: (row + self.chunk, sums + self._measure_chunk(weights, offsets[run], row, end)),
                (first, tf.zeros([2])),
                parallel_iterations=1,
            )
            return run + 1, results.write(run, sums / tf.cast(end - first, tf.float32))

        results = tf.TensorArray(tf.float32, self.width, element_shape=[2])
        _, results = tf.while_loop(
            lambda run, _: run < runs, measured, (tf.constant(0), results), parallel_iterations=1
        )
        results = results.stack()
        penalty = self._penalty()
        return results if isinstance(penalty, float) else results + tf.stack([penalty, tf.zeros([self.width])], axis=1)

    def _measure_chunk(self, weights: Sequence[Any], offset: Any, row: Any, end: Any) -> Any:
        """The sums of loss and metric over a chunk of rows, those beyond `end` left out: (2,)."""
        x, y = (tf.slice(rows, [row + offset, 0], [self.chunk, rows.shape[1]]) for rows in (self._x, self._y))
        outputs = self._forward(weights, x)
        there = tf.range(self.chunk) < end - row
        values = tf.stack([self._loss.call(y, outputs), self._metric(y, outputs)])
        return tf.reduce_sum(tf.where(there, values, 0.0), axis=1)

    def _parts(self, states: Floats) -> list[Any]:
        """The variables of states, (runs, size), apart, for XLA takes half a second to compile their cutting."""
        parts = self.layout.split(states)
        # what is kept once does not depend on the data, and is the same in every run
        return [
            tf.constant(part.reshape(variable.shape) if len(variable.shape) else part[0, 0])
            for part, variable in zip(parts, self._variables, strict=True)
        ]

    def _state(self) -> Any:
        parts = [
            tf.reshape(variable, [self.width, -1])
            if len(variable.shape)
            else tf.fill([self.width, 1], tf.convert_to_tensor(variable))
            for variable in self._variables
        ]
        return tf.concat(parts, axis=1)


def _filled(values: Sequence[float] | Sequence[int], width: int) -> npt.NDArray[Any]:
    return np.array([*values, *([values[0]] * (width - len(values)))])
