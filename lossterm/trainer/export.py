"""Write runs as scripts, Keras models, TensorBoard event files or figures; run in a process of its own.

What is heavy loads here and in no front end: TensorFlow, matplotlib, polars, a person's data file.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from ..runs.checkpoints import unpack_arrays
from ..runs.records import Epoch, Run
from ..store import Store, StoreError
from . import device
from .figure import thinned, write_figure
from .script import NoScriptError, write_script

FIGURES = ("png", "svg", "pdf")
FORMATS = ("tensorboard", "keras", "python", *FIGURES)
_CHUNK = 5000
_SPLITS = ("train", "test")


class NothingToExportError(Exception):
    """A run that has not what was asked for; the message says what is missing."""


@click.command()
@click.option("--store", "store_path", required=True)
@click.option("--format", "form", type=click.Choice(FORMATS), required=True)
@click.argument("pairs", nargs=-1)
def main(store_path: str, form: str, pairs: tuple[str, ...]) -> None:
    """Export runs: PAIRS are a run's number and its target, again and again. Ends with 2 and one line if asked wrongly.

    What is to be said of what was written is printed, a line each. A target that exists is replaced; whether it may be
    is for the caller to say.
    """
    device.prepare_environment("cpu")
    asked: dict[str, list[int]] = {}
    for run_id, target in zip(pairs[::2], pairs[1::2], strict=True):
        asked.setdefault(target, []).append(int(run_id))
    target = ""
    try:
        with Store(store_path, make=False) as store:
            for target, run_ids in asked.items():
                runs = [_readable(store.run(run_id)) for run_id in run_ids]
                if form in FIGURES:
                    _write_figure(store, runs, Path(target), form)
                    continue
                for run in runs:
                    _WRITERS[form](store, run, Path(target))
    except (NothingToExportError, StoreError) as error:
        print(error)
        sys.exit(2)
    except OSError as error:
        print(f"to: {target} cannot be written: {error.strerror or error}")
        sys.exit(2)


def _readable(run: Run) -> Run:
    """The run. Raises NothingToExportError where it cannot be read."""
    if run.unreadable:
        raise NothingToExportError(f"run {run.id} cannot be read ({run.unreadable})")
    return run


def _write_figure(store: Store, runs: Sequence[Run], target: Path, form: str) -> None:
    """Draw the curves of runs in one figure."""
    curves = [(run, thinned(list(_epochs(store, run)))) for run in runs]
    for run, epochs in curves:
        if not epochs:
            raise NothingToExportError(f"run {run.id} has no epochs yet ({run.status})")
    with replaced(target) as part:
        write_figure(curves, part, form)


def _epochs(store: Store, run: Run) -> Iterator[Epoch]:
    """All epochs of a run in order, read a piece at a time."""
    after = 0
    while epochs := store.epochs(run.id, after=after, limit=_CHUNK):
        after = epochs[-1].epoch
        yield from epochs


def _write_script(store: Store, run: Run, target: Path) -> None:
    """Write a run as a script in plain Keras, and say what it does not reproduce."""
    file = run.config.loss_file
    kept = None if file is None else store.loss_file(file.sha256)
    try:
        script = write_script(run, None if kept is None else kept.text, store.scores(run.id))
    except NoScriptError as error:
        raise NothingToExportError(f"run {run.id}: {error}") from error
    with replaced(target) as part:
        part.write_text(script.text, encoding="utf-8")
    for remark in script.remarks:
        print(f"run {run.id}: {remark}")


@contextlib.contextmanager
def replaced(target: Path) -> Iterator[Path]:
    """A file to write beside `target`, which takes its place once it is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".", suffix=".part", dir=target.parent) as folder:
        part = Path(folder) / f"whole{target.suffix}"
        yield part
        os.replace(part, target)


def _write_events(store: Store, run: Run, folder: Path) -> None:
    """Write a run's curves as `folder`/train and `folder`/test, with the tags `loss` and mse or accuracy."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name[:100]}.", suffix=".part", dir=folder.parent))
    try:
        for split in _SPLITS:
            _write_split(store, run, split, part / split)
        for split in _SPLITS:
            (folder / split).mkdir(parents=True, exist_ok=True)
            for old in (folder / split).glob("events.out.tfevents.*"):
                old.unlink()  # or TensorBoard would draw both
            for new in (part / split).iterdir():
                os.replace(new, folder / split / new.name)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _write_split(store: Store, run: Run, split: str, folder: Path) -> None:
    import tensorflow as tf

    # `tf.summary.scalar` needs TensorBoard itself to be installed; this writes the same without it.
    plugin = tf.compat.v1.SummaryMetadata.PluginData(plugin_name="scalars")
    metadata = tf.compat.v1.SummaryMetadata(plugin_data=plugin)
    metric = run.config.metric.name
    writer = tf.summary.create_file_writer(str(folder))
    with contextlib.closing(writer), writer.as_default():
        for epoch in _epochs(store, run):
            for tag, value in zip(("loss", metric), _values(epoch, split), strict=True):
                tf.summary.write(tag, tf.constant(value, tf.float32), step=epoch.epoch, metadata=metadata)


def _values(epoch: Epoch, split: str) -> tuple[float, float]:
    return (epoch.train_loss, epoch.train_metric) if split == "train" else (epoch.test_loss, epoch.test_metric)


def _write_model(store: Store, run: Run, target: Path) -> None:
    """Save a plain `keras.Sequential` with a run's latest weights, and say what it takes and gives."""
    from .saved_model import make_model

    checkpoint = store.checkpoint(run.id)
    if checkpoint is None:
        raise NothingToExportError(f"run {run.id} has no weights yet ({run.status}, {run.epochs_done} epochs)")
    try:
        arrays = unpack_arrays(checkpoint, run.config)
    except ValueError as error:
        raise NothingToExportError(f"run {run.id}: its weights cannot be read ({error})") from error
    saved = make_model(run.config, arrays)
    with replaced(target) as part:
        saved.model.save(part)
    for remark in saved.remarks:
        print(f"run {run.id}: {remark}")


_WRITERS: dict[str, Callable[[Store, Run, Path], None]] = {
    "tensorboard": _write_events,
    "keras": _write_model,
    "python": _write_script,
}


if __name__ == "__main__":
    main()
