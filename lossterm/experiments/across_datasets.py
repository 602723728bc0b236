"""Losses over several datasets: their means and ranks on each, and from six datasets on tests over the datasets.

One observation is a dataset, not a seed (Demšar 2006): the Friedman test asks whether any loss ranks otherwise, and
Wilcoxon's signed-rank test with Holm's correction compares every pair. Mean ranks alone decide nothing, for they turn
on which other losses take part (Benavoli et al. 2016, arXiv 1505.02288).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..formatting import number
from ..runs.records import finite
from .statistics import LEVEL, holm
from .verdict import Verdict

FEWEST_DATASETS = 6
"""With five, Wilcoxon's smallest two-sided p is 0.0625: no pair could ever differ."""


@dataclass(frozen=True)
class DatasetPair:
    """What the datasets say of two losses.

    Attributes:
        a, b: Their labels.
        p: Of Wilcoxon's signed-rank test over the datasets, two-sided.
        p_holm: After Holm's correction over all pairs.
        share_a_better: Share of the datasets on which a is better; a tie counts half.
        verdict: The better one where `p_holm` is at most LEVEL, else "undecided".
    """

    a: str
    b: str
    p: float
    p_holm: float
    share_a_better: float
    verdict: Literal["a", "b", "undecided"]


@dataclass(frozen=True)
class AcrossDatasets:
    """Losses on several datasets.

    Attributes:
        datasets: Their names.
        losses: The losses that have a mean on every dataset, the best mean rank first.
        means: For each dataset the mean of the metric of each loss.
        ranks: The same as ranks, 1 the best; ties share theirs.
        mean_ranks: Of each loss.
        friedman: The Friedman test's statistic and p; None where it is not given.
        pairs: Every pair; none where no test is given.
        reason: Why no test is given; empty where there is one.
        left_out: Losses that lack a mean on some dataset.
    """

    datasets: tuple[str, ...]
    losses: tuple[str, ...]
    means: tuple[tuple[float, ...], ...]
    ranks: tuple[tuple[float, ...], ...]
    mean_ranks: tuple[float, ...]
    friedman: tuple[float, float] | None
    pairs: tuple[DatasetPair, ...]
    reason: str
    left_out: tuple[str, ...]

    @property
    def cells(self) -> list[list[str]]:
        """For each dataset the mean of each loss, with its rank in brackets."""
        return [
            [f"{number(mean)} ({rank:g})" for mean, rank in zip(means, ranks, strict=True)]
            for means, ranks in zip(self.means, self.ranks, strict=True)
        ]

    @property
    def mean_rank_cells(self) -> list[str]:
        """The mean rank of each loss."""
        return [f"{rank:.2f}" for rank in self.mean_ranks]

    @property
    def sentence(self) -> str:
        """What the datasets show, in a sentence."""
        if self.reason:
            return self.reason
        found = [f"{p.a if p.verdict == 'a' else p.b} is better than {p.b if p.verdict == 'a' else p.a}"
                 for p in self.pairs if p.verdict != "undecided"]  # fmt: skip
        over = f"over {len(self.datasets)} datasets"
        return f"{'; '.join(found)}, {over}" if found else f"no pair of losses differs {over}"

    def as_json(self, comparisons: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """The matrix as the JSON object that the commands print, with the object of each dataset's comparison."""
        tested = None if self.friedman is None else dict(zip(("statistic", "p"), self.friedman, strict=True))
        return {
            "datasets": list(self.datasets),
            "losses": list(self.losses),
            "means": [[finite(mean) for mean in row] for row in self.means],
            "ranks": [list(row) for row in self.ranks],
            "mean_ranks": list(self.mean_ranks),
            "friedman": tested,
            "pairs": [asdict(pair) for pair in self.pairs],
            "reason": self.reason,
            "left_out": list(self.left_out),
            "comparisons": list(comparisons),
        }


def across_datasets(verdicts: Sequence[Verdict]) -> AcrossDatasets:
    """Put the verdicts of one comparison a dataset side by side.

    Args:
        verdicts: One for each dataset, at least one; each says which way its metric is better.
    """
    import numpy as np
    from scipy import stats

    known = [{one.loss: one.mean for one in verdict.losses if math.isfinite(one.mean)} for verdict in verdicts]
    names = [one.loss for one in verdicts[0].losses]
    shared = [name for name in names if all(name in means for means in known)]
    left_out = tuple(dict.fromkeys(one.loss for v in verdicts for one in v.losses if one.loss not in shared))
    signs = np.array([[-1.0 if verdict.higher_is_better else 1.0] for verdict in verdicts])
    means = np.array([[means[name] for name in shared] for means in known]).reshape(len(verdicts), len(shared))
    ranks = stats.rankdata(means * signs, axis=1) if shared else means
    order = [int(at) for at in np.argsort(ranks.mean(axis=0), kind="stable")]
    means, ranks = means[:, order], ranks[:, order]
    losses = tuple(shared[at] for at in order)
    reason = _reason(len(verdicts), len(losses))
    friedman: tuple[float, float] | None = None
    pairs: tuple[DatasetPair, ...] = ()
    if not reason:
        friedman = _friedman(ranks)
        pairs = _pairs(losses, means * -signs)
    return AcrossDatasets(
        tuple(verdict.plan.dataset for verdict in verdicts),
        losses,
        tuple(tuple(float(mean) for mean in row) for row in means),
        tuple(tuple(float(rank) for rank in row) for row in ranks),
        tuple(float(rank) for rank in ranks.mean(axis=0)),
        friedman,
        pairs,
        reason,
        left_out,
    )


def _reason(datasets: int, losses: int) -> str:
    if losses < 2:
        return "fewer than two losses have a value on every dataset: there is nothing to compare"
    if datasets < FEWEST_DATASETS:
        smallest = 2.0 / 2**datasets
        return (
            f"no test over {datasets} datasets: the smallest p of Wilcoxon's test is {smallest:g} there, above "
            f"{LEVEL:g}; from {FEWEST_DATASETS} on there is one"
        )
    return ""


def _friedman(ranks: Any) -> tuple[float, float] | None:
    """The Friedman test; None for two losses, which Wilcoxon's test alone compares, and where all ranks are tied."""
    from scipy import stats

    if ranks.shape[1] < 3 or (ranks == ranks[:, :1]).all():
        return None
    found = stats.friedmanchisquare(*ranks.T)
    return float(found.statistic), float(found.pvalue)


def _pairs(losses: Sequence[str], goodness: Any) -> tuple[DatasetPair, ...]:
    """Every pair by Wilcoxon's signed-rank test; `goodness`, (datasets, losses), is greater where a loss is better."""
    import numpy as np
    from scipy import stats

    names = list(itertools.combinations(range(len(losses)), 2))
    differences = [goodness[:, a] - goodness[:, b] for a, b in names]
    p_values = [float(stats.wilcoxon(one).pvalue) if np.any(one != 0) else 1.0 for one in differences]
    pairs = []
    for (a, b), one, p, p_holm in zip(names, differences, p_values, holm(p_values), strict=True):
        share = float(np.mean(one > 0) + np.mean(one == 0) / 2)
        median = float(np.median(one))
        better: Literal["a", "b", "undecided"] = "undecided"
        if p_holm <= LEVEL and median != 0:
            better = "a" if median > 0 else "b"
        pairs.append(DatasetPair(losses[a], losses[b], p, p_holm, share, better))
    return tuple(pairs)
