"""The settings of the next run: one field each, checked as typed, with the reason beside the field."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Label, Static

from ...catalog import OPTIMIZERS, SGD, Choice, HiddenLayers, UnknownNameError, parameter_settings
from ...config import SETTINGS, ConfigError, RunConfig
from ..draft import Draft
from .dialogs import Modal

_KEYS = (
    "[b]tab ↑ ↓[/b] fields   [b]enter[/b] apply   [b]esc[/b] cancel   [b]ctrl+r[/b] as in the tutorial,\n"
    "“Loss Functions in Deep Learning: An Overview”"
)


class ChoiceInput(Input):
    """A field for one word of several: `left` and `right` step through them, and typing works as in any field."""

    BINDINGS = [Binding("left", "step(-1)", show=False), Binding("right", "step(1)", show=False)]

    def __init__(self, name: str, options: tuple[str, ...], value: str) -> None:
        super().__init__(value, id=name, compact=True)
        self._options = options

    def action_step(self, by: int) -> None:
        """Step to another word; from what is none of them to the first."""
        at = self._options.index(self.value) + by if self.value in self._options else 0
        self.value = self._options[at % len(self._options)]


class SettingsScreen(Modal[Draft | None]):
    """A form over one experiment, its loss's parameters at the end; dismissed with the draft as changed, or None.

    Settings that are for other datasets, and parameters of other losses, have no field, and stay as they are.
    """

    BINDINGS = [
        Binding("escape", "cancel", "cancel"),
        Binding("ctrl+r", "defaults", "the tutorial's", priority=True),
        Binding("up", "app.focus_previous", "previous", priority=True, show=False),
        Binding("down", "app.focus_next", "next", priority=True, show=False),
        Binding("enter", "apply", "apply", priority=True),
    ]

    def __init__(self, draft: Draft) -> None:
        """Begin with the tutorial's settings for a draft and what was changed before."""
        super().__init__()
        self._draft = draft
        self._loss, self._dataset = draft.loss.name, draft.dataset
        self._tutorial = RunConfig.of(self._loss, dataset=self._dataset, loss_file=draft.loss.file)
        self._parameters = parameter_settings(draft.loss)
        self._rows = {
            **{name: row for name, row in SETTINGS.items() if row.applies_to(draft.dataset)},
            **self._parameters,
        }
        self._optimizer = draft.optimizer
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
                    with Horizontal(classes="field", id=f"{name}-row"):
                        yield Label(self._rows[name].label, classes="field-name")
                        yield self._field(name)
                        yield Label("", id=f"{name}-reason", classes="field-reason", markup=False)
            yield Static("", id="form-note", markup=False)
            yield Static(_KEYS, id="form-keys")

    def _field(self, name: str) -> Input:
        row = self._rows[name]
        value = row.written(self._changes.get(name, self._default(name)))
        if isinstance(row.kind, Choice):
            return ChoiceInput(name, row.kind.options, value)
        return Input(value, id=name, compact=True)

    def on_mount(self) -> None:
        """Begin in the first field."""
        self.query_one("#epochs", Input).focus()
        self._show_rows()
        self._check()

    def on_descendant_focus(self) -> None:
        """Say of the field that the keys go to what it takes."""
        self._show_note(self._problems())

    def _show_note(self, problems: dict[str, str]) -> None:
        """In full what stands beside the field, which may be cut there, and what the setting is."""
        name = self.focused.id if isinstance(self.focused, Input) else None
        if name not in self._rows:
            return
        row = self._rows[name]
        note = self.query_one("#form-note", Static)
        note.set_class(name in problems, "bad")
        said = f"{row.label} must be {_reason(name, problems)}" if name in problems else self._range(name)
        note.update(f"{said}. {row.help}")

    def _problems(self) -> dict[str, str]:
        """What is wrong with the settings as they are typed, by name."""
        try:
            self._config()
        except ConfigError as error:
            return error.problems
        return {}

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check all fields together: a batch size can be too large for the training set."""
        if event.input.id == "optimizer":
            self._follow_optimizer(event.value)
        self._check()

    def _follow_optimizer(self, typed: str) -> None:
        """Give the settings of the optimizer that stand at its default the default of the one that was chosen."""
        try:
            optimizer = OPTIMIZERS.find(typed)
        except UnknownNameError:
            return
        untouched = [name for name in self._rows if self._rows[name].from_optimizer and not self._is_changed(name)]
        self._optimizer = optimizer
        for name in untouched:
            self.query_one(f"#{name}", Input).value = self._rows[name].written(self._default(name))
        self._show_rows()

    def _show_rows(self) -> None:
        for name in self._rows:
            self.query_one(f"#{name}-row").display = name in self._names

    @property
    def _names(self) -> list[str]:
        """The rows that mean something to the optimizer."""
        return [name for name, row in self._rows.items() if row.is_taken_by(self._optimizer)]

    def _default(self, name: str) -> object:
        if self._rows[name].from_optimizer:
            return self._optimizer.defaults.get(name, 0.0)
        return self._tutorial.setting(name)

    def _is_changed(self, name: str) -> bool:
        return self.query_one(f"#{name}", Input).value.strip() != self._rows[name].written(self._default(name))

    def action_apply(self) -> None:
        """Take the settings, or go to the first field that is wrong."""
        problems = self._check()
        if problems:
            first = next((name for name in self._rows if name in problems), None)
            if first is not None:
                self.query_one(f"#{first}", Input).focus()
            return
        config = self._config()
        given = {name: config.setting(name) for name in self._names}
        elsewhere = {name: value for name, value in self._changes.items() if name not in given}
        here = {name: value for name, value in given.items() if value != self._default(name)}
        parameters = {name: here.pop(name) for name in self._parameters if name in here}
        self.dismiss(self._draft.with_changes({**elsewhere, **here}).with_parameters(parameters))

    def action_cancel(self) -> None:
        """Leave everything as it is."""
        self.dismiss(None)

    def action_defaults(self) -> None:
        """Fill in the tutorial's values, and forget what was changed for other datasets and optimizers."""
        self._changes = {}
        self._optimizer = SGD
        for name in self._rows:
            self.query_one(f"#{name}", Input).value = self._rows[name].written(self._default(name))
        self._show_rows()

    def _config(self) -> RunConfig:
        typed: dict[str, object] = {name: self.query_one(f"#{name}", Input).value for name in self._names}
        parameters = {name: typed.pop(name) for name in self._parameters}
        file = self._draft.loss.file
        return RunConfig.of(self._loss, dataset=self._dataset, loss_file=file, loss_parameters=parameters, **typed)

    def _check(self) -> dict[str, str]:
        problems = self._problems()
        for name in self._rows:
            label = self.query_one(f"#{name}-reason", Label)
            reason = _reason(name, problems)
            label.set_class(bool(reason), "bad")
            changed = self._is_changed(name)
            label.set_class(changed and not reason, "changed")
            label.update(reason or self._hint(name, changed))
        self._show_note(problems)
        return problems

    def _hint(self, name: str, changed: bool) -> str:
        row = self._rows[name]
        if changed:
            return f"{self._whose(name)}: {row.written(self._default(name))}"
        if isinstance(row.kind, Choice):
            return f"one of {len(row.kind.options)}: left or right for the next"
        if isinstance(row.kind, HiddenLayers):
            return row.kind.example
        return self._range(name)

    def _range(self, name: str) -> str:
        """What a setting takes."""
        row = self._rows[name]
        if isinstance(row.kind, Choice):
            return f"one of {', '.join(row.kind.options)}"
        if name == "batch_size":
            return f"a whole number from 1 to {self._tutorial.train_rows}"
        return row.kind.words

    def _whose(self, name: str) -> str:
        """Whose default a setting has."""
        if name in self._parameters:
            return "Keras"
        return "tutorial" if self._optimizer is SGD or not self._rows[name].from_optimizer else self._optimizer.title


def _reason(name: str, problems: dict[str, str]) -> str:
    """What a setting must be that is something else; empty where nothing is wrong with it."""
    return problems.get(name, "").removeprefix(f"{name}: must be ").partition(", not ")[0]
