"""The tools that read a data file for a front end: one line of JSON, or one line that says what is wrong.

Lines of `progress` come before it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ...catalog import DataChoices, DataFile
from ...text import one_line
from .datasets import check_unchanged, describe
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
@click.argument("file")
@click.argument("seeds")
def redrawing(file: str, seeds: str) -> None:
    """Print what FILE, an added dataset as JSON, is with other random splits: one for each of SEEDS, a JSON list."""
    added = DataFile.model_validate_json(file)

    def answer() -> dict[str, Any]:
        check_unchanged(added)
        chosen = [replace(added.choices, split_seed=int(seed)) for seed in json.loads(seeds)]
        files = [describe(added.name, Path(added.path), one)[0] for one in chosen]
        return {"files": [one.model_dump() for one in files]}

    _print(added.path, answer)


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
