"""The tutorial's programs in plain Keras, `model.fit` and nothing else: what `lossterm bench` compares with."""

from __future__ import annotations

import itertools
import json
import statistics
import sys
import time

import click

from ..config import RunConfig


def plain_epochs(config: RunConfig, epochs: int) -> list[float]:
    """Train a config with plain `model.fit`; the wall time of each epoch in seconds, the first with compiling."""
    import keras

    from .data import load
    from .loss import make_loss
    from .network import Network, make_layers
    from .optimizer import optimizer_for

    data = load(config)
    model = keras.Sequential(make_layers(Network.of(config)))
    model.compile(
        loss=make_loss(config.loss, config.loss_parameters),
        optimizer=optimizer_for(config),
        metrics=["mse" if config.output_layer.decision == "value" else "accuracy"],
    )
    ends = [time.perf_counter()]
    train_y, validation_y = data.train_y, data.validation_y
    if config.loss_entry.takes_class_numbers:
        train_y, validation_y = train_y.argmax(axis=1), validation_y.argmax(axis=1)
    model.fit(
        data.train_x,
        train_y,
        batch_size=config.batch_size,
        validation_data=(data.validation_x, validation_y),
        epochs=epochs,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: ends.append(time.perf_counter()))],
    )
    return [after - before for before, after in itertools.pairwise(ends)]


@click.command()
@click.option("--device", default="cpu")
@click.option("--epochs", type=int, default=4)
@click.argument("configs", nargs=-1)
def main(device: str, epochs: int, configs: tuple[str, ...]) -> None:
    """Print one line of JSON a config, given as JSON: the median epoch in milliseconds, the first left out."""
    from .device import DeviceError, detect, prepare_environment

    prepare_environment(device)
    try:
        found = detect(device)
    except DeviceError as error:
        print(error)
        sys.exit(2)
    import tensorflow as tf

    with tf.device(found.tf_name):
        for config in configs:
            seconds = plain_epochs(RunConfig.from_json(config), epochs)
            print(json.dumps({"milliseconds": statistics.median(seconds[1:]) * 1000}), flush=True)


if __name__ == "__main__":
    main()
