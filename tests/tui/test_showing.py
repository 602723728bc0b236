"""Very many runs are prepared before the chart shows them; meanwhile it keeps what it showed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lossterm.config import RunConfig
from lossterm.runs.records import Run
from lossterm.store import Store
from lossterm.tui.run_data import ShownRuns
from lossterm.tui.showing import MANY, Showing, work_out

pytestmark = pytest.mark.unit


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Run, ...]:
    with Store(tmp_path / "store.db") as store:
        store.queue([RunConfig.of("bce")])
        (run,) = store.runs()
    return tuple(replace(run, id=number) for number in range(MANY + 1))


def test_many_runs_are_shown_once_they_are_prepared_and_the_last_choice_counts(runs: tuple[Run, ...]) -> None:
    showing, asked = Showing(), list[ShownRuns]()
    showing.prepare = asked.append
    assert len(showing.shown("few", lambda: runs[:2])) == 2
    assert not asked
    assert len(showing.shown("many", lambda: runs)) == 2, "what it showed before"
    assert len(showing.shown("many", lambda: pytest.fail("it was asked twice"))) == 2
    (many,) = asked
    work_out(many)
    showing.take_prepared(many)
    assert showing.shown("many", lambda: runs) is many
    showing.shown("others", lambda: runs[::-1])
    few = showing.shown("few", lambda: runs[:3])
    showing.take_prepared(asked[-1])
    assert showing.shown("few", lambda: runs[:3]) is few, "nobody wants the others any more"
