"""SQL rows to records: the columns' order, how NaN and absence are stored, and what no lossterm would have written.

Nothing that a file says is believed before it was looked at: a row that cannot be of a run becomes an unreadable one.
"""

from __future__ import annotations

import math
import os
import re
import sqlite3
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, get_args

from ..config import SETTINGS, ConfigError, RunConfig
from ..records import Best, Epoch, Run, Scores, Trainer, TrainerState
from .locks import lock_name

EXPERIMENT = ("loss", "dataset", *SETTINGS)
SCORES = (
    "train_loss",
    "train_metric",
    "test_loss",
    "test_metric",
    "train_mae",
    "test_mae",
    "train_r2",
    "test_r2",
)
EPOCH = ("epoch", "train_loss", "train_metric", "test_loss", "test_metric", "seconds")
LAST_EPOCH = 1_000_000
MOST_SNAPSHOTS = 1000

_LOG = re.compile(r"trainer-\d{8}-\d{6}-\d{1,5}\.log", re.ASCII)
_STATUSES = frozenset(
    ("queued", "starting", "running", "paused", "finished", "stopped", "diverged", "failed", "interrupted")
)
_LATEST = 253_402_128_000.0
"""A day before the end of the year 9999, beyond which there are no dates."""
_MOST_PID = 2**31


class RunRow(NamedTuple):
    """A run's columns, its experiment's aside, in the order of SELECT_RUNS."""

    id: Any
    status: Any
    request: Any
    epochs_done: Any
    resolved: Any
    device_name: Any
    created: Any
    started: Any
    ended: Any
    seconds: Any
    message: Any
    phase: Any
    progress: Any
    best_epoch: Any
    best_test_metric: Any
    trainer: Any
    log: Any
    note: Any
    pinned: Any
    deleted: Any
    revision: Any


SELECT_RUNS = (
    "SELECT "
    + ", ".join(f"runs.{column}" for column in (*RunRow._fields, *EXPERIMENT, *SCORES))
    + ", "
    + ", ".join(f"last.{column}" for column in EPOCH)
    + " FROM runs LEFT JOIN epochs AS last ON last.run = runs.id AND last.epoch = runs.epochs_done"
)
_FIRST_SETTING = len(RunRow._fields)
_FIRST_SCORE = _FIRST_SETTING + len(EXPERIMENT)
_FIRST_EPOCH = _FIRST_SCORE + len(SCORES)
_NO_SCORES = (None,) * len(SCORES)

_INTEGER, _TEXT, _NUMBER = frozenset((int,)), frozenset((str,)), frozenset((int, float))
_NONE = frozenset((type(None),))
_TYPES: dict[str, frozenset[type]] = {
    **dict.fromkeys(RunRow._fields, _NUMBER),
    **dict.fromkeys(("id", "epochs_done", "pinned", "revision"), _INTEGER),
    **dict.fromkeys(("status", "resolved", "device_name", "message", "phase", "log", "note"), _TEXT),
    **dict.fromkeys(("best_epoch", "trainer"), _INTEGER | _NONE),
    **dict.fromkeys(("started", "ended", "seconds", "best_test_metric", "deleted"), _NUMBER | _NONE),
    "request": _TEXT | _NONE,
    **dict.fromkeys(SCORES, _NUMBER | _NONE),
}


_EPOCH_TYPES = [int, *[float] * (len(EPOCH) - 1)]


class UnreadableError(ValueError):
    """A row that no lossterm wrote; the message says which column and why."""


class RunReader:
    """Builds runs out of the rows of one store, whose logs lie in `log_folder`."""

    def __init__(self, log_folder: Path):
        self._logs = str(log_folder) + os.sep
        self._paths: dict[str, str] = {}

    def run(self, values: tuple[Any, ...]) -> Run:
        """The run of a row of SELECT_RUNS; one with `unreadable` set where it cannot be that of a run."""
        row = RunRow._make(values[:_FIRST_SETTING])
        try:
            experiment = _experiment(values[_FIRST_SETTING:_FIRST_SCORE])
            _check(row, values, experiment)
        except UnreadableError as error:
            return _unreadable(row, str(error))
        scores = values[_FIRST_SCORE:_FIRST_EPOCH]
        return Run(
            id=row.id,
            experiment=experiment,
            status=_shared(row.status),
            request=row.request,
            epochs_done=row.epochs_done,
            device=_shared(row.resolved) or experiment.device,
            device_name=_shared(row.device_name),
            created=row.created,
            started=row.started,
            ended=row.ended,
            seconds=row.seconds,
            message=row.message,
            phase=row.phase,
            progress=min(max(row.progress, 0.0), 1.0),
            scores=_scores(scores) if scores != _NO_SCORES else None,
            best=None if row.best_epoch is None else Best(row.best_epoch, _number(row.best_test_metric)),
            last=None if values[_FIRST_EPOCH] is None else epoch_of(values[_FIRST_EPOCH:]),
            trainer=row.trainer,
            log=self._log(row.log),
            note=row.note,
            pinned=bool(row.pinned),
            deleted=row.deleted is not None,
            revision=row.revision,
        )

    def trainer(self, row: sqlite3.Row, locks: Path) -> Trainer | None:
        """The trainer of a row of the table of the same columns; None where no lossterm wrote it."""
        values = dict(row)
        integers = (values["id"], values["pid"], values["slot"])
        texts = [values[name] for name in ("state", "device", "resolved", "device_name", "tensorflow")]
        well = (
            all(type(value) is int for value in integers)
            and 1 < values["pid"] < _MOST_PID
            and all(isinstance(text, str) for text in texts)
            and values["state"] in get_args(TrainerState)
            and _is_moment(values["started"])
            and lock_name(values["lock"])
        )
        if not well:
            return None
        return Trainer(
            **{**values, "log": self._log(str(values["log"])), "lock": str(locks / lock_name(values["lock"]))}
        )

    def _log(self, text: str) -> str:
        path = self._paths.get(text)
        if path is None:
            name = log_name(text)
            path = self._paths[text] = self._logs + name if name else ""
        return path


def log_name(text: object) -> str:
    """The plain name of a log file out of what a store says; empty where that is no such name.

    Earlier versions stored a path; only its last part counts.
    """
    name = text.rpartition("/")[2] if isinstance(text, str) else ""
    return name if _LOG.fullmatch(name) else ""


def epoch_of(values: Any) -> Epoch:
    """Build an Epoch from its columns in the order of EPOCH; what is no number reads as NaN."""
    if list(map(type, values)) == _EPOCH_TYPES:
        return Epoch(*values)
    return Epoch(int(values[0]), *map(_number, values[1:]))


def stored(value: float | None) -> float | None:
    """A float as SQLite keeps it: NaN as NULL."""
    return None if value is None or math.isnan(value) else float(value)


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else math.nan


def _scores(values: tuple[Any, ...]) -> Scores:
    return Scores(*(math.nan if value is None else value for value in values[:4]), *values[4:])


def _check(row: RunRow, values: tuple[Any, ...], experiment: RunConfig) -> None:
    """Raise UnreadableError for what no lossterm would have written."""
    wrong = _wrongly_typed(tuple(map(type, values)))
    if wrong:
        kind = "text" if str in _TYPES[wrong] else "number"
        raise UnreadableError(f"{wrong}: holds what is no {kind}")
    if row.status not in _STATUSES:
        raise UnreadableError("status: is not known")
    if row.request not in (None, "stop", "pause"):
        raise UnreadableError("request: is not known")
    if not 0 <= row.epochs_done <= experiment.epochs:
        raise UnreadableError(f"epochs_done: must be from 0 to {experiment.epochs}, not {row.epochs_done}")
    if row.best_epoch is not None and not 0 < row.best_epoch <= experiment.epochs:
        raise UnreadableError(f"best_epoch: must be from 1 to {experiment.epochs}, not {row.best_epoch}")
    for name, value in (("created", row.created), ("started", row.started), ("ended", row.ended)):
        if value is not None and not 0 <= value < _LATEST:
            raise UnreadableError(f"{name}: is no time")
    if row.seconds is not None and not 0 <= row.seconds < _LATEST:
        raise UnreadableError("seconds: is no time")


@lru_cache(maxsize=256)
def _wrongly_typed(types: tuple[type, ...]) -> str:
    """The first column of a run's row whose value is of a type that it cannot have; empty if there is none."""
    columns = (*RunRow._fields, *EXPERIMENT, *SCORES)
    pairs = zip(columns, types, strict=False)
    return next((name for name, kind in pairs if name in _TYPES and kind not in _TYPES[name]), "")


def _is_moment(value: object) -> bool:
    return isinstance(value, (int, float)) and 0 <= value < _LATEST


@lru_cache(maxsize=8192)
def _experiment(values: tuple[Any, ...]) -> RunConfig:
    """The experiment of a run's columns, one object for all runs that share it. Raises UnreadableError."""
    settings = dict(zip(EXPERIMENT, values, strict=True))
    seed = settings.pop("seed")
    some = _seedless(tuple(settings.items()))
    try:
        seed = SETTINGS["seed"].kind.read(seed)
    except ValueError as error:
        raise UnreadableError(f"seed: {error}") from error
    return some if some.seed == seed else some.model_copy(update={"seed": seed})


@lru_cache(maxsize=4096)
def _seedless(settings: tuple[tuple[str, Any], ...]) -> RunConfig:
    given = dict(settings)
    if not all(isinstance(given[name], str) for name in ("loss", "dataset", "device")):
        raise UnreadableError("loss, dataset, device: must be text")
    try:
        return RunConfig.of(**given)
    except ConfigError as error:
        raise UnreadableError(next(iter(error.problems.values()))[:200]) from error


def _unreadable(row: RunRow, reason: str) -> Run:
    """What can be shown of a row that cannot be read: its number, why, and what a person may do about it."""

    def number(value: object, otherwise: int = 0) -> int:
        return value if type(value) is int else otherwise

    return Run(
        id=row.id,
        experiment=_stand_in(),
        status="unreadable",
        request=None,
        epochs_done=0,
        device="",
        device_name="",
        created=float(row.created) if _is_moment(row.created) else 0.0,
        started=None,
        ended=None,
        seconds=None,
        message=reason,
        phase="",
        progress=0.0,
        scores=None,
        best=None,
        last=None,
        trainer=None,
        log="",
        note=row.note if isinstance(row.note, str) else "",
        pinned=bool(number(row.pinned)),
        deleted=row.deleted is not None,
        revision=number(row.revision),
        unreadable=reason,
    )


@lru_cache(maxsize=1)
def _stand_in() -> RunConfig:
    return RunConfig.of("mse")


@lru_cache(maxsize=4096)
def _shared(text: Any) -> Any:
    """One object for a text that many runs have alike."""
    return text
