"""`lossterm status`, `devices` and `bench`: what trains now, what could, and how fast."""

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

from ..config import RunConfig
from ..formatting import MISSING, trainer_words
from ..runs.records import ACTIVE, ENDED, Run
from ..store import Store
from ..supervisor import launch, tools
from ..supervisor.supervisor import trouble_of
from ..text import one_line
from .completion import complete_loss
from .options import device_option, global_options, json_option, store_option
from .output import TableColumn, print_json, print_table, say
from .plan import ALL, CATALOGUE, expanded

_POLL_SECONDS = 0.005
_PATIENCE_SECONDS = 300.0
_SMALL_LEARNING_RATE = 1e-6
_BENCH_COLUMNS = (
    TableColumn("loss", "left"),
    TableColumn("dataset", "left", keep=1),
    TableColumn("device", "left"),
    TableColumn("model.fit"),
    TableColumn("lossterm"),
    TableColumn("ratio"),
    TableColumn("first point"),
    TableColumn("again"),
)
_TRAINER_COLUMNS = (
    TableColumn("pid"),
    TableColumn("state", "left"),
    TableColumn("device", "left"),
    TableColumn("hardware", "left", keep=1),
    TableColumn("log", "left", keep=2),
)
_DEVICE_COLUMNS = (TableColumn("device", "left"), TableColumn("name", "left"))


@click.command()
@json_option
@store_option
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Say what is queued, what trains, which trainers live, and what keeps them from their work."""
    with global_options(context).open_store() as store:
        store.reap()
        queued, running, trainers = store.count("queued"), store.count(*ACTIVE), store.trainers()
        trouble = trouble_of(store)
    if as_json:
        entries = [{"pid": t.pid, "state": t.state, "device": t.resolved or t.device} for t in trainers]
        said = {"store": str(store.path), "queued": queued, "running": running, "trainers": entries}
        print_json({**said, "trouble": trouble} if trouble else said)
        return
    say(f"store: {store.path}")
    say(f"queued: {queued}, running: {running}, trainers: {len(trainers)}")
    if trouble:
        say(f"trouble: {trouble}")
    if trainers:
        rows = [
            [str(t.pid), trainer_words(t.state), t.resolved or t.device, t.device_name or MISSING, t.log]
            for t in trainers
        ]
        print_table(_TRAINER_COLUMNS, rows)


@click.command()
@json_option
@store_option
def devices(as_json: bool) -> None:
    """List what Keras can train on here; takes a few seconds, for TensorFlow must load."""
    found = tools.devices()
    if as_json:
        print_json([_device_json(entry) for entry in found])
        return
    print_table(_DEVICE_COLUMNS, [[entry.device, entry.name] for entry in found])
    for entry in found:
        if entry.note:
            say(f"{entry.device}: {entry.note}")


def _device_json(entry: tools.FoundDevice) -> dict[str, str]:
    plain = {"device": entry.device, "name": entry.name}
    return {**plain, "note": entry.note} if entry.note else plain


@dataclass(frozen=True)
class Measured:
    """How fast one program trains on one device.

    Attributes:
        loss: as it is typed. dataset: name. device: cpu or gpu:N.
        plain_ms: The median epoch of plain `model.fit`, in milliseconds; lossterm_ms: here.
        first_point_s: Seconds from queueing the run on a loaded trainer to its first epoch in the store.
        first_point_again_s: The same for a second seed.
    """

    loss: str
    dataset: str
    device: str
    plain_ms: float
    lossterm_ms: float
    first_point_s: float
    first_point_again_s: float

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
        config = RunConfig.of(self.loss)
        named = {
            "loss": config.loss,
            "loss_parameters": dict(config.loss_parameters),
            "dataset": self.dataset,
            "device": self.device,
        }
        return {**named, **{name: round(value, 3) for name, value in figures.items()}}

    def row(self) -> list[str]:
        """The figures as cells of the table."""
        return [
            RunConfig.of(self.loss).loss_as_typed,
            self.dataset,
            self.device,
            f"{self.plain_ms:.1f} ms",
            f"{self.lossterm_ms:.2f} ms",
            f"{self.ratio:.0f}×",
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
@json_option
@store_option
@device_option
@click.pass_context
def bench(context: click.Context, names: tuple[str, ...], as_json: bool) -> None:
    """Measure an epoch of each program of the menu, plain and here, and the time to the first point.

    Takes about a minute a device: 4 epochs of plain Keras a program, and two 50-epoch runs here. Nothing of it
    is kept in the history.
    """
    try:
        losses = expanded(names or [ALL], None)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    for loss in losses:
        RunConfig.of(loss)  # before anything is measured, for it may be refused
    asked = global_options(context).device
    if asked == "auto":
        _progress("looking for devices (TensorFlow loads)")
        found = [entry.device for entry in tools.devices()]
    else:
        found = [asked]
    measured = [line for device in found for line in _on_device(device, losses)]
    if as_json:
        print_json([line.as_json() for line in measured])
    else:
        print_table(_BENCH_COLUMNS, (line.row() for line in measured))


def _on_device(device: str, losses: Sequence[str]) -> Iterator[Measured]:
    plain = {}
    for loss, milliseconds in tools.plain_epochs(device, losses):
        _progress(f"{device}: {loss}: plain model.fit takes {milliseconds:.0f} ms an epoch")
        plain[loss] = milliseconds
    with tempfile.TemporaryDirectory(prefix="lossterm-bench-") as folder, Store(Path(folder) / "bench.db") as store:
        watching = store.watch()
        try:
            _progress(f"{device}: a trainer loads TensorFlow")
            launch.ensure_trainers(store, device)
            _wait(store, lambda: any(trainer.resolved for trainer in store.trainers()))
            for loss in losses:
                yield _here(store, device, loss, plain[loss])
        finally:
            watching.release()
            for trainer in store.trainers():
                launch.kill_trainer(trainer)


def _here(store: Store, device: str, loss: str, plain_ms: float) -> Measured:
    config = RunConfig.of(loss, device=device)
    first, run = _train(store, config)
    if run.status == "diverged":  # as with MAPE; smaller steps take as long
        config = config.changed(learning_rate=_SMALL_LEARNING_RATE)
    again, run = _train(store, config.changed(seed=2))
    epochs = [epoch.seconds * 1000 for epoch in store.epochs(run.id)][1:]
    line = Measured(loss, config.dataset, run.device, plain_ms, statistics.median(epochs), first, again)
    _progress(f"{device}: {loss}: {line.lossterm_ms:.1f} ms an epoch here, {line.ratio:.0f} times faster")
    return line


def _train(store: Store, config: RunConfig) -> tuple[float, Run]:
    """Seconds to the first epoch, and the run, which has finished or diverged."""
    began = time.perf_counter()
    (run_id,) = store.queue([config])
    _wait(store, lambda: store.run(run_id).epochs_done > 0 or store.run(run_id).status in ENDED)
    first = time.perf_counter() - began
    _wait(store, lambda: store.run(run_id).status in ENDED)
    run = store.run(run_id)
    if run.status not in ("finished", "diverged"):
        raise tools.ToolError(f"{config.loss}: {run.status}: {run.message}", asked_wrongly=False)
    return first, run


def _wait(store: Store, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        store.reap()
        if not store.trainers() or time.monotonic() > deadline:
            raise tools.ToolError("the trainer of the benchmark died or hangs", asked_wrongly=False)
        time.sleep(_POLL_SECONDS)


def _progress(words: str) -> None:
    print(one_line(words), file=sys.stderr, flush=True)
