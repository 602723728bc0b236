"""A run's checkpoint as bytes: its arrays by name in an uncompressed .npz archive that holds numbers alone.

A checkpoint may come from elsewhere. Its names and sizes are compared with those of the run's network before
anything is unpacked, so that a small file cannot ask for a large memory.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from ..config import RunConfig
from .records import Checkpoint
from .snapshots import weight_shapes

Arrays = dict[str, npt.NDArray[Any]]

STEPS = "steps"
"""The name of the number of training steps, an int64; every other array is of float32."""
_OLD_NAMES = ("hidden_kernel", "hidden_bias", "output_kernel", "output_bias")
"""What stores of versions 1 and 2 call the weights of their one hidden layer and of the output layer."""
_MOST_HEADER = 1024

BEST, BEST_EPOCH, BEST_LOSS = "best_", "best_epoch", "best_loss"
"""What the names of early stopping's arrays begin with: the weights after the best epoch, its number, an int64, and its
test loss.
"""
LOSS_STATE = "loss_state"
"""The name of the variables of an own loss in a checkpoint: their bytes, as an array of floats of any length."""
_MOST_LOSS_STATE = 1_000_000
_USUAL_HEADER = 128
"""What NumPy writes before the numbers of an array of one axis."""


def pack_arrays(epoch: int, arrays: Mapping[str, npt.NDArray[np.generic]]) -> Checkpoint:
    """Pack what a run needs to go on after `epoch` epochs."""
    file = io.BytesIO()
    np.savez(file, **{name: np.asarray(array, _kind(name)) for name, array in arrays.items()})  # type: ignore[arg-type]
    return Checkpoint(epoch, file.getvalue())


def unpack_arrays(checkpoint: Checkpoint, config: RunConfig) -> Arrays:
    """The arrays of a run's checkpoint by name: the weights, and the optimizer's variables that are there.

    Raises:
        ValueError: It is damaged, or not one of this config's network.
    """
    weights = dict(zip(weight_names(config), weight_shapes(config), strict=True))
    optimizer = config.optimizer_entry
    slots = optimizer.all_slots
    known: dict[str, tuple[int, ...]] = weights | {
        f"{name}_{slot}": shape for name, shape in weights.items() for slot in slots
    }
    known |= dict.fromkeys((STEPS, *optimizer.scalars), ())
    if config.early_stopping:
        known |= {f"{BEST}{name}": shape for name, shape in weights.items()} | {BEST_EPOCH: (), BEST_LOSS: ()}
    old = dict(zip(_OLD_NAMES, weights, strict=True)) if len(weights) == len(_OLD_NAMES) else {}
    renamed = old | {f"{name}_{slot}": f"{now}_{slot}" for name, now in old.items() for slot in slots}
    if not 0 <= checkpoint.epoch <= config.epochs:
        raise ValueError("checkpoint: it is of another run")
    try:
        with zipfile.ZipFile(io.BytesIO(checkpoint.arrays)) as archive:
            entries = {info.filename.removesuffix(".npy"): info for info in _entries(archive, len(known) + 1)}
            if config.loss_file is not None and LOSS_STATE in entries:
                known[LOSS_STATE] = _length(entries[LOSS_STATE])
            arrays = {
                now: _array(archive, info, known.get(now), _kind(now))
                for name, info in entries.items()
                if (now := renamed.get(name, name))
            }
    except (zipfile.BadZipFile, OSError, EOFError, KeyError, NotImplementedError, RuntimeError, ValueError) as error:
        raise ValueError(f"checkpoint: it is damaged ({error})") from error
    best = {name for name in known if name.startswith(BEST)}
    if not arrays.keys() >= weights.keys() or 0 < len(best & arrays.keys()) < len(best):
        raise ValueError("checkpoint: it is of another network")
    return arrays


def weight_names(config: RunConfig) -> list[str]:
    """The names of a network's weights in a checkpoint, in Keras's order; slots are `NAME_SLOT`."""
    return names_of_weights(len(config.hidden_layers) + 1)


def names_of_weights(layers: int) -> list[str]:
    """The names of the weights of a network of so many layers, the output layer counted, in Keras's order."""
    return [f"{part}_{layer}" for layer in range(layers) for part in ("kernel", "bias")]


def _kind(name: str) -> np.dtype[Any]:
    """What the numbers of an array are."""
    return np.dtype("<i8" if name in (STEPS, BEST_EPOCH) else "<f4")


def _entries(archive: zipfile.ZipFile, most: int) -> list[zipfile.ZipInfo]:
    entries = archive.infolist()
    if len(entries) > most or len({entry.filename for entry in entries}) < len(entries):
        raise ValueError("it has other arrays")
    return entries


def _length(entry: zipfile.ZipInfo) -> tuple[int]:
    """The shape of an array of one axis, as far as the size of its entry tells."""
    if not _USUAL_HEADER < entry.file_size <= _MOST_LOSS_STATE:
        raise ValueError("the state of its loss has another size")
    return ((entry.file_size - _USUAL_HEADER) // 4,)


def _array(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, shape: tuple[int, ...] | None, kind: np.dtype[Any]
) -> npt.NDArray[Any]:
    """One array, read only after its sizes were found to be those of the network."""
    if shape is None:
        raise ValueError("it has other arrays")
    size = kind.itemsize * math.prod(shape)
    if entry.compress_type != zipfile.ZIP_STORED or not size < entry.file_size <= size + _MOST_HEADER:
        raise ValueError("it is of another network")
    with archive.open(entry) as file:
        if npy.read_magic(file) != (1, 0):
            raise ValueError("its arrays are of another format")
        declared, by_columns, declared_kind = npy.read_array_header_1_0(file, max_header_size=_MOST_HEADER)
        if declared != shape or declared_kind != kind or (by_columns and len(shape) > 1):
            raise ValueError("it is of another network")
        return np.frombuffer(file.read(size), kind).reshape(shape).astype(kind.newbyteorder("="))
