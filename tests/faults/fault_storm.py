"""Random faults on one store for as long as one likes, then: is every run whole, and does every number agree?

Kills with every signal, stops, pauses, resumes, copies of the store, full disks, locks, starved and closed front ends,
from several processes at once. All of it goes through the program's own commands. The seed repeats the order of the
faults; their moments are the machine's.

    python -m tests.faults.fault_storm --minutes 20 --seed 1
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..conftest import end_processes, isolated, processes
from ..terminal import Terminal

LOSSES = {"regression": ("mse", "mae", "msle"), "circles": ("bce", "hinge", "cce"), "blobs": ("kld", "cce", "bce")}
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL)
ENDED = {"finished", "stopped", "diverged", "failed", "interrupted"}
QUIET_SECONDS = 240.0


class Storm:
    """One store, the faults that befall it, and what is found wrong.

    Args:
        folder: where the store and its copies are.
        seed: of the order of the faults.
        most: runs that are queued at most.
    """

    def __init__(self, folder: Path, seed: int, most: int):
        self.folder = folder
        self.path = folder / "runs.db"
        self.random = random.Random(seed)
        self.environment = {**isolated(folder), "LOSSTERM_IDLE": "60", "LOSSTERM_TRAINERS": "2"}
        self.most = most
        self.queued = 0
        self.done: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.fronts: list[subprocess.Popen[str]] = []
        self.apps: list[Terminal] = []
        self.seen: dict[int, int] = {}

    # -- the program --------------------------------------------------------------------------------------------

    def command(self, *words: object, store: Path | None = None) -> list[str]:
        """The program's command line on the store, or on a copy."""
        return [sys.executable, "-m", "lossterm", "--store", str(store or self.path), *map(str, words)]

    def run(self, *words: object, store: Path | None = None, **more: Any) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; a traceback, an internal error or a hang is wrong."""
        try:
            done = subprocess.run(
                self.command(*words, store=store),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                env=self.environment,
                timeout=180,
                **more,
            )
        except subprocess.TimeoutExpired:
            self.wrong.append(f"{words} hangs")
            return subprocess.CompletedProcess([], 1, "", "")
        said = done.stdout + done.stderr
        if "Traceback" in said or "internal error" in said or "Exception ignored" in said:
            self.wrong.append(f"{words}: {said[-500:]}")
        if done.returncode not in (0, 1, 2):
            self.wrong.append(f"{words} ended with {done.returncode}")
        return done

    def runs(self, store: Path | None = None) -> list[dict[str, Any]]:
        """The history, as `runs --json` prints it; empty while the store cannot be read."""
        done = self.run("runs", "--json", store=store)
        return json.loads(done.stdout) if done.returncode == 0 and done.stdout.strip() else []

    def history(self, run_id: int, store: Path | None = None) -> dict[str, Any]:
        """One run, as `show --json` prints it."""
        found: dict[str, Any] = json.loads(self.run("show", run_id, "--json", store=store).stdout or "{}")
        return found

    # -- faults ---------------------------------------------------------------------------------------------------

    def fault(self) -> None:
        """Let one fault happen, whichever comes."""
        faults: list[tuple[int, Callable[[], None]]] = [
            (5, self.queue),
            (4, self.kill_trainer),
            (2, self.halt_trainer),
            (3, self.follow_and_kill),
            (2, self.app_and_kill),
            (4, self.stop_pause_resume),
            (2, self.copy),
            (1, self.fill_disk),
            (2, self.lock),
            (2, self.starve),
            (2, self.read),
        ]
        chosen = self.random.choices([fault for _, fault in faults], [weight for weight, _ in faults])[0]
        self.done[chosen.__name__] += 1
        chosen()

    def settings(self) -> list[object]:
        """A small run; few different ones, so that equal ones can be compared."""
        dataset = self.random.choice(list(LOSSES))
        loss = self.random.choice(LOSSES[dataset])
        epochs = self.random.choice([5, 60, 400, 1500])
        words = ["--loss", loss, "--dataset", dataset, "--epochs", epochs, "--samples", 400]
        return [*words, "--batch-size", 16, "--seed", self.random.randint(1, 2)]

    def queue(self) -> None:
        """A few runs, left to the trainers."""
        for _ in range(self.random.randint(1, 4)):
            if self.queued < self.most:
                self.queued += self.run("run", *self.settings(), "--detach").returncode == 0

    def trainers(self) -> list[int]:
        """The trainers of the store; those of copies have another name in their command line."""
        return processes(f"lossterm.trainer --store {self.path} ")

    def kill_trainer(self) -> None:
        """A signal to one of the trainers."""
        for pid in self.trainers()[:1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, self.random.choice(SIGNALS))

    def halt_trainer(self) -> None:
        """A trainer stands still for a while, then goes on or is killed."""
        for pid in self.trainers()[:1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
                self.pass_time(self.random.uniform(0.2, 4))
                os.kill(pid, self.random.choice([signal.SIGCONT, signal.SIGKILL]))

    def follow_and_kill(self) -> None:
        """`lossterm run`, which a signal ends in the middle."""
        if self.queued >= self.most:
            return
        self.queued += 1
        front = subprocess.Popen(
            self.command("run", *self.settings(), "--json"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
        )
        self.fronts.append(front)
        self.pass_time(self.random.uniform(0.1, 3))
        front.send_signal(self.random.choice(SIGNALS))

    def app_and_kill(self) -> None:
        """The app in a terminal, a few keys, then a signal."""
        app = Terminal(self.command(), (140, 40), **self.environment)
        self.apps.append(app)
        self.pass_time(self.random.uniform(0.3, 3))
        for key in self.random.sample(["\x1b[B", "\x1b[A", "m", "v", " ", "t", "p", "p", "l"], 4):
            with contextlib.suppress(OSError):
                app.press(key)
            self.pass_time(0.1)
        if app.process.poll() is None:
            app.process.send_signal(self.random.choice(SIGNALS))

    def stop_pause_resume(self) -> None:
        """What a person asks of runs that are there."""
        runs = self.runs()
        for run in self.random.sample(runs, min(3, len(runs))):
            if run["status"] in ("interrupted", "stopped", "paused"):
                self.run("resume", run["id"])
            elif run["status"] not in ENDED:
                self.run("stop", run["id"])

    def copy(self) -> None:
        """A copy of the store as it is; it must have its own trainers, and what was running in it is interrupted."""
        copy = self.folder / f"copy-{self.done['copy']}" / "runs.db"
        copy.parent.mkdir()
        try:
            with contextlib.closing(sqlite3.connect(self.path, timeout=10)) as store:
                store.execute("VACUUM INTO ?", (str(copy),))
        except sqlite3.Error:
            return  # locked by another fault
        settings = ["--loss", "mse", "--epochs", 5, "--samples", 400]
        done = self.run("run", *settings, "--json", store=copy)
        if done.returncode:
            self.wrong.append(f"copy: its run ended with {done.returncode}: {done.stderr[-300:]}")
        deadline = time.monotonic() + 90
        while active := [run for run in self.runs(copy) if run["status"] not in ENDED]:  # what was queued when copied
            if time.monotonic() > deadline:
                self.wrong.append(f"copy: {[(run['id'], run['status']) for run in active]} never ended")
                break
            time.sleep(0.2)
        end_processes(str(copy.parent))
        shutil.rmtree(copy.parent)

    def fill_disk(self) -> None:
        """No file may grow for a while, as on a full disk: the limit is set from outside on the trainers."""
        limited = self.trainers()
        for pid in limited:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        self.pass_time(self.random.uniform(0.5, 3))
        for pid in limited:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def lock(self) -> None:
        """Another process holds the store for a while."""
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(self.path, timeout=5)) as other:
            other.isolation_level = None
            other.execute(self.random.choice(["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"]))
            if self.random.random() < 0.5:
                self.runs()  # reading needs no write lock
            self.pass_time(self.random.uniform(0.2, 7))
            other.execute("ROLLBACK")

    def starve(self) -> None:
        """A front end with few descriptors, or with no stdout; it may fail, but it harms nobody."""
        shape = self.random.choice(["ulimit -n 6; ", "ulimit -n 12; ", ""])
        end = self.random.choice([">&-", ">/dev/full", ">/dev/null", "2>&-", "<&-"])
        words = " ".join(self.command(self.random.choice(["runs", "status", "runs --json"])))
        subprocess.run(["bash", "-c", f"{shape}{words} {end}"], env=self.environment, capture_output=True, timeout=120)

    def read(self) -> None:
        """What is shown, while all of it happens: no run goes back, no epoch is missing."""
        for run in self.runs():
            before = self.seen.get(run["id"], 0)
            if run["epochs"] < before:
                self.wrong.append(f"run {run['id']} went back from epoch {before} to {run['epochs']}")
            self.seen[run["id"]] = max(before, run["epochs"])
        self.run("status", "--json")

    def pass_time(self, seconds: float) -> None:
        """Read what the apps write, as their terminals would, for some time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for app in self.apps:
                app.read()
            time.sleep(0.05)

    # -- afterwards -----------------------------------------------------------------------------------------------

    def rest(self) -> None:
        """No more faults: every front end ends, and every run is resumed until all have ended as they should."""
        for pid in self.trainers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        for front in self.fronts:
            self._end_front(front)
        for app in self.apps:
            if app.process.poll() is None:
                app.process.send_signal(signal.SIGTERM)
                with contextlib.suppress(AssertionError):
                    app.ended()
            app.close()
        deadline = time.monotonic() + QUIET_SECONDS
        while (left := self._resume_all()) and time.monotonic() < deadline:
            if not self.trainers():  # a person would start one in this way
                self.run("run", "--loss", "mse", "--epochs", 1, "--samples", 400, "--json")
            time.sleep(0.5)
        if left:
            self.wrong.append(f"never ended: {left[:10]}")

    def _end_front(self, front: subprocess.Popen[str]) -> None:
        try:
            _, said = front.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            self.wrong.append(f"a front end does not end: {front.args!r}")
            front.kill()
            return
        if "Traceback" in said or "internal error" in said:
            self.wrong.append(said[-500:])

    def _resume_all(self) -> list[str]:
        """Resume what can be; the runs that have not ended well yet."""
        runs = self.runs()
        for run in runs:
            if run["status"] in ("interrupted", "paused"):
                self.run("resume", run["id"])
        return [f"{run['id']} {run['status']}" for run in runs if run["status"] not in ("finished", "stopped")]

    def check(self) -> None:
        """The store is sound, every run whole, and runs of equal settings and seed have equal numbers."""
        with contextlib.closing(sqlite3.connect(self.path)) as store:
            sound = store.execute("PRAGMA integrity_check").fetchone()
        if sound != ("ok",):
            self.wrong.append(f"integrity: {sound}")
        alike: dict[str, dict[str, Any]] = {}
        for listed in self.runs():
            run = self.history(listed["id"])
            epochs = [entry["epoch"] for entry in run["history"]]
            if epochs != list(range(1, run["epochs"] + 1)):
                self.wrong.append(f"run {run['id']}: epochs missing or twice")
            if run["status"] == "finished" and run["epochs"] != run["settings"]["epochs"]:
                self.wrong.append(f"run {run['id']}: finished after {run['epochs']} epochs")
            numbers = [(entry["epoch"], entry["train"], entry["test"]) for entry in run["history"]]
            key = json.dumps([run["loss"], run["dataset"], run["settings"]], sort_keys=True)
            first = alike.setdefault(key, {"id": run["id"], "numbers": numbers, "scores": None})
            shared = min(len(numbers), len(first["numbers"]))
            if numbers[:shared] != first["numbers"][:shared]:
                self.wrong.append(f"runs {first['id']} and {run['id']} of equal settings have other numbers")
            if run["status"] == "finished":
                scores = (run["train"], run["test"])
                first["scores"] = first["scores"] or scores
                if first["scores"] != scores:
                    self.wrong.append(f"runs like {first['id']}: run {run['id']} has other scores")


def storm(folder: Path, seconds: float, seed: int, most: int) -> Storm:
    """Let it storm, then rest and check; what was wrong is in the result's `wrong`."""
    one = Storm(folder, seed, most)
    try:
        one.queue()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            one.fault()
        one.rest()
        one.check()
    finally:
        for app in one.apps:
            app.close()
        end_processes(str(folder))
    return one


def main() -> None:
    """Storm, and print what was done and what was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=300)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lossterm-storm-") as folder:
        result = storm(Path(folder), given.minutes * 60, given.seed, given.runs)
    print(f"seed {given.seed}: {sum(result.done.values())} faults, {result.queued} runs: {dict(result.done)}")
    print("\n".join(result.wrong) or "nothing was wrong")
    sys.exit(bool(result.wrong))


if __name__ == "__main__":
    main()
