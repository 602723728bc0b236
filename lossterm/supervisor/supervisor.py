"""Keeps trainers alive for the runs that wait."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from ..runs.records import ACTIVE, Trainer
from ..store import Store
from ..store.health import BEAT_SECONDS, TrainerHealth, read_health
from ..store.logs import last_line, newest_log
from . import launch

_LAUNCHES = 3
_LAUNCH_WINDOW = 60.0
_SECOND_LOOK = 1.5 * BEAT_SECONDS


class Supervisor:
    """Keeps trainers alive for the runs that wait, and gives up for a while on ones that keep dying.

    Attributes:
        trouble: Why some trainer cannot do its work (a full disk, say), as it said at the last look; empty if none.
        silent: Which trainer does not answer, and how to end it; empty if each does.
    """

    def __init__(self, trainers: int | None = None) -> None:
        """`trainers`: how many at most, as runs wait for them; None for `usual_trainers`."""
        self._most = trainers or launch.usual_trainers()
        self._launched: list[float] = []
        self._silent_before: set[int] = set()
        self.trouble = self.silent = ""

    def check(self, store: Store, devices: Iterable[str]) -> None:
        """Start trainers for each of `devices`: one, or as many as there are runs to train, up to the most.

        Costs next to nothing when enough live and answer. Trainers that have died must have been reaped before.
        Raises LaunchError.
        """
        trainers = store.trainers()
        asked = list(dict.fromkeys(devices))
        silent = self._look(store, trainers, asked)
        wanted = min(self._most, max(store.count("queued", *ACTIVE), 1)) if self._most > 1 else 1
        for device in asked:
            if sum(launch.serves(trainer, device) for trainer in trainers if trainer not in silent) < wanted:
                self._launch(store, device, wanted)

    def _look(self, store: Store, trainers: Sequence[Trainer], devices: Sequence[str]) -> list[Trainer]:
        """Take note of the trainers' health; those that did not answer now and at the look before.

        Twice, for a machine that was halted wakes the one who looks first, perhaps.
        """
        healths = {trainer.id: _health(store, trainer) for trainer in trainers}
        self.trouble = next((health.trouble for health in healths.values() if health and health.trouble), "")
        silent = [trainer for trainer in trainers if not launch.answers(healths[trainer.id])]
        lasting = [trainer for trainer in silent if trainer.id in self._silent_before]
        self._silent_before = {trainer.id for trainer in silent}
        pids = [t.pid for t in lasting if any(launch.serves(t, device) for device in devices)]
        self.silent = _silent_words(pids)
        return lasting

    def _launch(self, store: Store, device: str, wanted: int) -> None:
        now = time.monotonic()
        self._launched = [at for at in self._launched if now - at < _LAUNCH_WINDOW]
        if len(self._launched) >= _LAUNCHES * self._most:
            log = newest_log(store)
            end = f" ({last_line(log)}); log: {log}" if log else ""
            raise launch.LaunchError(f"trainer: it ended {len(self._launched)} times within a minute{end}")
        self._launched.append(now)
        launch.ensure_trainers(store, device, wanted)


def trouble_of(store: Store) -> str:
    """What keeps the trainers of a store from their work, as the app's head line says it; empty if nothing does.

    Takes a moment longer where one does not answer: it is asked twice, see `Supervisor`.
    """
    troubles = [health.trouble for trainer in store.trainers() if (health := _health(store, trainer)) is not None]
    trouble = next(filter(None, troubles), "")
    silent = [trainer for trainer in store.trainers() if not launch.answers(_health(store, trainer))]
    if trouble or not silent:
        return trouble
    time.sleep(_SECOND_LOOK)
    return _silent_words([trainer.pid for trainer in silent if not launch.answers(_health(store, trainer))])


def _health(store: Store, trainer: Trainer) -> TrainerHealth | None:
    return read_health(store.locks.path, trainer.id)


def _silent_words(pids: Sequence[int]) -> str:
    return f"trainer: pid {pids[0]} does not answer; kill -9 {pids[0]} ends it" if pids else ""
