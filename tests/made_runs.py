"""Runs as the store hands them out, made up by hand."""

from __future__ import annotations

from lossterm.config import RunConfig
from lossterm.runs.records import Epoch, Run, Scores, Status


def made_run(
    number: int,
    config: RunConfig,
    status: Status,
    scores: Scores | None = None,
    last: Epoch | None = None,
    epochs_done: int = 50,
) -> Run:
    """A run that took a second, with nothing else to say of it."""
    return Run(
        id=number,
        config=config,
        status=status,
        request=None,
        epochs_done=epochs_done,
        device="cpu",
        device_name="",
        created=0.0,
        started=0.0,
        ended=1.0,
        seconds=1.0,
        message="",
        phase="",
        progress=0.0,
        scores=scores,
        best=None,
        last=last,
        trainer=None,
        log="",
        note="",
        pinned=False,
        deleted=False,
        revision=number,
    )
