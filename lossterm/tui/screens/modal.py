"""What every screen on top of the main one has in common."""

from __future__ import annotations

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, ScreenResultType


class Modal(ModalScreen[ScreenResultType]):
    """A screen that is left once: a second Enter that was on its way already does nothing more."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Leave the screen with a result, unless it has been left."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
