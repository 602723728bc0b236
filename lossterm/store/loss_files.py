"""The kept texts of files that own losses come from, and the losses' values as trainers computed them."""

from __future__ import annotations

import json
import sqlite3
import time
from dataclasses import dataclass
from typing import Any

from ..runs.loss_files import MOST_BYTES, LossSource

_MOST_CURVES = 1_000_000


@dataclass(frozen=True)
class KeptLossFile:
    """The file of an own loss as it was when its run was queued.

    Attributes:
        path: where it was.
        text: what it held. It is for reading: what runs is the file itself, and only while it still has that hash.
        curves: the tabulated losses by `FUNCTION LAYER`; whatever the store holds, not checked yet.
    """

    path: str
    text: str
    curves: dict[str, Any]


def keep_loss_file(sqlite: sqlite3.Connection, source: LossSource) -> None:
    """Keep a text unless one of the same hash is kept."""
    sqlite.execute(
        "INSERT OR IGNORE INTO loss_files (sha256, path, source, created) VALUES (?, ?, ?, ?)",
        (source.file.sha256, source.file.path, source.text, time.time()),
    )


def keep_loss_curve(sqlite: sqlite3.Connection, sha256: str, name: str, curve: str) -> None:
    """Keep one tabulated loss of a file beside those that are there."""
    kept = read_loss_file(sqlite, sha256)
    if kept is None:
        return
    curves = {**kept.curves, name: json.loads(curve)}
    sqlite.execute("UPDATE loss_files SET curve = ? WHERE sha256 = ?", (json.dumps(curves), sha256))


def read_loss_file(sqlite: sqlite3.Connection, sha256: str) -> KeptLossFile | None:
    """The kept file of a hash; None where there is none, or nothing that lossterm would have written."""
    row = sqlite.execute(
        "SELECT path, source, curve FROM loss_files WHERE sha256 = ? AND typeof(path) = 'text' "
        "AND typeof(source) = 'text' AND typeof(curve) = 'text' AND length(source) <= ? AND length(curve) <= ?",
        (sha256, MOST_BYTES, _MOST_CURVES),
    ).fetchone()
    if row is None:
        return None
    path, text, curve = row
    try:
        curves = json.loads(curve) if curve else {}
    except (ValueError, RecursionError):
        curves = {}
    return KeptLossFile(path, text, curves if isinstance(curves, dict) else {})
