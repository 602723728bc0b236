"""The store: runs, epochs and checkpoints in one SQLite file, the only wire between front ends and trainers."""

from .errors import StoreError, UnknownRunError
from .locks import HeldLock, LockFolder, LockState
from .session import TrainerSession
from .store import Store

__all__ = ["HeldLock", "LockFolder", "LockState", "Store", "StoreError", "TrainerSession", "UnknownRunError"]
