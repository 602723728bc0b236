"""The checked settings of one run."""

from .reading import ConfigError
from .run_config import JSON_VERSION, MOST_WEIGHTS, RunConfig
from .settings import SETTINGS, RunSettings, applying_settings, datasets_that_take, overridden

__all__ = [
    "JSON_VERSION",
    "MOST_WEIGHTS",
    "SETTINGS",
    "ConfigError",
    "RunConfig",
    "RunSettings",
    "applying_settings",
    "datasets_that_take",
    "overridden",
]
