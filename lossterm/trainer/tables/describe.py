"""The tools that read a data file for a front end: one line of JSON, or one line that says what is wrong.

Lines of `progress` come before it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ...catalog import DataChoices
from ...text import one_line
from .datasets import describe
from .files import DataFileError
from .preview import preview
from .progress import printing


@click.group()
def main() -> None:
    """Read a data file. Ends with 2 and one line where it cannot be used."""


@main.command()
@click.argument("name")
@click.argument("path")
@click.argument("choices")
def describing(name: str, path: str, choices: str) -> None:
    """Print what `describe` finds in PATH by CHOICES, a JSON object."""
    given = json.loads(choices)
    chosen = DataChoices(**{**given, "ignored": tuple(given["ignored"])})

    def answer() -> dict[str, Any]:
        file, report = describe(name, Path(path), chosen, printing())
        return {"file": file.model_dump(), "report": report}

    _print(path, answer)


@main.command()
@click.argument("path")
def previewing(path: str) -> None:
    """Print what `preview` finds in PATH."""
    _print(path, lambda: preview(Path(path), printing()))


def _print(path: str, answer: Callable[[], dict[str, Any]]) -> None:
    try:
        found = answer()
    except DataFileError as error:
        print(one_line(str(error)))
        sys.exit(2)
    except MemoryError:
        print(f"data: {one_line(path)} is too large for the memory of this machine")
        sys.exit(2)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
