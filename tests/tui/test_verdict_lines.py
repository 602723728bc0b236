"""The verdict of a comparison as lines: what is said at each size, and the forest plot in characters."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from lossterm.config import RunConfig
from lossterm.experiments.progress import ComparisonProgress, progress_of
from lossterm.text import to_ascii
from lossterm.tui.forest_plot import Difference, axis_of, row_of, scale_of
from lossterm.tui.verdict_lines import overview, whole
from lossterm.tui.widgets.lines import Line

from ..experiments.test_comparison import by_loss, plan, trained

pytestmark = pytest.mark.unit

SLOTS = {"bce": 3, "hinge": 4, "mse": 0}


@pytest.fixture(scope="module")
def progress() -> ComparisonProgress:
    """mse and bce alike, hinge worse, at a learning rate inside the grid."""
    gains = by_loss(bce=0.1, mse=0.1005, hinge=0.0)

    def metric(config: RunConfig) -> float:
        return gains(config) - abs(math.log10(config.learning_rate / 0.1)) / 10

    return progress_of(7, trained(plan(), metric))


def texts(lines: list[Line]) -> list[str]:
    return ["".join(words for _, words in line).rstrip() for line in lines]


@pytest.mark.parametrize(("width", "most"), [(53, 14), (65, 16), (105, 24)])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_the_overview_fits_and_says_the_verdict_first(
    progress: ComparisonProgress, width: int, most: int, ascii_only: bool
) -> None:
    lines = texts(overview(progress, SLOTS, width, most, ascii_only))
    assert len(lines) <= most
    assert all(len(line) <= width for line in lines)
    assert " ".join(" ".join(lines).split()).startswith("mse is better than hinge; mse and bce are equivalent.")
    rows = [line for line in lines if "0.1 " in line]
    assert [row.split()[1] for row in rows] == ["mse", "bce", "hinge"]
    assert [row.split()[-1] for row in rows] == ["best", "equivalent", "worse"]
    assert ("95 % interval" in "".join(lines)) == (width == 105)
    assert all(to_ascii(line).isascii() for line in lines)


def test_what_does_not_fit_is_said_to_be_there(progress: ComparisonProgress) -> None:
    advised = replace(progress.verdict, advice=("learning rates were not tuned",))
    lines = texts(overview(replace(progress, verdict=advised), SLOTS, 53, 8, False))
    assert len(lines) == 8
    assert lines[-1] == " … enter: all of it"


@pytest.mark.parametrize("width", [67, 100])
def test_the_page_has_every_pair_and_all_advice(progress: ComparisonProgress, width: int) -> None:
    page = texts(whole(progress, SLOTS, width, False))
    assert all(len(line) <= width for line in page)
    said = " ".join(" ".join(page).split())
    assert "+ the row is better" in said
    assert "mse · = " in said
    assert "hinge − " in said
    assert "Not told apart mse, bce" in said


def test_many_losses_have_numbers_for_columns(progress: ComparisonProgress) -> None:
    page = texts(whole(progress, SLOTS, 30, False))
    heads = next(line for line in page if line.split() == ["1", "2", "3"])
    assert heads
    assert any(line.split()[:2] == ["1", "mse"] for line in page)


def test_it_is_the_same_once_handed_to_another_process(progress: ComparisonProgress) -> None:
    assert ComparisonProgress.from_json(progress.to_json()) == progress
    begun = progress_of(8, trained(plan(), by_loss(bce=0.1, mse=0.1, hinge=0.0), until="tuning"))
    again = ComparisonProgress.from_json(begun.to_json())
    assert (again.stage, again.done, again.total) == ("tuning", 0, 27)
    lines = texts(overview(again, SLOTS, 53, 14, False))
    assert "learning rates on validation rows: 0 of 27 runs" in lines[0]
    assert sum("no run has ended" in line for line in lines) == 3


def test_a_forest_plot_has_zero_and_every_interval_on_its_axis() -> None:
    differences = [Difference(-0.5, -0.8, -0.2), Difference(0.1, -0.1, 0.3)]
    axis = axis_of(differences)
    assert axis[0] < -0.8
    assert axis[1] > 0.3
    rows = [row_of(one, axis, 40) for one in differences]
    zero = row_of(None, axis, 40).index("│")
    assert rows[0].rindex("┤") < zero
    assert rows[1].index("├") < zero < rows[1].rindex("┤")
    assert all(len(row) == 40 and row.count("●") == 1 for row in rows)
    scale = scale_of(axis, 40)
    assert len(scale) == 40
    assert scale[zero] == "0"


def test_an_interval_without_end_reaches_the_edge_and_none_of_it_is_a_fault() -> None:
    one = Difference(0.1, -math.inf, math.inf)
    row = row_of(one, axis_of([one]), 20)
    assert (row[0], row[-1]) == ("◂", "▸")
    assert row_of(Difference(0.0, 0.0, 0.0), axis_of([Difference(0.0, 0.0, 0.0)]), 20).count("●") == 1
    assert len(scale_of(axis_of([]), 5)) == 5
