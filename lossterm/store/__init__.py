"""The store: runs, epochs and checkpoints in one SQLite file, the only wire between front ends and trainers."""

from .errors import StoreError, UnknownRunError
from .locks import HeldLock, LockFolder, LockState
from .store import Store
from .trainer_store import TrainerStore

__all__ = ["HeldLock", "LockFolder", "LockState", "Store", "StoreError", "TrainerStore", "UnknownRunError"]
