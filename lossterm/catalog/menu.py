"""The menu of losses: the tutorial's, and those that a person added to it."""

from __future__ import annotations

from collections.abc import Sequence

from .loss import Loss
from .losses import LOSSES, MENU_LOSSES

ADDED_LOSSES = "added losses"
"""The name of the preference that keeps what was added: a list of names of losses."""


def read_added(value: object) -> tuple[Loss, ...]:
    """The losses that a preference names, whoever wrote it, but for those that the menu has anyway."""
    names = value if isinstance(value, list) else ()
    return tuple(loss for loss in LOSSES if loss.name in names and loss not in MENU_LOSSES)


def added_names(added: Sequence[Loss]) -> list[str]:
    """The preference that keeps these losses."""
    return [loss.name for loss in added]
