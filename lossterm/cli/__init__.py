"""The commands. What a command needs is imported when it is called, so that `lossterm` itself starts at once."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Sequence

import click

from .root import root

OK, BAD_END, BAD_USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; never a traceback.

    arguments: without the program's name; None takes the process's own.
    """
    try:
        _forgive_encodings()
        code = _outcome(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _silence_stdout()
        return BAD_END
    return code


def _outcome(arguments: Sequence[str] | None) -> int:
    try:
        result = root.main(args=arguments, prog_name="lossterm", standalone_mode=False)
    except click.Abort:
        return 130
    except click.ClickException as error:
        return _refuse(error.format_message(), BAD_USAGE)
    except BrokenPipeError:
        raise
    except Exception as error:
        return _explain(error)
    return result if isinstance(result, int) else OK


def _explain(error: Exception) -> int:
    """One line and an exit code for what went wrong."""
    from ..experiment import ExperimentError
    from ..launcher import LaunchError, ToolError
    from ..store import StoreError

    if isinstance(error, (StoreError, ExperimentError)):
        return _refuse(str(error), BAD_USAGE)
    if isinstance(error, ToolError):
        return _refuse(str(error), BAD_USAGE if error.asked_wrongly else BAD_END)
    if isinstance(error, LaunchError):
        return _refuse(str(error), BAD_END)
    import traceback

    from ..crash import keep_trace

    return _refuse(f"internal error: {type(error).__name__}: {error}{keep_trace(traceback.format_exc())}", BAD_END)


def _refuse(message: str, code: int) -> int:
    from .output import one_line

    with contextlib.suppress(OSError, ValueError):  # no stderr to say it on
        print(f"lossterm: {one_line(message)}", file=sys.stderr, flush=True)
    return code


def _forgive_encodings() -> None:
    """A terminal that cannot show a character gets a question mark, not an error."""
    from ..plain import locale_is_plain, write_ascii

    if locale_is_plain():
        write_ascii()
    elif isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _silence_stdout() -> None:
    """Whoever read our output has gone; the interpreter must not complain about it on its way out."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


__all__ = ["main"]
