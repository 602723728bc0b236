"""What is asked for that needs no open store, done in a thread beside the worker's: a process is waited for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from textual.message import Message

from ..catalog.own_loss import LossFile
from ..runs.loss_files import LossFileError, allow
from ..store.logs import read_log
from ..supervisor import tools
from .messages import AllowLossFile, ExportRuns, FindLosses, LossesFound, Notification

AsideRequest = ExportRuns | FindLosses | AllowLossFile


def answer_to(request: AsideRequest, store_path: Path) -> Message | None:
    """Do what is asked, however long it takes; what is to be said of it, if anything."""
    match request:
        case ExportRuns():
            return _exported(request, store_path)
        case FindLosses(path):
            return _found_losses(path)
        case AllowLossFile(file):
            return _allowed(file)


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
        return Notification(f"exported to {request.path}")
    return Notification(done.stderr.strip() or "the export failed", "error")


def _found_losses(path: str) -> Message:
    """Look through a person's file in a process of its own."""
    try:
        file, losses = tools.find_losses(path)
    except tools.ToolError as error:
        return LossesFound(path, None, (), str(error))
    return LossesFound(path, file, losses)


def _allowed(file: LossFile) -> Message | None:
    try:
        allow(file)
    except LossFileError as error:
        return Notification(str(error), "error")
    return None
