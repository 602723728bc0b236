"""`lossterm stop`, `resume` and `prune`: what is asked of runs that are there already."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import click

from ..formatting import size
from ..runs.loss_files import LossFileError, unchanged
from ..runs.records import ACTIVE, ENDED, Run
from ..store import Store
from ..store.prune import Pruner, is_tombstone
from ..supervisor import launch
from ..text import one_line
from .completion import complete_resumable, complete_stoppable, complete_words
from .options import GlobalOptions, global_options, read_real, read_run_id, read_whole, store_option
from .output import say

_DAY = 86_400.0
_NOTICE_SECONDS = 1.0


@click.command()
@click.argument("which", metavar="ID|all", shell_complete=complete_stoppable)
@store_option
@click.pass_context
def stop(context: click.Context, which: str) -> None:
    """Stop a run after its epoch, or all of them."""
    run_id = None if which.strip().lower() == "all" else read_run_id(which)
    with global_options(context).open_store() as store:
        store.reap()
        if run_id is None:
            stopped = [store.run(stopped_id) for stopped_id in store.stop_all()]
            for run in stopped or ():
                say(_stopped_words(run))
            if not stopped:
                say("nothing is queued or training")
            return
        before = store.run(run_id)
        if before.status in ENDED:
            say(f"run {run_id} has ended already: {before.status}")
            return
        say(_stopped_words(store.stop(run_id)))


def _stopped_words(run: Run) -> str:
    if run.status in ENDED:
        return f"run {run.id}: {run.message or run.status}"
    return f"run {run.id} stops after its present epoch"


@click.command()
@click.argument("which", metavar="ID", shell_complete=complete_resumable)
@store_option
@click.pass_context
def resume(context: click.Context, which: str) -> None:
    """Let a paused run go on, or train an interrupted or stopped one from its last checkpoint."""
    run_id = read_run_id(which)
    with global_options(context).open_store() as store:
        store.reap()
        before = store.run(run_id)
        if not before.can_resume:
            raise click.UsageError(f"id: run {run_id} cannot be resumed: {_why_not(before)}")
        if before.config.loss_file is not None and before.status in ENDED:
            try:
                unchanged(before.config, run_id)
            except LossFileError as error:
                raise click.UsageError(one_line(str(error))) from None
        if before.status in ENDED:
            launch.ensure_trainers(store, before.config.device)  # before anything changes, for it may fail
        run = store.resume(run_id)
        if run.status != "queued":
            say(f"run {run_id} goes on")
            return
        launch.ensure_trainers(store, run.config.device)  # the other one may just have been leaving
        say(f"run {run_id} is queued again and goes on {_from(store, run)}")


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


@dataclass(frozen=True)
class PruneFilter:
    """Which runs go beside those that were deleted before: the ended ones, unless pinned, that match all of this.

    Attributes:
        keep: How many of the newest stay; None if their number does not matter.
        older_than: The age in seconds since their end that they must have; None if it does not matter.
        statuses: The states that they may have; empty for any.
    """

    keep: int | None
    older_than: float | None
    statuses: tuple[str, ...]

    def of(self, runs: Sequence[Run], now: float) -> list[Run]:
        """The runs that go, oldest first."""
        if self.keep is None and self.older_than is None and not self.statuses:
            return []
        found = [run for run in runs if run.status in ENDED and not run.pinned and not run.deleted]
        found = [run for run in found if not self.statuses or run.status in self.statuses]
        found.sort(key=lambda run: run.id)
        if self.keep:
            found = found[: -self.keep]
        return [run for run in found if self.older_than is None or now - (run.ended or run.created) > self.older_than]


@click.command()
@click.option("--keep", metavar="N", help="Also ended runs, all but the newest N.")
@click.option("--older-than", metavar="DAYS", help="Also runs that ended more than so many days ago.")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    metavar="NAME",
    help="Also runs that ended so; repeats.",
    shell_complete=complete_words(*ENDED),
)
@click.option("--dry-run", is_flag=True, help="Say what would be deleted, and delete nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@store_option
@click.pass_context
def prune(
    context: click.Context,
    keep: str | None,
    older_than: str | None,
    statuses: tuple[str, ...],
    dry_run: bool,
    yes: bool,
) -> int:
    """Delete runs for good, and make the store smaller.

    Without options: the runs that were deleted, by lossterm delete or in the app. Of --keep, --older-than and
    --status together, a run must match all. Pinned runs, and those that wait or train, are never deleted. It asks
    first.
    """
    selection = PruneFilter(
        None if keep is None else read_whole("keep", keep, 0, 10**9),
        None if older_than is None else read_real("older-than", older_than, "days") * _DAY,
        tuple(map(_status, statuses)),
    )
    options = global_options(context)
    with options.open_store() as store:
        store.reap()
        runs = store.runs(since=0)
        hidden = [run for run in runs if run.deleted and not is_tombstone(run)]
        more = selection.of(runs, time.time())
        if dry_run or _is_wanted(hidden, more, yes):
            return _prune(store, options, hidden, more, dry_run)
    say("nothing was deleted")
    return 0


def _is_wanted(hidden: Sequence[Run], more: Sequence[Run], yes: bool) -> bool:
    """Whether to go on: at once where nobody need be asked."""
    if yes or not (hidden or more):
        return True
    if not sys.stdin.isatty():
        raise click.UsageError("yes: nobody can be asked, for standard input is no terminal; --yes deletes unasked")
    say(_words(hidden, more))
    return click.confirm("delete them for good?", prompt_suffix=" ")


def _prune(store: Store, options: GlobalOptions, hidden: Sequence[Run], more: Sequence[Run], dry_run: bool) -> int:
    if dry_run:
        say(f"{_words(hidden, more)} would be deleted for good")
        return 0
    with Pruner(options.store_path) as pruner:
        before = pruner.size()
        pruner.hide([run.id for run in more])
        if more and store.watched():
            time.sleep(_NOTICE_SECONDS)  # an open app lets go of what is about to be no more
        count = pruner.delete(sorted(run.id for run in (*hidden, *more)))
        say(f"{_counted(count, 'run')} deleted for good")
        if store.count(*ACTIVE):
            say("the file keeps its size while a run trains; afterwards: lossterm prune")
            return 0
        if pruner.has_unused():
            pruner.shrink()
        say(f"the store takes {size(pruner.size())}, {size(max(before - pruner.size(), 0))} less than before")
    return 0


def _words(hidden: Sequence[Run], more: Sequence[Run]) -> str:
    parts = [_counted(len(hidden), "run") + " deleted before"] if hidden else []
    parts += [_counted(len(more), "ended run")] if more else []
    return " and ".join(parts) or "no run"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _status(word: str) -> str:
    status = word.strip().lower()
    if status not in ENDED:
        raise click.UsageError(f"status: must be one of {', '.join(ENDED)}, not {word[:40]!r}")
    return status
