"""What needs no open store, done in threads beside the worker's, which must not wait for the processes that do it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from textual.message import Message

from ..catalog.own_loss import LossFile
from ..config import RunConfig
from ..runs.loss_files import LossSource, allow, is_allowed
from ..store.logs import read_log
from ..supervisor import tools
from .messages import ExportRuns, FindLosses, LossesFound, Notification, StartRuns, WriteReport

AsideRequest = ExportRuns | FindLosses | WriteReport


@dataclass(frozen=True)
class QueueReadRuns:
    """Runs to queue whose own losses have been read.

    Attributes:
        request: What was asked for, each config with the hash that its file has now.
        sources: The texts of the files.
        edited: Why a config has another hash than it was asked for with; empty where none has.
    """

    request: StartRuns
    sources: tuple[LossSource, ...]
    edited: str = ""


_SAID = 5
"""Lines of an export that a notice shows."""


def answer_to(request: AsideRequest, store_path: Path) -> Message:
    """Do what is asked, however long it takes; what is to be said of it."""
    match request:
        case ExportRuns():
            return _exported(request, store_path)
        case WriteReport(number, path):
            return _reported(number, path, store_path)
        case FindLosses(path):
            return _found_losses(path)


def log_text(log: str, lines: int | None = None) -> str:
    """The end of a log, or why there is nothing to show of it; with `lines` no more than so many."""
    try:
        text = read_log(Path(log)) or "the log is empty"
    except OSError as error:
        return f"the log cannot be read: {error.strerror or error}"
    return text if lines is None else "\n".join(text.splitlines()[-lines:])


def _exported(request: ExportRuns, store_path: Path) -> Message:
    """Export in a process of its own (`lossterm export`), which may load TensorFlow."""
    names = [str(run_id) for run_id in request.run_ids]
    command = [sys.executable, "-m", "lossterm", "--store", str(store_path), "export", *names]
    command += ["--format", request.format, "--to", request.path] + (["--force"] if request.replace else [])
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)
    if done.returncode == 0:
        said = done.stdout.strip().splitlines()
        more = [f"and {len(said) - _SAID} lines more"] if len(said) > _SAID else []
        return Notification("\n".join([*said[:_SAID], *more]))
    return Notification(done.stderr.strip() or "the export failed", "error")


def _reported(number: int, path: str, store_path: Path) -> Message:
    """Have a report written in a process of its own, for matplotlib and scipy take their time."""
    target = Path(path).expanduser().absolute()
    command = [sys.executable, "-m", "lossterm", "--store", str(store_path), "compare", "--extend", str(number)]
    command += ["--report", str(target), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)
    if target.exists():
        return Notification(f"report: {target}")
    return Notification(done.stderr.strip() or "the report could not be written", "error")


def _found_losses(path: str) -> Message:
    """Look through a person's file in a process of its own."""
    try:
        source, losses = tools.find_losses(path)
    except tools.ToolError as error:
        return LossesFound(path, None, (), str(error))
    return LossesFound(path, source, losses)


def read_own_losses(request: StartRuns) -> QueueReadRuns:
    """Read the files of own losses as they are now, each in a process of its own.

    A file that was edited since it was picked is trained as it is now, if it was the person who allowed its code
    before. One that this person never allowed, as in a store from elsewhere, keeps the hash that was asked for: a
    trainer refuses it.

    Raises:
        ToolError: A file cannot be read, or is no Python.
        LossFileError: It could not be noted that the code may run.
    """
    present: dict[LossFile, LossSource] = {}
    for file in dict.fromkeys(config.loss_file for config in request.configs if config.loss_file is not None):
        source, _ = tools.find_losses(file.path)
        if source.file == file or is_allowed(file):
            present[file] = source
    edited = [file for file, source in present.items() if source.file != file]
    for file in edited:
        allow(present[file].file)
    configs = tuple(_as_read(config, present) for config in request.configs)
    words = ", ".join(f"{file.path} was edited: it is trained as it is now" for file in edited)
    return QueueReadRuns(replace(request, configs=configs), tuple(present.values()), words)


def _as_read(config: RunConfig, present: dict[LossFile, LossSource]) -> RunConfig:
    source = None if config.loss_file is None else present.get(config.loss_file)
    if source is None or source.file == config.loss_file:
        return config
    return config.changed(loss_file=source.file)
