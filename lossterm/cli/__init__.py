"""The commands. What a command needs is imported when it is called, so that `lossterm` itself starts at once."""

from __future__ import annotations

from collections.abc import Sequence

import click

from .output import say_error
from .root import root
from .streams import OutputError, finish, guarded

OK, BAD_END, BAD_USAGE, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; never a traceback.

    Output that nobody wants (standard output closed, its reader gone) changes nothing about the exit code; output
    that could not be written makes a 0 a 1.

    Args:
        arguments: The words after the program's name; None takes the process's own.

    Returns:
        The exit code: 0, 1 (a run ended badly, output was lost, or a fault of lossterm's own), 2 (bad usage),
        or 128 and a signal's number.
    """
    with guarded() as output:
        code = _outcome(arguments)
        finish()
        if output is None:
            return code
        if output.complaint:
            say_error(output.complaint)
        return BAD_END if output.failed and code == OK else code


def _outcome(arguments: Sequence[str] | None) -> int:
    try:
        result = root.main(args=arguments, prog_name="lossterm", standalone_mode=False)
    except OutputError:
        return OK
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        return _refuse(error.format_message(), BAD_USAGE)
    except Exception as error:
        return _explain(error)
    return result if isinstance(result, int) else OK


def _explain(error: Exception) -> int:
    """One line and an exit code for what went wrong."""
    from ..config import ConfigError
    from ..store import StoreError
    from ..supervisor.launch import LaunchError
    from ..supervisor.tools import ToolError

    if isinstance(error, (StoreError, ConfigError)):
        return _refuse(str(error), BAD_USAGE)
    if isinstance(error, ToolError):
        return _refuse(str(error), BAD_USAGE if error.asked_wrongly else BAD_END)
    if isinstance(error, LaunchError):
        return _refuse(str(error), BAD_END)
    import traceback

    from ..paths import keep_trace

    return _refuse(f"internal error: {type(error).__name__}: {error}{keep_trace(traceback.format_exc())}", BAD_END)


def _refuse(message: str, code: int) -> int:
    say_error(message)
    return code


__all__ = ["main"]
