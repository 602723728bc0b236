"""SQL rows to records: the columns' order, how NaN and absence are stored, and what no lossterm would have written.

Nothing that a file says is believed before it was looked at: a row that cannot be of a run becomes an unreadable one.
"""

from __future__ import annotations

import json
import math
import os
import re
import sqlite3
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, get_args

from ..catalog import DataFile
from ..config import RunConfig
from ..runs.records import Best, Epoch, Experiment, OwnDataset, Run, Scores, Trainer, TrainerState
from .configs import CONFIG, UnreadableError, read_config
from .locks import lock_name

_LOG_NAME = re.compile(r"trainer-\d{8}-\d{6}-\d{1,5}\.log", re.ASCII)
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
LONGEST_NAME = 200
"""Of an experiment's name."""

_STATUSES = frozenset(
    ("queued", "starting", "running", "paused", "finished", "stopped", "diverged", "failed", "interrupted")
)
_LATEST = 253_402_128_000.0
"""A day before the end of the year 9999, beyond which there are no dates."""
_MOST_PID = 2**31


class RunRow(NamedTuple):
    """A run's columns but for its config and its scores, in the order of SELECT_RUNS."""

    id: Any
    experiment_id: Any
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
    + ", ".join(f"runs.{column}" for column in (*RunRow._fields, *CONFIG, *SCORES))
    + ", "
    + ", ".join(f"last.{column}" for column in EPOCH)
    + ", CASE WHEN typeof(runs.scores) = 'text' AND json_valid(runs.scores) "
    "THEN json_extract(runs.scores, '$.baseline') END"
    + " FROM runs LEFT JOIN epochs AS last ON last.run = runs.id AND last.epoch = runs.epochs_done"
)
_FIRST_SETTING = len(RunRow._fields)
_FIRST_SCORE = _FIRST_SETTING + len(CONFIG)
_FIRST_EPOCH = _FIRST_SCORE + len(SCORES)
_NO_SCORES = (None,) * len(SCORES)

_INTEGER, _TEXT, _NUMBER = frozenset((int,)), frozenset((str,)), frozenset((int, float))
_NONE = frozenset((type(None),))
_TYPES: dict[str, frozenset[type]] = {
    **dict.fromkeys(RunRow._fields, _NUMBER),
    **dict.fromkeys(("id", "epochs_done", "pinned", "revision"), _INTEGER),
    **dict.fromkeys(("status", "resolved", "device_name", "message", "phase", "log", "note"), _TEXT),
    **dict.fromkeys(("experiment_id", "best_epoch", "trainer"), _INTEGER | _NONE),
    **dict.fromkeys(("started", "ended", "seconds", "best_test_metric", "deleted"), _NUMBER | _NONE),
    "request": _TEXT | _NONE,
    **dict.fromkeys(SCORES, _NUMBER | _NONE),
}


class RowReader:
    """Builds records out of the rows of one store."""

    def __init__(self, log_folder: Path, lock_folder: Path):
        self._logs = str(log_folder) + os.sep
        self._locks = lock_folder
        self._paths: dict[str, str] = {}

    def run(self, values: tuple[Any, ...]) -> Run:
        """The run of a row of SELECT_RUNS; one with `unreadable` set where it cannot be that of a run."""
        row = RunRow._make(values[:_FIRST_SETTING])
        try:
            config = read_config(values[_FIRST_SETTING:_FIRST_SCORE])
            _check(row, tuple(map(type, values)), config)
        except UnreadableError as error:
            return _unreadable(row, str(error))
        scores = values[_FIRST_SCORE:_FIRST_EPOCH]
        last = values[_FIRST_EPOCH:-1]
        return Run(
            id=row.id,
            config=config,
            status=_shared(row.status),
            request=row.request,
            epochs_done=row.epochs_done,
            device=_shared(row.resolved) or config.device,
            device_name=_shared(row.device_name),
            created=row.created,
            started=row.started,
            ended=row.ended,
            seconds=row.seconds,
            message=row.message,
            phase=row.phase,
            progress=min(max(row.progress, 0.0), 1.0),
            scores=_scores(scores, values[-1]) if scores != _NO_SCORES else None,
            best=None if row.best_epoch is None else Best(row.best_epoch, _number(row.best_test_metric)),
            last=None if last[0] is None else epoch_of(last),
            trainer=row.trainer,
            log=self._log(row.log),
            note=row.note,
            pinned=bool(row.pinned),
            deleted=row.deleted is not None,
            revision=row.revision,
            experiment_id=row.experiment_id,
        )

    def trainer(self, row: sqlite3.Row) -> Trainer | None:
        """The trainer of a row of the table of the same columns; None where no lossterm wrote it."""
        values = dict(row)
        integers = (values["id"], values["pid"], values["slot"])
        texts = [values[name] for name in ("state", "device", "resolved", "device_name", "tensorflow")]
        lock = lock_name(values["lock"])
        well = (
            all(type(value) is int for value in integers)
            and 1 < values["pid"] < _MOST_PID
            and all(isinstance(text, str) for text in texts)
            and values["state"] in get_args(TrainerState)
            and _is_moment(values["started"])
            and lock
        )
        if not well:
            return None
        return Trainer(**{**values, "log": self._log(str(values["log"])), "lock": str(self._locks / lock)})

    def _log(self, text: str) -> str:
        path = self._paths.get(text)
        if path is None:
            name = log_name(text)
            path = self._paths[text] = self._logs + name if name else ""
        return path


def epoch_of(values: Any) -> Epoch:
    """Build an Epoch from its columns in the order of EPOCH; what is no number reads as NaN."""
    number, train_loss, train_metric, test_loss, test_metric, seconds = values
    if type(train_loss) is type(train_metric) is type(test_loss) is type(test_metric) is type(seconds) is float:
        return Epoch(number, train_loss, train_metric, test_loss, test_metric, seconds)
    return Epoch(int(number), *map(_number, values[1:]))


def experiment_of(number: int, name: object, created: object, plan: object) -> Experiment:
    """Build an Experiment from its columns; a name or a plan that is no text is none."""
    text = name[:LONGEST_NAME] if isinstance(name, str) else ""
    began = float(created) if _is_moment(created) else 0.0  # type: ignore[arg-type]
    return Experiment(number, text, began, plan if isinstance(plan, str) else "")


def own_dataset_of(name: object, description: str, created: object) -> OwnDataset | None:
    """Build an OwnDataset from its columns; None where no lossterm wrote them."""
    try:
        values = json.loads(description)
        file, report = DataFile.model_validate(values["file"]), values.get("report")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    if file.name != name:
        return None
    return OwnDataset(file, report if isinstance(report, dict) else {}, float(created) if _is_moment(created) else 0.0)  # type: ignore[arg-type]


def scores_of(value: object) -> dict[str, dict[str, Any]]:
    """The final scores of a run by set and name, as they were read; what is no finite number is None."""
    sets = value if isinstance(value, dict) else {}
    return {str(name): _numbers_of(its) for name, its in sets.items() if isinstance(its, dict)}


def _numbers_of(values: Mapping[str, Any], depth: int = 1) -> dict[str, Any]:
    return {
        str(name): _numbers_of(value, depth - 1) if isinstance(value, dict) and depth else _finite(value)
        for name, value in values.items()
    }


def _finite(value: object) -> float | None:
    known = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if known else None  # type: ignore[arg-type]


def stored_number(value: float | None) -> float | None:
    """A float as SQLite keeps it: NaN as NULL."""
    return None if value is None or math.isnan(value) else float(value)


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else math.nan


def _scores(values: tuple[Any, ...], baseline: object) -> Scores:
    if None in values[:4]:
        values = (*(math.nan if value is None else value for value in values[:4]), *values[4:])
    return Scores(*(*values, _finite(baseline)))


def _check(row: RunRow, types: tuple[type, ...], config: RunConfig) -> None:
    """Raise UnreadableError for what no lossterm would have written; `types` are those of all the row's columns."""
    wrong = _wrongly_typed(types)
    if wrong:
        kind = "text" if str in _TYPES[wrong] else "number"
        raise UnreadableError(f"{wrong}: holds what is no {kind}")
    if row.status not in _STATUSES:
        raise UnreadableError("status: is not known")
    if row.request not in (None, "stop", "pause"):
        raise UnreadableError("request: is not known")
    if not 0 <= row.epochs_done <= config.epochs:
        raise UnreadableError(f"epochs_done: must be from 0 to {config.epochs}, not {row.epochs_done}")
    if row.best_epoch is not None and not 0 < row.best_epoch <= config.epochs:
        raise UnreadableError(f"best_epoch: must be from 1 to {config.epochs}, not {row.best_epoch}")
    for value in (row.created, row.started, row.ended, row.seconds):
        if value is not None and not 0 <= value < _LATEST:
            raise UnreadableError("created, started, ended, seconds: hold what is no time")


@lru_cache(maxsize=256)
def _wrongly_typed(types: tuple[type, ...]) -> str:
    """The first column of a run's row whose value is of a type that it cannot have; empty if there is none."""
    pairs = zip((*RunRow._fields, *CONFIG, *SCORES), types, strict=False)
    return next((name for name, kind in pairs if name in _TYPES and kind not in _TYPES[name]), "")


def _is_moment(value: object) -> bool:
    return isinstance(value, (int, float)) and 0 <= value < _LATEST


def _unreadable(row: RunRow, reason: str) -> Run:
    """What can be shown of a row that cannot be read: its number, why, and what a person may do about it."""
    return Run(
        id=row.id,
        config=_stand_in(),
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
        pinned=type(row.pinned) is int and bool(row.pinned),
        deleted=row.deleted is not None,
        revision=row.revision if type(row.revision) is int else 0,
        unreadable=reason,
    )


@lru_cache(maxsize=1)
def _stand_in() -> RunConfig:
    return RunConfig.of("mse")


@lru_cache(maxsize=4096)
def _shared(text: Any) -> Any:
    """One object for a text that many runs have alike."""
    return text


def log_name(text: object) -> str:
    """The plain name of a log file out of what a store says; empty where that is no such name.

    Earlier versions stored a path; only its last part counts.
    """
    name = text.rpartition("/")[2] if isinstance(text, str) else ""
    return name if _LOG_NAME.fullmatch(name) else ""
