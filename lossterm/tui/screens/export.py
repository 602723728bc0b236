"""Exporting from the app: which format, to which path; the writing is done by the command line in its own process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input, Static

from .modal import Modal

FORMATS: dict[str, tuple[str, str]] = {
    "csv": ("every epoch as a table", ".csv"),
    "json": ("runs with settings, scores and epochs", ".json"),
    "tensorboard": ("event files that TensorBoard opens", "-tensorboard"),
    "keras": ("the trained model, for keras.models.load_model", ".keras"),
}


class Export(NamedTuple):
    """What to export: a format of FORMATS, and the path to write."""

    format: str
    path: str


class ExportScreen(Modal[Export | None]):
    """Asks for format and path; dismissed with them, or None."""

    BINDINGS = [
        Binding("escape", "cancel", "cancel"),
        Binding("up", "move(-1)", "format", priority=True, show=False),
        Binding("down", "move(1)", "format", priority=True, show=False),
    ]

    def __init__(self, run_ids: Sequence[int]) -> None:
        """Offer to export these runs."""
        super().__init__()
        self._stem = f"lossterm-{'-'.join(map(str, run_ids[:3]))}" + ("-more" if len(run_ids) > 3 else "")
        self._many = len(run_ids) > 1
        self._count = len(run_ids)
        self._format = "csv"

    def compose(self) -> ComposeResult:
        """The formats and the path."""
        with Vertical(classes="dialog"):
            yield Static(f"Export {self._count} run{'s' if self._many else ''}", classes="dialog-title")
            yield Static("", id="formats")
            yield Static("to")
            yield Input(self._path(), compact=True, id="path")
            yield Static("\n[b]↑ ↓[/b] format   [b]enter[/b] write   [b]esc[/b] cancel")

    def on_mount(self) -> None:
        """Begin with the first format."""
        self._show()

    def action_move(self, step: int) -> None:
        """Choose another format."""
        names = list(FORMATS)
        self._format = names[(names.index(self._format) + step) % len(names)]
        self.query_one("#path", Input).value = self._path()
        self._show()

    def action_cancel(self) -> None:
        """Write nothing."""
        self.dismiss(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the path."""
        if event.value.strip():
            self.dismiss(Export(self._format, event.value.strip()))

    def _path(self) -> str:
        ending = "-keras" if self._format == "keras" and self._many else FORMATS[self._format][1]
        return self._stem + ending

    def _show(self) -> None:
        lines = []
        for name, (words, _) in FORMATS.items():
            chosen = name == self._format
            lines.append(f"[{'b $accent' if chosen else '$text-muted'}]{'▸' if chosen else ' '} {name:<12} {words}[/]")
        self.query_one("#formats", Static).update("\n".join(lines))
