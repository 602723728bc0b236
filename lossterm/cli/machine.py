"""`lossterm status` and `devices`: what trains now, and what could."""

from __future__ import annotations

import click

from ..formatting import MISSING, trainer_words
from ..runs.records import ACTIVE
from ..supervisor import tools
from ..supervisor.supervisor import trouble_of
from .options import global_options, json_option, store_option
from .output import TableColumn, print_json, print_table, say

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
