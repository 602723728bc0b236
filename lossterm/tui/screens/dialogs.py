"""Short dialogs: leaving while something trains, a line of text, a text to read, a file to write."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen, ScreenResultType
from textual.widgets import Input, Static

from ...text import printable

Leave = Literal["go on", "stop"]


class Modal(ModalScreen[ScreenResultType]):
    """A screen that is left once: a second Enter that was on its way already does nothing more."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Leave the screen with a result, unless it has been left."""
        return super().dismiss(result) if self.is_active else AwaitComplete()


class PageScroll(VerticalScroll):
    """A scroller for a page of text, with a pager's keys beside its own: j and k by a line, g and G to an end."""

    BINDINGS = [
        Binding("j", "scroll_down", show=False),
        Binding("k", "scroll_up", show=False),
        Binding("g", "scroll_home", show=False),
        Binding("G", "scroll_end", show=False),
    ]


class QuitScreen(Modal[Leave | None]):
    """Asks what becomes of what is training; dismissed with "go on", "stop", or None to stay."""

    BINDINGS = [
        Binding("l,enter,g,q", "leave('go on')", "let it go on"),
        Binding("s,x", "leave('stop')", "stop it"),
        Binding("escape,n", "stay", "stay"),
    ]

    def __init__(self, training: int, queued: int) -> None:
        super().__init__()
        parts = [f"{count} {word}" for count, word in ((training, "training"), (queued, "queued")) if count]
        self._words = f"{' and '.join(parts)}. Training does not need this window."

    def compose(self) -> ComposeResult:
        """The question and its three answers."""
        with Vertical(classes="dialog"):
            yield Static("Leave lossterm?", classes="dialog-title")
            yield Static(self._words)
            yield Static(
                "\n[b]l[/b]    let it go on; the next start shows it"
                "\n[b]s[/b]    stop it after this epoch, and leave"
                "\n[b]esc[/b]  stay"
            )

    def action_leave(self, choice: Leave) -> None:
        """Leave, and say what becomes of the runs."""
        self.dismiss(choice)

    def action_stay(self) -> None:
        """Stay."""
        self.dismiss(None)


class AskScreen(Modal[str | None]):
    """Asks for a line of text, checked as it is typed; dismissed with it, or None."""

    BINDINGS = [Binding("escape", "cancel", "cancel")]

    def __init__(
        self, title: str, value: str, hint: str | Callable[[str], str], check: Callable[[str], str | None]
    ) -> None:
        """Ask.

        Args:
            title: The question.
            value: The text to begin with.
            hint: What is said of a text that will do, or what gives that.
            check: Gives the reason why a text will not do, or None.
        """
        super().__init__()
        self._title, self._value, self._check = printable(title), printable(value), check
        self._hint = hint if callable(hint) else lambda _text: str(hint)

    def compose(self) -> ComposeResult:
        """The question, its field, and the reason below it."""
        with Vertical(classes="dialog"):
            yield Static(self._title, classes="dialog-title", markup=False)
            yield Input(self._value, compact=True, id="answer")
            yield Static(self._hint(self._value), id="reason", markup=False)
            yield Static("\n[b]enter[/b] done   [b]esc[/b] cancel")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check what is typed."""
        reason = self._check(event.value)
        line = self.query_one("#reason", Static)
        line.update(reason or self._hint(event.value))
        line.set_class(reason is not None, "bad")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take it if it will do."""
        if self._check(event.value) is None:
            self.dismiss(event.value)

    def action_cancel(self) -> None:
        """Leave everything as it is."""
        self.dismiss(None)


class TextScreen(Modal[None]):
    """A text to read and scroll, on its own screen."""

    BINDINGS = [Binding("escape,q,enter,question_mark", "close", "close")]

    def __init__(self, title: str, text: str, markup: bool = False, end: bool = False) -> None:
        """`end` starts at the last line, as for a log."""
        super().__init__()
        self._title, self._markup, self._end = printable(title), markup, end
        self._text = "\n".join(printable(line) for line in text.splitlines())

    def compose(self) -> ComposeResult:
        """The text in a scroller."""
        with Vertical(classes="reader"):
            yield Static(f"{self._title}  (esc closes)", classes="dialog-title", markup=False)
            with VerticalScroll(id="text"):
                yield Static(self._text, markup=self._markup)

    def on_mount(self) -> None:
        """Give the keys to the scroller."""
        scroller = self.query_one("#text", VerticalScroll)
        scroller.focus()
        if self._end:
            scroller.scroll_end(animate=False)

    def action_close(self) -> None:
        """Back to the main screen."""
        self.dismiss(None)


FORMATS: dict[str, tuple[str, str]] = {
    "csv": ("every epoch as a table", ".csv"),
    "json": ("runs with settings, scores and epochs", ".json"),
    "tensorboard": ("event files that TensorBoard opens", "-tensorboard"),
    "keras": ("the model, for keras.models.load_model", ".keras"),
    "python": ("a plain Keras script with the same scores", ".py"),
    "png": ("a figure of the curves, as pixels", ".png"),
    "svg": ("a figure of the curves, for a page", ".svg"),
    "pdf": ("a figure of the curves, for a paper", ".pdf"),
}
_ONE_A_RUN = ("keras", "python")
"""Formats of which a file holds one run: several go into a folder."""


class Export(NamedTuple):
    """What to export: a format of FORMATS, the path to write, and whether to replace what is there."""

    format: str
    path: str
    replace: bool


class ExportScreen(Modal[Export | None]):
    """Asks for format and path; dismissed with them, or None."""

    BINDINGS = [
        Binding("escape", "cancel", "cancel"),
        Binding("up", "move(-1)", "format", priority=True, show=False),
        Binding("down", "move(1)", "format", priority=True, show=False),
    ]

    def __init__(self, run_ids: Sequence[int], whose: str = "") -> None:
        """Offer to export these runs; `whose` says in what they are, as "of “an experiment”"."""
        super().__init__()
        self._whose = whose
        self._stem = f"lossterm-{'-'.join(map(str, run_ids[:3]))}" + ("-more" if len(run_ids) > 3 else "")
        self._many = len(run_ids) > 1
        self._count = len(run_ids)
        self._format = next(iter(FORMATS))
        self._asked = ""

    def compose(self) -> ComposeResult:
        """The formats and the path."""
        with Vertical(classes="dialog"):
            title = f"Export {self._count} run{'s' if self._many else ''} {self._whose}"
            yield Static(printable(title.rstrip()), classes="dialog-title", markup=False)
            yield Static("", id="formats")
            yield Static("to")
            yield Input(self._path(), compact=True, id="path")
            yield Static("", id="there", classes="bad", markup=False)
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
        """Take the path; ask once more before something there is replaced."""
        path = Path(event.value.strip()).expanduser().absolute()
        if not event.value.strip():
            return
        if os.path.lexists(path) and str(path) != self._asked:
            self._asked = str(path)
            self.query_one("#there", Static).update(f"{printable(str(path))} is there already: enter again replaces it")
            return
        self.dismiss(Export(self._format, str(path), str(path) == self._asked))

    def on_input_changed(self) -> None:
        """Another path is asked about anew."""
        self._asked = ""
        self.query_one("#there", Static).update("")

    def _path(self) -> str:
        one_each = self._many and self._format in _ONE_A_RUN
        return self._stem + (f"-{self._format}/" if one_each else FORMATS[self._format][1])

    def _show(self) -> None:
        lines = []
        for name, (words, _) in FORMATS.items():
            chosen = name == self._format
            lines.append(f"[{'b $accent' if chosen else '$text-muted'}]{'▸' if chosen else ' '} {name:<12} {words}[/]")
        self.query_one("#formats", Static).update("\n".join(lines))


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
