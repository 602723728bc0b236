"""`python -m lossterm`: the same as the command `lossterm`."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
