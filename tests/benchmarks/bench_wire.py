"""How many bytes the live chart sends to a 140x40 terminal, and what it costs its process.

    python tests/benchmarks/bench_wire.py [--seconds 8]

Each case runs a real Textual app in a pseudo-terminal that answers as a modern one does (true colour, synchronised
updates), feeds it at 10 updates a second, and counts what arrives from the first update to the last. The same curves
are drawn by `textual-plotext` where that can be imported; it pins an older plotext than lossterm, so it needs an
environment of its own:

    python -m venv /tmp/plotext-peer && /tmp/plotext-peer/bin/pip install textual-plotext
    python tests/benchmarks/bench_wire.py --peer-python /tmp/plotext-peer/bin/python

Trust the ratios between the lines, not the figures.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

COLUMNS, ROWS = 140, 40
UPDATES_A_SECOND = 10
SYNC_QUERY, SYNC_REPLY = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
PAINT = b"\x1b[?2026h"
APP = Path(__file__).with_name("wire_app.py")

CASES = {
    "idle": "nothing new, nothing sent",
    "two": "live run, train and test: 2 curves, 2 epochs an update",
    "two-smooth": "the same, log axis, smoothed, raw curves behind",
    "seven": "race, one of 7 overlaid runs live",
    "seven-live": "race, all of 7 overlaid runs live",
    "long": "live run of 100,000 epochs, 2 curves, 500 epochs an update",
}


class Measured(dict[str, float]):
    """Figures of one case: bytes, paints, largest paint, CPU seconds, wall seconds."""


def run(case: str, seconds: float, python: str = sys.executable, peer: bool = False) -> Measured | None:
    """Run one case; None when the peer isn't installed there."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    report, report_end = os.pipe()
    command = [python, str(APP), case, str(seconds), str(report_end)] + (["--peer"] if peer else [])
    env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    env.pop("NO_COLOR", None)
    child = subprocess.Popen(
        command,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=env,
        pass_fds=[report_end],
        start_new_session=True,
    )
    os.close(follower)
    os.close(report_end)
    try:
        sent, figures = _listen(leader, report, time.monotonic() + seconds + 60)
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
        child.wait(timeout=30)
        os.close(leader)
        os.close(report)
    if not figures:
        if peer:
            return None
        raise SystemExit(f"{case}: the app said nothing; it wrote {sent[-2000:]!r}")
    paints = [len(part) for part in sent.split(PAINT)[1:]]
    return Measured(figures, bytes=len(sent), paints=len(paints), largest=max(paints, default=0))


def _listen(leader: int, report: int, deadline: float) -> tuple[bytes, dict[str, float]]:
    """What reaches the terminal between the app's "start" and its figures."""
    sent, lines = b"", b""
    counting = False
    while time.monotonic() < deadline:
        ready, _, _ = select.select([leader, report], [], [], 1.0)
        if leader in ready:
            try:
                data = os.read(leader, 65536)
            except OSError:
                return sent, {}
            if SYNC_QUERY in data:
                os.write(leader, SYNC_REPLY)
            if counting:
                sent += data
        elif report in ready:
            data = os.read(report, 65536)
            if not data:
                return sent, {}
            lines += data
            counting = b"start\n" in lines
            match = re.search(rb"^(\{.*\})\n", lines, re.MULTILINE)
            if match:
                return sent, json.loads(match.group(1))
    return sent, {}


def _line(name: str, measured: Measured, reference: Measured | None = None) -> str:
    wall = measured["wall"]
    a_paint = measured["bytes"] / measured["paints"] if measured["paints"] else 0.0
    text = (
        f"{name:<34}{measured['paints']:>7.0f}{a_paint:>10.0f}{measured['largest']:>10.0f}"
        f"{measured['bytes'] / wall / 1000:>10.2f}{100 * measured['cpu'] / wall:>8.1f}"
    )
    if reference is not None:
        text += f"   {measured['bytes'] / max(reference['bytes'], 1):.0f} times ours"
    return text


def main() -> None:
    """Measure all cases and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each case runs")
    parser.add_argument("--peer-python", default=sys.executable, help="a Python that can import textual_plotext")
    parser.add_argument("--case", choices=CASES, action="append", help="only this case; repeatable")
    options = parser.parse_args()
    print(f"{COLUMNS}x{ROWS}, {UPDATES_A_SECOND} updates a second, {options.seconds:g} s a case")
    print(f"{'':<34}{'paints':>7}{'B/paint':>10}{'largest':>10}{'kB/s':>10}{'CPU %':>8}")
    missing = False
    for case in options.case or CASES:
        ours = run(case, options.seconds)
        assert ours is not None
        print(_line(f"{case}: lossterm", ours), f"  {CASES[case]}", flush=True)
        if case in ("two", "seven-live") and not missing:
            theirs = run(case, options.seconds, options.peer_python, peer=True)
            missing = theirs is None
            if theirs is not None:
                print(_line(f"{case}: textual-plotext", theirs, ours), flush=True)
    if missing:
        print("textual-plotext could not be imported; this script's docstring says how to install it beside lossterm")


if __name__ == "__main__":
    main()
