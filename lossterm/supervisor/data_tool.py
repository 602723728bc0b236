"""Reads data files in processes of their own, for front ends: with progress, and so that it can be cancelled."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from ..catalog import DataChoices, DataFile
from .tools import ToolError, child_environment

Say = Callable[[str], object]
_MODULE = "lossterm.trainer.tables.describe"


class CancelledError(Exception):
    """What was being read is not wanted any more."""


class DataTool:
    """Reads one file. `cancel` may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._cancelled = False

    def preview(self, path: Path, say: Say) -> Mapping[str, Any]:
        """What is in a file; see `trainer.tables.preview`.

        Args:
            path: Of the file, absolute.
            say: Is told what is being done.

        Raises:
            ToolError: It cannot be read; the message says why.
            CancelledError: `cancel` was called.
        """
        found: Mapping[str, Any] = json.loads(self._run(say, "previewing", "--", str(path)))
        return found

    def describe(self, name: str, path: Path, choices: DataChoices, say: Say) -> tuple[DataFile, dict[str, Any]]:
        """A file as a dataset; see `trainer.tables.datasets.describe`. Raises as `preview` does."""
        said = json.loads(self._run(say, "describing", "--", name, str(path), json.dumps(asdict(choices))))
        return DataFile.model_validate(said["file"]), said["report"]

    def redraw(self, file: DataFile, seeds: Sequence[int]) -> list[DataFile]:
        """An added dataset with other random splits of its rows, one for each seed. Raises as `preview` does."""
        said = json.loads(self._run(_silent, "redrawing", "--", file.model_dump_json(), json.dumps(list(seeds))))
        return [DataFile.model_validate(one) for one in said["files"]]

    def cancel(self) -> None:
        """End the process, now or as soon as there is one."""
        with self._lock:
            self._cancelled = True
            if self._process is not None:
                self._process.kill()

    def _run(self, say: Say, *words: str) -> str:
        """Run the tool; the last line that it prints."""
        with tempfile.TemporaryFile("w+", errors="replace") as errors:
            process = self._start(words, errors)
            last = ""
            with process:
                assert process.stdout is not None
                for line in process.stdout:
                    progress = _progress(line)
                    if progress is not None:
                        say(progress)
                    last = line.strip() if progress is None else last
            if self._cancelled:
                raise CancelledError
            if process.returncode == 2 and last:
                raise ToolError(last, asked_wrongly=True)
            if process.returncode:
                raise ToolError(_ended_badly(process.returncode, errors), asked_wrongly=False)
        return last

    def _start(self, words: tuple[str, ...], errors: IO[str]) -> subprocess.Popen[str]:
        with self._lock:
            if self._cancelled:
                raise CancelledError
            self._process = subprocess.Popen(
                [sys.executable, "-m", _MODULE, *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                errors="replace",
                env=child_environment(),
            )
            return self._process


def _progress(line: str) -> str | None:
    """What a line says of the progress; None for any other line."""
    if not line.startswith('{"progress"'):
        return None
    return str(json.loads(line)["progress"])


def _ended_badly(code: int, errors: IO[str]) -> str:
    if code == -9:  # killed, and not by us: the system does that to what takes too much memory
        return "data: the process that read the file was killed, most likely because the memory ran out"
    errors.seek(0)
    lines = errors.read().strip().splitlines()
    return f"data: it cannot be read: {lines[-1].strip() if lines else f'the tool ended with {code}'}"


def _silent(_progress: str) -> None:
    """Say nothing of what is being done."""
