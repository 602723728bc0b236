"""CONTRIBUTING.md shows code that is there, and names files that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PATHS = re.findall(r"`((?:lossterm|tests|screenshots|tui|store|trainer|catalog)/[\w/.-]+\.(?:py|txt))`", TEXT)


def test_the_example_of_a_loss_is_the_one_that_is_tested() -> None:
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.S)
    example = (ROOT / "tests" / "catalog" / "entries" / "signed_squared_error.py").read_text(encoding="utf-8")
    assert example in blocks


def test_the_example_of_a_setting_is_in_the_config() -> None:
    words = TEXT.split("```python\n    dropout:")[1].split("```")[0].split()
    config = (ROOT / "lossterm" / "config" / "settings.py").read_text(encoding="utf-8").split()
    joined, needle = "".join(config).replace(",)", ")"), "".join(words).replace(",)", ")")
    assert needle in joined


def test_the_files_that_are_named_exist() -> None:
    assert len(PATHS) > 8
    missing = [path for path in PATHS if not any((base / path).exists() for base in (ROOT, ROOT / "lossterm"))]
    assert missing == []


def test_every_room_is_in_the_table() -> None:
    rooms = {path.name for path in (ROOT / "lossterm").iterdir() if (path / "__init__.py").exists()}
    assert {room for room in rooms if f"`{room}/`" not in TEXT} == set()
