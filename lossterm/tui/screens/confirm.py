"""A question that is answered with yes or no."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from ...text import printable
from .dialogs import Modal


class ConfirmScreen(Modal[bool]):
    """Asks before something is done; dismissed with whether it is wanted."""

    BINDINGS = [("y,enter", "answer(True)", "yes"), ("n,escape,q", "answer(False)", "no")]

    def __init__(self, question: str, words: str, yes: str) -> None:
        """Ask.

        Args:
            question: The question.
            words: What follows from a yes.
            yes: The yes in a word or two.
        """
        super().__init__()
        self._question, self._words, self._yes = printable(question), printable(words), yes

    def compose(self) -> ComposeResult:
        """The question and its two answers."""
        with Vertical(classes="dialog"):
            yield Static(self._question, classes="question", markup=False)
            yield Static(self._words, markup=False)
            yield Static(f"\n[b]y[/b]    {self._yes}\n[b]esc[/b]  no")

    def action_answer(self, wanted: bool) -> None:
        """Leave with the answer."""
        self.dismiss(wanted)
