"""The help: every key from the table of actions, and the longer story of the notes."""

from __future__ import annotations

from textual.markup import escape

from ...catalog import all_notes
from ..actions import ACTIONS, GROUPS, Action

_INTRO = (
    "Pick a loss and a dataset, press enter, and watch a Keras model train in a process of its own: it goes on "
    "when this window closes. Mark runs with space to lay them over one another; values of different losses are "
    "not comparable, so runs are compared on the metric that they share."
)


def help_text() -> str:
    """The whole help as Textual markup."""
    parts = [_INTRO, ""]
    for group, title in GROUPS.items():
        parts.append(f"[b $accent]{title}[/]")
        parts += [_key(action) for action in ACTIONS if action.group == group]
        parts.append("")
    parts.append(
        "[b $accent]In a list[/]\n   [b]↑ ↓[/b]    Move; tab goes to the next list, shift+←/→ scrolls the runs.\n"
    )
    parts.append("[b $accent]Good to know[/]")
    parts += [f"  [b]{escape(note.short)}[/b]\n  {escape(note.more)}\n" for note in all_notes()]
    return "\n".join(parts)


def _key(action: Action) -> str:
    pad = " " * max(8 - len(action.shown), 0)
    return f"{pad}[b]{escape(action.shown)}[/b]  {escape(action.help)}"
