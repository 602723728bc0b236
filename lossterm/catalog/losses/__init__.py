"""The losses, one file each. A file defines `LOSS`; it is found by itself, and everything else reads it from here."""

from __future__ import annotations

from ..loss import Loss
from ..registry import Registry, discover


def _order(loss: Loss) -> tuple[bool, int, str]:
    return (loss.menu_place is None, loss.menu_place or 0, loss.short)


def _found() -> list[Loss]:
    return [entry for entry in discover(__name__, "LOSS") if isinstance(entry, Loss)]


_LEFT_OUT = {
    "ctc": "it aligns sequences, and rows of a table are none",
    "circle": "it compares embeddings, and rows of a table are none",
}
_REGISTRY: Registry[Loss] = Registry("loss", sorted(_found(), key=_order), _LEFT_OUT)
LOSSES: tuple[Loss, ...] = _REGISTRY.entries
"""Every loss: those of the menu in its order, then the others by their short names."""
MENU_LOSSES: tuple[Loss, ...] = tuple(loss for loss in LOSSES if loss.menu_place is not None)
"""The losses of the menu that the app opens with."""


def loss_named(name: str) -> Loss:
    """Find a loss by its short name or its Keras identifier, whatever the case.

    Raises:
        UnknownNameError: if there is none; the message lists the known names, and says why one is left out.
    """
    return _REGISTRY.find(name)
