"""The settings of the next run: one field each, checked as typed, with the reason beside the field."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Label, Static

from ...catalog import parameter_settings
from ...config import ConfigError, RunConfig
from ..draft import Draft
from .dialogs import Modal


class SettingsScreen(Modal[Draft | None]):
    """A form over one experiment, its loss's parameters at the end; dismissed with the draft as changed, or None.

    Settings that are for other datasets, and parameters of other losses, have no field, and stay as they are.
    """

    BINDINGS = [
        Binding("escape", "cancel", "cancel"),
        Binding("ctrl+r", "defaults", "the tutorial's", priority=True),
        Binding("up", "focus_previous", "previous", show=False),
        Binding("down", "focus_next", "next", show=False),
        Binding("enter", "apply", "apply", priority=True),
    ]

    def __init__(self, draft: Draft) -> None:
        """Begin with the tutorial's settings for a draft and what was changed before."""
        super().__init__()
        self._draft = draft
        self._loss, self._dataset = draft.loss.name, draft.dataset
        self._tutorial = RunConfig.of(self._loss, dataset=self._dataset, loss_file=draft.loss.file)
        self._rows = self._tutorial.rows
        self._parameters = list(parameter_settings(draft.loss))
        self._changes = {**draft.changes, **draft.parameters.get(self._loss, {})}

    def compose(self) -> ComposeResult:
        """A row a setting: its name, its field, its range or what is wrong with it."""
        with Vertical(classes="dialog form"):
            yield Static(
                f"Settings · {self._tutorial.loss_entry.title} on {self._tutorial.dataset}",
                classes="dialog-title",
                markup=False,
            )
            with VerticalScroll(id="fields", can_focus=False):
                for name in self._rows:
                    with Horizontal(classes="field"):
                        yield Label(self._rows[name].label, classes="field-name")
                        value = self._changes.get(name, self._tutorial.setting(name))
                        yield Input(self._rows[name].written(value), id=name, compact=True)
                        yield Label("", id=f"{name}-reason", classes="field-reason", markup=False)
            yield Static("[b]enter[/b] apply   [b]esc[/b] cancel   [b]ctrl+r[/b] the tutorial's", id="form-keys")

    def on_mount(self) -> None:
        """Begin in the first field."""
        self.query_one("#epochs", Input).focus()
        self._check()

    def on_input_changed(self) -> None:
        """Check all fields together: a batch size can be too large for the training set."""
        self._check()

    def action_apply(self) -> None:
        """Take the settings, or go to the first field that is wrong."""
        problems = self._check()
        if problems:
            first = next((name for name in self._rows if name in problems), None)
            if first is not None:
                self.query_one(f"#{first}", Input).focus()
            return
        config = self._config()
        given = {name: config.setting(name) for name in self._rows}
        elsewhere = {name: value for name, value in self._changes.items() if name not in given}
        here = {name: value for name, value in given.items() if value != self._tutorial.setting(name)}
        parameters = {name: here.pop(name) for name in self._parameters if name in here}
        self.dismiss(self._draft.with_changes({**elsewhere, **here}).with_parameters(parameters))

    def action_cancel(self) -> None:
        """Leave everything as it is."""
        self.dismiss(None)

    def action_defaults(self) -> None:
        """Fill in the tutorial's values, and forget what was changed for other datasets."""
        self._changes = {}
        for name in self._rows:
            self.query_one(f"#{name}", Input).value = self._rows[name].written(self._tutorial.setting(name))

    def _config(self) -> RunConfig:
        typed: dict[str, object] = {name: self.query_one(f"#{name}", Input).value for name in self._rows}
        parameters = {name: typed.pop(name) for name in self._parameters}
        file = self._draft.loss.file
        return RunConfig.of(self._loss, dataset=self._dataset, loss_file=file, loss_parameters=parameters, **typed)

    def _check(self) -> dict[str, str]:
        problems: dict[str, str] = {}
        try:
            self._config()
        except ConfigError as error:
            problems = error.problems
        for name in self._rows:
            label = self.query_one(f"#{name}-reason", Label)
            reason = problems.get(name, "").removeprefix(f"{name}: must be ").partition(", not ")[0]
            label.set_class(bool(reason), "bad")
            changed = self.query_one(f"#{name}", Input).value.strip() != self._rows[name].written(
                self._tutorial.setting(name)
            )
            label.set_class(changed and not reason, "changed")
            label.update(reason or self._hint(name, changed))
        return problems

    def _hint(self, name: str, changed: bool) -> str:
        if changed:
            whose = "Keras" if name in self._parameters else "tutorial"
            return f"{whose}: {self._rows[name].written(self._tutorial.setting(name))}"
        if name == "batch_size":
            return f"a whole number from 1 to {self._tutorial.train_rows}"
        return self._rows[name].kind.words
