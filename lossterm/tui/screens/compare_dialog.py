"""The dialog that plans a comparison: what is compared and how, and before it begins what it costs and can show."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label, Static

from ...config import ConfigError, RunConfig
from ...experiments.comparison import MOST_SEEDS, ComparisonPlan
from ...experiments.planning import (
    USUAL_SEEDS,
    Choices,
    PlanError,
    plan_comparison,
    planned_runs,
    power_words,
    read_seeds,
    run_words,
)
from ..draft import Draft
from .dialogs import Modal
from .settings import ChoiceInput

_KEYS = "[b]tab ↑ ↓[/b] fields   [b]← →[/b] next choice   [b]enter[/b] start   [b]esc[/b] cancel"
_YES, _NO, _BEST = "yes", "no", "the best"
_LABELS = {
    "losses": "losses",
    "seeds": "seeds",
    "tune": "tune",
    "metric": "metric",
    "baseline": "baseline",
    "same": "same data",
}


class CompareDialog(Modal[ComparisonPlan | None]):
    """A form over a comparison of the losses that fit a draft's dataset; dismissed with its plan, or None."""

    BINDINGS = [
        Binding("escape", "cancel", "cancel"),
        Binding("up", "app.focus_previous", "previous", priority=True, show=False),
        Binding("down", "app.focus_next", "next", priority=True, show=False),
        Binding("enter", "start", "start", priority=True),
    ]

    def __init__(self, draft: Draft, time_words: Callable[[Sequence[RunConfig]], str]) -> None:
        """Offer every loss of the menu that fits.

        Args:
            draft: What would be trained: its dataset, its settings, its losses.
            time_words: Says how long some runs take, one after the other.

        Raises:
            ConfigError: The draft cannot be trained.
        """
        super().__init__()
        self._draft, self._time_words = draft, time_words
        self._first = draft.config()
        self._offered = [config.loss_option for config in draft.comparison_configs()]
        self._generated = "samples" in self._first.dataset_entry.defaults

    @property
    def _rows_words(self) -> str:
        """What the rows of a seed are where they are not the same for all."""
        return "new rows for each seed" if self._generated else "a new split for each seed"

    def compose(self) -> ComposeResult:
        """A row a field, and what follows from them below."""
        metrics = tuple(metric.name for metric in self._first.task.metrics)
        fields: dict[str, Input] = {
            "losses": Input(" ".join(map(shlex.quote, self._offered)), id="losses-field", compact=True),
            "seeds": Input(str(USUAL_SEEDS), id="seeds-field", compact=True),
            "tune": ChoiceInput("tune-field", (_YES, _NO), _YES),
            "metric": ChoiceInput("metric-field", metrics, metrics[0]),
            "baseline": ChoiceInput("baseline-field", (_BEST, *self._offered), _BEST),
            "same": ChoiceInput("same-field", (_NO, _YES), _NO),
        }
        with Vertical(classes="dialog form compare"):
            yield Static(f"Compare losses on {self._first.dataset}", classes="dialog-title", markup=False)
            for name, field in fields.items():
                with Horizontal(classes="field"):
                    yield Label(_LABELS[name], classes="field-name")
                    yield field
                    if name != "losses":
                        yield Label("", id=f"{name}-reason", classes="field-reason", markup=False)
            yield Static("", id="cost", markup=False)
            yield Static("", id="power", markup=False)
            yield Static(_KEYS, id="form-keys")

    def on_mount(self) -> None:
        """Begin with how many seeds."""
        self.query_one("#seeds-field", Input).focus()
        self._show()

    def on_input_changed(self) -> None:
        """Say what follows from what is typed."""
        self._show()

    def action_start(self) -> None:
        """Begin the comparison, unless something is wrong."""
        plan = self._planned()
        if plan is not None:
            self.dismiss(plan)

    def action_cancel(self) -> None:
        """Compare nothing."""
        self.dismiss(None)

    def plan(self) -> ComparisonPlan:
        """The comparison as it is typed.

        Raises:
            PlanError, ConfigError: It cannot be done; the message names the field.
        """
        tune, same, baseline = self._word("tune"), self._word("same"), self._typed("baseline").strip()
        rates = None if tune == _YES else (self._first.learning_rate,)
        choices = Choices(
            read_seeds(self._typed("seeds")),
            rates,
            self._typed("metric"),
            None if baseline in (_BEST, "") else baseline,
            same_data=same == _YES,
        )
        try:
            names = shlex.split(self._typed("losses"))
        except ValueError:
            raise PlanError("losses: a quotation mark is not closed") from None
        return plan_comparison(self._draft.comparison_configs(names), self._draft.comparison_settings(), choices)

    def _typed(self, name: str) -> str:
        return self.query_one(f"#{name}-field", Input).value

    def _word(self, name: str) -> str:
        """One of yes and no. Raises PlanError."""
        word = self._typed(name).strip().lower()
        if word not in (_YES, _NO):
            raise PlanError(f"{_LABELS[name]}: must be {_YES} or {_NO}, not {word[:20]!r}")
        return word

    def _planned(self) -> ComparisonPlan | None:
        """The plan; None where something is wrong, which is said."""
        cost, power = self.query_one("#cost", Static), self.query_one("#power", Static)
        try:
            plan = self.plan()
        except (PlanError, ConfigError) as error:
            cost.update(str(error))
            cost.set_class(True, "bad")
            power.update("")
            return None
        tuning, final = planned_runs(plan)
        cost.set_class(False, "bad")
        cost.update(f"{run_words(plan)}, {self._time_words([*tuning, *final])}")
        power.update(power_words(len(plan.losses), plan.seeds, plan.test_share is not None))
        return plan

    def _show(self) -> None:
        plan = self._planned()
        tuned = plan is None or plan.tuned
        rate = f"{self._first.learning_rate:g}"
        for name, words in {
            "seeds": f"a whole number from 1 to {MOST_SEEDS:,}",
            "tune": "the best rate for each loss" if tuned else f"rate {rate} for all: not fair",
            "metric": "compared on the test rows",
            "baseline": "the others are set against it",
            "same": "about this sample alone" if plan is not None and plan.same_data else self._rows_words,
        }.items():
            self.query_one(f"#{name}-reason", Label).update(words)
