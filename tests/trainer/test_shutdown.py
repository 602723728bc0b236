"""Signals that come at any moment, thousands of them: nothing in a handler may wait for a lock."""

from __future__ import annotations

import select
import signal
import subprocess
import sys

import pytest

ROUNDS, BURST = 1000, 10

TRAINER = """
import signal
from lossterm.trainer.shutdown import ShutdownFlag
for _ in range({rounds}):
    flag = ShutdownFlag()
    flag.heed([signal.SIGTERM, signal.SIGINT])
    print("waiting", flush=True)
    while not flag.wait(0.0005):
        pass
    assert flag.is_set()
    input()
    flag.close()
print("done", flush=True)
"""

COMMAND = """
import time
from lossterm.cli.run_monitor import RunSignals
for _ in range({rounds}):
    with RunSignals() as signals:
        print("waiting", flush=True)
        while not signals.interrupts:
            time.sleep(0.0005)
        input()
print("done", flush=True)
"""


@pytest.mark.parametrize(
    ("code", "number"),
    [
        pytest.param(TRAINER, signal.SIGTERM, id="a trainer, SIGTERM"),
        pytest.param(TRAINER, signal.SIGINT, id="a trainer, SIGINT"),
        pytest.param(COMMAND, signal.SIGINT, id="a command, SIGINT"),
    ],
)
def test_ten_thousand_signals_deadlock_nothing(code: str, number: signal.Signals) -> None:
    """With `threading.Event` in the flag's place this hangs after some hundreds."""
    child = subprocess.Popen(
        [sys.executable, "-c", code.format(rounds=ROUNDS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        for sent in range(0, ROUNDS * BURST, BURST):
            ready, _, _ = select.select([child.stdout], [], [], 60)
            assert ready, f"it hangs after {sent} signals"
            assert child.stdout.readline() == "waiting\n"
            for _ in range(BURST):
                child.send_signal(number)
            child.stdin.write("\n")
        assert child.communicate(timeout=60)[0] == "done\n"
    finally:
        child.kill()
        child.communicate()
    assert child.returncode == 0
