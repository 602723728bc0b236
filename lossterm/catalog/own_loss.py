"""A person's own loss: how it is typed, the file that it comes from, and an entry like those of the catalogue."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from .loss import Loss, LossDescription, Note
from .outputs import LINEAR, SIGMOID, SOFTMAX, OutputCoding, OutputLayer
from .tasks import TaskName

if TYPE_CHECKING:
    from .loss import Floats

OWN_LOSS_SYNTAX = "FILE.py:FUNCTION"
"""How an own loss is typed."""

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_LONGEST_PATH = 4096
_LONGEST_FUNCTION = 200
_SHOWN_DIGITS = 4
_LONGEST_SHOWN_NAME = 14


@dataclass(frozen=True)
class LossFile:
    """The file that an own loss comes from, as it was when its run was queued.

    Attributes:
        path: absolute.
        sha256: of its bytes, 64 hexadecimal digits.

    Raises:
        ValueError: one of them cannot be that.
    """

    path: str
    sha256: str

    def __post_init__(self) -> None:
        if not (isinstance(self.path, str) and isinstance(self.sha256, str)):
            raise ValueError("loss_file: path and sha256 must be text")
        if not os.path.isabs(self.path) or len(self.path) > _LONGEST_PATH or not self.path.isprintable():
            raise ValueError("loss_file: the path must be an absolute one")
        if not _SHA256.fullmatch(self.sha256):
            raise ValueError("loss_file: sha256 must be 64 hexadecimal digits")


def is_own_loss(name: str) -> bool:
    """Whether a loss as typed or stored names a function of a file, and not an entry of the catalogue."""
    file, colon, function = name.rpartition(":")
    short = len(name) <= _LONGEST_PATH + _LONGEST_FUNCTION
    return bool(colon) and short and file.endswith(".py") and function.isidentifier()


def split_own_loss(name: str) -> tuple[str, str]:
    """The file and the function that an own loss names.

    Args:
        name: as typed, `FILE.py:FUNCTION`; `is_own_loss` must hold for it.
    """
    file, _, function = name.rpartition(":")
    return file, function


def curve_name(name: str, layer: OutputLayer) -> str:
    """What the curve of an own loss on an output layer is kept by, among those of its file."""
    return f"{split_own_loss(name)[1]} {layer.activation} {layer.targets} {layer.units}"


@lru_cache(maxsize=1024)
def own_loss(name: str, file: LossFile) -> Loss:
    """An entry for an own loss, made without reading its file.

    It fits every task: linear outputs and real targets on regression, a sigmoid with targets 0 or 1 on two classes,
    a softmax with one-hot targets on several. Its `short` name ends with the first digits of the file's hash, which
    tells it from the catalogue's losses and from the same function in another version of the file.

    Args:
        name: as typed, `FILE.py:FUNCTION`.
        file: where it comes from.

    Returns:
        The entry, one object for equal arguments. Its formulas raise NotImplementedError: only a trainer computes an
        own loss.
    """
    path, function = split_own_loss(name)
    short = f"{_shown(function)}@{file.sha256[:_SHOWN_DIGITS]}"
    outputs: dict[TaskName, OutputCoding] = {"regression": LINEAR, "binary": SIGMOID, "multiclass": SOFTMAX}
    title = f"{function} of {os.path.basename(path)}"
    layers = Note(
        "your own loss is given linear outputs on regression, a sigmoid and targets 0 or 1 on two classes, "
        "a softmax and one-hot targets on several",
        "Nothing is known of an own loss but its code, so that it is given the outputs and targets that most losses "
        "take on a task.",
    )
    return Loss(
        name=name,
        keras_class="",
        short=short,
        title=title,
        default_dataset="regression",
        outputs=outputs,
        value=_not_here,
        gradient=_not_here,
        description=LossDescription(
            formula=f"{function}(y, p) in {file.path}",
            paragraph="A loss of your own. Its file is kept with the run as it was when the run was queued, and is "
            "run by trainers alone.",
            use="where none of the catalogue says what a mistake costs you.",
            avoid="before it was tried against a known one: a loss that is too small has small gradients too.",
        ),
        curve_remarks=dict.fromkeys(outputs, f"{short}: your own; its curve is that of batches of one row"),
        notes={"binary": (layers,), "multiclass": (layers,)},
        over_batch=True,
        file=file,
    )


def _shown(function: str) -> str:
    """The function's name, cut where it would be too long for a table."""
    return function if len(function) <= _LONGEST_SHOWN_NAME else function[: _LONGEST_SHOWN_NAME - 1] + "…"


def _not_here(y_true: Floats, y_pred: Floats, **parameters: float) -> Floats:
    raise NotImplementedError("an own loss is computed in trainers alone")
