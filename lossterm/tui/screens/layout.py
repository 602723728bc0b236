"""How the main screen's panes share the terminal: what fits its size, one pane on the whole of it, the theme."""

from __future__ import annotations

from collections.abc import Mapping

from textual.screen import Screen
from textual.widgets import Static

from ..panes.model_view_pane import ModelViewPane
from ..panes.plots_pane import PlotsPane

_WHOLE = ("", "-full-chart", "-full-view", "-full-runs")
"""The classes of a screen that shows one pane alone; the first shows all of them."""
_LEAST_WIDTH, _LEAST_HEIGHT = 60, 16


class Layout:
    """The layout of one screen."""

    def __init__(self, screen: Screen[None]) -> None:
        """Lay out `screen`."""
        self._screen = screen

    @property
    def zoom(self) -> str:
        """The class that says which pane is alone on the screen; empty where all are shown."""
        return next((name for name in _WHOLE if name and self._screen.has_class(name)), "")

    def set_zoom(self, name: str) -> None:
        """Show one pane alone, or all of them."""
        self._screen.remove_class(*filter(None, _WHOLE))
        self._screen.add_class(*filter(None, [name]))

    def zoom_next(self) -> None:
        """Chart on the whole screen, model view if it is open, runs, all of them."""
        model_view = self._screen.query_one(ModelViewPane).is_open
        names = [name for name in _WHOLE if name != "-full-view" or model_view]
        at = names.index(self.zoom) if self.zoom in names else 0
        self.set_zoom(names[(at + 1) % len(names)])

    def fit(self, width: int, height: int) -> None:
        """Take to a new size; below a usable one say so, and come back when there is room."""
        self._screen.query_one(PlotsPane).fit(legend=height >= 28, model_view=width >= 130 and height >= 28)
        tiny = width < _LEAST_WIDTH or height < _LEAST_HEIGHT
        self._screen.set_class(tiny, "-tiny")
        if tiny:
            words = f"terminal too small: {width}×{height}, needs {_LEAST_WIDTH}×{_LEAST_HEIGHT}"
            self._screen.query_one("#too-small", Static).update(words)

    def choices(self) -> dict[str, object]:
        """What a person chose, by name, to be kept over a restart."""
        app, model_view = self._screen.app, self._screen.query_one(ModelViewPane)
        return {"theme": app.theme, "zoom": self.zoom, "model view": model_view.choice}

    def restore(self, values: Mapping[str, object]) -> None:
        """Bring the layout to what was chosen the last time; values of another kind are passed over."""
        app = self._screen.app
        theme, zoom = values.get("theme"), values.get("zoom")
        if isinstance(theme, str) and theme in app.available_themes:
            app.theme = theme
        self._screen.query_one(ModelViewPane).restore_choice(values.get("model view"))
        if isinstance(zoom, str) and zoom in _WHOLE and (zoom != "-full-view" or values.get("model view") == "model"):
            self.set_zoom(zoom)
