"""The whole script of a run."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...catalog.own_loss import LossFile, split_own_loss
from ...config import RunConfig
from ...runs.loss_files import FoundLoss, LossFileError, LossSource, find_losses
from ...runs.records import Run
from . import measuring, training
from .catalogue_data import catalogue_data
from .file_data import file_data
from .section import NoScriptError, Section, comment, rendered

_NOT_FOR_XLA = re.compile(r"py_func|numpy_func|print|assert|check_numerics|debugging|boolean_mask|unique|nonzero", re.I)
"""Words in an own loss that mean operations which XLA does not know, or leaves out."""


@dataclass(frozen=True)
class Script:
    """A script, and what it does not reproduce, in words; each is a comment in the script too."""

    text: str
    remarks: tuple[str, ...]


def write_script(run: Run, loss_text: str | None, scores: Mapping[str, Mapping[str, Any]]) -> Script:
    """Write a run as a script in plain Keras that gives its scores. A person's data file is read for it.

    Args:
        run: the run.
        loss_text: of an own loss, the text of its file as it was when the run was queued.
        scores: what the run scored, by set and name; empty where it has no scores.

    Raises:
        NoScriptError: something that the script needs is not there; the message says what.
    """
    config = run.config
    epochs, remarks = _epochs(run)
    own = _own_loss(config, loss_text)
    sections = [
        catalogue_data(config) if config.data_file is None else file_data(config, config.data_file),
        training.targets(config),
        training.model(config),
        training.compiling(config, own, xla=loss_text is None or not _NOT_FOR_XLA.search(loss_text)),
        training.fitting(config, epochs),
        measuring.measuring(config, scores),
    ]
    if own is not None:
        assert loss_text is not None
        future, section = _loss_section(config, loss_text, sections)
        sections.insert(0, section)
    else:
        future = []
    return Script(rendered([*_header(run, remarks), *future], sections), tuple(remarks))


def _header(run: Run, remarks: list[str]) -> list[str]:
    config = run.config
    lines = comment(f"{config.loss_as_typed} on {config.dataset}, seed {config.seed}: run {run.id} of lossterm")
    lines += comment("Needs tensorflow and scikit-learn" + (", and polars." if config.data_file is not None else "."))
    if run.scores is not None:
        scores, metric = run.scores, config.metric.name
        values = f"train {scores.train_metric:.6g}, test {scores.test_metric:.6g}"
        lines += comment(f"lossterm's scores: {scores.line}; {metric}: {values}")
    return lines + [line for remark in remarks for line in comment(f"Note: {remark}.")]


def _epochs(run: Run) -> tuple[int, list[str]]:
    """How many epochs the script trains, and what differs from the run."""
    config, done, remarks = run.config, run.epochs_done, []
    epochs = config.epochs
    if run.status in ("stopped", "diverged") and done:
        epochs = done
        if run.status == "stopped":
            remarks.append(f"the run was stopped after epoch {done} of {config.epochs}, and so the script ends there")
        else:
            remarks.append(f"the run diverged in epoch {done}, and the script ends there")
    elif run.status != "finished":
        remarks.append(f"the run is {run.status} after epoch {done}; the script trains all {config.epochs} epochs")
    if run.device.startswith("gpu"):
        remarks.append(f"the run was trained on {run.device}; another device rounds otherwise")
    return epochs, remarks


# -- own losses -----------------------------------------------------------------------------------------------------


def _own_loss(config: RunConfig, text: str | None) -> FoundLoss | None:
    """The run's own loss, as its file defines it; None for a loss of the catalogue."""
    if config.loss_file is None:
        return None
    if text is None:
        raise NoScriptError(f"the text of {config.loss} was not kept")
    name = split_own_loss(config.loss)[1]
    try:
        losses = {loss.name: loss for loss in find_losses(_source(config.loss_file, text))}
    except LossFileError as error:
        raise NoScriptError(str(error)) from error
    return losses.get(name, FoundLoss(name, "function", 1, ""))


def _source(file: LossFile, text: str) -> LossSource:
    return LossSource(file, text)


def _loss_section(config: RunConfig, text: str, sections: list[Section]) -> tuple[list[str], Section]:
    """The file of an own loss as a section, and its imports from `__future__`, which must come first.

    Raises:
        NoScriptError: it gives a name to something else than the script does.
    """
    tree = ast.parse(text)
    future = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    taken = _names(tree) & _names(ast.parse("\n".join(line for section in sections for line in section.lines)))
    if taken:
        path = split_own_loss(config.loss)[0]
        raise NoScriptError(f"{path} and the script both define {', '.join(sorted(taken))}; rename it in the file")
    left_out = {line for node in (*future, *_mains(tree)) for line in range(node.lineno, (node.end_lineno or 0) + 1)}
    lines = [line for number, line in enumerate(text.splitlines(), 1) if number not in left_out]
    section = Section(
        f"The loss: {config.loss} as it was when the run was queued", "\n".join(lines).strip().split("\n")
    )
    return [ast.unparse(node) for node in future], section


def _mains(tree: ast.Module) -> list[ast.If]:
    """What a file does only when it is run by itself."""
    return [node for node in tree.body if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)]


def _names(tree: ast.Module) -> set[str]:
    """The names that a module gives to something of its own at its top level; imports aside."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif not isinstance(node, (ast.Import, ast.ImportFrom)):
            names = (part for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))
            found |= {name.id for name in names}
    return found
