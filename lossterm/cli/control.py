"""`lossterm stop` and `lossterm resume`: what is asked of runs that were started elsewhere."""

from __future__ import annotations

import click

from .. import launcher
from ..records import ENDED, Run
from ..store import Store
from .options import global_options, run_id, store_option
from .output import say


@click.command()
@click.argument("which", metavar="ID|all")
@store_option
@click.pass_context
def stop(context: click.Context, which: str) -> None:
    """Stop a run after its epoch, or all of them."""
    wanted = None if which.strip().lower() == "all" else run_id(which)
    with global_options(context).open_store() as store:
        store.reap()
        if wanted is None:
            stopped = [store.run(number) for number in store.stop_all()]
            for run in stopped or ():
                say(_stopped_words(run))
            if not stopped:
                say("nothing is queued or training")
            return
        before = store.run(wanted)
        if before.status in ENDED:
            say(f"run {wanted} has ended already: {before.status}")
            return
        say(_stopped_words(store.stop(wanted)))


def _stopped_words(run: Run) -> str:
    if run.status in ENDED:
        return f"run {run.id}: {run.message or run.status}"
    return f"run {run.id} stops after its present epoch"


@click.command()
@click.argument("which", metavar="ID")
@store_option
@click.pass_context
def resume(context: click.Context, which: str) -> None:
    """Let a paused run go on, or train an interrupted or stopped one from its last checkpoint."""
    wanted = run_id(which)
    with global_options(context).open_store() as store:
        store.reap()
        before = store.run(wanted)
        if not before.can_resume:
            raise click.UsageError(f"id: run {wanted} cannot be resumed: {_why_not(before)}")
        if before.status in ENDED:
            launcher.ensure(store, before.experiment.device)  # before anything changes, for it may fail
        run = store.resume(wanted)
        if run.status != "queued":
            say(f"run {wanted} goes on")
            return
        launcher.ensure(store, run.experiment.device)  # the other one may just have been leaving
        say(f"run {wanted} is queued again and goes on {_from(store, run)}")


def _why_not(run: Run) -> str:
    words = {
        "unreadable": f"it cannot be read ({run.message})",
        "queued": "it waits for a trainer already",
        "starting": "it is starting",
        "running": "it is training",
        "failed": f"it failed ({run.message}); train it anew",
        "diverged": "it diverged; train it anew with a smaller learning rate",
    }
    return words.get(run.status, "it has trained all its epochs")


def _from(store: Store, run: Run) -> str:
    checkpoint = store.checkpoint(run.id) if run.epochs_done else None
    return f"from epoch {checkpoint.epoch}" if checkpoint else "from its start (it had no checkpoint yet)"
