"""A process that has loaded TensorFlow and forks trainers, which saves each of them seconds. For the tests alone.

It has one thread when it forks: importing TensorFlow starts none before the first operation, and BLAS is told to start
none. So a forked trainer is a process as any other: its own session, signals, locks, descriptors, working directory and
environment. Whoever could tell the difference (other flags of TensorFlow, other limits, rights or mounts) is refused,
and starts a trainer as lossterm does.

`main` reads the path of its socket from the command line; it ends when its standard input does. The word after that is
room: a trainer's own command line, as `ps` shows it, is put into the place of the server's.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import resource
import selectors
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_MATTER = ("TF_", "XLA_", "KERAS_", "OMP_", "LD_", "PYTHON")
_INDIFFERENT = ("PYTHONSAFEPATH", "PYTHONUSERBASE", "PYTHONUNBUFFERED")
_LIMITS = [getattr(resource, name) for name in sorted(dir(resource)) if name.startswith("RLIMIT_")]


def circumstances(environment: Mapping[str, str]) -> dict[str, Any]:
    """What a process inherits from whoever starts it, as far as it matters to a trainer."""
    names = [name for name in environment if name.startswith(_MATTER) and name not in _INDIFFERENT]
    umask = os.umask(0o077)
    os.umask(umask)
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return {
        "variables": {name: environment[name] for name in sorted(names)},
        "limits": [list(resource.getrlimit(limit)) for limit in _LIMITS],
        "rights": [line for line in status if line.startswith(("Uid:", "Gid:", "Groups:", "Cap", "NoNewPrivs:"))],
        "mounts": os.readlink("/proc/self/ns/mnt"),
        "umask": umask,
    }


class Server:
    """Answers requests for trainers, and says of each when it has ended."""

    def __init__(self, listener: socket.socket, own: dict[str, Any]):
        self._listener = listener
        self._own = own
        self._clients: dict[int, socket.socket] = {}
        """Who waits for the end of which process."""
        self._woken, waker = socket.socketpair()
        for end in (self._woken, waker, listener):
            end.setblocking(False)
        signal.set_wakeup_fd(waker.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._waker = waker

    def serve(self) -> dict[str, Any] | None:
        """Fork until standard input ends. Returns None then; in each new process, what it was asked to be."""
        with selectors.DefaultSelector() as selector:
            for source in (self._listener, self._woken, sys.stdin):
                selector.register(source, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if self._woken in ready:
                    self._woken.recv(4096)
                    self._reap()
                if self._listener in ready and (request := self._accept()) is not None:
                    return request
                if sys.stdin in ready:
                    return None

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                with self._clients.pop(ended[0]) as client, contextlib.suppress(OSError):
                    client.sendall(f"{os.waitstatus_to_exitcode(ended[1])}\n".encode())

    def _accept(self) -> dict[str, Any] | None:
        """Answer one request with the number of a new process, 0 if it is refused; in that process, the request."""
        client, _ = self._listener.accept()
        client.setblocking(True)
        request, descriptors = _receive(client)
        if request["circumstances"] != self._own:
            with client:
                client.sendall(b"0\n")
            pid = 0
        elif (pid := os.fork()) == 0:
            self._become(client, request, descriptors[0])
            return request
        else:
            self._clients[pid] = client
            client.sendall(f"{pid}\n".encode())
        for descriptor in descriptors:
            os.close(descriptor)
        return None

    def _become(self, client: socket.socket, request: dict[str, Any], output: int) -> None:
        """In a new process: be what `subprocess.Popen` would have made of it."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for one in (client, self._listener, self._woken, self._waker, *self._clients.values()):
            one.close()
        os.setsid()
        os.chdir(request["folder"])
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        for number in (1, 2):
            os.dup2(output, number)
        os.close(nothing)
        os.close(output)
        os.environ.clear()
        os.environ.update(request["environment"])
        _rename(request["command"])


def _receive(client: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """One request, a line of JSON that comes with the descriptor of the log."""
    data, descriptors, _, _ = socket.recv_fds(client, 1 << 16, 1)
    while not data.endswith(b"\n"):
        data += client.recv(1 << 16)
    return json.loads(data), descriptors


def _rename(command: list[str]) -> None:
    """Put a command line into the place of this process's own, for `ps` and whoever looks for it."""
    fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    begin, end = int(fields[45]), int(fields[46])  # arg_start and arg_end, fields 48 and 49 of proc_pid_stat(5)
    words = b"".join(word.encode() + b"\0" for word in command)
    assert len(words) <= end - begin, "the server's own command line is too short"
    ctypes.memset(begin, 0, end - begin)
    ctypes.memmove(begin, words, len(words))


def main() -> None:
    """Load, serve, and in each new process be a trainer."""
    own = circumstances(os.environ)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    from lossterm.trainer import device

    device.prepare_environment("auto")
    device.load_tensorflow()
    import sklearn.datasets  # noqa: F401

    from lossterm.trainer import __main__ as trainer
    from lossterm.trainer import fit, recorder  # noqa: F401

    gc.freeze()
    assert len(os.listdir("/proc/self/task")) == 1, "a process with threads must not fork"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(sys.argv[1])
        listener.listen(16)
        request = Server(listener, own).serve()
    if request is not None:
        sys.argv = ["lossterm.trainer", *request["command"][3:]]
        trainer.main()
