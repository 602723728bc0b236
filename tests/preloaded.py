"""Trainers that are forked from a process which has loaded TensorFlow; see trainer_server.py.

For tests of what a trainer does once it has loaded. `start_server` starts that process; from then on `install` makes
lossterm.supervisor.launch ask it for trainers, in this process and in commands that begin with COMMAND. Where the
variable SERVER is not set, or the server refuses, a trainer is started as lossterm does.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from .trainer_server import circumstances

SERVER = "TRAINER_SERVER"
"""The environment variable with the path of the server's socket."""
_PYTHON = sys.executable
_ROOT = str(Path(__file__).parents[1])
_BEGIN = f"import sys; sys.path = [*filter(None, sys.path), {_ROOT!r}]; from tests import preloaded, trainer_server; "
COMMAND = [_PYTHON, "-c", f"{_BEGIN}preloaded.install(); from lossterm.cli import main; sys.exit(main(sys.argv[1:]))"]
"""The command line `lossterm`, but that its trainers are forked where SERVER is set."""
_SERVE = [_PYTHON, "-c", f"{_BEGIN}trainer_server.main()"]
_ROOM = 2000
_PATIENCE = 60.0


class ForkedProcess:
    """A process that the server has forked, with what `lossterm.supervisor.launch` and tests use of a Popen."""

    def __init__(self, pid: int, connection: socket.socket):
        self.pid = pid
        self.returncode: int | None = None
        self._connection = connection

    def poll(self) -> int | None:
        return self._look(0)

    def wait(self, timeout: float | None = None) -> int:
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(["a trainer"], timeout or 0)
        return code

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def _look(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._connection], [], [], timeout)[0]:
            with self._connection:
                self.returncode = int(self._connection.recv(64) or -signal.SIGKILL)  # nothing: the server has gone
        return self.returncode

    def __del__(self) -> None:
        self._connection.close()


def start_server(path: Path) -> subprocess.Popen[bytes] | None:
    """Start the server on a socket that it makes at `path`; it ends when its standard input is closed.

    None where it cannot serve: a library has started a thread, say.
    """
    server = subprocess.Popen([*_SERVE, str(path), "." * _ROOM], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + _PATIENCE
    while not path.exists():
        if server.poll() is not None:
            server.communicate()
            return None
        assert time.monotonic() < deadline, "the trainer server did not start"
        time.sleep(0.02)
    return server


def install() -> None:
    """Let `lossterm.supervisor.launch` in this process ask the server for trainers, while SERVER names one."""
    from lossterm.supervisor import launch

    setattr(launch, "subprocess", SimpleNamespace(Popen=_popen, DEVNULL=subprocess.DEVNULL))  # noqa: B010


def _popen(command: list[str], **options: Any) -> Any:
    path = os.environ.get(SERVER)
    forked = _forked(path, command, **options) if path and _is_usual(command) else None
    return forked or subprocess.Popen(command, **options)


def _is_usual(command: list[str]) -> bool:
    """Whether a command starts a trainer that serves: one without a device ends before it is seen to be there."""
    return (
        command[:3] == [_PYTHON, "-m", "lossterm.trainer"]
        and "--threads" not in command
        and command[command.index("--device") + 1] in ("auto", "cpu")
    )


def _forked(path: str, command: list[str], *, stdout: Any, cwd: Path, env: dict[str, str], **_: Any) -> Any:
    """A trainer from the server; None where it refuses."""
    request = {
        "command": command,
        "folder": str(cwd),
        "environment": env,
        "circumstances": circumstances(env),
    }
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    data = json.dumps(request).encode() + b"\n"
    sent = socket.send_fds(connection, [data], [stdout.fileno()])
    if sent < len(data):  # sending nothing fails too where the server has answered and closed its end
        connection.sendall(data[sent:])
    with connection.makefile() as answer:
        pid = int(answer.readline())
    if pid:
        return ForkedProcess(pid, connection)
    connection.close()
    return None
