"""The presets: which experiments there are, what each trains, and what to watch for in it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Static

from ...experiments.presets import PRESETS, Preset
from .dialogs import Modal


class PresetsScreen(Modal[Preset | None]):
    """A list of the presets; dismissed with the one to train, or None."""

    BINDINGS = [
        Binding("escape,q,X", "cancel", "cancel"),
        Binding("up,k", "move(-1)", "previous", show=False),
        Binding("down,j", "move(1)", "next", show=False),
        Binding("home,pageup,g", "pick(0)", "first", show=False),
        Binding("end,pagedown,G", f"pick({len(PRESETS) - 1})", "last", show=False),
        Binding("enter", "choose", "train"),
        *(Binding(str(number), f"pick({number - 1})", show=False) for number in range(1, len(PRESETS) + 1)),
    ]

    def __init__(self) -> None:
        """Begin at the first one."""
        super().__init__()
        self._at = 0

    @property
    def highlighted(self) -> Preset:
        """The preset that Enter would train."""
        return PRESETS[self._at]

    def compose(self) -> ComposeResult:
        """The list, and below it the highlighted preset's sentence and what it trains."""
        with Vertical(classes="dialog presets"):
            yield Static("Experiments that show what a loss does", classes="dialog-title", markup=False)
            yield Static("", id="presets")
            yield Static("", id="watch", markup=False)
            yield Static("", id="trained", markup=False)
            yield Static(f"[b]↑ ↓ 1-{len(PRESETS)}[/b] choose   [b]enter[/b] train   [b]esc[/b] cancel")

    def on_mount(self) -> None:
        """Show the first one."""
        self._show()

    def action_move(self, step: int) -> None:
        """Go to the next preset, or round to the other end."""
        self._at = (self._at + step) % len(PRESETS)
        self._show()

    def action_pick(self, at: int) -> None:
        """Go to a preset by its place, 0 the first."""
        self._at = at
        self._show()

    def action_choose(self) -> None:
        """Train the highlighted one."""
        self.dismiss(self.highlighted)

    def action_cancel(self) -> None:
        """Train nothing."""
        self.dismiss(None)

    def _show(self) -> None:
        lines = []
        for number, preset in enumerate(PRESETS, start=1):
            chosen = preset is self.highlighted
            style, sign = ("b $accent", "▸") if chosen else ("$text-muted", " ")
            lines.append(f"[{style}]{sign}{number} {preset.name:<12} {preset.title}[/]")
        self.query_one("#presets", Static).update("\n".join(lines))
        self.query_one("#watch", Static).update(self.highlighted.watch)
        self.query_one("#trained", Static).update(self.highlighted.words)
