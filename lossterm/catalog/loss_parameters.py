"""A loss with its parameters: how it is typed, read and written, as in `huber:delta=2`."""

from __future__ import annotations

from collections.abc import Mapping

from .loss import Loss, Parameter
from .losses import LOSSES, loss_named
from .settings import Setting

SYNTAX = "NAME[:parameter=value[,parameter=value...]]"
"""How a loss is typed."""

LossParameters = tuple[tuple[str, float], ...]
"""The parameters of a loss with their values, sorted by name: hashable, unlike a dict."""

PARAMETERS: dict[str, Parameter] = {
    parameter.name: parameter for loss in reversed(LOSSES) for parameter in loss.parameters
}
"""A parameter of every name that any loss has; losses that share a name may differ in range and default."""


def parse_loss(text: str) -> tuple[Loss, dict[str, str]]:
    """Read a loss as it is typed.

    Args:
        text: `NAME` or `NAME:parameter=value,parameter=value`, where NAME is any name of a loss.

    Returns:
        The loss, and the values as they were typed by the names of the parameters. Neither is checked any further.

    Raises:
        UnknownNameError: there is no such loss.
        ValueError: what follows the name is not of that form.
    """
    name, colon, rest = text.partition(":")
    loss = loss_named(name)
    typed: dict[str, str] = {}
    for piece in rest.split(",") if colon else ():
        parameter, equals, value = piece.partition("=")
        key = parameter.strip().lower().replace("-", "_")
        if not (key and equals and value.strip()):
            raise ValueError(f"loss: {text[:60]!r} must be written as {SYNTAX}{_taken(loss)}")
        if key in typed:
            raise ValueError(f"loss: {loss.short} is given {key} twice")
        typed[key] = value.strip()
    return loss, typed


def read_parameters(loss: Loss, given: Mapping[str, object]) -> LossParameters:
    """Check values for the parameters of a loss; those that are left out take their defaults.

    Args:
        loss: the loss.
        given: values by the names of parameters, typed or parsed.

    Returns:
        Every parameter of the loss with its value.

    Raises:
        ValueError: a name is not a parameter of the loss, or a value is outside its range; a line for each, which
            begins with the name of the parameter or of the setting (`loss`) that is wrong.
    """
    rows = parameter_settings(loss)
    problems = [
        f"loss: {loss.short} has no parameter {str(name)[:40]!r}{_taken(loss)}" for name in given if name not in rows
    ]
    values: dict[str, float] = {parameter.name: parameter.default for parameter in loss.parameters}
    for name, row in rows.items():
        if given.get(name) is None:
            continue
        try:
            values[name] = float(row.kind.read(given[name]))
        except ValueError as error:
            problems.append(f"{name}: {error}")
    if problems:
        raise ValueError("\n".join(problems))
    return tuple(sorted(values.items()))


def parameter_settings(loss: Loss) -> dict[str, Setting]:
    """The rows of the parameters of a loss, by name, in its own order."""
    return {parameter.name: parameter.setting for parameter in loss.parameters}


def changed_parameters(loss: Loss, parameters: LossParameters) -> dict[str, float]:
    """The parameters that differ from their defaults, by name, in the loss's own order."""
    values = dict(parameters)
    return {one.name: values[one.name] for one in loss.parameters if values.get(one.name, one.default) != one.default}


def loss_as_typed(loss: Loss, parameters: LossParameters) -> str:
    """A loss as a person types it: its short name, and the parameters that differ from their defaults."""
    changed = changed_parameters(loss, parameters)
    words = ",".join(f"{name}={value:.12g}" for name, value in changed.items())
    return f"{loss.short}:{words}" if words else loss.short


def _taken(loss: Loss) -> str:
    """The end of a message: what parameters a loss takes."""
    if not loss.parameters:
        return f"; {loss.short} takes none"
    rows = parameter_settings(loss)
    return f"; {loss.short} takes {', '.join(f'{name} ({row.kind.words})' for name, row in rows.items())}"
