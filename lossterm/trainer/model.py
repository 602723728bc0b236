"""The Keras model that trains a whole block of batches in one call of a compiled function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from ..catalog import LossParameters, Optimizer, OutputLayer
from ..catalog.own_loss import LossFile
from ..config import RunConfig
from . import loss_trial, own_loss
from .data import Data
from .loss import make_training_loss
from .network import MaskedDropout, Network, dropout_masks, make_layers
from .optimizer import compiled_settings, make_optimizer
from .plan import Plan

Tensors = dict[str, Any]

SETS = ("train_x", "train_y", "validation_x", "validation_y", "test_x", "test_y")
TRAIN_WEIGHT = "train_weight"
"""The weights of the training rows in the loss, where they have any of their own."""


@dataclass(frozen=True)
class ModelSpec:
    """What a compiled model depends on; configs with an equal one share a model.

    over_batch: whether the loss of a batch may be more than the mean over its rows; see `catalog.Loss`.
    xla: whether the training loop is compiled by XLA. device: TensorFlow's name of the device. weighted: whether rows
    have weights in the loss of their own.
    """

    loss: str
    loss_file: LossFile | None
    loss_parameters: LossParameters
    over_batch: bool
    network: Network
    batch_size: int
    optimizer: Optimizer
    optimizer_settings: tuple[tuple[str, float], ...]
    train_rows: int
    validation_rows: int
    device: str
    xla: bool = True
    weighted: bool = False

    @classmethod
    def of(cls, config: RunConfig, device: str) -> ModelSpec:
        """The specification of a config on a device."""
        return cls(
            loss=config.loss,
            loss_file=config.loss_file,
            loss_parameters=config.loss_parameters,
            over_batch=config.loss_entry.over_batch,
            network=Network.of(config),
            batch_size=config.batch_size,
            optimizer=config.optimizer_entry,
            optimizer_settings=compiled_settings(config),
            train_rows=config.train_rows,
            validation_rows=config.validation_rows,
            device=device,
            weighted=config.class_weight != "none",
            xla=config.loss_file is None or loss_trial.uses_xla(config.loss, config.loss_file, config.output_layer),
        )

    @property
    def plan(self) -> Plan:
        """How its epochs are cut into blocks."""
        widths, masked = self.network.widths, sum(self.network.hidden_layers) if self.network.dropout else 0
        return Plan.of(self.train_rows, self.validation_rows, self.batch_size, widths, self.over_batch, masked)


def metric_for(output_layer: OutputLayer, name: str) -> Any:
    """The Keras metric that fits an output layer's decision: mean squared error, or the accuracy at the right cut."""
    if output_layer.decision == "value":
        return keras.metrics.MeanSquaredError(name=name)
    if output_layer.decision == "above_half":
        return keras.metrics.BinaryAccuracy(name=name, threshold=0.5)
    if output_layer.decision == "above_zero":
        return keras.metrics.MeanMetricWrapper(_sign_accuracy, name=name)
    return keras.metrics.CategoricalAccuracy(name=name)


def _sign_accuracy(y_true: Any, y_pred: Any) -> Any:
    return keras.ops.mean(keras.ops.cast(keras.ops.equal(y_true > 0, y_pred > 0), "float32"), axis=-1)


def row_metric(output_layer: OutputLayer) -> Callable[[Any, Any], Any]:
    """What `metric_for` takes the mean of: a number for each row, of targets and outputs (..., units)."""
    if output_layer.decision == "value":
        return keras.metrics.mean_squared_error  # type: ignore[no-any-return]
    if output_layer.decision == "above_half":
        return lambda y, p: keras.ops.mean(keras.metrics.binary_accuracy(y, p, threshold=0.5), axis=-1)
    if output_layer.decision == "above_zero":
        return _sign_accuracy
    return keras.metrics.categorical_accuracy  # type: ignore[no-any-return]


def epoch_order(seed: Any, epoch: Any, rows: int) -> Any:
    """The order of an epoch: (rows,) int64, a pure function of the run's seed and the epoch's number from 0."""
    return tf.random.experimental.stateless_shuffle(
        tf.range(rows, dtype=tf.int64), seed=tf.stack([seed, epoch]), alg="philox"
    )


def to_device(data: Data, tf_name: str) -> Tensors:
    """The arrays of a dataset as tensors on a device; an array that stands for two sets is one tensor."""
    with tf.device(tf_name):
        tensors = {id(array): tf.constant(array) for array in (getattr(data, name) for name in SETS)}
        named = {name: tensors[id(getattr(data, name))] for name in SETS}
        return named if data.train_weight is None else {**named, TRAIN_WEIGHT: tf.constant(data.train_weight)}


class DeviceData:
    """The data that a compiled model reads, in variables that take any number of rows.

    An assigned tensor is shared, not copied.
    """

    def __init__(self, spec: ModelSpec):
        width = {"x": spec.network.features, "y": spec.network.output_layer.units}
        self._variables = {
            name: tf.Variable(tf.zeros([1, width[name[-1]]]), shape=[None, width[name[-1]]], trainable=False)
            for name in SETS
        }
        if spec.weighted:
            self._variables[TRAIN_WEIGHT] = tf.Variable(tf.ones([1]), shape=[None], trainable=False)
        steps = spec.plan.steps
        self.order = tf.Variable(tf.zeros([steps * spec.batch_size], tf.int64), trainable=False)
        block = (min(spec.plan.block_steps, steps), spec.batch_size)
        masked = spec.network.hidden_layers if spec.network.dropout else ()
        self.masks = [tf.Variable(tf.zeros([*block, units], tf.bool), trainable=False) for units in masked]

    def __getitem__(self, name: str) -> Any:
        return self._variables[name]

    def hold(self, tensors: Tensors) -> None:
        """Take a dataset, to be read by the next run."""
        for name, variable in self._variables.items():
            variable.assign(tensors[name])

    def release(self) -> None:
        """Let go of the data."""
        for variable in self._variables.values():
            variable.assign(tf.zeros([1, *variable.shape[1:]]))


class FusedModel(keras.Sequential):  # type: ignore[misc]
    """A Sequential that trains a block of an epoch in one call: many batches, and the validation set at the end.

    A call is given no data but an int64 vector (seed, epoch, and a row of `Plan.blocks`); the rows are read on the
    device from `data`, gathered batch by batch in the epoch's order. Loss, metrics and optimizer are Keras's own,
    called once a batch as plain `fit` calls them, on batches of one size: the last partial one is filled up with
    rows of weight 0 and the others weighted up, which gives the mean over its own rows. A loss over the whole batch
    would still see the rows of weight 0: it gets the last batch as it is, in a step compiled for its size, and sets are
    measured batch by batch, as Keras's `evaluate` does.

    Attributes:
        loss_state: the variables of an own loss, each with the value that a run starts with.
    """

    loss_state: tuple[tuple[Any, Any], ...]

    def __init__(self, spec: ModelSpec):
        super().__init__(make_layers(spec.network, MaskedDropout))
        output_layer = spec.network.output_layer
        self.spec = spec
        self.plan = spec.plan
        self._dropout_layers = [layer for layer in self.layers if isinstance(layer, MaskedDropout)]
        self.data = DeviceData(spec)
        self.train_meters = (keras.metrics.Mean(name="loss"), metric_for(output_layer, "metric"))
        self.test_meters = (keras.metrics.Mean(name="test_loss"), metric_for(output_layer, "test_metric"))
        self.compile(
            optimizer=make_optimizer(spec.optimizer, dict(spec.optimizer_settings)),
            loss=self._loss(spec),
            jit_compile=False,  # the loop below is; what is around it gains nothing from it
        )
        self.optimizer.build(self.trainable_variables)
        count = tf.TensorSpec([], tf.int64)
        sets = (tf.TensorSpec([None, spec.network.features]), tf.TensorSpec([None, output_layer.units]))
        self._block = tf.function(self._run_block, input_signature=[tf.TensorSpec([7], tf.int64)], autograph=False)
        self._train_block = tf.function(
            self._steps, input_signature=[count, count], jit_compile=spec.xla, autograph=False
        )
        if spec.over_batch:
            self._measure_block = tf.function(self._measure_batches, jit_compile=spec.xla, autograph=False)
        else:
            self._measure_block = tf.function(self._measure, input_signature=[*sets, count, count], autograph=False)

    def _loss(self, spec: ModelSpec) -> Any:
        """What Keras is given as the loss; of an own loss the variables are found as well."""
        self.loss_state = ()
        if spec.loss_file is None:
            return make_training_loss(spec.loss, spec.loss_parameters)
        loss = own_loss.load(spec.loss, spec.loss_file)
        found = own_loss.variables(loss, spec.network.output_layer.units)
        self.loss_state = tuple((variable, variable.numpy()) for variable in found)
        return loss.function

    def run_block(self, block: Any) -> Any:
        """Train and measure one block.

        Args:
            block: (7,) int64, on the host: seed, epoch from 0, and a row of `Plan.blocks`.

        Returns:
            A (4,) float32 tensor: the means so far in this epoch of the loss and the metric on the training set,
            then on the validation set.
        """
        with tf.device("/CPU:0"):  # whatever device trains: the loop's bounds are read by the host
            vector = tf.constant(block)
        return self._block(vector)

    def _run_block(self, block: Any) -> Any:
        seed, epoch, begins, first_step, end_step, first_row, end_row = tf.unstack(block, num=7)
        tf.cond(begins > 0, lambda: self._begin(seed, epoch), lambda: tf.constant(0))
        for layer, masks in enumerate(self.data.masks):
            step = epoch * self.plan.steps + first_step
            masks.assign(dropout_masks(seed, layer, step, masks.shape, self.spec.network.dropout))
        self._train_block(first_step, end_step)
        validation = [self.data["validation_x"], self.data["validation_y"]]
        if self.spec.over_batch:
            validation = [tf.ensure_shape(part, [self.plan.validation_rows, None]) for part in validation]
        self._measure_block(*validation, first_row, end_row)
        return tf.stack([meter.result() for meter in (*self.train_meters, *self.test_meters)])

    def measure(self, x: Any, y: Any) -> tuple[float, float]:
        """Loss and metric over a whole set, as Keras's `evaluate` gives them."""
        for meter in self.test_meters:
            meter.reset_state()
        for first, end in self.plan.measure_blocks(int(x.shape[0])):
            self._measure_block(x, y, tf.constant(first, tf.int64), tf.constant(end, tf.int64))
        loss, metric = (float(meter.result()) for meter in self.test_meters)
        return loss, metric

    def _begin(self, seed: Any, epoch: Any) -> Any:
        """Reset the metrics and draw the epoch's order, filled up to whole batches."""
        for meter in (*self.train_meters, *self.test_meters):
            meter.reset_state()
        order = epoch_order(seed, epoch, self.plan.train_rows)
        self.data.order.assign(tf.pad(order, [[0, self.data.order.shape[0] - self.plan.train_rows]]))
        return tf.constant(0)

    def _steps(self, first: Any, end: Any) -> None:
        """Train on the batches from `first` up to `end`."""
        whole, left = divmod(self.plan.train_rows, self.spec.batch_size)
        if not (self.spec.over_batch and left):
            self._steps_of(self.spec.batch_size, first, end, first)
            return
        self._steps_of(self.spec.batch_size, first, tf.minimum(end, whole), first)
        self._steps_of(left, tf.maximum(first, tf.constant(whole, tf.int64)), end, first)

    def _steps_of(self, size: int, first: Any, end: Any, block: Any) -> None:
        """Train on the batches from `first` up to `end`, each of `size` rows, in the block that begins with `block`."""

        def step(index: Any) -> tuple[Any]:
            for layer, masks in zip(self._dropout_layers, self.data.masks, strict=True):
                layer.kept = masks[index - block, :size]
            self._step(index, size)
            return (index + 1,)

        tf.while_loop(lambda index: index < end, step, (first,), parallel_iterations=1)

    def _step(self, index: Any, size: int) -> None:
        """Train on one batch, as `keras.Model.train_step` does."""
        rows = tf.slice(self.data.order, [index * self.spec.batch_size], [size])
        x, y = tf.gather(self.data["train_x"], rows), tf.gather(self.data["train_y"], rows)
        count, mask, weight = self._weights(index, size)
        if self.spec.weighted:
            own = tf.gather(self.data[TRAIN_WEIGHT], rows)
            weight = own if weight is None else weight * own
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=weight)
        weights = self.trainable_variables
        self.optimizer.apply(tape.gradient(loss, weights), weights)
        loss_meter, metric = self.train_meters
        loss_meter.update_state(loss, sample_weight=count)
        metric.update_state(y, y_pred, sample_weight=mask)

    def _weights(self, index: Any, size: int) -> tuple[Any, Any, Any]:
        """Rows that a batch really holds, 1 for each of them and 0 for the others, and their weight in the loss."""
        rows = self.plan.train_rows
        if rows % size == 0 or self.spec.over_batch:
            return float(size), None, None
        left = rows - index * size
        mask = tf.cast(tf.range(size, dtype=tf.int64) < left, tf.float32)
        count = tf.cast(tf.minimum(left, size), tf.float32)
        return count, mask, mask * (size / count)

    def _measure(self, x: Any, y: Any, first: Any, end: Any) -> None:
        """Measure the rows from `first` up to `end`, a chunk at a time."""
        loss_meter, metric = self.test_meters

        def chunk(index: Any) -> tuple[Any]:
            stop = tf.minimum(index + self.plan.chunk_rows, end)
            x_part, y_part = x[index:stop], y[index:stop]
            y_pred = self(x_part, training=False)
            loss = self.compute_loss(x=x_part, y=y_part, y_pred=y_pred)
            loss_meter.update_state(loss, sample_weight=stop - index)
            metric.update_state(y_part, y_pred)
            return (stop,)

        tf.while_loop(lambda index: index < end, chunk, (first,), parallel_iterations=1)

    def _measure_batches(self, x: Any, y: Any, first: Any, end: Any) -> None:
        """Measure the rows from `first`, a multiple of the batch size, up to `end`, batch by batch.

        Args:
            x: (rows, features), of a fixed number of rows.
            y: (rows, units).
            first: the first row.
            end: the row after the last.
        """
        size, rows = self.spec.batch_size, int(x.shape[0])
        index = first
        if rows >= size:
            (index,) = tf.while_loop(
                lambda index: index + size <= end,
                lambda index: self._measure_batch(x, y, index, size),
                (first,),
                parallel_iterations=1,
            )
        if rows % size:
            tf.while_loop(
                lambda index: index < end,
                lambda index: self._measure_batch(x, y, index, rows % size),
                (index,),
                parallel_iterations=1,
            )

    def _measure_batch(self, x: Any, y: Any, index: Any, size: int) -> tuple[Any]:
        """Measure `size` rows from `index` on; the row after them."""
        loss_meter, metric = self.test_meters
        x_part, y_part = (tf.slice(part, [index, 0], [size, part.shape[1]]) for part in (x, y))
        y_pred = self(x_part, training=False)
        loss_meter.update_state(self.compute_loss(x=x_part, y=y_part, y_pred=y_pred), sample_weight=float(size))
        metric.update_state(y_part, y_pred)
        return (index + size,)
