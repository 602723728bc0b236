"""A storm of random faults, a short one here; twenty minutes: python -m tests.faults.fault_storm"""

from __future__ import annotations

from pathlib import Path

import pytest

from .fault_storm import storm


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_lost_in_a_storm_of_faults(tmp_path: Path, seed: int) -> None:
    result = storm(tmp_path, seconds=60, seed=seed, most=60)
    assert result.wrong == []
    assert result.queued > 0
