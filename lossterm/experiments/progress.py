"""Where a comparison stands, and what its runs show so far, as one object that processes hand to one another."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from pydantic import TypeAdapter

from ..runs.records import ENDED
from .comparison import ComparisonRuns, Stage, Tuning
from .verdict import Verdict, sentence, verdict_of

STAGES: Mapping[Stage, str] = {
    "tuning": "learning rates on validation rows",
    "edges": "learning rates beyond the edge",
    "final": "final runs",
    "done": "",
}
"""What each stage does, in words."""


@dataclass(frozen=True)
class ComparisonProgress:
    """Where a comparison stands.

    Attributes:
        number: The experiment's.
        stage: Which stage it is in.
        done: How many runs of the stage have ended.
        total: How many runs the stage has.
        resumable: How many of them were stopped or lost on their way: the comparison waits until they are resumed.
        sentence: What the final runs show so far.
        verdict: The same in figures.
        tunings: How each loss did over the learning rates, by its label; empty where they are not tuned.
    """

    number: int
    stage: Stage
    done: int
    total: int
    resumable: int
    sentence: str
    verdict: Verdict
    tunings: dict[str, Tuning]

    @property
    def words(self) -> str:
        """Where it stands, in words; empty where it is done."""
        if self.stage == "done":
            return ""
        stopped = f"; {self.resumable:,} stopped, r goes on with them" if self.resumable else ""
        return f"{STAGES[self.stage]}: {self.done:,} of {self.total:,} runs{stopped}"

    def to_json(self) -> str:
        """The object as JSON; infinite ends of intervals are written as Python does."""
        return json.dumps(_adapter().dump_python(self))

    @staticmethod
    def from_json(text: str) -> ComparisonProgress:
        """Read what `to_json` wrote.

        Raises:
            ValueError: It is something else.
        """
        return _adapter().validate_python(json.loads(text))


def progress_of(number: int, runs: ComparisonRuns) -> ComparisonProgress:
    """Look where the comparison of this number stands."""
    stage, configs = runs.wanted()
    found = [run for config in configs if (run := runs.run_of(config)) is not None]
    verdict = verdict_of(runs)
    plan = runs.plan
    labels = {loss: plan.config(loss, plan.learning_rates[0], 1).loss_as_typed for loss in plan.losses}
    return ComparisonProgress(
        number,
        stage,
        sum(run.status in ENDED for run in found),
        len(configs),
        sum(run.can_resume and run.status in ENDED for run in found),
        sentence(verdict),
        verdict,
        {labels[loss]: runs.tuning(loss) for loss in plan.losses} if plan.tuned else {},
    )


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[ComparisonProgress]:
    return TypeAdapter(ComparisonProgress)
