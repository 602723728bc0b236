"""`lossterm bench`: how fast an epoch is with plain `model.fit`, and here."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ..catalog import OPTIMIZERS, SGD
from ..config import RunConfig
from ..runs.records import ENDED, Run
from ..store import Store
from ..supervisor import launch, tools
from ..text import one_line
from .completion import complete_loss, complete_words
from .options import device_option, global_options, json_option, store_option
from .output import TableColumn, print_json, print_table
from .plan import ALL, CATALOGUE, expanded

_POLL_SECONDS = 0.005
_PATIENCE_SECONDS = 300.0
_MORE_SEEDS = (3, 4, 5)
"""A run takes a tenth of a second: with more of them whatever else the machine does weighs less."""
_TOGETHER = range(11, 21)
"""Seeds of runs that are queued at once."""
_OPTIMIZER_NAMES = tuple(entry.name for entry in OPTIMIZERS.entries)
_COLUMNS = (
    TableColumn("loss", "left"),
    TableColumn("dataset", "left", keep=1),
    TableColumn("optimizer", "left", keep=2),
    TableColumn("device", "left"),
    TableColumn("model.fit"),
    TableColumn("lossterm"),
    TableColumn("ratio"),
    TableColumn("together"),
    TableColumn("first point"),
    TableColumn("again"),
)


@dataclass(frozen=True)
class Measured:
    """How fast one program trains on one device.

    Attributes:
        config: What was trained, on that device.
        plain_ms: The median epoch of plain `model.fit`, in milliseconds; lossterm_ms: here.
        first_point_s: Seconds from queueing the run on a loaded trainer to its first epoch in the store.
        first_point_again_s: The same for a second seed.
        together_ms: The median epoch of each of ten runs that are queued at once, its share of the time.
    """

    config: RunConfig
    plain_ms: float
    lossterm_ms: float
    first_point_s: float
    first_point_again_s: float
    together_ms: float

    @property
    def ratio(self) -> float:
        """How many times faster an epoch is than with plain `model.fit`."""
        return self.plain_ms / self.lossterm_ms

    def as_json(self) -> dict[str, Any]:
        """The figures, rounded to what they can say."""
        figures = {
            "plain_ms": self.plain_ms,
            "lossterm_ms": self.lossterm_ms,
            "ratio": self.ratio,
            "first_point_s": self.first_point_s,
            "first_point_again_s": self.first_point_again_s,
        }
        named = {
            "loss": self.config.loss,
            "loss_parameters": dict(self.config.loss_parameters),
            "dataset": self.config.dataset,
            "device": self.config.device,
        }
        rounded = {name: round(value, 3) for name, value in figures.items()}
        more = {"optimizer": self.config.optimizer, "together_ms": round(self.together_ms, 3)}
        return {**named, **rounded, **more}

    def row(self) -> list[str]:
        """The figures as cells of the table."""
        return [
            self.config.loss_as_typed,
            self.config.dataset,
            self.config.optimizer,
            self.config.device,
            f"{self.plain_ms:.1f} ms",
            f"{self.lossterm_ms:.2f} ms",
            f"{self.ratio:.0f}×",
            f"{self.together_ms:.2f} ms",
            f"{self.first_point_s:.2f} s",
            f"{self.first_point_again_s:.2f} s",
        ]


@click.command()
@click.option(
    "--loss",
    "names",
    metavar="NAME",
    multiple=True,
    help=f"Measure this loss alone, with parameters or without; {CATALOGUE}: every one; may be repeated.",
    shell_complete=complete_loss,
)
@click.option(
    "--optimizer",
    "optimizers",
    metavar="NAME",
    multiple=True,
    help=f"Measure with this optimizer, {SGD.name} by default; {CATALOGUE}: with every one; may be repeated.",
    shell_complete=complete_words(*_OPTIMIZER_NAMES, CATALOGUE),
)
@json_option
@store_option
@device_option
@click.pass_context
def bench(context: click.Context, names: tuple[str, ...], optimizers: tuple[str, ...], as_json: bool) -> None:
    """Measure an epoch of each program of the menu, plain and here, and the time to the first point.

    Takes about a minute a device: 4 epochs of plain Keras a program, and here five 50-epoch runs one after the other
    and ten together. Nothing of it is kept in the history.
    """
    try:
        losses = expanded(names or [ALL], None)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    chosen = _OPTIMIZER_NAMES if CATALOGUE in optimizers else optimizers or (SGD.name,)
    configs = [_config(loss, name) for name in chosen for loss in losses]
    asked = global_options(context).device
    if asked == "auto":
        _progress("looking for devices (TensorFlow loads)")
        found = [entry.device for entry in tools.devices()]
    else:
        found = [asked]
    measured = [line for device in found for line in _on_device([one.changed(device=device) for one in configs])]
    if as_json:
        print_json([line.as_json() for line in measured])
    else:
        print_table(_COLUMNS, (line.row() for line in measured))


def _config(loss: str, optimizer: str) -> RunConfig:
    """The program of a loss as it is by default, but for the learning rate where SGD's would let it diverge."""
    config = RunConfig.of(loss, optimizer=optimizer)
    rate = config.loss_entry.sgd_learning_rate
    return config if rate is None or optimizer != SGD.name else config.changed(learning_rate=rate)


def _on_device(configs: Sequence[RunConfig]) -> Iterator[Measured]:
    """Measure configs of one device."""
    device = configs[0].device
    plain: list[float] = []
    for milliseconds in tools.plain_epochs(device, configs):
        words = _words(configs[len(plain)])
        _progress(f"{words}: plain model.fit takes {milliseconds:.0f} ms an epoch")
        plain.append(milliseconds)
    with tempfile.TemporaryDirectory(prefix="lossterm-bench-") as folder, Store(Path(folder) / "bench.db") as store:
        watching = store.watch()
        try:
            _progress(f"{device}: a trainer loads TensorFlow")
            launch.ensure_trainers(store, device)
            _wait(store, lambda: any(trainer.resolved for trainer in store.trainers()))
            for config, milliseconds in zip(configs, plain, strict=True):
                yield _here(store, config, milliseconds)
        finally:
            watching.release()
            for trainer in store.trainers():
                launch.kill_trainer(trainer)


def _here(store: Store, config: RunConfig, plain_ms: float) -> Measured:
    first, run = _train(store, config)
    again, run = _train(store, config.changed(seed=2))
    runs = [run, *(_train(store, config.changed(seed=seed))[1] for seed in _MORE_SEEDS)]
    epochs = [epoch.seconds * 1000 for run in runs for epoch in store.epochs(run.id)[1:]]
    alone, together = statistics.median(epochs), _train_together(store, config)
    line = Measured(config.changed(device=run.device), plain_ms, alone, first, again, together)
    _progress(f"{_words(config)}: {line.lossterm_ms:.1f} ms an epoch here, {line.ratio:.0f} times faster")
    return line


def _words(config: RunConfig) -> str:
    optimizer = "" if config.optimizer == SGD.name else f" with {config.optimizer}"
    return f"{config.device}: {config.loss_as_typed}{optimizer}"


def _train(store: Store, config: RunConfig) -> tuple[float, Run]:
    """Seconds to the first epoch, and the run, which has finished."""
    began = time.perf_counter()
    (run_id,) = store.queue([config])
    _wait(store, lambda: store.run(run_id).epochs_done > 0 or store.run(run_id).status in ENDED)
    first = time.perf_counter() - began
    _wait(store, lambda: store.run(run_id).status in ENDED)
    return first, _finished(store, run_id)


def _train_together(store: Store, config: RunConfig) -> float:
    """The median epoch of runs that are queued at once, in milliseconds a run."""
    ids = store.queue([config.changed(seed=seed) for seed in _TOGETHER])
    _wait(store, lambda: all(store.run(number).status in ENDED for number in ids))
    runs = [_finished(store, number) for number in ids]
    return statistics.median(epoch.seconds * 1000 for run in runs for epoch in store.epochs(run.id)[1:])


def _finished(store: Store, run_id: int) -> Run:
    run = store.run(run_id)
    if run.status != "finished":
        raise tools.ToolError(f"{run.config.loss_as_typed}: {run.status}: {run.message}", asked_wrongly=False)
    return run


def _wait(store: Store, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        store.reap()
        if not store.trainers() or time.monotonic() > deadline:
            raise tools.ToolError("the trainer of the benchmark died or hangs", asked_wrongly=False)
        time.sleep(_POLL_SECONDS)


def _progress(words: str) -> None:
    print(one_line(words), file=sys.stderr, flush=True)
