"""Keeps the weights of real runs for the exact pictures: `python tests/model_view/keep_trained.py` writes trained.npz.

Trained anew on another machine their last digits may differ, and with them a cell at the very edge of a region.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from lossterm.runs.checkpoints import weight_names
from lossterm.runs.snapshots import unpack_sample, unpack_weights
from lossterm.store import Store

ROWS = 60


def main() -> None:
    """Train bce on circles, cce on blobs and msle on regression with the tutorial's settings."""
    kept: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/store.db"
        losses = [word for loss in ("bce", "cce", "msle") for word in ("--loss", loss)]
        subprocess.run([sys.executable, "-m", "lossterm", "--store", path, "run", *losses, "--json"], check=True)
        with Store(path) as store:
            for run in store.runs():
                weights = unpack_weights(store.snapshots(run.id)[-1].weights, run.config)
                sample = unpack_sample(store.sample(run.id) or b"", run.config)
                short = run.config.loss_entry.short
                names = weight_names(run.config)
                kept |= {f"{short}_{name}": array for name, array in zip(names, weights.arrays, strict=True)}
                kept |= {f"{short}_{name}": array[:ROWS] for name, array in vars(sample).items()}
    np.savez_compressed(Path(__file__).with_name("trained.npz"), **kept)


if __name__ == "__main__":
    main()
