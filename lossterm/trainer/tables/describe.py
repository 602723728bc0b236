"""The tool that reads a data file for a front end: one line of JSON, or one line that says what is wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from ...text import one_line
from .datasets import Choices, describe
from .errors import DataFileError


@click.command()
@click.option("--name", required=True)
@click.option("--target", required=True)
@click.option("--task", required=True)
@click.option("--split", required=True)
@click.option("--split-column", required=True)
@click.option("--group", required=True)
@click.option("--ignore", "ignored", multiple=True)
@click.argument("path")
def main(
    name: str, path: str, target: str, task: str, split: str, split_column: str, group: str, ignored: tuple[str, ...]
) -> None:
    """Print what `describe` finds in PATH. Ends with 2 and one line where it cannot be trained on."""
    try:
        file, report = describe(name, Path(path), Choices(target, task, ignored, split, split_column, group))
    except DataFileError as error:
        print(one_line(str(error)))
        sys.exit(2)
    except MemoryError:
        print(f"data: {one_line(path)} is too large for the memory of this machine")
        sys.exit(2)
    print(json.dumps({"file": file.model_dump(), "report": report}))


if __name__ == "__main__":
    main()
