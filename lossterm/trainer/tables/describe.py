"""The tool that reads a data file for a front end: one line of JSON, or one line that says what is wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from ...catalog import DataChoices
from ...text import one_line
from .datasets import describe
from .files import DataFileError


@click.command()
@click.argument("name")
@click.argument("path")
@click.argument("choices")
def main(name: str, path: str, choices: str) -> None:
    """Print what `describe` finds in PATH by CHOICES, a JSON object. Ends with 2 and one line where it cannot train."""
    given = json.loads(choices)
    try:
        file, report = describe(name, Path(path), DataChoices(**{**given, "ignored": tuple(given["ignored"])}))
    except DataFileError as error:
        print(one_line(str(error)))
        sys.exit(2)
    except MemoryError:
        print(f"data: {one_line(path)} is too large for the memory of this machine")
        sys.exit(2)
    print(json.dumps({"file": file.model_dump(), "report": report}))


if __name__ == "__main__":
    main()
