"""The options that every command shares, before or after its name, and how typed words become checked values."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .. import paths
from ..parsing import real_number, whole_number

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..store import Store

_Command = TypeVar("_Command", bound=Callable[..., Any])
_LARGEST_ID = 2**63 - 1
MOST_TRAINERS = 64
_MOST_EXPERIMENTS = 200


class GlobalOptions:
    """The options that may stand before or after the command's name; the later one wins.

    Attributes:
        store: The path as typed, None where it was not.
        device: auto, cpu, gpu or gpu:N, checked.
        trainers: How many trainers at most; None for as many as help.
    """

    def __init__(self) -> None:
        self.store: str | None = None
        self.device = "auto"
        self.trainers: int | None = None

    @property
    def store_path(self) -> Path:
        """The store's file.

        Raises:
            click.UsageError: What was given names none.
        """
        if self.store == "":
            raise click.UsageError("store: name a file, not an empty word")
        try:
            return paths.store_path(self.store)
        except (RuntimeError, OSError) as error:  # no such user, or the current directory is gone
            raise click.UsageError(f"store: {self.store or ''!r} names no file ({error})") from None

    def open_store(self, make: bool = False) -> Store:
        """Open the store, made where there is none only with `make`. Raises StoreError."""
        from ..store import Store

        return Store(self.store_path, make)


def global_options(context: click.Context) -> GlobalOptions:
    """Find the options of this command line, as far as it is read."""
    return context.find_root().ensure_object(GlobalOptions)


def _take_store(context: click.Context, _option: click.Parameter, value: str | None) -> None:
    if value is not None:
        global_options(context).store = value


def _take_device(context: click.Context, _option: click.Parameter, value: str | None) -> None:
    if value is None:
        return
    from ..config import SETTINGS

    try:
        global_options(context).device = SETTINGS["device"].kind.read(value)
    except ValueError as error:
        raise click.UsageError(f"device: {error}") from None


def check_environment() -> None:
    """Check the variables of the environment; an empty one counts as none.

    Raises:
        click.UsageError: A variable holds what cannot be used.
    """
    for name, check in (("LOSSTERM_IDLE", _checked_idle), ("LOSSTERM_TRAINERS", _checked_trainers)):
        value = os.environ.get(name)
        if value:
            check(name, value)


def _checked_idle(name: str, value: str) -> float:
    return read_real(name, value, "seconds")


def _checked_trainers(name: str, value: str) -> int:
    return read_whole(name, value, 1, MOST_TRAINERS)


def _take_trainers(context: click.Context, _option: click.Parameter, value: str | None) -> None:
    if value is not None:
        global_options(context).trainers = _checked_trainers("trainers", value)


def starting_with(incomplete: str, names: Iterable[tuple[str, str]]) -> list[CompletionItem]:
    """Those of the names, each with its help, that begin with what is typed."""
    from click.shell_completion import CompletionItem

    start = incomplete.lower()
    return [CompletionItem(name, help=words or None) for name, words in names if name.startswith(start)]


def complete_device(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the devices that need not be looked for."""
    return starting_with(incomplete, [("auto", "the first GPU that works, else the CPU"), ("cpu", ""), ("gpu", "")])


def complete_path(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Let the shell offer files."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


store_option: Callable[[_Command], _Command] = click.option(
    "--store",
    metavar="PATH",
    expose_value=False,
    callback=_take_store,
    shell_complete=complete_path,
    help=f"The file that holds the runs (or {paths.VARIABLE}).",
)
device_option: Callable[[_Command], _Command] = click.option(
    "--device",
    metavar="NAME",
    expose_value=False,
    callback=_take_device,
    shell_complete=complete_device,
    help="Where to train: auto, cpu, gpu or gpu:N. auto takes the first GPU that works, else the CPU.",
)
trainers_option: Callable[[_Command], _Command] = click.option(
    "--trainers",
    metavar="N",
    expose_value=False,
    callback=_take_trainers,
    help="How many runs train at once at most; by default one a GPU, or one for every two cores.",
)
json_option: Callable[[_Command], _Command] = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def experiment_option(words: str) -> Callable[[_Command], _Command]:
    """Make the option that names an experiment; `words` say in its help what is done with it."""

    def read(_context: click.Context, _option: click.Parameter, value: str | None) -> int | None:
        if value is None:
            return None
        number = _whole(value)
        if number is None or not 1 <= number <= _LARGEST_ID:
            raise click.UsageError(f"experiment: must be the number of an experiment, not {value[:40]!r}")
        return number

    return click.option("--experiment", metavar="ID", callback=read, help=words, shell_complete=complete_experiment)


def complete_experiment(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the experiments, newest first; none where the store cannot be read."""
    from ..store import StoreError

    with contextlib.suppress(StoreError, click.ClickException, OSError), global_options(context).open_store() as store:
        found = reversed(store.experiments())
        return starting_with(incomplete, [(str(one.id), one.title) for one in found])[:_MOST_EXPERIMENTS]
    return []


def read_run_id(word: str) -> int:
    """Read a run's number.

    Raises:
        click.UsageError: The word is none.
    """
    number = _whole(word)
    if number is None or not 1 <= number <= _LARGEST_ID:
        raise click.UsageError(f"id: must be the number of a run (see lossterm runs), not {word[:40]!r}")
    return number


def read_whole(name: str, word: str, low: int, high: int) -> int:
    """Read a whole number from `low` to `high`.

    Raises:
        click.UsageError: The word is none; the message names the option.
    """
    number = _whole(word)
    if number is None or not low <= number <= high:
        raise click.UsageError(f"{name}: must be a whole number from {low} to {high:,}, not {word[:40]!r}")
    return number


def read_real(name: str, word: str, unit: str) -> float:
    """Read a number of 0 or more, in `unit`.

    Raises:
        click.UsageError: The word is none; the message names the option.
    """
    try:
        number = real_number(word)
    except ValueError:
        number = -1.0
    if not 0 <= number < math.inf:
        raise click.UsageError(f"{name}: must be a number of {unit}, 0 or more, not {word[:40]!r}")
    return number


def _whole(word: str) -> int | None:
    """A typed number, None for what is none."""
    try:
        return whole_number(word)
    except ValueError:
        return None
