"""Files of a person's own losses: read and hashed safely, looked through without running them, and allowed to run.

Code of a person runs in trainers alone, and there only where three things agree: the run names a file, the file still
has the hash that the run names, and this person asked for that very file on this machine. A store from elsewhere
cannot bring the last of these along.
"""

from __future__ import annotations

import ast
import hashlib
import os
import stat
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..catalog.own_loss import LossFile, split_own_loss
from ..config import RunConfig
from ..paths import state_folder

MOST_BYTES = 1_000_000
"""No loss is so long; what is longer is something else, and is not read."""

_ALLOWED = "allowed-losses"
_NOT_OURS = "it was not trained with by you on this machine, so its code is not run"


class LossFileError(ValueError):
    """A file that no loss can be taken from; the message is one line, which begins with `loss:`."""


class OwnLossError(LossFileError):
    """An own loss whose code does not do; the message is one line with the file and, where known, the line in it."""


@dataclass(frozen=True)
class LossSource:
    """The text of a file that losses come from, and what it was read from.

    Attributes:
        file: its path and hash.
        text: what it holds.
    """

    file: LossFile
    text: str


@dataclass(frozen=True)
class FoundLoss:
    """A loss that a file seems to define.

    Attributes:
        name: of the function or the class.
        kind: which of the two it is.
        line: where it is defined, from 1.
        summary: the first line of its docstring; empty without one.
    """

    name: str
    kind: Literal["function", "class"]
    line: int
    summary: str


def read_loss_file(path: str | Path) -> LossSource:
    """Read a file that losses come from. Nothing of it is run.

    Args:
        path: of the file; a relative one starts from the current folder, `~` is the home.

    Raises:
        LossFileError: there is no such file, it is no regular one, or it cannot be read as Python's text.
    """
    try:
        absolute = os.path.abspath(os.path.expanduser(path))
        os.stat(absolute)
    except OSError as error:
        raise LossFileError(f"loss: {_shown(path)}: {_reason(error)}") from None
    except ValueError:
        raise LossFileError(f"loss: {_shown(path)!r} names no file") from None
    data = _bytes_of(absolute)
    try:
        absolute.encode()
        text = data.decode("utf-8-sig")
    except UnicodeError:
        raise LossFileError(f"loss: {_shown(path)} must be UTF-8, in its name and its text") from None
    try:
        file = LossFile(absolute, hashlib.sha256(data).hexdigest())
    except ValueError:
        raise LossFileError(f"loss: {_shown(path)} has a name that cannot be kept") from None
    return LossSource(file, text)


def unchanged(config: RunConfig, run_id: int) -> LossSource:
    """Read the file of a run's own loss, and see that it is the one that the run was queued with.

    Args:
        config: of the run; its loss must be an own one.
        run_id: for the message.

    Raises:
        LossFileError: it is gone, has changed, or was never allowed by this person; the message says what helps.
    """
    file = config.loss_file
    if file is None:
        raise LossFileError(f"loss: {config.loss} comes from no file")
    help_words = (
        f"the text as it was: lossterm show {run_id}; to train the present one: lossterm run --loss {config.loss}"
    )
    try:
        source = read_loss_file(file.path)
    except LossFileError as error:
        raise LossFileError(f"{error}; {help_words}") from None
    if source.file.sha256 != file.sha256:
        raise LossFileError(f"loss: {_shown(file.path)} has changed since the run was queued; {help_words}")
    if not is_allowed(file):
        allow = f"{_shown(file.path)}:{split_own_loss(config.loss)[1]}"
        raise LossFileError(
            f"loss: {_shown(file.path)}: {_NOT_OURS}; once you have read it: lossterm run --loss {allow}"
        )
    return source


def allow(file: LossFile) -> None:
    """Note that this person asked for the code of a file, so that trainers may run it; for front ends.

    Raises:
        LossFileError: that could not be written down.
    """
    folder = state_folder() / _ALLOWED
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / _mark(file)).touch(mode=0o600)
    except OSError as error:
        raise LossFileError(f"loss: {folder} cannot be written ({error.strerror or error})") from None


def is_allowed(file: LossFile) -> bool:
    """Whether this person asked for the code of this very file, at this path and with this hash."""
    try:
        return stat.S_ISREG(os.lstat(state_folder() / _ALLOWED / _mark(file)).st_mode)
    except OSError:
        return False


def find_losses(source: LossSource) -> list[FoundLoss]:
    """The losses that a file seems to define at its top level, in its order, found without running it.

    Args:
        source: the file. Functions that can be called with two arguments count, and classes with a base whose name
            ends with `Loss` or that is another of these classes; names that begin with an underscore do not.

    Raises:
        LossFileError: it is no Python; the message has the line.
    """
    found: list[FoundLoss] = []
    classes: set[str] = set()
    for node in parsed(source).body:
        if isinstance(node, ast.ClassDef) and _is_loss_class(node, classes):
            classes.add(node.name)
            found.append(FoundLoss(node.name, "class", node.lineno, _summary(node)))
        elif isinstance(node, ast.FunctionDef) and _takes_two(node.args):
            found.append(FoundLoss(node.name, "function", node.lineno, _summary(node)))
    return [loss for loss in found if not loss.name.startswith("_")]


def check_name(source: LossSource, name: str) -> None:
    """See that a file may define a name at its top level, without running it.

    Raises:
        LossFileError: it is no Python, or the name is nowhere to be seen; the message lists the losses that are there.
    """
    names = set(_bound(parsed(source).body))
    if name in names or "*" in names:  # what `import *` brings is known only once it runs
        return
    path = _shown(source.file.path)
    offered = ", ".join(loss.name for loss in find_losses(source))
    raise LossFileError(f"loss: {path} defines no {name!r}; " + (f"it has {offered}" if offered else "it has no loss"))


def parsed(source: LossSource) -> ast.Module:
    """The syntax tree of a file.

    Raises:
        LossFileError: it is no Python; the message has the line.
    """
    path = _shown(source.file.path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an invalid escape, say
            return ast.parse(source.text, source.file.path)
    except SyntaxError as error:
        raise LossFileError(f"loss: {path}, line {error.lineno or 1}: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise LossFileError(f"loss: {path} is no Python ({str(error) or type(error).__name__})") from None


def _bytes_of(path: str) -> bytes:
    """The bytes of a regular file, without waiting for what is none."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise LossFileError(f"loss: {_shown(path)} is no regular file")
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as error:
        raise LossFileError(f"loss: {_shown(path)}: {_reason(error)}") from None
    try:
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise LossFileError(f"loss: {_shown(path)} is no regular file")
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise LossFileError(f"loss: {_shown(path)}: {_reason(error)}") from None
    if len(data) > MOST_BYTES:
        raise LossFileError(f"loss: {_shown(path)} is longer than {MOST_BYTES:,} bytes")
    return data


def _reason(error: OSError) -> str:
    """Why a file cannot be read, in lower case as in other messages."""
    words = error.strerror or str(error)
    return words[:1].lower() + words[1:]


def _mark(file: LossFile) -> str:
    return hashlib.sha256(f"{file.path}\0{file.sha256}".encode()).hexdigest()


def _takes_two(arguments: ast.arguments) -> bool:
    """Whether a function can be called with two arguments."""
    positional = [*arguments.posonlyargs, *arguments.args]
    required = len(positional) - len(arguments.defaults)
    keywords = [name for name, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if not default]
    return required <= 2 and not keywords and (len(positional) >= 2 or arguments.vararg is not None)


def _is_loss_class(node: ast.ClassDef, classes: set[str]) -> bool:
    """Whether a class seems to be a loss, by the names of its bases; `classes` are those before it that do."""
    bases = [base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in node.bases]
    in_losses = any(
        isinstance(base, ast.Attribute) and ast.unparse(base.value).endswith("losses") for base in node.bases
    )
    return in_losses or any(base.endswith("Loss") or base in classes for base in bases)


def _summary(node: ast.FunctionDef | ast.ClassDef) -> str:
    return (ast.get_docstring(node) or "").strip().partition("\n")[0]


def _bound(body: list[ast.stmt]) -> Iterator[str]:
    """The names that statements may bind at the top level of a file; `*` where they cannot all be told."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)
        else:
            for child in ast.walk(node):
                if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
                    yield child.id
                elif isinstance(child, ast.stmt) and child is not node:
                    yield from _bound([child])
                elif isinstance(child, ast.Name) and child.id in ("globals", "setattr", "exec"):
                    yield "*"


def _shown(path: str | Path) -> str:
    """A path as a message shows it."""
    text = str(path)
    return text if len(text) <= 200 else f"…{text[-199:]}"
