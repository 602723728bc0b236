"""The verdict of a comparison in words and tables."""

from __future__ import annotations

from ..experiments.statistics import Pair
from ..experiments.verdict import Verdict, sentence
from ..formatting import interval, number
from .output import TableColumn, print_table, say, say_sentence

_LOSS_COLUMNS = (
    TableColumn("loss", "left"),
    TableColumn("learning rate"),
    TableColumn("mean"),
    TableColumn("95 % interval", "left"),
    TableColumn("diverged", keep=2),
)
_PAIR_COLUMNS = (
    TableColumn("a", "left"),
    TableColumn("b", "left"),
    TableColumn("a - b"),
    TableColumn("95 % interval", "left"),
    TableColumn("p (Holm)", keep=3),
    TableColumn("a better", keep=2),
    TableColumn("verdict", "left"),
)


def print_verdict(experiment_id: int, verdict: Verdict) -> None:
    """Print the verdict of a comparison, its tables, and what to know before believing it."""
    plan = verdict.plan
    say("")
    say(f"comparison {experiment_id}: {plan.dataset}, test {plan.metric}, {len(verdict.seeds)} seeds")
    say_sentence(sentence(verdict))
    say("")
    print_table(
        _LOSS_COLUMNS,
        (
            [
                one.loss,
                f"{one.learning_rate:g}",
                number(one.mean),
                interval(one.interval),
                str(len(one.diverged) or ""),
            ]
            for one in verdict.losses
        ),
    )
    say("")
    print_table(_PAIR_COLUMNS, (_pair_row(pair) for pair in verdict.pairs))
    for line in verdict.advice:
        say_sentence(f"- {line}")


def _pair_row(pair: Pair) -> list[str]:
    share = f"{pair.share_a_better:.0%}"
    return [
        pair.a,
        pair.b,
        number(pair.difference),
        interval(pair.interval),
        f"{pair.p_holm:.3f}",
        share,
        pair.verdict_words,
    ]
