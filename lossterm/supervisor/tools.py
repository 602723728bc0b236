"""Run what else needs TensorFlow, each in a process of its own: the devices, an export, plain Keras to compare with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..catalog.own_loss import LossFile
from ..config import RunConfig
from ..runs.loss_files import FoundLoss, LossSource


class ToolError(Exception):
    """What was asked of another process could not be done; the message says why, in one line.

    asked_wrongly: whether the request itself was at fault.
    """

    def __init__(self, message: str, asked_wrongly: bool):
        super().__init__(message)
        self.asked_wrongly = asked_wrongly


@dataclass(frozen=True)
class FoundDevice:
    """A device that Keras can train on here.

    device: cpu, or gpu:N. name: the hardware's own name. note: what to know about it; empty if nothing.
    """

    device: str
    name: str
    note: str


def devices() -> list[FoundDevice]:
    """What Keras can train on here, the CPU first. Takes seconds: TensorFlow loads. Raises ToolError."""
    found = json.loads(_run_tool("lossterm.trainer.device"))
    return [FoundDevice(**entry) for entry in found]


def export(store: Path, run_ids: Sequence[int], form: str, targets: Sequence[Path]) -> list[str]:
    """Write runs in a format that front ends cannot write, one target a run.

    Returns:
        What is to be said of what was written, a line each.

    Raises:
        ToolError: it could not be written.
    """
    pairs = [word for run_id, to in zip(run_ids, targets, strict=True) for word in (str(run_id), str(to))]
    return _output_of("lossterm.trainer.export", "--store", str(store), "--format", form, *pairs).splitlines()


def find_losses(path: str) -> tuple[LossSource, tuple[FoundLoss, ...]]:
    """What a person's file holds, and the losses that it seems to define, found without running it.

    Raises:
        ToolError: it cannot be read, or is no Python; the message has the line.
    """
    found = json.loads(_run_tool("lossterm.trainer.find_losses", "--", path))
    source = LossSource(LossFile(**found["source"]["file"]), found["source"]["text"])
    return source, tuple(FoundLoss(**loss) for loss in found["losses"])


def child_environment() -> dict[str, str]:
    """The environment of a process of lossterm's own, which imports nothing from the folder that it is started in."""
    return {**os.environ, "PYTHONSAFEPATH": "1"}


def plain_epochs(device: str, configs: Sequence[RunConfig]) -> Iterator[float]:
    """Milliseconds an epoch of plain `model.fit` with each config, as they are measured. Raises ToolError."""
    words = [config.to_json() for config in configs]
    command = [sys.executable, "-m", "lossterm.trainer.plain", "--device", device, *words]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=child_environment(),
    ) as process:
        assert process.stdout is not None
        said = ""
        for said in process.stdout:
            if said.startswith("{"):
                yield json.loads(said)["milliseconds"]
    if process.returncode:
        raise ToolError(said.strip() or "plain Keras ended badly", asked_wrongly=process.returncode == 2)


def _run_tool(module: str, *arguments: str) -> str:
    """Run a module in a process of its own and return the last line it printed; see `_output_of`."""
    return _last(_output_of(module, *arguments))


def _output_of(module: str, *arguments: str) -> str:
    """Run a module in a process of its own and return what it printed.

    A module that ends with 2 was asked wrongly; its last line says why.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        env=child_environment(),
    )
    said = _last(done.stdout)
    if done.returncode == 2 and said:
        raise ToolError(said, asked_wrongly=True)
    if done.returncode:
        raise ToolError(f"{module} ended with {done.returncode} ({_last(done.stderr)})", asked_wrongly=False)
    return done.stdout


def _last(output: str) -> str:
    return (output.strip().splitlines() or [""])[-1].strip()
