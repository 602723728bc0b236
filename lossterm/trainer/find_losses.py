"""Say as JSON what a person's file holds and which losses it seems to define; nothing of it is run."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from ..runs.loss_files import LossFileError, find_losses, read_loss_file
from ..text import one_line


@click.command()
@click.argument("path")
def main(path: str) -> None:
    """Print the losses of the file at PATH. Ends with 2 and one line if it has none that can be read."""
    try:
        source = read_loss_file(path)
        found = find_losses(source)
    except LossFileError as error:
        print(one_line(str(error)))
        sys.exit(2)
    print(json.dumps({"source": asdict(source), "losses": [asdict(loss) for loss in found]}))


if __name__ == "__main__":
    main()
