"""Old names of `config`, until every room uses the new ones."""  # compat

from __future__ import annotations

from .catalog import Number
from .config import SETTINGS as _SETTINGS
from .config import ConfigError as ExperimentError
from .config import RunConfig as Experiment

RANGES = {name: setting.kind for name, setting in _SETTINGS.items() if name != "device"}
SETTINGS: tuple[str, ...] = tuple(_SETTINGS)
DEVICE = __import__("re").compile(r"auto|cpu|gpu|gpu:[0-9]{1,3}")
Range = Number

__all__ = ["DEVICE", "RANGES", "SETTINGS", "Experiment", "ExperimentError", "Range"]
